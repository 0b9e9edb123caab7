import { readFile, stat } from "node:fs/promises";
import { GatewayError } from "../../contract/errors.ts";
import { type DbcFile, describeProblem, lossesFirst, parseDbc } from "../../vehicle-protocols/dbc/index.ts";
import { parseSignalSet, type SignalSet } from "../../vehicle-protocols/signal-set/index.ts";
import { parseWicanProfiles, type WicanProfile } from "../../vehicle-protocols/wican-profile/index.ts";

/** The largest public files known (a merged file of all WiCAN profiles, big DBC files) have some 3 MB. */
const MOST_BYTES = 16_000_000;

export const VEHICLE_FILE_KINDS = ["obdb-signal-set", "wican-profile", "dbc"] as const;
export type VehicleFileKind = (typeof VEHICLE_FILE_KINDS)[number];

/** A file about vehicles, read. */
export type VehicleFile = {
  /** What was left out of it or is doubtful, with the place, in English: for the installer who may ask its author. */
  readonly problems: readonly string[];
} & (
  | { readonly kind: "obdb-signal-set"; readonly set: SignalSet }
  | { readonly kind: "wican-profile"; readonly cars: readonly WicanProfile[] }
  | { readonly kind: "dbc"; readonly file: DbcFile }
);

/**
 * The bytes of a file about vehicles.
 * @throws GatewayError `VEHICLE_FILE_UNREADABLE`, `VEHICLE_FILE_TOO_LARGE`
 */
export async function readVehicleFile(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw new GatewayError("VEHICLE_FILE_TOO_LARGE", { detail: `${path}: ${size} bytes` });
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError("VEHICLE_FILE_UNREADABLE", { detail: path, cause });
  }
}

/**
 * The JSON document in a file, which may begin with a byte order mark.
 * @throws GatewayError as `readVehicleFile`, and `VEHICLE_FILE_INVALID`
 */
export async function readJsonFile(path: string): Promise<unknown> {
  return parseJson(await readVehicleFile(path), path);
}

function parseJson(bytes: Uint8Array, name: string): unknown {
  try {
    const document: unknown = JSON.parse(
      Buffer.from(bytes)
        .toString("utf8")
        .replace(/^\uFEFF/, ""),
    );
    return document;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GatewayError("VEHICLE_FILE_INVALID", { detail: `${name} is not JSON: ${reason}`, cause });
  }
}

/** Whether bytes begin as a JSON document does. */
function looksLikeJson(bytes: Uint8Array): boolean {
  return /^\uFEFF?\s*[{[]/.test(Buffer.from(bytes.subarray(0, 1_000)).toString("utf8"));
}

/**
 * Finds out what a file is and reads it.
 * @param name how errors call it
 * @throws GatewayError `VEHICLE_FILE_INVALID` if it is none of the kinds, or holds nothing that can be used
 */
export function parseVehicleFile(bytes: Uint8Array, name: string): VehicleFile {
  const file = looksLikeJson(bytes) ? fromDocument(parseJson(bytes, name), name) : fromDbc(bytes, name);
  if (!isUseful(file)) throw new GatewayError("VEHICLE_FILE_INVALID", { detail: `${name} describes nothing` });
  return file;
}

function fromDocument(document: unknown, name: string): VehicleFile {
  const set = parseSignalSet(document);
  if (set.ok) return { kind: "obdb-signal-set", set: set.value, problems: set.value.problems.map(problemText) };
  const profiles = parseWicanProfiles(document);
  if (profiles.ok)
    return {
      kind: "wican-profile",
      cars: profiles.value.cars,
      problems: profiles.value.problems.map(problemText),
    };
  throw new GatewayError("VEHICLE_FILE_INVALID", {
    detail: `${name} is neither a signal set nor a vehicle profile`,
    cause: profiles.error,
  });
}

function fromDbc(bytes: Uint8Array, name: string): VehicleFile {
  const file = parseDbc(bytes);
  if (!file.ok)
    throw new GatewayError("VEHICLE_FILE_INVALID", { detail: `${name}: ${file.error.message}`, cause: file.error });
  return {
    kind: "dbc",
    file: file.value,
    problems: lossesFirst(file.value.problems).map((problem) => describeProblem(problem, "en")),
  };
}

function isUseful(file: VehicleFile): boolean {
  switch (file.kind) {
    case "obdb-signal-set":
      return file.set.commands.some(({ signals }) => signals.length > 0);
    case "wican-profile":
      return file.cars.some(({ commands }) => commands.some(({ parameters }) => parameters.length > 0));
    case "dbc":
      return file.file.messages.some(({ signals }) => signals.length > 0);
  }
}

function problemText({ at, problem }: { readonly at: string; readonly problem: string }): string {
  return `${at}: ${problem}`;
}

/** How much a file describes: questions (messages of a DBC file) and signals. */
export function contentsOf(file: VehicleFile): { readonly commands: number; readonly signals: number } {
  switch (file.kind) {
    case "obdb-signal-set":
      return count(file.set.commands.map(({ signals }) => signals));
    case "wican-profile":
      return count(file.cars.flatMap(({ commands }) => commands.map(({ parameters }) => parameters)));
    case "dbc":
      return count(file.file.messages.map(({ signals }) => signals));
  }
}

function count(lists: readonly (readonly unknown[])[]): { readonly commands: number; readonly signals: number } {
  return { commands: lists.length, signals: lists.reduce((sum, { length }) => sum + length, 0) };
}
