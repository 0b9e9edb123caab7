import { open, readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

export interface Licence {
  /** SPDX identifier where there is one, else as it was said. */
  readonly name: string;
  readonly from: "given" | "file" | "neighbour";
}

/** Beginnings of licence texts → SPDX identifiers; the more special first. */
const TEXTS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/attribution[-\s]+sharealike\s+4\.0|CC[-\s]BY[-\s]SA[-\s]4\.0/i, "CC-BY-SA-4.0"],
  [/attribution\s+4\.0\s+international|CC[-\s]BY[-\s]4\.0/i, "CC-BY-4.0"],
  [/CC0|no\s+copyright|public\s+domain\s+dedication/i, "CC0-1.0"],
  [/GNU\s+AFFERO\s+GENERAL\s+PUBLIC\s+LICENSE/i, "AGPL-3.0"],
  [/GNU\s+LESSER\s+GENERAL\s+PUBLIC\s+LICENSE\s+Version\s+3/i, "LGPL-3.0"],
  [/GNU\s+GENERAL\s+PUBLIC\s+LICENSE\s+Version\s+3/i, "GPL-3.0"],
  [/GNU\s+GENERAL\s+PUBLIC\s+LICENSE\s+Version\s+2/i, "GPL-2.0"],
  [/Apache\s+License\s+Version\s+2\.0/i, "Apache-2.0"],
  [/Mozilla\s+Public\s+License\s+Version\s+2\.0/i, "MPL-2.0"],
  [/Permission\s+is\s+hereby\s+granted,\s+free\s+of\s+charge/i, "MIT"],
];

/** A licence says what it is at its beginning. */
const BEGINNING_BYTES = 4_000;
/** A set in a checkout lies three folders below the licence (`signalsets/v3/default.json`). */
const FOLDERS_UP = 4;
const LONGEST_NAME = 60;

/**
 * The licence of a file: what the installer says, else what a key in the file says, else the licence file in its folder or
 * one above, as in a checkout.
 * @returns undefined if nobody says
 */
export async function findLicence(
  path: string,
  document: unknown,
  given: string | undefined,
): Promise<Licence | undefined> {
  const said = given?.trim().slice(0, LONGEST_NAME);
  if (said !== undefined && said !== "") return { name: said, from: "given" };
  const own = licenceKey(document);
  if (own !== undefined) return { name: own, from: "file" };
  let folder = dirname(resolve(path));
  for (let up = 0; up < FOLDERS_UP; up++, folder = dirname(folder)) {
    const name = await licenceIn(folder);
    if (name !== undefined) return { name, from: "neighbour" };
  }
  return undefined;
}

function licenceKey(document: unknown): string | undefined {
  if (typeof document !== "object" || document === null) return undefined;
  for (const [key, value] of Object.entries(document))
    if (/^licen[cs]e$/i.test(key) && typeof value === "string" && value.trim() !== "")
      return value.trim().slice(0, LONGEST_NAME);
  return undefined;
}

async function licenceIn(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((file) => /^(?:licen[cs]e|copying)(?:\.(?:md|txt|rst))?$/i.test(file))) {
    const text = await beginningOf(join(folder, name));
    const known = TEXTS.find(([pattern]) => pattern.test(text));
    if (known !== undefined) return known[1];
  }
  return undefined;
}

async function beginningOf(path: string): Promise<string> {
  try {
    const file = await open(path, "r");
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING_BYTES), 0, BEGINNING_BYTES, 0);
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return "";
  }
}
