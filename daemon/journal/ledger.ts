import { createHash } from "node:crypto";
import { GatewayError } from "../../contract/errors.ts";
import {
  canonicalJson,
  type Draft,
  type LossTombstone,
  RECORDS,
  STREAMS,
  type Stamp,
  type Stream,
} from "../../contract/records.ts";
import type { AppendWork, Heads, NewRecord, Numbered } from "./channel.ts";
import type { Connection } from "./database.ts";
import { sqliteCode } from "./database.ts";
import type { Head } from "./journal.ts";
import { ReadModels } from "./read-models/read-models.ts";
import { checkDraft, checkEnvelope, hashOf, perStream, streamNumber, streamOf } from "./records.ts";

const NOTHING: Head = { seq: 0, hash: "" };

interface Snapshot {
  readonly heads: Heads;
  readonly counts: Readonly<Record<Stream, number>>;
  readonly losses: number;
}

/** Key under which a message is remembered after its record is pruned: half a SHA-256, which no shop will see collide. */
export function pastMessageKey(source: string, messageId: string): Buffer {
  return createHash("sha256")
    .update(canonicalJson([source, messageId]))
    .digest()
    .subarray(0, 16);
}

/**
 * The append-only ledger on one connection: numbers records, chains them, writes them and brings the read models along. Knows nothing of
 * transactions; who opens them calls `snapshot`/`restore` where one is rolled back.
 */
export class Ledger {
  readonly live: ReadModels;
  epochOrdinal: number;
  epoch: string;
  #heads: Heads;
  #counts: Record<Stream, number>;
  #losses: number;
  readonly #db: Connection;
  readonly #insert;
  readonly #setHead;
  readonly #pastMessage;

  constructor(db: Connection) {
    this.#db = db;
    this.live = new ReadModels(db, "");
    this.#insert = db.prepare(
      `INSERT INTO record (epoch, stream, seq, id, type, version, occurred_at, recorded_at, boot_id, mono_ms, source, message_id, body, prev_hash, hash)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#setHead = db.prepare(
      "INSERT INTO head (epoch, stream, seq, hash) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
    );
    this.#pastMessage = db.prepare<[Buffer], { found: number }>("SELECT 1 AS found FROM past_message WHERE key = ?");
    const last = db
      .prepare<[], { ordinal: number; name: string }>("SELECT ordinal, name FROM epoch ORDER BY ordinal DESC LIMIT 1")
      .get();
    if (last === undefined) throw new GatewayError("JOURNAL_NOT_FOUND", { detail: "the database holds no epoch" });
    this.epochOrdinal = last.ordinal;
    this.epoch = last.name;
    this.#heads = readHeads(db, last.ordinal);
    this.#counts = countRecords(db);
    this.#losses = db.prepare<[], { n: number }>("SELECT count(*) AS n FROM record WHERE type = 'loss'").get()?.n ?? 0;
  }

  get heads(): Heads {
    return this.#heads;
  }
  get counts(): Readonly<Record<Stream, number>> {
    return this.#counts;
  }
  get losses(): number {
    return this.#losses;
  }

  snapshot(): Snapshot {
    return { heads: this.#heads, counts: { ...this.#counts }, losses: this.#losses };
  }

  restore(snapshot: Snapshot): void {
    this.#heads = snapshot.heads;
    this.#counts = { ...snapshot.counts };
    this.#losses = snapshot.losses;
  }

  /** Counts rows that were deleted, so that the figures need no scan. */
  forgotten(stream: Stream, rows: number): void {
    this.#counts[stream] -= rows;
  }

  /**
   * Writes the records of one command.
   * @throws GatewayError JOURNAL_RECORD_INVALID, JOURNAL_DUPLICATE_MESSAGE
   */
  append(work: AppendWork): readonly Numbered[] {
    checkEnvelope(work.at, work.source, work.messageId);
    if (work.messageId !== null && this.#pastMessage.get(pastMessageKey(work.source, work.messageId)) !== undefined) {
      throw new GatewayError("JOURNAL_DUPLICATE_MESSAGE");
    }
    return work.records.map((record, index) => {
      const stream = streamOf(record.draft.type);
      // A tombstone is written by `appendLoss` alone: nobody may claim a loss that did not happen.
      if (stream === undefined)
        throw new GatewayError("JOURNAL_RECORD_INVALID", {
          detail: `${record.draft.type} is written by the journal itself`,
        });
      return this.#write(stream, record, work.at, work.recordedAt, work.source, index === 0 ? work.messageId : null);
    });
  }

  /** Writes a tombstone at the head of the stream that lost something. */
  appendLoss(stream: Stream, loss: LossTombstone, at: Stamp, id: string): Numbered {
    this.#losses += 1;
    return this.#write(stream, { id, draft: { type: "loss", body: loss } }, at, at.wallMs, "gateway", null);
  }

  /** Begins the next epoch: sequences and chains start again, read models stay. */
  beginEpoch(name: string, reason: string, at: Stamp): void {
    const ordinal = this.#db
      .prepare("INSERT INTO epoch (name, reason, begun_at) VALUES (?, ?, ?)")
      .run(name, reason, at.wallMs).lastInsertRowid;
    this.epochOrdinal = Number(ordinal);
    this.epoch = name;
    this.#heads = perStream(() => NOTHING);
  }

  /** Puts a stream's head where a salvaged stream goes on. */
  setHead(stream: Stream, head: Head): void {
    this.#heads = { ...this.#heads, [stream]: head };
    this.#setHead.run(this.epochOrdinal, streamNumber(stream), head.seq, head.hash);
  }

  #write(
    stream: Stream,
    { id, draft }: NewRecord,
    at: Stamp,
    recordedAt: number,
    source: string,
    messageId: string | null,
  ): Numbered {
    checkDraft(draft);
    const head = this.#heads[stream];
    const { version } = RECORDS[draft.type];
    const unsealed = {
      stream,
      seq: head.seq + 1,
      id,
      version,
      occurredAt: at.wallMs,
      recordedAt,
      bootId: at.bootId,
      monoMs: at.monoMs,
      source,
      messageId,
      prevHash: head.hash,
    };
    const body = canonicalJson(draft.body);
    const hash = hashOf({ ...unsealed, type: draft.type, body: { ...draft.body } });
    try {
      this.#insert.run(
        this.epochOrdinal,
        streamNumber(stream),
        unsealed.seq,
        id,
        draft.type,
        version,
        unsealed.occurredAt,
        recordedAt,
        at.bootId,
        at.monoMs,
        source,
        messageId,
        body,
        Buffer.from(head.hash, "hex"),
        Buffer.from(hash, "hex"),
      );
    } catch (error) {
      if (messageId !== null && sqliteCode(error) === "SQLITE_CONSTRAINT_UNIQUE")
        throw new GatewayError("JOURNAL_DUPLICATE_MESSAGE", { cause: error });
      throw error;
    }
    this.setHead(stream, { seq: unsealed.seq, hash });
    this.#counts[stream] += 1;
    this.live.apply({ ...unsealed, hash, ...copyOf(draft) }, this.epochOrdinal);
    return { stream, seq: unsealed.seq, prevHash: head.hash, hash };
  }
}

/** Spreading a union keeps type and body together only through a typed step. */
function copyOf(draft: Draft): Draft {
  return draft;
}

/** Heads of one epoch; zero where nothing was written. */
export function readHeads(db: Connection, epochOrdinal: number): Heads {
  const find = db.prepare<[number, number], { seq: number; hash: string }>(
    "SELECT seq, hash FROM head WHERE epoch = ? AND stream = ?",
  );
  return perStream((stream) => find.get(epochOrdinal, streamNumber(stream)) ?? NOTHING);
}

function countRecords(db: Connection): Record<Stream, number> {
  const rows = db
    .prepare<[], { stream: number; n: number }>("SELECT stream, count(*) AS n FROM record GROUP BY stream")
    .all();
  const counts = perStream(() => 0);
  for (const { stream, n } of rows) {
    const name = STREAMS[stream];
    if (name !== undefined) counts[name] = n;
  }
  return counts;
}
