import type { Command } from "commander";
import type { DtcExplanation, ShopNoteView } from "../../contract/dtc-explanation.ts";
import type { Language } from "../../contract/errors.ts";
import type { CarAdvice } from "../../vehicle-protocols/dtc-knowledge/index.ts";
import { loadConfiguration, problemLine } from "../configuration/configuration.ts";
import type { ShopTextsRead } from "../fault-codes/index.ts";
import type { Add, Places } from "./program.ts";

interface Options {
  readonly make?: string;
  readonly model?: string;
  readonly texts?: string;
}

const ADVICE_WORDS: Readonly<Record<DtcExplanation["advice"], Readonly<Record<Language, string>>>> = {
  drive: { en: "drive", "zh-CN": "可以行驶" },
  "drive-with-care": { en: "drive with care", "zh-CN": "谨慎行驶" },
  "do-not-drive": { en: "do not drive", "zh-CN": "禁止行驶" },
  "not-known": { en: "not known whether it may be driven", "zh-CN": "能否行驶未知" },
};

const SEVERITY_WORDS: Readonly<Record<NonNullable<DtcExplanation["severity"]>, Readonly<Record<Language, string>>>> = {
  low: { en: "low", "zh-CN": "轻微" },
  medium: { en: "medium", "zh-CN": "中等" },
  high: { en: "high", "zh-CN": "严重" },
  critical: { en: "critical", "zh-CN": "危险" },
};

/** `baygate dtc P0420 P0301 …`: what BayGate and this shop know of trouble codes, and whether a car with all of them may be driven. */
export function dtcCommand(program: Command, add: Add): void {
  add<Options>(
    program,
    "dtc <codes...>",
    "what trouble codes mean, how grave they are, and what to look at first",
    async (terminal, options, ...codes) => {
      // The tables are read where they are used: a start of the gateway's command line needs none of them.
      const { explainDtc, ShopTexts } = await import("../fault-codes/index.ts");
      const { adviceFor } = await import("../../vehicle-protocols/dtc-knowledge/index.ts");
      const shop = await shopTexts(options);
      const car = { make: options.make, model: options.model, texts: shop?.texts ?? ShopTexts.NONE };
      const explained = codes.map((code) => ({ code, explanation: explainDtc(code, car) }));
      const known = explained.flatMap(({ explanation }) => (explanation === undefined ? [] : [explanation]));
      const invalid = explained.filter(({ explanation }) => explanation === undefined).map(({ code }) => code);
      const together = adviceFor(known.map(({ code }) => code));
      terminal.result(
        { codes: known, invalid, car: together, shopTexts: shop && { file: shop.file, problems: shop.problems } },
        (language) => [
          ...known.flatMap((explanation) => explanationLines(explanation, language)),
          ...invalid.map((code) => (language === "en" ? `✗ "${code}" is no trouble code` : `✗ “${code}”不是故障码`)),
          ...(known.length > 1 ? [carLine(together, language)] : []),
          ...(shop?.problems ?? []).map((problem) => `! ${problemLine(problem, shop?.file ?? "", language)}`),
        ],
      );
      return invalid.length === 0 ? 0 : 1;
    },
  )
    .option("--make <make>", "only the shop's notes for this make")
    .option("--model <model>", "only the shop's notes for this model")
    .option("--texts <file>", "the shop's own texts, in place of the file that shop.yaml names");
}

/** The shop's own texts: the file that was asked for, or the one that shop.yaml names. A shop.yaml that cannot be read names none. */
async function shopTexts(options: Options & Places): Promise<(ShopTextsRead & { readonly file: string }) | undefined> {
  const { readShopTexts } = await import("../fault-codes/index.ts");
  const file = options.texts ?? (await namedFile(options.config));
  return file === undefined ? undefined : { ...(await readShopTexts(file)), file };
}

async function namedFile(config: string): Promise<string | undefined> {
  const loaded = await loadConfiguration(config);
  return loaded.ok ? loaded.configuration.diagnostics.faultCodeTexts : undefined;
}

function explanationLines(explanation: DtcExplanation, language: Language): readonly string[] {
  const { code, text, otherReading, system, severity, advice, hint, shopNotes } = explanation;
  const english = language === "en";
  const judged = [
    system?.name[language],
    severity === null ? undefined : SEVERITY_WORDS[severity][language],
    ADVICE_WORDS[advice][language],
  ];
  return [
    `${code}  ${text?.[language] ?? (english ? "not in BayGate's tables" : "BayGate 无此故障码的说明")}`,
    `  ${judged.filter((word) => word !== undefined).join(" · ")}`,
    ...(otherReading === null ? [] : [`  ${english ? "Also read as" : "另一种定义"}: ${otherReading[language]}`]),
    ...(hint === null ? [] : [`  → ${hint[language]}`]),
    `  ${structureLine(explanation.structure, language)}`,
    ...shopNotes.flatMap((note) => noteLines(note, language)),
  ];
}

function structureLine(structure: DtcExplanation["structure"], language: Language): string {
  if (structure.kind === "j1939") return `SAE J1939: SPN ${structure.spn}, FMI ${structure.fmi}`;
  const { group, originText, area, failureType } = structure;
  const third = failureType === null ? undefined : `${failureType.byte} ${failureType.text?.[language] ?? ""}`.trim();
  return [originText[language], group[language], area?.[language], third]
    .filter((word) => word !== undefined)
    .join(" · ");
}

function noteLines({ make, model, ...words }: ShopNoteView, language: Language): readonly string[] {
  const english = language === "en";
  const car = [make, model].filter((name) => name !== null).join(" ");
  const labels = english
    ? { text: "text", cause: "cause", fix: "fix", note: "note" }
    : { text: "说明", cause: "原因", fix: "修法", note: "备注" };
  const said = (["text", "cause", "fix", "note"] as const).flatMap((key) => {
    const phrase = words[key];
    return phrase === null ? [] : [`    ${labels[key]}: ${phrase[language]}`];
  });
  return [`  ${english ? "This shop" : "本店"}${car === "" ? "" : ` (${car})`}:`, ...said];
}

function carLine({ advice, because, notKnown }: CarAdvice, language: Language): string {
  const reasons = because.map((reason) => (reason.kind === "code" ? reason.code : reason.lamp)).join(", ");
  const unknown = notKnown.length === 0 || advice === "not-known" ? "" : notKnown.join(", ");
  const english = language === "en";
  const doubt = unknown === "" ? "" : english ? `; not judged: ${unknown}` : `;未评估: ${unknown}`;
  return `${english ? "All together" : "综合"}: ${ADVICE_WORDS[advice][language]} (${reasons}${doubt})`;
}
