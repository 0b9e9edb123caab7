import { GatewayError } from "../../contract/errors.ts";
import { BATCH_MAX_RECORDS, type BatchResponse, type Refusal } from "../../contract/headquarters.ts";
import type { Stream } from "../../contract/records.ts";
import type { Logger } from "../../machine/log.ts";
import type { Journal } from "../journal/journal.ts";
import type { BackOff } from "./back-off.ts";
import type { Batch } from "./batch.ts";

/** What the lane needs of the journal. */
export type LaneJournal = Pick<Journal, "heads" | "highWaterMarks" | "setHighWaterMark" | "drop">;

/** Tries of one record alone that headquarters refuses without saying why, before it goes behind a tombstone. */
const TRIES_ALONE = 3;
/**
 * Records that may go behind tombstones before another one is confirmed. A headquarters that refuses whatever it gets has a fault of its own, and must not
 * make the box give up its journal record by record.
 */
const GIVE_UPS_PER_CONFIRMATION = 3;
/** Failures in a row after which smaller batches are tried. */
const FAILURES_BEFORE_SMALLER = 3;

/**
 * What a refusal asks for. `again`: try later. `hand-shake`: marks may differ, say hello first. `new-epoch`: this stream cannot go on in this epoch.
 */
export type Consequence = "again" | "hand-shake" | "new-epoch";

/** One stream on its way to headquarters: where it stands, and what becomes of an answer. */
export class Lane {
  readonly stream: Stream;
  readonly #journal: LaneJournal;
  readonly #log: Logger;
  readonly #backOff: BackOff;
  readonly #now: () => number;
  #cursor = 0;
  #maxRecords: number = BATCH_MAX_RECORDS;
  #holdUntil = 0;
  /** The record that headquarters named last, to see whether the hand-shake mended it. */
  #suspect = 0;
  #triesAlone = 0;
  #givenUp = 0;

  /** @param now milliseconds that never go back */
  constructor(stream: Stream, journal: LaneJournal, backOff: BackOff, now: () => number, log: Logger) {
    this.stream = stream;
    this.#journal = journal;
    this.#backOff = backOff;
    this.#now = now;
    this.#log = log;
  }

  /** Everything up to here need not be sent (again). */
  get cursor(): number {
    return this.#cursor;
  }

  get maxRecords(): number {
    return this.#maxRecords;
  }

  get waiting(): boolean {
    return this.#journal.heads()[this.stream].seq > this.#cursor;
  }

  get ready(): boolean {
    return this.waiting && this.#now() >= this.#holdUntil;
  }

  /** Goes on where headquarters says, once its mark has been proved. Lower than our own mark: headquarters has lost something and gets it again. */
  resume(mark: number): void {
    this.#cursor = mark;
    this.#holdUntil = 0;
  }

  /** Nothing can be sent at the moment although something waits. */
  hold(): void {
    this.#holdUntil = this.#now() + this.#backOff.next();
  }

  /**
   * Headquarters' answer to a batch. Moves on only to a mark within what was sent, proved by the hash of our own record there.
   * @returns how many records of the batch are confirmed
   * @throws GatewayError HEADQUARTERS_ANSWER_INVALID; nothing has moved then
   */
  async accepted(batch: Batch, answer: BatchResponse): Promise<number> {
    const { highWaterMark, hash } = answer;
    if (batch.hashes.get(highWaterMark) !== hash) {
      this.hold();
      throw new GatewayError("HEADQUARTERS_ANSWER_INVALID", {
        detail: `mark ${highWaterMark} after ${batch.firstSeq}–${batch.lastSeq} was sent`,
        details: { stream: this.stream },
      });
    }
    await this.#journal.setHighWaterMark(this.stream, highWaterMark);
    this.#cursor = Math.max(this.#cursor, highWaterMark);
    this.#backOff.reset();
    this.#suspect = 0;
    this.#triesAlone = 0;
    this.#givenUp = 0;
    this.#maxRecords = BATCH_MAX_RECORDS;
    return [...batch.hashes.keys()].filter((seq) => seq <= highWaterMark).length;
  }

  /** Headquarters refused a batch for what is in it. Nothing is given up before a hand-shake has shown that both mean the same journal. */
  async refused(batch: Batch, status: number, refusal: Refusal | undefined): Promise<Consequence> {
    const code = refusal?.code;
    if (code === "epoch-superseded") return "new-epoch";
    if (code === "epoch-unknown" || code === "gap") {
      this.hold();
      return "hand-shake";
    }
    if (status >= 500) {
      this.#shrinkAfterFailures();
      this.hold();
      return "again";
    }
    const blamed = refusal?.seq;
    if (blamed !== undefined && batch.hashes.has(blamed)) {
      if (this.#suspect === blamed) return this.giveUp(blamed, `${status} ${code ?? ""}`);
      this.#suspect = blamed;
      return "hand-shake";
    }
    // A tombstone cannot be given up; only a new epoch gets past a headquarters that holds another one in its place.
    if (blamed !== undefined && batch.tombstones.has(blamed)) return "new-epoch";
    return this.#narrowDown(batch, `${status} ${code ?? ""}`);
  }

  /** Puts a record behind a tombstone: it stays on the box, the ledger of losses names it, and those behind it go on. */
  async giveUp(seq: number, reason: string): Promise<Consequence> {
    this.#suspect = 0;
    this.#triesAlone = 0;
    if (this.#givenUp >= GIVE_UPS_PER_CONFIRMATION) {
      this.hold();
      return "again";
    }
    this.#givenUp++;
    const loss = { from: seq, to: seq, class: this.stream, reason: "refused-by-headquarters" } as const;
    try {
      await this.#journal.drop(this.stream, loss);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      // A tombstone, or a journal without room for one more: it waits, and a person sees why on the page.
      this.#log.error({ err: error, stream: this.stream, seq, reason }, "a record is refused and cannot be given up");
      this.hold();
      return "again";
    }
    this.#log.warn(
      { code: "HEADQUARTERS_RECORD_REFUSED", stream: this.stream, seq, reason },
      "a record goes behind a tombstone",
    );
    return "again";
  }

  /** Somebody in the batch is to blame and nobody is named: halve until one is alone. */
  async #narrowDown(batch: Batch, reason: string): Promise<Consequence> {
    if (batch.count > 1) {
      this.#maxRecords = Math.max(1, Math.floor(batch.count / 2));
      return "again";
    }
    this.#triesAlone++;
    if (this.#triesAlone >= TRIES_ALONE) return this.giveUp(batch.firstSeq, reason);
    this.hold();
    return "again";
  }

  #shrinkAfterFailures(): void {
    if (this.#backOff.failures >= FAILURES_BEFORE_SMALLER)
      this.#maxRecords = Math.max(1, Math.floor(this.#maxRecords / 2));
  }
}
