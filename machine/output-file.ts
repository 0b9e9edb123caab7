import { access, constants, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { GatewayError } from "../contract/errors.ts";
import { writeDurably } from "./durable-file.ts";

/**
 * Writes what a person asked for, whole or not at all.
 * @throws GatewayError OUTPUT_FILE_UNWRITABLE
 */
export async function writeOutputFile(path: string, content: string | Uint8Array): Promise<void> {
  await orUnwritable(path, () => writeDurably(path, content));
}

/**
 * Finds out before the work whether its result could be written; makes the folder where it is absent.
 * @throws GatewayError OUTPUT_FILE_UNWRITABLE
 */
export async function expectWritable(path: string): Promise<void> {
  await orUnwritable(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    await access(dirname(path), constants.W_OK);
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory() === true) throw new Error("a folder");
  });
}

async function orUnwritable(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const why = error instanceof Error ? ("code" in error ? String(error.code) : error.message) : String(error);
    throw new GatewayError("OUTPUT_FILE_UNWRITABLE", { detail: `${path}, ${why}`, cause: error });
  }
}
