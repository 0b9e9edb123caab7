import { GatewayError } from "../../contract/errors.ts";
import { type LossTombstone, STREAMS, type Stamp, type Stream } from "../../contract/records.ts";
import type { Heads } from "./channel.ts";
import { type Connection, pragmaNumber } from "./database.ts";
import { type Ledger, pastMessageKey } from "./ledger.ts";
import { needsRebuildAfterDrop, ReadModels } from "./read-models/read-models.ts";
import { rebuildReadModels } from "./read-models/rebuild.ts";
import { type RecordRow, recordFromRow, streamNamed, streamNumber } from "./records.ts";

/** Rows per transaction of a prune or drop: some milliseconds, so that a clock-on does not wait behind a clean-up. */
const ROWS_PER_STEP = 500;

/** First to go under pressure, first in the list; labour is not in it. */
const GIVEN_UP_UNDER_PRESSURE: readonly Stream[] = ["operations", "findings", "diagnostics", "work"];

interface CheckpointPlace {
  readonly epoch: number;
  readonly heads: Heads;
}

/** What may go from the journal, and how: behind checkpoint and mark without a trace, otherwise with a tombstone. */
export class Retention {
  readonly #db: Connection;
  readonly #ledger: Ledger;
  readonly #settled: ReadModels;
  readonly #newId: () => string;

  /** @param newId makes the ids of tombstones that the journal writes of its own accord */
  constructor(db: Connection, ledger: Ledger, newId: () => string) {
    this.#db = db;
    this.#ledger = ledger;
    this.#settled = new ReadModels(db, "settled_");
    this.#newId = newId;
  }

  /**
   * Deletes the oldest records that both the older of the kept checkpoints and headquarters' marks have passed.
   * @param keepSinceMs records written since then stay; undefined under pressure
   * @returns rows deleted; fewer than asked for means that nothing more may go
   */
  pruneStep(keepSinceMs: number | undefined): number {
    const limit = this.#lastPrunable();
    if (limit === 0) return 0;
    const rows = this.#db
      .prepare<[number, number], RecordRow>("SELECT * FROM record WHERE position <= ? ORDER BY position LIMIT ?")
      .all(limit, ROWS_PER_STEP);
    // Retention by time must not punch holes: a prefix goes or nothing.
    const young = keepSinceMs === undefined ? -1 : rows.findIndex((row) => row.recorded_at >= keepSinceMs);
    const prefix = young === -1 ? rows : rows.slice(0, young);
    for (const row of prefix) this.#settle(row);
    return prefix.length;
  }

  /** A planted bug of the faults harness: deletes what was read, whatever headquarters says. */
  forgetBeforeMark(stream: Stream, seq: number): void {
    const rows = this.#db
      .prepare<[number, number, number], RecordRow>(
        "SELECT * FROM record WHERE epoch = ? AND stream = ? AND seq <= ? ORDER BY seq",
      )
      .all(this.#ledger.epochOrdinal, streamNumber(stream), seq);
    for (const row of rows) this.#settle(row);
  }

  /**
   * Gives up a range of the present epoch and writes its tombstone. What headquarters refused stays on the box, withheld; everything else
   * is deleted.
   * @throws GatewayError JOURNAL_DROP_REFUSED
   */
  drop(stream: Stream, loss: Omit<LossTombstone, "hash" | "count">, at: Stamp, id: string = this.#newId()): void {
    const { from, to, reason } = loss;
    if (stream === "labour" && reason === "disk-pressure")
      throw new GatewayError("JOURNAL_DROP_REFUSED", { detail: "labour is never given up to disk pressure" });
    if (from > to || to > this.#ledger.heads[stream].seq)
      throw new GatewayError("JOURNAL_DROP_REFUSED", { detail: `no such range ${from}–${to}` });
    if (reason !== "refused-by-headquarters" && reason !== "corruption") {
      const place = this.#checkpointPlace("DESC");
      const covered = place?.epoch === this.#ledger.epochOrdinal ? place.heads[stream].seq : 0;
      if (to > covered)
        throw new GatewayError("JOURNAL_DROP_REFUSED", { detail: `the state still needs what is after ${covered}` });
    }
    const epoch = this.#ledger.epochOrdinal;
    const number = streamNumber(stream);
    const hash = hashAt(this.#db, epoch, number, to);
    const rows = this.#db
      .prepare<[number, number, number, number], RecordRow>(
        "SELECT * FROM record WHERE epoch = ? AND stream = ? AND seq BETWEEN ? AND ?",
      )
      .all(epoch, number, from, to);
    if (hash === undefined || rows.length === 0)
      throw new GatewayError("JOURNAL_DROP_REFUSED", { detail: `nothing is left of ${from}–${to}` });
    if (rows.some((row) => row.type === "loss"))
      throw new GatewayError("JOURNAL_DROP_REFUSED", { detail: "a tombstone may not be given up" });
    if (reason === "refused-by-headquarters") {
      this.#db
        .prepare("UPDATE record SET withheld = 1 WHERE epoch = ? AND stream = ? AND seq BETWEEN ? AND ?")
        .run(epoch, number, from, to);
    } else {
      for (const row of rows) {
        this.#ledger.live.forget(epoch, stream, row.seq);
        this.#delete(row);
      }
      if (needsRebuildAfterDrop(stream)) rebuildReadModels(this.#db);
    }
    this.#ledger.appendLoss(stream, { ...loss, hash, count: rows.length }, at, id);
  }

  /**
   * Makes room by giving up the oldest range of the lowest stream that the state does not need any more.
   * @returns false when nothing lower may go
   */
  giveUpStep(at: Stamp): boolean {
    const place = this.#checkpointPlace("DESC");
    if (place === undefined || place.epoch !== this.#ledger.epochOrdinal) return false;
    const find = this.#db.prepare<{ epoch: number; stream: number; covered: number }, { seq: number; type: string }>(
      `SELECT seq, type FROM record WHERE epoch = :epoch AND stream = :stream AND seq <= :covered AND seq >=
         (SELECT min(seq) FROM record WHERE epoch = :epoch AND stream = :stream AND type <> 'loss') ORDER BY seq LIMIT ${ROWS_PER_STEP}`,
    );
    for (const stream of GIVEN_UP_UNDER_PRESSURE) {
      const rows = find.all({ epoch: place.epoch, stream: streamNumber(stream), covered: place.heads[stream].seq });
      const [first] = rows;
      if (first === undefined) continue;
      const end = rows.findIndex((row, index) => row.type === "loss" || row.seq !== first.seq + index);
      const range = end === -1 ? rows : rows.slice(0, end);
      const last = range.at(-1);
      if (last === undefined) continue;
      this.drop(stream, { from: first.seq, to: last.seq, class: stream, reason: "disk-pressure" }, at);
      return true;
    }
    return false;
  }

  /** Free pages and pages in use, for the bound by bytes. */
  pages(): { readonly free: number; readonly used: number } {
    const free = pragmaNumber(this.#db, "freelist_count");
    return { free, used: pragmaNumber(this.#db, "page_count") - free };
  }

  /** Moves what a record amounted to into the settled tables and deletes it. */
  #settle(row: RecordRow): void {
    this.#settled.apply(recordFromRow(row), row.epoch);
    this.#db
      .prepare(
        "INSERT INTO base (epoch, stream, seq, hash) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq), hash = CASE WHEN excluded.seq > seq THEN excluded.hash ELSE hash END",
      )
      .run(row.epoch, row.stream, row.seq, row.hash.toString("hex"));
    this.#delete(row);
  }

  #delete(row: RecordRow): void {
    if (row.message_id !== null)
      this.#db
        .prepare("INSERT OR IGNORE INTO past_message (key) VALUES (?)")
        .run(pastMessageKey(row.source, row.message_id));
    this.#db.prepare("DELETE FROM record WHERE position = ?").run(row.position);
    this.#ledger.forgotten(streamNamed(row.stream), 1);
  }

  /** The last position that no checkpoint kept and no mark of headquarters holds back; 0 when there is none. */
  #lastPrunable(): number {
    const place = this.#checkpointPlace("ASC");
    if (place === undefined) return 0;
    const epochs = this.#db.prepare<[], { ordinal: number }>("SELECT ordinal FROM epoch").all();
    const markOf = this.#db.prepare<[number, number], { seq: number }>(
      "SELECT seq FROM mark WHERE epoch = ? AND stream = ?",
    );
    const firstAfter = this.#db.prepare<[number, number, number], { position: number }>(
      "SELECT position FROM record WHERE epoch = ? AND stream = ? AND seq > ? ORDER BY seq LIMIT 1",
    );
    let limit =
      this.#db.prepare<[], { position: number | null }>("SELECT max(position) AS position FROM record").get()
        ?.position ?? 0;
    for (const { ordinal } of epochs) {
      for (const stream of STREAMS) {
        const number = streamNumber(stream);
        const covered =
          ordinal < place.epoch ? Number.MAX_SAFE_INTEGER : ordinal > place.epoch ? 0 : place.heads[stream].seq;
        const acknowledged = markOf.get(ordinal, number)?.seq ?? 0;
        const held = firstAfter.get(ordinal, number, Math.min(covered, acknowledged));
        if (held !== undefined) limit = Math.min(limit, held.position - 1);
      }
    }
    return limit;
  }

  #checkpointPlace(order: "ASC" | "DESC"): CheckpointPlace | undefined {
    const row = this.#db
      .prepare<[], { epoch: number; heads: string }>(
        `SELECT epoch, heads FROM checkpoint ORDER BY ordinal ${order} LIMIT 1`,
      )
      .get();
    return row === undefined ? undefined : { epoch: row.epoch, heads: readHeadsText(row.heads) };
  }
}

/** Hash of one record, also where only its neighbour, the base or the head still tells it. */
export function hashAt(db: Connection, epoch: number, stream: number, seq: number): string | undefined {
  const own = db
    .prepare<[number, number, number], { hash: Buffer }>(
      "SELECT hash FROM record WHERE epoch = ? AND stream = ? AND seq = ?",
    )
    .get(epoch, stream, seq);
  if (own !== undefined) return own.hash.toString("hex");
  const next = db
    .prepare<[number, number, number], { prev_hash: Buffer }>(
      "SELECT prev_hash FROM record WHERE epoch = ? AND stream = ? AND seq = ?",
    )
    .get(epoch, stream, seq + 1);
  if (next !== undefined) return next.prev_hash.toString("hex") || undefined;
  for (const table of ["base", "head"]) {
    const row = db
      .prepare<[number, number, number], { hash: string }>(
        `SELECT hash FROM ${table} WHERE epoch = ? AND stream = ? AND seq = ?`,
      )
      .get(epoch, stream, seq);
    if (row !== undefined) return row.hash || undefined;
  }
  return undefined;
}

/** Heads as a checkpoint keeps them. */
export function readHeadsText(text: string): Heads {
  const heads: Heads = JSON.parse(text);
  return heads;
}
