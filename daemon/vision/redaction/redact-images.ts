import { stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { type ErrorCode, GatewayError } from "../../../contract/errors.ts";
import { writeOutputFile } from "../../../machine/output-file.ts";
import { decodeFully } from "../picture.ts";
import { readPictureFile } from "../picture-files.ts";
import type { Provider } from "../providers.ts";
import type { CoveredKind } from "./covers.ts";
import { encodeRedacted } from "./encode.ts";
import { type RedactionBundles, Redactor } from "./redactor.ts";

export interface RedactImagesReport {
  readonly models: readonly {
    readonly role: string;
    readonly name: string;
    readonly version: string;
    readonly sha256: string;
  }[];
  readonly pictures: readonly RedactedFile[];
  /** Pictures that could not be redacted; nothing was written for them. */
  readonly failed: readonly { readonly file: string; readonly code: ErrorCode; readonly message: string }[];
}

export interface RedactedFile {
  readonly file: string;
  readonly out: string;
  readonly width: number;
  readonly height: number;
  /** x, y, width, height in pixels of what was written. */
  readonly covered: readonly {
    readonly what: CoveredKind;
    readonly box: readonly [x: number, y: number, width: number, height: number];
  }[];
}

export interface RedactImagesOptions {
  readonly bundles: RedactionBundles;
  readonly providers?: readonly Provider[];
  readonly onProgress?: (done: number, total: number) => void;
}

interface Job {
  readonly file: string;
  readonly out: string;
}

/**
 * Covers faces and plates on picture files by the very functions that photos go through, in their own size, as JPEG. A picture's file appears under its
 * name only when it is whole.
 * @param files pictures
 * @param out a file for one picture; a folder, made where it is absent, for several
 * @param asFolder whether `out` is meant as a folder, though there is none yet
 * @throws GatewayError REDACTION_OVER_SOURCE before anything is written; REDACTION_NO_MODEL; OUTPUT_FILE_UNWRITABLE
 */
export async function redactImages(
  files: readonly string[],
  out: string,
  asFolder: boolean,
  options: RedactImagesOptions,
): Promise<RedactImagesReport> {
  const names = files.map((file) => basename(file));
  const jobs = files.map((file) => ({ file, out: asFolder ? join(out, nameFor(basename(file), names)) : out }));
  await refuseOverSource(jobs);
  const redactor = await Redactor.open(options.bundles, options.providers ?? ["tensorrt", "cuda", "cpu"]);
  const pictures: RedactedFile[] = [];
  const failed: RedactImagesReport["failed"][number][] = [];
  try {
    for (const job of jobs) {
      try {
        pictures.push(await redactFile(job, redactor));
      } catch (error) {
        failed.push({ file: job.file, ...describe(error) });
      }
      options.onProgress?.(pictures.length + failed.length, jobs.length);
    }
  } finally {
    await redactor.close();
  }
  const models = Object.values(redactor.models).map(({ role, name, version, sha256 }) => ({
    role,
    name,
    version,
    sha256,
  }));
  return { models, pictures, failed };
}

async function redactFile({ file, out }: Job, redactor: Redactor): Promise<RedactedFile> {
  const pixels = await decodeFully(await readPictureFile(file));
  const { jpeg, width, height, covers } = await encodeRedacted(pixels, await redactor.redact(pixels));
  await writeOutputFile(out, jpeg);
  const covered = covers.map(({ what, box: { left, top, right, bottom } }) => ({
    what,
    box: [left, top, right - left, bottom - top] as const,
  }));
  return { file, out, width, height, covered };
}

/** What comes out is a JPEG, and no two pictures of a folder share a name: not even `car.png` and a `car.png.jpg` beside it. */
function nameFor(name: string, others: readonly string[]): string {
  if (/^\.jpe?g$/i.test(extname(name))) return name;
  let free = `${name}.jpg`;
  while (others.includes(free)) free += ".jpg";
  return free;
}

/** A file is known by its place on the disk, whatever name, link or spelling of the path leads to it. */
async function refuseOverSource(jobs: readonly Job[]): Promise<void> {
  const sources = new Set((await Promise.all(jobs.map(({ file }) => identity(file)))).filter(Boolean));
  for (const { out } of jobs) {
    const target = await identity(out);
    if (target !== undefined && sources.has(target)) throw new GatewayError("REDACTION_OVER_SOURCE", { detail: out });
  }
}

async function identity(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found && `${found.dev}:${found.ino}`;
}

/** A picture's fault is that picture's; a disk that is full is everybody's. */
function describe(error: unknown): { readonly code: ErrorCode; readonly message: string } {
  if (error instanceof GatewayError && /^(PICTURE|REDACTION)_/.test(error.code))
    return { code: error.code, message: error.message };
  throw error;
}
