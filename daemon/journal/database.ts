import { mkdirSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { GatewayError } from "../../contract/errors.ts";
import { readModelSchema } from "./read-models/read-models.ts";
import { rebuildReadModels } from "./read-models/rebuild.ts";

export type Connection = Database.Database;

export const DATABASE_FILE = "journal.db";
/** 2: read model `job_diagnostic`. */
const SCHEMA_VERSION = 2;

/**
 * `record` is append-only; `position` is the order of commit over all streams. `withheld` marks what headquarters refused: it stays
 * on the box, is replayed and counted, but is not offered again. Streams and epochs are small integers to keep rows and indexes short.
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS epoch (ordinal INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, reason TEXT NOT NULL, begun_at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS record (
  position INTEGER PRIMARY KEY,
  epoch INTEGER NOT NULL REFERENCES epoch(ordinal),
  stream INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  version INTEGER NOT NULL,
  occurred_at REAL NOT NULL,
  recorded_at REAL NOT NULL,
  boot_id TEXT NOT NULL,
  mono_ms REAL NOT NULL,
  source TEXT NOT NULL,
  message_id TEXT,
  body TEXT NOT NULL,
  prev_hash BLOB NOT NULL,
  hash BLOB NOT NULL,
  withheld INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS record_key ON record(epoch, stream, seq);
CREATE UNIQUE INDEX IF NOT EXISTS record_message ON record(source, message_id) WHERE message_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS past_message (key BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS head (epoch INTEGER NOT NULL, stream INTEGER NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (epoch, stream)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS base (epoch INTEGER NOT NULL, stream INTEGER NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (epoch, stream)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mark (epoch INTEGER NOT NULL, stream INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (epoch, stream)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS checkpoint (ordinal INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, heads TEXT NOT NULL, state TEXT NOT NULL, sha256 TEXT NOT NULL, made_at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS quarantine (ordinal INTEGER PRIMARY KEY, source TEXT NOT NULL, topic TEXT NOT NULL, code TEXT NOT NULL, payload BLOB NOT NULL, at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS life (only INTEGER PRIMARY KEY CHECK (only = 1), wall_ms REAL NOT NULL, mono_ms REAL NOT NULL, boot_id TEXT NOT NULL, trusted INTEGER NOT NULL, clean INTEGER NOT NULL) STRICT;
`;

/**
 * Opens the database for writing, makes the schema, and proves that a commit is a promise.
 * @throws GatewayError JOURNAL_NOT_DURABLE when SQLite does not take WAL with synchronous=FULL
 * @throws GatewayError JOURNAL_VERSION_UNKNOWN when a newer gateway wrote it
 */
export function openForWriting(directory: string): Connection {
  mkdirSync(directory, { recursive: true });
  const db = new Database(join(directory, DATABASE_FILE));
  try {
    // One writer and short readers: a lock that lasts longer than this is another process, not a neighbour.
    db.pragma("busy_timeout = 2000");
    db.pragma("journal_mode = WAL");
    // better-sqlite3 is compiled with NORMAL as its default in WAL mode, which loses acknowledged commits on a power cut.
    db.pragma("synchronous = FULL");
    assertDurable(db);
    const version = db.pragma("user_version", { simple: true });
    if (typeof version !== "number" || version > SCHEMA_VERSION) {
      throw new GatewayError("JOURNAL_VERSION_UNKNOWN", { details: { version, known: SCHEMA_VERSION } });
    }
    // 4 MB of log before it is folded into the file: long enough to keep eMMC from rewriting the same pages per commit, short to recover.
    db.pragma("wal_autocheckpoint = 1000");
    // A log that grew in a burst goes back to this size, so that it cannot sit on the disk's last space.
    db.pragma("journal_size_limit = 8388608");
    // 16 MB of pages: the working set is the tail of the file.
    db.pragma("cache_size = -16000");
    db.exec(SCHEMA);
    db.exec(readModelSchema(""));
    db.exec(readModelSchema("settled_"));
    upgrade(db, version);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Read models that an earlier version did not know are made from the records that are still there. */
function upgrade(db: Connection, from: number): void {
  db.transaction(() => {
    if (from > 0 && from < SCHEMA_VERSION) rebuildReadModels(db);
    db.pragma(`user_version = ${SCHEMA_VERSION}`);
  })();
}

/** @throws GatewayError JOURNAL_NOT_DURABLE */
export function assertDurable(db: Connection): void {
  const mode = db.pragma("journal_mode", { simple: true });
  const synchronous = db.pragma("synchronous", { simple: true });
  const FULL = 2;
  if (mode !== "wal" || synchronous !== FULL) {
    throw new GatewayError("JOURNAL_NOT_DURABLE", { details: { journalMode: mode, synchronous } });
  }
}

/** Opens the database for point lookups and bounded queries; it can write nothing. */
export function openForReading(directory: string): Connection {
  const db = new Database(join(directory, DATABASE_FILE), { readonly: true, fileMustExist: true });
  db.pragma("busy_timeout = 2000");
  db.pragma("query_only = 1");
  return db;
}

/** A number that a pragma gives back. */
export function pragmaNumber(db: Connection, name: string): number {
  const value = db.pragma(name, { simple: true });
  return typeof value === "number" ? value : Number(value);
}

/** SQLite's own error code (`SQLITE_…`), where the error is one of SQLite's. */
export function sqliteCode(error: unknown): string | undefined {
  return error instanceof Database.SqliteError ? error.code : undefined;
}

/** SQLite errors after which the transaction as a whole is lost. */
export function isStorageError(error: unknown): boolean {
  const code = sqliteCode(error);
  if (code === undefined) return false;
  return [
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_CORRUPT",
    "SQLITE_NOTADB",
    "SQLITE_READONLY",
    "SQLITE_CANTOPEN",
    "SQLITE_NOMEM",
    "SQLITE_BUSY",
  ].some((word) => code.startsWith(word));
}
