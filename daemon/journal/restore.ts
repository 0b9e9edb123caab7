import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../machine/clock.ts";
import { createUuidV7 } from "../../machine/uuid.ts";
import { assertWhole } from "./backup.ts";
import { DATABASE_FILE, openForWriting } from "./database.ts";
import { syncPath } from "./disk.ts";
import { Ledger } from "./ledger.ts";
import { lockJournal } from "./lock.ts";

const COMPANIONS = ["", "-wal", "-shm"];

/**
 * Puts a backup in the place of a stopped journal. The journal that was there is set aside, never deleted. A new epoch begins: numbers that were given
 * out after the backup was made are at headquarters already and may not be given out again.
 * @returns the new epoch
 * @throws GatewayError JOURNAL_BACKUP_DAMAGED, JOURNAL_ALREADY_OPEN
 */
export function restoreBackup(options: {
  readonly file: string;
  readonly directory: string;
  readonly clock: Clock;
  readonly newId?: () => string;
}): { readonly epoch: string; readonly setAside: string | undefined } {
  const { file, directory, clock, newId = createUuidV7(clock) } = options;
  assertWhole(file);
  mkdirSync(directory, { recursive: true });
  const unlock = lockJournal(directory);
  try {
    const incoming = join(directory, `${DATABASE_FILE}.incoming`);
    copyFileSync(file, incoming);
    syncPath(incoming);
    const setAside = existsSync(join(directory, DATABASE_FILE))
      ? setAsideDatabase(directory, "replaced", clock.now())
      : undefined;
    renameSync(incoming, join(directory, DATABASE_FILE));
    syncPath(directory);
    const db = openForWriting(directory);
    try {
      const epoch = newId();
      db.transaction(() => new Ledger(db).beginEpoch(epoch, "restore", clock.stamp()))();
      return { epoch, setAside };
    } finally {
      db.close();
    }
  } finally {
    unlock();
  }
}

/** Moves the database with its log out of the way, so that a person can still look at it. */
export function setAsideDatabase(directory: string, why: "damaged" | "replaced", wallMs: number): string {
  const base = join(directory, `${why}-${new Date(wallMs).toISOString().replaceAll(":", "")}`);
  let place = base;
  for (let n = 2; existsSync(place); n += 1) place = `${base}-${n}`;
  mkdirSync(place, { recursive: true });
  for (const companion of COMPANIONS) {
    const from = join(directory, DATABASE_FILE + companion);
    if (existsSync(from)) renameSync(from, join(place, DATABASE_FILE + companion));
  }
  syncPath(place);
  syncPath(directory);
  return place;
}

/** Copies the database with its log, to work on without touching it. */
export function copyDatabase(directory: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const companion of ["", "-wal"]) {
    const from = join(directory, DATABASE_FILE + companion);
    if (existsSync(from)) copyFileSync(from, join(to, DATABASE_FILE + companion));
  }
}
