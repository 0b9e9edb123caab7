import { userInfo } from "node:os";
import type { Command } from "commander";
import { ERRORS, GatewayError, type Language } from "../../contract/errors.ts";
import { systemClock } from "../../machine/clock.ts";
import { placesIn } from "../gateway/places.ts";
import {
  openVehicleCatalogue,
  parseYears,
  type VehicleCatalogue,
  type VehicleChoice,
  type VehicleEntry,
  type VehicleMatch,
  vehicleText,
  type YearRange,
} from "../vehicles/index.ts";
import type { Add, Places } from "./program.ts";

/** Problems of a file that are shown; the rest is counted. */
const MOST_SHOWN = 10;

interface VehicleOptions {
  readonly make?: string;
  readonly model?: string;
}

interface ImportFlags extends VehicleOptions {
  readonly years?: string;
  readonly wmi?: string;
  readonly licence?: string;
  readonly by?: string;
}

/** `baygate vehicles import|list|remove|which`: files that describe makers' own values, which installers download themselves. */
export function vehicleCommands(program: Command, add: Add): void {
  const vehicles = program
    .command("vehicles")
    .description("files that describe vehicles: OBDb signal sets, WiCAN vehicle profiles, DBC files");

  add<ImportFlags>(
    vehicles,
    "import <file>",
    "check a file and keep a copy of it for the vehicles that it is for",
    async (terminal, options, file = "") => {
      const { entry, outcome, problems } = await open(options).import(file, {
        by: options.by ?? userInfo().username,
        ...(options.make === undefined ? {} : { makes: words(options.make) }),
        ...(options.model === undefined ? {} : { models: words(options.model) }),
        ...(options.years === undefined ? {} : { years: years(options.years) }),
        ...(options.wmi === undefined ? {} : { wmi: words(options.wmi).map((wmi) => wmi.toUpperCase()) }),
        ...(options.licence === undefined ? {} : { licence: options.licence }),
      });
      terminal.result({ ok: true, outcome, entry, problems }, (language) => [
        `✓ ${OUTCOMES[outcome][language]}: ${entryLine(entry, language)}`,
        ...problems.slice(0, MOST_SHOWN).map((problem) => `  ! ${problem}`),
        ...(problems.length > MOST_SHOWN
          ? [
              language === "en"
                ? `  and ${problems.length - MOST_SHOWN} more`
                : `  另有 ${problems.length - MOST_SHOWN} 处`,
            ]
          : []),
      ]);
      return 0;
    },
  )
    .option("--make <makes>", "make, or several with commas")
    .option("--model <models>", "model, or several with commas; without it all of the make")
    .option("--years <years>", "model years: 2022-2025, 2022-, -2018, 2020")
    .option("--wmi <starts>", "what the VIN begins with (3 to 11 characters), or several with commas")
    .option("--licence <name>", "licence of the file, if nothing in or beside it says so")
    .option("--by <name>", "who imports it; the user of this shell, unless said");

  add(vehicles, "list", "what was imported", async (terminal, options) => {
    const entries = await open(options).list();
    terminal.result({ vehicles: entries }, (language) =>
      entries.length === 0
        ? [language === "en" ? "Nothing was imported yet." : "尚未导入任何车型文件。"]
        : entries.map((entry) => entryLine(entry, language)),
    );
    return 0;
  });

  add(vehicles, "remove <id>", "forget an imported file", async (terminal, options, id = "") => {
    const entry = await open(options).remove(id);
    terminal.result({ ok: true, entry }, (language) => [
      language === "en" ? `✓ removed: ${entryLine(entry, language)}` : `✓ 已删除:${entryLine(entry, language)}`,
    ]);
    return 0;
  });

  add<VehicleOptions & { readonly year?: string }>(
    vehicles,
    "which <vin>",
    "which files fit a car, by its VIN and what else is known of it",
    async (terminal, options, vin = "") => {
      const choice = await open(options).choose({
        vin,
        ...(options.make === undefined ? {} : { make: options.make }),
        ...(options.model === undefined ? {} : { model: options.model }),
        ...(options.year === undefined ? {} : { year: yearOf(options.year) }),
      });
      const { identity, chosen, candidates, damaged, commands, dbc } = choice;
      const signals = new Set(commands.flatMap((command) => command.signals.map(({ name }) => name)));
      const counts = { commands: commands.length, signals: signals.size, dbc: dbc.length };
      terminal.result(
        { identity, chosen: chosen.map(told), candidates: candidates.map(told), damaged, ...counts },
        (language) => whichLines(choice, signals.size, language),
      );
      return chosen.length === 0 ? 1 : 0;
    },
  )
    .option("--make <make>", "make, if the VIN does not tell")
    .option("--model <model>", "model")
    .option("--year <year>", "model year, if the VIN does not tell");
}

function open(options: Places): VehicleCatalogue {
  const clock = systemClock({ demo: options.demo === true });
  return openVehicleCatalogue(placesIn(options.data).vehicles, () => clock.now());
}

function words(text: string): string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

function years(text: string): YearRange {
  const range = parseYears(text);
  if (range === undefined) throw new GatewayError("VEHICLE_UNNAMED", { detail: `"${text}" are no years` });
  return range;
}

function yearOf(text: string): number {
  if (!/^\d{4}$/.test(text)) throw new GatewayError("VEHICLE_UNNAMED", { detail: `"${text}" is no year` });
  return Number(text);
}

const OUTCOMES = {
  added: { en: "imported", "zh-CN": "已导入" },
  replaced: { en: "imported in place of an older file", "zh-CN": "已导入并替换旧文件" },
  unchanged: { en: "was there already", "zh-CN": "已存在,无变化" },
} as const;

const KINDS = {
  "obdb-signal-set": { en: "OBDb signal set", "zh-CN": "OBDb 信号集" },
  "wican-profile": { en: "WiCAN vehicle profile", "zh-CN": "WiCAN 车型配置" },
  dbc: { en: "DBC file", "zh-CN": "DBC 文件" },
} as const;

function entryLine(
  { id, kind, standard, vehicles, licence, origin, contents }: VehicleEntry,
  language: Language,
): string {
  const zh = language === "zh-CN";
  const [first] = vehicles;
  const car = standard
    ? zh
      ? "SAE J1979,适用于任何车辆"
      : "SAE J1979, for any car"
    : first === undefined || vehicles.length > 1
      ? zh
        ? `${vehicles.length} 个车型`
        : `${vehicles.length} cars`
      : vehicleText(first);
  const counts = zh
    ? `${contents.commands} 条指令,${contents.signals} 个信号`
    : `${contents.commands} questions, ${contents.signals} signals`;
  const day = new Date(origin.importedAt).toISOString().slice(0, 10);
  return `${id}\t${car}\t${KINDS[kind][language]}\t${counts}\t${licence.name}\t${origin.file}\t${day} ${origin.importedBy}`;
}

function told({ entry, vehicle, fit }: VehicleMatch) {
  return { id: entry.id, kind: entry.kind, fit, vehicle: vehicle ?? null };
}

const FITS = {
  vin: { en: "by the VIN", "zh-CN": "按 VIN" },
  model: { en: "by make and model", "zh-CN": "按品牌和车型" },
  make: { en: "for all models of the make", "zh-CN": "适用于该品牌所有车型" },
  standard: { en: "for any car", "zh-CN": "适用于任何车辆" },
  maybe: { en: "if it is this model", "zh-CN": "如果是该车型" },
} as const;

function whichLines(choice: VehicleChoice, signals: number, language: Language): readonly string[] {
  const { identity, chosen, candidates, damaged, commands } = choice;
  const zh = language === "zh-CN";
  const makes = identity.makes.length === 0 ? (zh ? "品牌未知" : "make unknown") : identity.makes.join("/");
  const year = identity.year ?? (zh ? "年款未知" : "model year unknown");
  const line = ({ entry, vehicle, fit }: VehicleMatch) =>
    `${entry.id}\t${vehicle === undefined ? "SAE J1979" : vehicleText(vehicle)}\t${FITS[fit][language]}`;
  return [
    `${identity.vin ?? ""}\t${makes}\t${year}`,
    ...chosen.map((match) => `✓ ${line(match)}`),
    ...candidates.map((match) => `? ${line(match)}`),
    ...damaged.map(
      ({ id }) => `✗ ${id}\t${ERRORS.VEHICLE_CATALOGUE_DAMAGED.remedy[language]}  [VEHICLE_CATALOGUE_DAMAGED]`,
    ),
    chosen.length === 0
      ? candidates.length === 0
        ? zh
          ? "没有适用的文件。"
          : "No file fits."
        : zh
          ? "请用 --model 指明车型。"
          : "Say the model with --model."
      : zh
        ? `可询问 ${commands.length} 条,共 ${signals} 个信号`
        : `${commands.length} questions for ${signals} signals`,
  ];
}
