import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { GatewayError } from "../../contract/errors.ts";
import { writeDurably } from "../../machine/durable-file.ts";
import { isStandardSet } from "../../vehicle-protocols/signal-set/index.ts";
import { choose, type VehicleChoice } from "./choice.ts";
import { readEntry, type VehicleEntry } from "./entry.ts";
import { findLicence } from "./licences.ts";
import type { VehicleQuery } from "./matching.ts";
import { contentsOf, parseVehicleFile, readVehicleFile, type VehicleFile } from "./vehicle-file.ts";
import { nameFromCarModel, nameFromPath, type VehicleName, yearsText } from "./vehicle-names.ts";

/** What the installer says about a file that he imports. */
export interface ImportOptions {
  readonly makes?: readonly string[];
  readonly models?: readonly string[];
  readonly years?: { readonly from?: number; readonly to?: number };
  readonly wmi?: readonly string[];
  readonly licence?: string;
  /** Who imports it. */
  readonly by: string;
}

export interface Imported {
  readonly entry: VehicleEntry;
  /** `unchanged`: the same file was there for the same vehicles already; `replaced`: another one was. */
  readonly outcome: "added" | "replaced" | "unchanged";
  readonly problems: readonly string[];
}

export interface VehicleCatalogue {
  /**
   * What was imported, by name; files that are damaged are in it, and `choose` says so.
   * @throws GatewayError `VEHICLE_FILE_UNREADABLE` where this user may not read the folder
   */
  list(): Promise<readonly VehicleEntry[]>;
  /**
   * Checks a file and keeps a copy of it. Nothing is half-written: the entry is what makes it count, and it comes last.
   * @throws GatewayError `VEHICLE_FILE_…`, `VEHICLE_UNNAMED`, `VEHICLE_LICENCE_NEEDED`
   */
  import(path: string, options: ImportOptions): Promise<Imported>;
  /** @throws GatewayError `VEHICLE_UNKNOWN`, `VEHICLE_FILE_UNREADABLE` */
  remove(id: string): Promise<VehicleEntry>;
  /**
   * What fits a car, ready to ask and to decode.
   * @throws GatewayError `VEHICLE_FILE_UNREADABLE` as `list`
   */
  choose(query: VehicleQuery): Promise<VehicleChoice>;
}

/** A file that the catalogue holds, read and checked against what was imported. */
export interface StoredFile {
  readonly entry: VehicleEntry;
  /** Undefined: damaged. */
  readonly file: VehicleFile | undefined;
}

const ENTRY = "entry.json";
const CONTENT = "content";
const LONGEST_ID = 40;
const LONGEST_NAME = 80;
/** Parsed files that are kept in memory; a shop has some dozen. */
const MOST_PARSED = 64;

/**
 * The vehicle files that installers imported, each in a folder of its own: its content as it was, and an entry with origin,
 * licence and vehicles. BayGate ships none.
 * @param now wall clock in milliseconds
 */
export function openVehicleCatalogue(directory: string, now: () => number): VehicleCatalogue {
  const parsed = new Map<string, VehicleFile>();

  const list = async (): Promise<VehicleEntry[]> => {
    const folders = await foldersIn(directory);
    const entries = await Promise.all(folders.map((folder) => entryIn(join(directory, folder))));
    return entries.filter((entry) => entry !== undefined).toSorted((a, b) => a.id.localeCompare(b.id));
  };

  const load = async (entry: VehicleEntry): Promise<StoredFile> => {
    const known = parsed.get(entry.origin.sha256);
    if (known !== undefined) return { entry, file: known };
    try {
      const content = await readFile(join(directory, entry.id, CONTENT));
      if (sha256Of(content) !== entry.origin.sha256) return { entry, file: undefined };
      const file = parseVehicleFile(content, entry.origin.file);
      const oldest = parsed.keys().next();
      if (parsed.size >= MOST_PARSED && !oldest.done) parsed.delete(oldest.value);
      parsed.set(entry.origin.sha256, file);
      return { entry, file };
    } catch {
      return { entry, file: undefined };
    }
  };

  return {
    list,
    async import(path, options) {
      const content = await readVehicleFile(path);
      const name = basename(path);
      const file = parseVehicleFile(content, name);
      const standard = file.kind === "obdb-signal-set" && isStandardSet(file.set) && !saysVehicle(options);
      const vehicles = standard ? [] : vehiclesOf(file, path, options);
      const licence = await findLicence(path, documentOf(file, content), options.licence);
      if (licence === undefined) throw new GatewayError("VEHICLE_LICENCE_NEEDED", { detail: name });
      const sha256 = sha256Of(content);
      const entry: VehicleEntry = {
        id: idOf(file.kind, standard, vehicles),
        kind: file.kind,
        standard,
        vehicles,
        licence,
        origin: { file: name, sha256, bytes: content.length, importedAt: now(), importedBy: options.by },
        contents: contentsOf(file),
        problems: file.problems.length,
      };
      const folder = join(directory, entry.id);
      const before = await entryIn(folder);
      if (before !== undefined && isSame(before, entry))
        return { entry: before, outcome: "unchanged", problems: file.problems };
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // Another file under an old entry would look damaged if the power failed between the two: the entry goes first.
      if (before !== undefined && before.origin.sha256 !== sha256) await rm(join(folder, ENTRY));
      await writeDurably(join(folder, CONTENT), content, { mode: 0o600 });
      await writeDurably(join(folder, ENTRY), `${JSON.stringify(entry, null, 2)}\n`, { mode: 0o600 });
      return { entry, outcome: before === undefined ? "added" : "replaced", problems: file.problems };
    },
    async remove(id) {
      const entry = (await list()).find((each) => each.id === id);
      if (entry === undefined) throw new GatewayError("VEHICLE_UNKNOWN", { detail: id });
      await rm(join(directory, id, ENTRY));
      await rm(join(directory, id), { recursive: true, force: true });
      return entry;
    },
    async choose(query) {
      return choose(await Promise.all((await list()).map(load)), query, new Date(now()).getUTCFullYear());
    },
  };
}

/** None where nothing was imported yet. @throws GatewayError VEHICLE_FILE_UNREADABLE */
async function foldersIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return [];
    throw new GatewayError("VEHICLE_FILE_UNREADABLE", { detail: directory, cause });
  }
}

/** Undefined where there is none, or what is there is no entry of ours. @throws GatewayError VEHICLE_FILE_UNREADABLE */
async function entryIn(folder: string): Promise<VehicleEntry | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, ENTRY), "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR"))
      return undefined;
    throw new GatewayError("VEHICLE_FILE_UNREADABLE", { detail: folder, cause });
  }
  const entry = readEntry(text);
  return entry?.id === basename(folder) ? entry : undefined;
}

function saysVehicle({ makes, models, wmi }: ImportOptions): boolean {
  return makes !== undefined || models !== undefined || wmi !== undefined;
}

/** Which vehicles a file is for: as the installer says, else as the file itself or its name says without doubt. */
function vehiclesOf(file: VehicleFile, path: string, options: ImportOptions): VehicleEntry["vehicles"] {
  const { makes, models, years, wmi } = options;
  const limits = { ...(years === undefined ? {} : { years }), ...(wmi === undefined ? {} : { wmi: [...wmi] }) };
  if (saysVehicle(options)) {
    if (makes === undefined && wmi === undefined) throw new GatewayError("VEHICLE_UNNAMED", { detail: basename(path) });
    if (file.kind === "wican-profile" && file.cars.length > 1)
      throw new GatewayError("VEHICLE_UNNAMED", {
        detail: `${basename(path)} holds ${file.cars.length} cars; each names its own`,
      });
    return [stored({ makes: makes ?? [], models: models ?? [] }, limits)];
  }
  if (file.kind === "wican-profile") {
    const names = file.cars.map(({ carModel }) => nameFromCarModel(carModel));
    const [only] = names;
    if (names.length === 1 && only === undefined) throw new GatewayError("VEHICLE_UNNAMED", { detail: basename(path) });
    // In a merged file a car without a make is for nobody; it keeps its place, so that places stay the file's.
    return names.map((name) => stored(name ?? { makes: [], models: [] }, names.length === 1 ? limits : {}));
  }
  // Signal sets are called after their vehicle by those who write them; DBC files are called anything.
  const name = file.kind === "dbc" ? undefined : nameFromPath(path);
  if (name === undefined) throw new GatewayError("VEHICLE_UNNAMED", { detail: basename(path) });
  return [stored(name, limits)];
}

function stored(
  name: VehicleName,
  limits: { years?: VehicleName["years"]; wmi?: string[] },
): VehicleEntry["vehicles"][number] {
  const years = limits.years ?? name.years;
  return {
    makes: name.makes.slice(0, 20).map((make) => make.slice(0, LONGEST_NAME)),
    models: name.models.slice(0, 50).map((model) => model.slice(0, LONGEST_NAME)),
    ...(years === undefined ? {} : { years: { ...years } }),
    ...(limits.wmi === undefined ? {} : { wmi: limits.wmi }),
  };
}

/** A name for an entry that says what it is, and is the same when a newer edition of the file comes. */
function idOf(kind: VehicleFile["kind"], standard: boolean, vehicles: readonly VehicleName[]): string {
  const [first] = vehicles;
  const suffix = { "obdb-signal-set": "obdb", "wican-profile": "wican", dbc: "dbc" }[kind];
  const words =
    standard || first === undefined
      ? ["sae-j1979"]
      : vehicles.length > 1
        ? ["merged"]
        : [
            ...first.makes,
            ...first.models,
            yearsText(first.years),
            ...(first.makes.length === 0 ? (first.wmi ?? []) : []),
          ];
  const slug = words
    .join(" ")
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  // Names that are longer, or hold no Latin letter, are told apart by a part of their hash.
  const plain = slug !== "" && slug.length + suffix.length < LONGEST_ID;
  const mark = plain ? [] : [createHash("sha256").update(words.join("\n")).digest("hex").slice(0, 8)];
  const room = LONGEST_ID - suffix.length - 10;
  return [plain ? slug : slug.slice(0, room).replace(/-+$/, ""), ...mark, suffix]
    .filter((part) => part !== "")
    .join("-");
}

function isSame(a: VehicleEntry, b: VehicleEntry): boolean {
  const told = ({ kind, standard, vehicles, licence, origin }: VehicleEntry) =>
    JSON.stringify([kind, standard, vehicles, licence.name, origin.sha256]);
  return told(a) === told(b);
}

function documentOf(file: VehicleFile, content: Buffer): unknown {
  return file.kind === "dbc" ? undefined : JSON.parse(content.toString("utf8").replace(/^\uFEFF/, ""));
}

function sha256Of(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
