import { createHash, randomUUID } from "node:crypto";
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { STREAMS, type Stamp } from "../../contract/records.ts";
import { isCovered, readLosses } from "./chain.ts";
import type { WriterSetup } from "./channel.ts";
import { type Connection, DATABASE_FILE, openForWriting, sqliteCode } from "./database.ts";
import { syncPath } from "./disk.ts";
import { Ledger } from "./ledger.ts";
import { type ScannedRow, scanPages } from "./page-scan.ts";
import { READ_MODEL_NAMES } from "./read-models/read-models.ts";
import { rebuildReadModels, rowsByPosition } from "./read-models/rebuild.ts";
import { perStream, type RecordRow, rowIsWhole, streamNumber } from "./records.ts";
import { copyDatabase, setAsideDatabase } from "./restore.ts";

const WORKSHOP = "salvage";
const REBUILT = `${DATABASE_FILE}.salvaged`;
/** Tables whose rows can only be had through SQLite; what cannot be read of them is gone. */
const SIDE_TABLES = [
  "base",
  "mark",
  "past_message",
  "quarantine",
  "life",
  ...READ_MODEL_NAMES.map((name) => `settled_${name}`),
];

/**
 * Looks whether the database is whole before anything is written to it. A damaged one is salvaged into a new one row by row and set aside.
 * @returns whether that was needed
 */
export function openOrSalvage(setup: WriterSetup): { readonly salvaged: boolean } {
  const { directory, at } = setup;
  const database = join(directory, DATABASE_FILE);
  const rebuilt = join(directory, REBUILT);
  if (!existsSync(database) && existsSync(rebuilt)) {
    // The power went between setting aside the damaged file and putting the salvaged one in its place.
    renameSync(rebuilt, database);
    syncPath(directory);
    return { salvaged: true };
  }
  rmSync(rebuilt, { force: true });
  if (!existsSync(database) || isSound(directory)) return { salvaged: false };
  const workshop = join(directory, WORKSHOP);
  salvage(directory, workshop, at, setup.firstEpoch);
  renameSync(join(workshop, DATABASE_FILE), rebuilt);
  syncPath(directory);
  setAsideDatabase(directory, "damaged", at.wallMs);
  renameSync(rebuilt, database);
  syncPath(directory);
  rmSync(workshop, { recursive: true, force: true });
  return { salvaged: true };
}

/** SQLite's quick check, and the hash of every record that the next boot will replay. */
function isSound(directory: string): boolean {
  let db: Connection | undefined;
  try {
    db = new Database(join(directory, DATABASE_FILE), { fileMustExist: true });
    if (db.pragma("quick_check(1)", { simple: true }) !== "ok") return false;
    if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'record'").get() === undefined) return true;
    const last =
      db.prepare<[], { position: number | null }>("SELECT max(position) AS position FROM record").get()?.position ?? 0;
    for (const row of rowsByPosition(db, last - TAIL_RECORDS)) if (!rowIsWhole(row)) return false;
    return true;
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  } finally {
    db?.close();
  }
}

/** Records whose content is checked at every start: what a checkpoint leaves to replay, with room. `journal verify` checks all. */
const TAIL_RECORDS = 5_000;

function isDamage(error: unknown): boolean {
  const code = sqliteCode(error) ?? "";
  return code.startsWith("SQLITE_CORRUPT") || code.startsWith("SQLITE_NOTADB") || code.startsWith("SQLITE_ERROR");
}

function salvage(directory: string, workshop: string, at: Stamp, newEpoch: string): void {
  const source = join(workshop, "damaged");
  rmSync(workshop, { recursive: true, force: true });
  copyDatabase(directory, source);
  const damaged = openDamaged(source);
  const db = openForWriting(workshop);
  try {
    const rows = [
      ...scanPages(
        join(source, DATABASE_FILE),
        existsSync(join(source, `${DATABASE_FILE}-wal`)) ? join(source, `${DATABASE_FILE}-wal`) : undefined,
      ),
    ];
    db.transaction(() => {
      for (const table of SIDE_TABLES) copyReadable(damaged, db, table);
      insertEpochs(db, rows, newEpoch, at);
      insertRecords(
        db,
        rows.map(asRecord).filter((row) => row !== undefined),
      );
      insertCheckpoints(db, rows);
      mendChains(damaged, db, at);
      rebuildReadModels(db);
    })();
    db.pragma("wal_checkpoint(TRUNCATE)");
  } finally {
    damaged?.close();
    db.close();
  }
}

/** Folds the log into the copy where SQLite still can, so that one place holds the newest pages. */
function openDamaged(source: string): Connection | undefined {
  let damaged: Connection | undefined;
  try {
    damaged = new Database(join(source, DATABASE_FILE));
    damaged.pragma("wal_checkpoint(TRUNCATE)");
    return damaged;
  } catch (error) {
    damaged?.close();
    if (isDamage(error)) return undefined;
    throw error;
  }
}

/** Copies a table's rows up to the first that cannot be read. */
function copyReadable(damaged: Connection | undefined, db: Connection, table: string): void {
  if (damaged === undefined) return;
  try {
    for (const row of damaged.prepare<[], Record<string, unknown>>(`SELECT * FROM ${table}`).iterate()) {
      const columns = Object.keys(row);
      db.prepare(
        `INSERT OR IGNORE INTO ${table} (${columns.map((name) => `"${name}"`).join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
      ).run(...Object.values(row));
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
}

function asRecord({ rowid, values }: ScannedRow): RecordRow | undefined {
  const [
    own,
    epoch,
    stream,
    seq,
    id,
    type,
    version,
    occurredAt,
    recordedAt,
    bootId,
    monoMs,
    source,
    messageId,
    body,
    prevHash,
    hash,
    withheld,
  ] = values;
  if (values.length !== 17 || own !== null) return undefined;
  if (typeof epoch !== "number" || typeof stream !== "number" || typeof seq !== "number" || typeof version !== "number")
    return undefined;
  if (
    typeof occurredAt !== "number" ||
    typeof recordedAt !== "number" ||
    typeof monoMs !== "number" ||
    typeof withheld !== "number"
  )
    return undefined;
  if (
    typeof id !== "string" ||
    typeof type !== "string" ||
    typeof bootId !== "string" ||
    typeof source !== "string" ||
    typeof body !== "string"
  )
    return undefined;
  if (
    !Buffer.isBuffer(prevHash) ||
    !Buffer.isBuffer(hash) ||
    (messageId !== null && typeof messageId !== "string") ||
    messageId === undefined
  )
    return undefined;
  const row: RecordRow = {
    position: rowid,
    epoch,
    stream,
    seq,
    id,
    type,
    version,
    occurred_at: occurredAt,
    recorded_at: recordedAt,
    boot_id: bootId,
    mono_ms: monoMs,
    source,
    message_id: messageId,
    body,
    prev_hash: prevHash,
    hash,
    withheld,
  };
  return rowIsWhole(row) ? row : undefined;
}

function insertEpochs(db: Connection, rows: readonly ScannedRow[], newEpoch: string, at: Stamp): void {
  const insert = db.prepare("INSERT OR IGNORE INTO epoch (ordinal, name, reason, begun_at) VALUES (?, ?, ?, ?)");
  for (const { rowid, values } of rows) {
    const [own, name, reason, begunAt] = values;
    if (
      values.length === 4 &&
      own === null &&
      typeof name === "string" &&
      typeof reason === "string" &&
      typeof begunAt === "number"
    )
      insert.run(rowid, name, reason, begunAt);
  }
  if (db.prepare("SELECT 1 FROM epoch").get() === undefined) insert.run(1, newEpoch, "salvage", at.wallMs);
}

/** Deleted rows may still stand on freed pages: what is behind the base or under a tombstone stays deleted. Of two rows with one number the linked one counts. */
function insertRecords(db: Connection, rows: readonly RecordRow[]): void {
  const byKey = new Map<string, RecordRow[]>();
  for (const row of rows) {
    const key = `${row.epoch}/${row.stream}/${row.seq}`;
    const known = byKey.get(key) ?? [];
    if (!known.some((other) => other.hash.equals(row.hash))) byKey.set(key, [...known, row]);
  }
  const baseOf = db.prepare<[number, number], { seq: number }>("SELECT seq FROM base WHERE epoch = ? AND stream = ?");
  const insert = db.prepare(
    `INSERT OR IGNORE INTO record (position, epoch, stream, seq, id, type, version, occurred_at, recorded_at, boot_id, mono_ms, source, message_id, body, prev_hash, hash, withheld)
     VALUES (@position, @epoch, @stream, @seq, @id, @type, @version, @occurred_at, @recorded_at, @boot_id, @mono_ms, @source, @message_id, @body, @prev_hash, @hash, @withheld)`,
  );
  const losses = rows.filter(({ type }) => type === "loss").map((row) => ({ row, body: tombstoneOf(row.body) }));
  for (const [, candidates] of byKey) {
    const [first] = candidates;
    if (first === undefined || first.seq <= (baseOf.get(first.epoch, first.stream)?.seq ?? 0)) continue;
    const given = losses.some(
      ({ row, body }) =>
        row.epoch === first.epoch &&
        row.stream === first.stream &&
        body.from <= first.seq &&
        body.to >= first.seq &&
        body.reason !== "refused-by-headquarters",
    );
    if (given) continue;
    const next = byKey.get(`${first.epoch}/${first.stream}/${first.seq + 1}`);
    insert.run(candidates.find((row) => next?.some((after) => after.prev_hash.equals(row.hash))) ?? first);
  }
}

function tombstoneOf(body: string): { readonly from: number; readonly to: number; readonly reason: string } {
  const tombstone: { from: number; to: number; reason: string } = JSON.parse(body);
  return tombstone;
}

function insertCheckpoints(db: Connection, rows: readonly ScannedRow[]): void {
  const insert = db.prepare(
    "INSERT OR IGNORE INTO checkpoint (ordinal, epoch, heads, state, sha256, made_at) VALUES (?, ?, ?, ?, ?, ?)",
  );
  for (const { rowid, values } of rows) {
    const [own, epoch, heads, state, sha256, madeAt] = values;
    if (values.length !== 6 || own !== null || typeof heads !== "string" || typeof state !== "string") continue;
    if (createHash("sha256").update(heads).update(state).digest("hex") === sha256)
      insert.run(rowid, epoch, heads, state, sha256, madeAt);
  }
}

/**
 * Puts heads where the streams go on, and a tombstone in place of every range of the present epoch that could not be read. Where the numbers already given
 * out cannot be known, a new epoch begins, so that none is given out twice.
 */
function mendChains(damaged: Connection | undefined, db: Connection, at: Stamp): void {
  const epochs = db.prepare<[], { ordinal: number }>("SELECT ordinal FROM epoch ORDER BY ordinal").all();
  const present = epochs.at(-1)?.ordinal ?? 1;
  const given = readGivenHeads(damaged);
  const lastRow = db.prepare<[number, number], { seq: number; hash: Buffer }>(
    "SELECT seq, hash FROM record WHERE epoch = ? AND stream = ? ORDER BY seq DESC LIMIT 1",
  );
  const base = db.prepare<[number, number], { seq: number; hash: string }>(
    "SELECT seq, hash FROM base WHERE epoch = ? AND stream = ?",
  );
  const setHead = db.prepare("INSERT OR REPLACE INTO head (epoch, stream, seq, hash) VALUES (?, ?, ?, ?)");
  for (const { ordinal } of epochs) {
    for (const stream of STREAMS) {
      const number = streamNumber(stream);
      const row = lastRow.get(ordinal, number);
      const last = row === undefined ? base.get(ordinal, number) : { seq: row.seq, hash: row.hash.toString("hex") };
      const known = given?.find((head) => head.epoch === ordinal && head.stream === number);
      const head = known !== undefined && known.seq > (last?.seq ?? 0) ? known : last;
      if (head !== undefined) setHead.run(ordinal, number, head.seq, head.hash);
    }
  }
  const ledger = new Ledger(db);
  if (given === undefined) {
    ledger.beginEpoch(randomUUID(), "salvage", at);
    return;
  }
  const heads = perStream((stream) => ledger.heads[stream]);
  for (const stream of STREAMS) {
    const number = streamNumber(stream);
    const losses = readLosses(db, present, number);
    const links = db
      .prepare<[number, number], { seq: number; prev_hash: Buffer; hash: Buffer }>(
        "SELECT seq, prev_hash, hash FROM record WHERE epoch = ? AND stream = ? ORDER BY seq",
      )
      .all(present, number);
    let lastSeq = base.get(present, number)?.seq ?? 0;
    const ends = [
      ...links.map(({ seq, prev_hash }) => ({ seq, linkedTo: prev_hash.toString("hex") })),
      { seq: heads[stream].seq + 1, linkedTo: heads[stream].hash },
    ];
    for (const { seq, linkedTo } of ends) {
      const from = lastSeq + 1;
      const to = seq - 1;
      if (to >= from && !isCovered(losses, from, to, linkedTo)) {
        ledger.appendLoss(
          stream,
          { from, to, class: "unreadable", reason: "corruption", count: to - from + 1, hash: linkedTo },
          at,
          randomUUID(),
        );
      }
      lastSeq = Math.max(lastSeq, seq);
    }
  }
}

/** The numbers given out, as the damaged database's own table tells them; undefined when it cannot be read. */
function readGivenHeads(
  damaged: Connection | undefined,
):
  | readonly { readonly epoch: number; readonly stream: number; readonly seq: number; readonly hash: string }[]
  | undefined {
  try {
    return damaged
      ?.prepare<[], { epoch: number; stream: number; seq: number; hash: string }>(
        "SELECT epoch, stream, seq, hash FROM head",
      )
      .all();
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}
