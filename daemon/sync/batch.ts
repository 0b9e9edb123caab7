import {
  BATCH_MAX_BYTES,
  BATCH_MAX_RECORDS,
  BATCH_MAX_TOMBSTONES,
  RECORD_MAX_BYTES,
} from "../../contract/headquarters.ts";
import type { JournalRecord, Stream } from "../../contract/records.ts";
import type { Journal } from "../journal/journal.ts";

/** A batch as it goes out: records in order, and the tombstones of the gaps between them. */
export interface Batch {
  readonly kind: "batch";
  readonly body: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly count: number;
  /** Hashes by number, to judge headquarters' answer. */
  readonly hashes: ReadonlyMap<number, string>;
  /** Numbers of the tombstones that ride ahead. */
  readonly tombstones: ReadonlySet<number>;
}

/** What stands next in a stream. `hole`: records are missing and no tombstone says why; `oversized`: one that headquarters never takes. */
export type NextBatch =
  | Batch
  | { readonly kind: "nothing" }
  | { readonly kind: "hole"; readonly seq: number }
  | { readonly kind: "oversized"; readonly seq: number };

const READ_AT_ONCE = 64;

/** Reads what comes after a mark and packs it within the bounds of the contract. */
export function nextBatch(
  journal: Pick<Journal, "read" | "lossCovering">,
  stream: Stream,
  afterSeq: number,
  maxRecords: number = BATCH_MAX_RECORDS,
): NextBatch {
  const packer = new Packer(Math.min(maxRecords, BATCH_MAX_RECORDS));
  let expected = afterSeq + 1;
  for (;;) {
    const records = journal.read(stream, expected - 1, READ_AT_ONCE);
    for (const record of records) {
      const bridge = tombstonesOver(journal, stream, expected, record.seq - 1);
      if (bridge.hole !== undefined) return packer.batch() ?? { kind: "hole", seq: bridge.hole };
      if (!packer.add(record, bridge.tombstones)) return packer.batch() ?? { kind: "oversized", seq: record.seq };
      expected = record.seq + 1;
    }
    if (records.length < READ_AT_ONCE) return packer.batch() ?? { kind: "nothing" };
  }
}

/** The tombstones that account for every number from `from` to `to`. */
function tombstonesOver(
  journal: Pick<Journal, "lossCovering">,
  stream: Stream,
  from: number,
  to: number,
): { readonly tombstones: readonly JournalRecord[]; readonly hole?: number } {
  const tombstones: JournalRecord[] = [];
  let next = from;
  while (next <= to) {
    const tombstone = journal.lossCovering(stream, next);
    if (tombstone?.type !== "loss") return { tombstones, hole: next };
    tombstones.push(tombstone);
    next = tombstone.body.to + 1;
  }
  return { tombstones };
}

class Packer {
  readonly #maxRecords: number;
  readonly #records: string[] = [];
  readonly #tombstones = new Map<number, string>();
  readonly #hashes = new Map<number, string>();
  #bytes = 0;
  #firstSeq = 0;
  #lastSeq = 0;

  constructor(maxRecords: number) {
    this.#maxRecords = maxRecords;
  }

  /** @returns false when the record does not fit any more (or alone is too large) */
  add(record: JournalRecord, tombstones: readonly JournalRecord[]): boolean {
    const text = JSON.stringify(record);
    const fresh = new Map(
      tombstones.filter(({ seq }) => !this.#tombstones.has(seq)).map((one) => [one.seq, JSON.stringify(one)]),
    );
    const bytes = [text, ...fresh.values()].reduce((sum, one) => sum + Buffer.byteLength(one) + 1, 0);
    const limit = this.#records.length === 0 ? RECORD_MAX_BYTES : BATCH_MAX_BYTES;
    const full = this.#records.length >= this.#maxRecords || this.#tombstones.size + fresh.size > BATCH_MAX_TOMBSTONES;
    if (full || this.#bytes + bytes > limit) return false;
    this.#records.push(text);
    for (const [seq, tombstone] of fresh) this.#tombstones.set(seq, tombstone);
    this.#hashes.set(record.seq, record.hash);
    this.#bytes += bytes;
    if (this.#firstSeq === 0) this.#firstSeq = record.seq;
    this.#lastSeq = record.seq;
    return true;
  }

  batch(): Batch | undefined {
    if (this.#records.length === 0) return undefined;
    const tombstones = this.#tombstones.size === 0 ? "" : `,"tombstones":[${[...this.#tombstones.values()].join(",")}]`;
    return {
      kind: "batch",
      body: `{"records":[${this.#records.join(",")}]${tombstones}}`,
      firstSeq: this.#firstSeq,
      lastSeq: this.#lastSeq,
      count: this.#records.length,
      hashes: this.#hashes,
      tombstones: new Set(this.#tombstones.keys()),
    };
  }
}
