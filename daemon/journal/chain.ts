import { type LossTombstone, STREAMS, type Stream } from "../../contract/records.ts";
import type { Connection } from "./database.ts";
import { type RecordRow, rowIsWhole, streamNumber } from "./records.ts";

/** What the check of one stream in one epoch found. */
export interface ChainReport {
  readonly epoch: string;
  readonly stream: Stream;
  readonly records: number;
  readonly headSeq: number;
  /** Ranges without records, and whether a tombstone stands for them. */
  readonly gaps: readonly { readonly from: number; readonly to: number; readonly tombstone: boolean }[];
  /** Sequences at which content, link or head does not hold. */
  readonly faults: readonly { readonly seq: number; readonly what: "content" | "link" | "head" }[];
  /** No faults, and a tombstone for every gap. */
  readonly whole: boolean;
}

/** Follows every chain of the database from its base to its head, over gaps by the hash in their tombstone. */
export function verifyChains(db: Connection): readonly ChainReport[] {
  const epochs = db
    .prepare<[], { ordinal: number; name: string }>("SELECT ordinal, name FROM epoch ORDER BY ordinal")
    .all();
  return epochs.flatMap(({ ordinal, name }) => STREAMS.map((stream) => verifyChain(db, ordinal, name, stream)));
}

function verifyChain(db: Connection, ordinal: number, epoch: string, stream: Stream): ChainReport {
  const number = streamNumber(stream);
  const losses = readLosses(db, ordinal, number);
  const known = (table: "base" | "head") =>
    db
      .prepare<[number, number], { seq: number; hash: string }>(
        `SELECT seq, hash FROM ${table} WHERE epoch = ? AND stream = ?`,
      )
      .get(ordinal, number) ?? { seq: 0, hash: "" };
  const gaps: { from: number; to: number; tombstone: boolean }[] = [];
  const faults: { seq: number; what: "content" | "link" | "head" }[] = [];
  let last = known("base");
  let records = 0;
  for (const row of rowsOfStream(db, ordinal, number)) {
    const linkedTo = row.prev_hash.toString("hex");
    if (row.seq > last.seq + 1) {
      const gap = { from: last.seq + 1, to: row.seq - 1 };
      gaps.push({ ...gap, tombstone: isCovered(losses, gap.from, gap.to, linkedTo) });
    } else if (row.seq > last.seq && linkedTo !== last.hash) {
      faults.push({ seq: row.seq, what: "link" });
    }
    if (!rowIsWhole(row)) faults.push({ seq: row.seq, what: "content" });
    last = { seq: row.seq, hash: row.hash.toString("hex") };
    records += 1;
  }
  const head = known("head");
  if (head.seq !== last.seq || head.hash !== last.hash) faults.push({ seq: head.seq, what: "head" });
  return {
    epoch,
    stream,
    records,
    headSeq: head.seq,
    gaps,
    faults,
    whole: faults.length === 0 && gaps.every(({ tombstone }) => tombstone),
  };
}

/** Whether tombstones cover the whole range and the last of them carries the hash to which the next record links. */
export function isCovered(
  losses: readonly Pick<LossTombstone, "from" | "to" | "hash">[],
  from: number,
  to: number,
  linkedTo: string,
): boolean {
  let next = from;
  let hash = "";
  while (next <= to) {
    const loss = losses.find((candidate) => candidate.from <= next && candidate.to >= next);
    if (loss === undefined) return false;
    next = loss.to + 1;
    hash = loss.hash;
  }
  return hash === linkedTo;
}

/** The tombstones of one stream in one epoch. */
export function readLosses(
  db: Connection,
  epoch: number,
  stream: number,
): readonly { readonly from: number; readonly to: number; readonly hash: string }[] {
  return db
    .prepare<[number, number], { from: number; to: number; hash: string }>(
      `SELECT json_extract(body, '$.from') AS "from", json_extract(body, '$.to') AS "to", json_extract(body, '$.hash') AS hash
       FROM record WHERE epoch = ? AND stream = ? AND type = 'loss' ORDER BY seq`,
    )
    .all(epoch, stream);
}

const ROWS_PER_READ = 500;

function* rowsOfStream(db: Connection, epoch: number, stream: number): Generator<RecordRow> {
  const next = db.prepare<[number, number, number, number], RecordRow>(
    "SELECT * FROM record WHERE epoch = ? AND stream = ? AND seq > ? ORDER BY seq LIMIT ?",
  );
  let seq = 0;
  for (;;) {
    const rows = next.all(epoch, stream, seq, ROWS_PER_READ);
    if (rows.length === 0) return;
    yield* rows;
    seq = rows.at(-1)?.seq ?? seq;
  }
}
