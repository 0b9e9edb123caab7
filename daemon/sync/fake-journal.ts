import { createHash, randomUUID } from "node:crypto";
import {
  type Draft,
  hashedBytes,
  type JournalRecord,
  type LossTombstone,
  RECORDS,
  type Stream,
} from "../../contract/records.ts";
import type { Clock } from "../../machine/clock.ts";
import type { Head } from "../journal/journal.ts";
import type { UplinkJournal } from "./options.ts";

interface Row {
  readonly record: JournalRecord;
  gone: boolean;
}

/** A journal in memory for tests that need one broken in ways that the real one does not allow. */
export class FakeJournal implements UplinkJournal {
  epoch: string = randomUUID();
  readonly #clock: Clock;
  readonly #past = new Map<string, { readonly rows: Record<Stream, Row[]>; readonly marks: Record<Stream, number> }>();
  #rows = emptyRows();
  #marks: Record<Stream, number> = noMarks();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Writes one record into the stream of its type, or into `stream` when it is a tombstone. */
  write(draft: Draft, stream?: Stream): JournalRecord {
    const own = RECORDS[draft.type].stream;
    const target = own === "own" ? (stream ?? "operations") : own;
    const head = this.heads()[target];
    const at = this.#clock.stamp();
    const envelope = {
      stream: target,
      seq: head.seq + 1,
      id: randomUUID(),
      version: RECORDS[draft.type].version,
      occurredAt: at.wallMs,
      recordedAt: at.wallMs,
      bootId: at.bootId,
      monoMs: at.monoMs,
      source: "gateway",
      messageId: null,
      prevHash: head.hash,
    };
    const bytes = hashedBytes({ ...envelope, type: draft.type, body: { ...draft.body } });
    const record = { ...envelope, hash: createHash("sha256").update(bytes).digest("hex"), ...draft };
    this.#rows[target].push({ record, gone: false });
    return record;
  }

  /** The whole journal as it stands, like a copy of the disk. */
  copy(): FakeJournal {
    const copy = new FakeJournal(this.#clock);
    copy.epoch = this.epoch;
    copy.#rows = structuredClone(this.#rows);
    copy.#marks = { ...this.#marks };
    return copy;
  }

  /** Makes a record vanish without a tombstone. */
  vanish(stream: Stream, seq: number): void {
    const row = this.#rows[stream][seq - 1];
    if (row !== undefined) row.gone = true;
  }

  /** Puts another record into the place of one. */
  replace(stream: Stream, seq: number, change: (record: JournalRecord) => JournalRecord): void {
    const row = this.#rows[stream][seq - 1];
    if (row !== undefined) this.#rows[stream][seq - 1] = { record: change(row.record), gone: false };
  }

  heads(): Readonly<Record<Stream, Head>> {
    const head = (stream: Stream): Head => {
      const last = this.#rows[stream].at(-1)?.record;
      return last === undefined ? { seq: 0, hash: "" } : { seq: last.seq, hash: last.hash };
    };
    return {
      labour: head("labour"),
      work: head("work"),
      diagnostics: head("diagnostics"),
      findings: head("findings"),
      operations: head("operations"),
    };
  }

  read(stream: Stream, afterSeq: number, limit: number): readonly JournalRecord[] {
    return this.readEpoch(this.epoch, stream, afterSeq, limit);
  }

  epochs(): readonly { readonly epoch: string; readonly reason: string; readonly begunAt: number }[] {
    return [...this.#past.keys(), this.epoch].map((epoch) => ({ epoch, reason: "", begunAt: 0 }));
  }

  readEpoch(epoch: string, stream: Stream, afterSeq: number, limit: number): readonly JournalRecord[] {
    return this.#of(epoch)
      .rows[stream].slice(afterSeq)
      .filter((row) => !row.gone)
      .slice(0, limit)
      .map((row) => row.record);
  }

  hashAt(stream: Stream, seq: number, epoch: string = this.epoch): string | undefined {
    return this.#of(epoch).rows[stream][seq - 1]?.record.hash;
  }

  lossCovering(stream: Stream, seq: number, epoch: string = this.epoch): JournalRecord | undefined {
    return this.#of(epoch)
      .rows[stream].map((row) => row.record)
      .findLast((record) => record.type === "loss" && record.body.from <= seq && record.body.to >= seq);
  }

  async setHighWaterMark(stream: Stream, seq: number, epoch: string = this.epoch): Promise<void> {
    const { marks } = this.#of(epoch);
    marks[stream] = Math.max(marks[stream], seq);
  }

  highWaterMarks(epoch: string = this.epoch): Readonly<Record<Stream, number>> {
    return { ...this.#of(epoch).marks };
  }

  #of(epoch: string): { readonly rows: Record<Stream, Row[]>; readonly marks: Record<Stream, number> } {
    return this.#past.get(epoch) ?? { rows: this.#rows, marks: this.#marks };
  }

  async beginEpoch(): Promise<string> {
    this.#past.set(this.epoch, { rows: this.#rows, marks: this.#marks });
    this.epoch = randomUUID();
    this.#rows = emptyRows();
    this.#marks = noMarks();
    return this.epoch;
  }

  async drop(stream: Stream, loss: Omit<LossTombstone, "hash" | "count">): Promise<void> {
    const rows = this.#rows[stream].slice(loss.from - 1, loss.to);
    for (const row of rows) row.gone = true;
    const hash = rows.at(-1)?.record.hash ?? "";
    this.write({ type: "loss", body: { ...loss, hash, count: rows.length } }, stream);
  }

  statistics(): { readonly lossRecords: number } {
    const rows = Object.values(this.#rows).flat();
    return { lossRecords: rows.filter((row) => row.record.type === "loss").length };
  }
}

function emptyRows(): Record<Stream, Row[]> {
  return { labour: [], work: [], diagnostics: [], findings: [], operations: [] };
}

function noMarks(): Record<Stream, number> {
  return { labour: 0, work: 0, diagnostics: 0, findings: 0, operations: 0 };
}
