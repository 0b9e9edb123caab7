import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";

/** The list gives the first 16 hex digits of each SHA-256: enough to recognise a picture, small enough to keep. */
const DIGITS = 16;
const LINE = /^[0-9a-f]{16}$/;

/** What the list of a model says that has learnt from none of the pictures here: an empty list could be a damaged one. */
const NONE = "none";

/** Reads a bundle's list of the pictures it was trained on. */
export async function readTrainingHashes(bundleFolder: string): Promise<ReadonlySet<string>> {
  const lines = (await readFile(join(bundleFolder, "training-pictures.sha256"), "utf8")).trim().split("\n");
  if (lines.length === 1 && lines[0] === NONE) return new Set();
  const bad = lines.find((line) => !LINE.test(line));
  if (bad !== undefined) throw new Error(`training-pictures.sha256 has a line that is no hash: ${bad.slice(0, 40)}`);
  return new Set(lines);
}

/** The name of the first picture that the model has learnt from; undefined where it has seen none. */
export async function wasTrainedOn(files: readonly string[], hashes: ReadonlySet<string>): Promise<string | undefined> {
  for (const file of files) {
    const hash = createHash("sha256")
      .update(await readFile(file))
      .digest("hex")
      .slice(0, DIGITS);
    if (hashes.has(hash)) return basename(file);
  }
  return undefined;
}

/**
 * Refuses pictures that the model has learnt from: a score on them says nothing.
 * Throws an Error that names the first of them.
 */
export async function refuseTrainedOn(files: readonly string[], hashes: ReadonlySet<string>): Promise<void> {
  const seen = await wasTrainedOn(files, hashes);
  if (seen !== undefined) throw new Error(`${seen} was trained on; it must not be scored`);
}
