import { createHash } from "node:crypto";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { RECORD_MAX_BYTES } from "../contract/headquarters.ts";
import { hashedBytes, LossTombstone, RECORDS, type RecordOnTheWire, type Stream } from "../contract/records.ts";
import { Refused } from "./refused.ts";

export interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** A loss as headquarters keeps it: the range, and the record that states it. */
export interface Loss {
  readonly tombstoneSeq: number;
  readonly tombstoneHash: string;
  readonly body: LossTombstone;
}

/** What headquarters already has of the stream, as far as it touches the batch. */
export interface Known {
  readonly mark: Head;
  /** Hashes of the held records among the batch's numbers. */
  readonly held: ReadonlyMap<number, string>;
  /** Losses that reach beyond the mark, and those whose tombstone is among the batch's numbers. */
  readonly losses: readonly Loss[];
  /** Hashes under the epoch of which this one is the remainder: the same record there is held already. */
  readonly elsewhere?: ReadonlyMap<number, string>;
}

export interface Judgement {
  /** Records to store, in order; all of them lie beyond the old mark and are held nowhere. */
  readonly fresh: readonly RecordOnTheWire[];
  /** Losses to store, announced ahead or arrived in their place. */
  readonly losses: readonly Loss[];
  readonly mark: Head;
}

const isLoss = Compile(LossTombstone);
const bodies = new Map<string, { readonly version: number; readonly check: (body: unknown) => boolean }>(
  Object.entries(RECORDS).map(([type, row]) => {
    const schema: TSchema = row.body;
    const compiled = Compile(schema);
    return [type, { version: row.version, check: (body: unknown) => compiled.Check(body) }];
  }),
);

/**
 * Checks one record by itself: its stream, its hash, its text and, where this headquarters knows the type and version, its body. An unknown type is
 * taken as it is: gateways are updated before headquarters as often as after it.
 * @throws Refused record-invalid or too-large, naming the record
 */
export function checkRecord(record: RecordOnTheWire, stream: Stream): void {
  const { seq } = record;
  if (record.stream !== stream)
    throw new Refused("record-invalid", `the record is of stream ${record.stream}`, { seq });
  // PostgreSQL keeps neither NUL nor half of a surrogate pair in text.
  for (const value of [record.id, record.type, record.bootId, record.source, record.messageId ?? ""]) {
    if (value.includes("\0") || !value.isWellFormed())
      throw new Refused("record-invalid", "text that cannot be kept", { seq });
  }
  const bytes = hashedBytes(record);
  if (bytes.length > RECORD_MAX_BYTES) throw new Refused("too-large", "the record is too large", { seq });
  if (createHash("sha256").update(bytes).digest("hex") !== record.hash)
    throw new Refused("record-invalid", "the hash is not that of the record", { seq });
  const row = bodies.get(record.type);
  if (row !== undefined && row.version === record.version && !row.check(record.body))
    throw new Refused("record-invalid", `the body is not that of ${record.type}`, { seq });
  const loss = lossOf(record);
  if (loss !== undefined && (loss.body.from > loss.body.to || loss.body.to >= seq))
    throw new Refused("record-invalid", "the range of the loss is not before its tombstone", { seq });
}

function lossOf(record: RecordOnTheWire): Loss | undefined {
  if (record.type !== "loss" || !isLoss.Check(record.body)) return undefined;
  return { tombstoneSeq: record.seq, tombstoneHash: record.hash, body: record.body };
}

/**
 * Decides on a batch whose records have been checked one by one: which are new, where the mark goes, or why it is refused. Records at or below the
 * mark are settled: the same one again is no news, one that was declared lost stays lost, another one under the same key is a conflict.
 * @throws Refused record-conflict, chain-broken, gap, record-invalid
 */
export function judge(
  records: readonly RecordOnTheWire[],
  tombstones: readonly RecordOnTheWire[],
  known: Known,
): Judgement {
  const announced = collectLosses(records, tombstones, known);
  const all = [...known.losses, ...announced];
  const fresh: RecordOnTheWire[] = [];
  let settled: Head = known.mark;
  let before: Head | undefined;
  for (const record of records) {
    const { seq } = record;
    if (before !== undefined && seq <= before.seq)
      throw new Refused("record-invalid", "the records are not in order", { seq, highWaterMark: known.mark.seq });
    if (before !== undefined && seq === before.seq + 1 && record.prevHash !== before.hash)
      throw new Refused("chain-broken", "the record does not follow on the one before it", {
        seq,
        highWaterMark: known.mark.seq,
      });
    before = record;
    if (seq <= known.mark.seq) {
      const held = known.held.get(seq);
      if (held !== undefined && held !== record.hash)
        throw new Refused("record-conflict", "another record is held under this key", {
          seq,
          highWaterMark: known.mark.seq,
        });
      continue;
    }
    const follows = seq === settled.seq + 1 && record.prevHash === settled.hash;
    if (!follows) bridge(settled, record, all, known.mark.seq);
    if (known.elsewhere?.get(seq) !== record.hash) fresh.push(record);
    settled = record;
  }
  const losses = announced.filter((loss) => known.elsewhere?.get(loss.tombstoneSeq) !== loss.tombstoneHash);
  return { fresh, losses, mark: { seq: settled.seq, hash: settled.hash } };
}

/** The record after a gap is taken when tombstones cover every number in between and one of them ends at it with the right hash. */
function bridge(settled: Head, record: RecordOnTheWire, losses: readonly Loss[], highWaterMark: number): void {
  const last = record.seq - 1;
  const ends = losses.some(({ body }) => body.to === last && body.hash === record.prevHash);
  let next = settled.seq + 1;
  for (const { body } of losses.toSorted((a, b) => a.body.from - b.body.from)) {
    if (body.from <= next) next = Math.max(next, body.to + 1);
  }
  if (next <= last)
    throw new Refused("gap", "numbers are missing and no tombstone says why", { seq: next, highWaterMark });
  if (!ends)
    throw new Refused("chain-broken", "the record does not follow on what was settled before it", {
      seq: record.seq,
      highWaterMark,
    });
}

function collectLosses(
  records: readonly RecordOnTheWire[],
  tombstones: readonly RecordOnTheWire[],
  known: Known,
): readonly Loss[] {
  const bySeq = new Map<number, Loss>();
  const promised = new Map(known.losses.map((loss) => [loss.tombstoneSeq, loss.tombstoneHash]));
  for (const tombstone of tombstones) {
    const loss = lossOf(tombstone);
    if (loss === undefined)
      throw new Refused("record-invalid", "a tombstone must be a loss record", { seq: tombstone.seq });
    const { tombstoneSeq, tombstoneHash } = loss;
    const other = known.held.get(tombstoneSeq) ?? promised.get(tombstoneSeq) ?? tombstoneHash;
    if (other !== tombstoneHash)
      throw new Refused("record-conflict", "another tombstone was announced under this key", { seq: tombstoneSeq });
    promised.set(tombstoneSeq, tombstoneHash);
    bySeq.set(tombstoneSeq, loss);
  }
  for (const record of records) {
    const promise = promised.get(record.seq);
    if (record.seq > known.mark.seq && promise !== undefined && promise !== record.hash)
      throw new Refused("record-conflict", "a tombstone was announced under this key", {
        seq: record.seq,
        highWaterMark: known.mark.seq,
      });
    const loss = lossOf(record);
    if (loss !== undefined) bySeq.set(record.seq, loss);
  }
  return [...bySeq.values()];
}
