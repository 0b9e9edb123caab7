import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { GatewayError } from "../../contract/errors.ts";
import { type ChainReport, verifyChains } from "./chain.ts";
import { type Connection, DATABASE_FILE, openForReading, openForWriting } from "./database.ts";
import { lockJournal } from "./lock.ts";
import { READ_MODEL_NAMES, ReadModels, type ReadModelTable, readModelSchema } from "./read-models/read-models.ts";
import { rebuildReadModels, rowsByPosition } from "./read-models/rebuild.ts";
import { recordFromRow } from "./records.ts";

export interface ReadModelDifference {
  readonly table: ReadModelTable;
  /** Rows that the records call for and the table lacks. */
  readonly missing: number;
  /** Rows that the table has and the records do not call for. */
  readonly surplus: number;
}

export interface JournalVerification {
  /** Everything below holds. */
  readonly ok: boolean;
  /** `ok`, or what SQLite's own integrity check says first. */
  readonly integrity: string;
  readonly chains: readonly ChainReport[];
  /** Empty when the read models are what checkpointed and present records amount to. */
  readonly readModels: readonly ReadModelDifference[];
}

/**
 * Checks a stopped journal: SQLite's integrity, every chain, every gap, and the read models. Changes nothing.
 * @throws GatewayError JOURNAL_NOT_FOUND, JOURNAL_ALREADY_OPEN
 */
export function verifyJournal(directory: string): JournalVerification {
  return whileStopped(directory, () => {
    let db: Connection | undefined;
    try {
      db = openForReading(directory);
      const integrity = String(db.pragma("integrity_check(1)", { simple: true }));
      if (integrity !== "ok") return { ok: false, integrity, chains: [], readModels: [] };
      const chains = verifyChains(db);
      const readModels = compareReadModels(directory, db);
      return { ok: chains.every(({ whole }) => whole) && readModels.length === 0, integrity, chains, readModels };
    } catch (error) {
      if (!(error instanceof Database.SqliteError)) throw error;
      return { ok: false, integrity: `${error.code}: ${error.message}`, chains: [], readModels: [] };
    } finally {
      db?.close();
    }
  });
}

/**
 * Makes the read models of a stopped journal anew from what pruned records amounted to and the records that are there.
 * @returns what differed before
 * @throws GatewayError JOURNAL_NOT_FOUND, JOURNAL_ALREADY_OPEN
 */
export function rebuildJournal(directory: string): {
  readonly records: number;
  readonly mended: readonly ReadModelDifference[];
} {
  return whileStopped(directory, () => {
    const db = openForWriting(directory);
    try {
      const mended = compareReadModels(directory, db);
      db.transaction(() => rebuildReadModels(db))();
      const records = db.prepare<[], { n: number }>("SELECT count(*) AS n FROM record").get()?.n ?? 0;
      return { records, mended };
    } finally {
      db.close();
    }
  });
}

/**
 * Every record of a stopped journal as one line of JSON each, in the order of commit, with the name of its epoch. The directory is held while the lines are
 * taken.
 * @throws GatewayError JOURNAL_NOT_FOUND, JOURNAL_ALREADY_OPEN
 */
export function* exportJournal(directory: string): Generator<string> {
  const release = holdStopped(directory);
  try {
    const db = openForReading(directory);
    try {
      const names = new Map(
        db
          .prepare<[], { ordinal: number; name: string }>("SELECT ordinal, name FROM epoch")
          .all()
          .map(({ ordinal, name }) => [ordinal, name]),
      );
      for (const row of rowsByPosition(db))
        yield `${JSON.stringify({ epoch: names.get(row.epoch), ...recordFromRow(row) })}\n`;
    } finally {
      db.close();
    }
  } finally {
    release();
  }
}

/** Builds the read models a second time, in memory, and counts rows that stand on one side only. */
function compareReadModels(directory: string, disk: Connection): readonly ReadModelDifference[] {
  const memory = new Database(":memory:");
  try {
    memory.exec(readModelSchema(""));
    memory.prepare("ATTACH ? AS disk").run(join(directory, DATABASE_FILE));
    const onDisk = memory.prepare("SELECT 1 FROM disk.sqlite_schema WHERE name = ?");
    // A table that an earlier version did not know is made at the next start.
    const tables = READ_MODEL_NAMES.filter((table) => onDisk.get(table) !== undefined);
    for (const table of tables) memory.exec(`INSERT INTO main.${table} SELECT * FROM disk.settled_${table}`);
    const expected = new ReadModels(memory, "");
    memory.transaction(() => {
      for (const row of rowsByPosition(disk)) expected.apply(recordFromRow(row), row.epoch);
    })();
    const count = (sql: string) =>
      memory.prepare<[], { n: number }>(`SELECT count(*) AS n FROM (${sql})`).get()?.n ?? 0;
    return tables
      .map((table) => ({
        table,
        missing: count(`SELECT * FROM main.${table} EXCEPT SELECT * FROM disk.${table}`),
        surplus: count(`SELECT * FROM disk.${table} EXCEPT SELECT * FROM main.${table}`),
      }))
      .filter(({ missing, surplus }) => missing + surplus > 0);
  } finally {
    memory.close();
  }
}

function whileStopped<T>(directory: string, body: () => T): T {
  const release = holdStopped(directory);
  try {
    return body();
  } finally {
    release();
  }
}

function holdStopped(directory: string): () => void {
  if (!existsSync(join(directory, DATABASE_FILE)))
    throw new GatewayError("JOURNAL_NOT_FOUND", { details: { directory } });
  return lockJournal(directory);
}
