import { readdir, readFile, stat } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { GatewayError } from "../../contract/errors.ts";

/** A picture file that could not be looked at, and why. */
export interface FailedPicture {
  readonly file_name: string;
  readonly code: string;
  readonly message: string;
}

/** Endings of the formats that the decoder reads. */
const READ_ENDINGS = new Set([".jpg", ".jpeg", ".png", ".webp"]);
/** Of pictures that people have all the same: refused by name and not passed over in silence. */
const REFUSED_ENDINGS = new Set([".heic", ".heif", ".avif", ".gif", ".bmp", ".tif", ".tiff"]);

const isIn = (endings: ReadonlySet<string>, name: string) => endings.has(extname(name).toLowerCase());

/**
 * Picture files behind paths: a file stands for itself, whatever its name; a folder for the pictures in it, by name.
 * A path that is not there stays in the list, so that it is reported as failed with the others.
 */
export async function pictureFiles(paths: readonly string[]): Promise<string[]> {
  const files = await Promise.all(
    paths.map(async (path) => {
      const isFolder = await stat(path).then(
        (found) => found.isDirectory(),
        () => false,
      );
      if (!isFolder) return [path];
      const names = await readdir(path);
      return names
        .filter((name) => isIn(READ_ENDINGS, name) || isIn(REFUSED_ENDINGS, name))
        .sort()
        .map((name) => join(path, name));
    }),
  );
  return files.flat();
}

/** Each file once, however often and by whatever path it is named. */
export function eachOnce(files: readonly string[]): string[] {
  return [...new Map(files.map((file) => [resolve(file), file])).values()];
}

/** 25 megapixels of 16 bits and four channels, not compressed at all, are smaller. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** @throws GatewayError PICTURE_FILE_UNREADABLE, PICTURE_TOO_LARGE before anything is read */
export async function readPictureFile(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > MAX_FILE_BYTES)
      throw new GatewayError("PICTURE_TOO_LARGE", { detail: `${size} bytes, at most ${MAX_FILE_BYTES}` });
    return await readFile(file);
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    const why = error instanceof Error && "code" in error ? `${file}, ${String(error.code)}` : file;
    throw new GatewayError("PICTURE_FILE_UNREADABLE", { detail: why, cause: error });
  }
}

/**
 * A picture's fault is that picture's; a network that fails is everybody's.
 * @throws what is not this picture's fault
 */
export function failureOf(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof GatewayError && (error.code.startsWith("PICTURE_") || error.code === "MODEL_OUTPUT_UNUSABLE"))
    return { code: error.code, message: error.message };
  throw error;
}

/**
 * From an outline relative to the picture to pixels. Hundredths are finer than any network sees, and keep result files small.
 * @param polygon `x, y` after `x, y`, from 0 to 1
 */
export function inPixels(polygon: readonly number[], width: number, height: number): number[] {
  return polygon.map((value, at) => Math.round(value * (at % 2 === 0 ? width : height) * 100) / 100);
}

/** The file's name without its extension: what COCO results call a picture by. */
export function stemOf(fileName: string): string {
  return basename(fileName, extname(fileName));
}
