import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { GatewayError } from "../../contract/errors.ts";
import { type Connection, DATABASE_FILE, openForReading } from "./database.ts";

/**
 * Copies the open database while it is in use, checks the copy and only then gives it its name.
 * @throws GatewayError JOURNAL_BACKUP_DAMAGED when the copy is not a whole database
 */
export async function backupTo(db: Connection, toFile: string): Promise<void> {
  const temporary = `${toFile}.part`;
  try {
    await db.backup(temporary);
    assertWhole(temporary);
    const file = await open(temporary, "r+");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, toFile);
    const directory = await open(dirname(toFile), "r");
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof GatewayError) throw error;
    throw new GatewayError("JOURNAL_BACKUP_DAMAGED", {
      detail: error instanceof Error ? error.message : String(error),
      cause: error,
    });
  }
}

/** @throws GatewayError JOURNAL_BACKUP_DAMAGED */
export function assertWhole(file: string): void {
  let copy: Connection | undefined;
  try {
    copy = new Database(file, { readonly: true, fileMustExist: true });
    const verdict = copy.pragma("integrity_check(1)", { simple: true });
    if (verdict !== "ok") throw new GatewayError("JOURNAL_BACKUP_DAMAGED", { detail: String(verdict).slice(0, 200) });
    copy.prepare("SELECT position FROM record LIMIT 1").get();
    copy.prepare("SELECT ordinal FROM epoch LIMIT 1").get();
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw new GatewayError("JOURNAL_BACKUP_DAMAGED", {
      detail: error instanceof Error ? error.message : String(error),
      cause: error,
    });
  } finally {
    copy?.close();
  }
}

/**
 * Backs up the journal of a data directory from another process, whether or not a gateway is at work on it.
 * @throws GatewayError JOURNAL_NOT_FOUND, JOURNAL_BACKUP_DAMAGED
 */
export async function backupJournal(directory: string, toFile: string): Promise<void> {
  if (!existsSync(join(directory, DATABASE_FILE))) throw new GatewayError("JOURNAL_NOT_FOUND", { detail: directory });
  const db = openForReading(directory);
  try {
    await backupTo(db, toFile);
  } finally {
    db.close();
  }
}
