import { createHash, randomUUID } from "node:crypto";
import { hashedBytes, type RecordOnTheWire, type Stream } from "../contract/records.ts";

/** Puts the hash on a record, over whatever its fields say. */
export function sealed(record: Omit<RecordOnTheWire, "hash">): RecordOnTheWire {
  return { ...record, hash: createHash("sha256").update(hashedBytes(record)).digest("hex") };
}

/** A gateway's stream as its journal would have it, for tests. */
export class TestChain {
  readonly stream: Stream;
  readonly records: RecordOnTheWire[] = [];

  constructor(stream: Stream = "operations") {
    this.stream = stream;
  }

  /** Appends a record; a body that the test chooses, or a plain one. */
  add(
    type = "gateway.stopped",
    body: Record<string, unknown> = {
      reason: `number ${this.records.length + 1}`,
      at: { wallMs: 1, monoMs: 1, bootId: "b", trusted: true },
    },
  ): RecordOnTheWire {
    const last = this.records.at(-1);
    const record = sealed({
      stream: this.stream,
      seq: (last?.seq ?? 0) + 1,
      id: randomUUID(),
      type,
      version: 1,
      occurredAt: 1_800_000_000_000,
      recordedAt: 1_800_000_000_000,
      bootId: "boot",
      monoMs: 12.5,
      source: "gateway",
      messageId: null,
      body,
      prevHash: last?.hash ?? "",
    });
    this.records.push(record);
    return record;
  }

  addMany(count: number): this {
    for (let index = 0; index < count; index++) this.add();
    return this;
  }

  /** Appends the tombstone of a range. */
  lose(from: number, to: number, reason = "disk-pressure"): RecordOnTheWire {
    const hash = this.at(to).hash;
    return this.add("loss", { from, to, class: this.stream, reason, count: to - from + 1, hash });
  }

  at(seq: number): RecordOnTheWire {
    const record = this.records[seq - 1];
    if (record === undefined) throw new RangeError(`no record ${seq}`);
    return record;
  }

  between(from: number, to: number): RecordOnTheWire[] {
    return this.records.slice(from - 1, to);
  }
}
