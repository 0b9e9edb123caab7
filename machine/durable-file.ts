import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface DurableWriteOptions {
  /** Permission bits; secrets are 0o600. */
  readonly mode?: number;
  /** Keep the file that was there as `<path>.last-good`. */
  readonly keepLastGood?: boolean;
}

/**
 * Replaces a file whole: temporary file → fsync → rename → fsync of the directory. A reader, or the next boot after a power
 * cut, finds either the old content or the new one.
 */
export async function writeDurably(
  path: string,
  content: string | Uint8Array,
  options: DurableWriteOptions = {},
): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true });
  const temporary = join(directory, `.${randomUUID()}.tmp`);
  try {
    const file = await open(
      temporary,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
      options.mode ?? 0o644,
    );
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    if (options.keepLastGood) await keepLastGood(path);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(directory);
}

async function keepLastGood(path: string): Promise<void> {
  try {
    await copyFile(path, `${path}.last-good`);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
