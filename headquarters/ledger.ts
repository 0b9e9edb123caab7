import { Compile } from "typebox/compile";
import { type HelloRequest, type HelloResponse, RECORD_MAX_BYTES } from "../contract/headquarters.ts";
import { LossTombstone, type RecordOnTheWire, STREAMS, type Stream } from "../contract/records.ts";
import { type Database, number, type Queryable, type Row, text, textOrNull } from "./database.ts";
import { checkRecord, type Head, judge, type Loss } from "./judgement.ts";
import { Refused } from "./refused.ts";

/** Names one stream of one life of one gateway. */
export interface StreamKey {
  readonly gateway: string;
  readonly epoch: string;
  readonly stream: Stream;
}

/** A record as headquarters keeps it. */
export interface StoredRecord extends RecordOnTheWire {
  readonly epoch: string;
  readonly receivedAt: number;
}

export interface RecordQuery {
  readonly gateway: string;
  /** The latest where it is absent. */
  readonly epoch?: string;
  readonly stream: Stream;
  readonly afterSeq?: number;
  readonly limit?: number;
}

/** One line of the loss ledger. `missing` counts the numbers of the range that headquarters does not hold. */
export interface LossLine {
  readonly epoch: string;
  readonly stream: Stream;
  readonly tombstoneSeq: number;
  readonly from: number;
  readonly to: number;
  readonly class: string;
  readonly reason: LossTombstone["reason"];
  readonly count: number;
  readonly missing: number;
  /** Whether the loss record itself has arrived in its place. */
  readonly confirmed: boolean;
}

/** Offers kept per gateway of records that conflict with a held one, for a person to look at. */
const MAX_CONFLICTS_KEPT = 200;
const isTombstone = Compile(LossTombstone);

/** Every gateway's records at headquarters: taken once, in order, never changed. All state is in the database; any number of nodes may share it. */
export class Ledger {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now wall clock in milliseconds, for the time of receipt */
  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * The hand-shake. An epoch that is new here becomes the gateway's latest.
   * @returns `older-copy` when more is held than the gateway says it has written, when a hash it gives is not the held one, or when it has begun a later epoch since
   */
  async hello(gateway: string, epoch: string, request: HelloRequest): Promise<Omit<HelloResponse, "serverTime">> {
    return this.#database.transaction(async (transaction) => {
      // The gateway's row is the lock under which its epochs are numbered.
      await transaction.query("SELECT gateway FROM gateway WHERE gateway = $1 FOR UPDATE", [gateway]);
      const remainder = request.remainderOf;
      const added = await transaction.query(
        `INSERT INTO epoch (gateway, epoch, ordinal, remainder_of, first_seen_at)
         SELECT $1, $2, COALESCE(MAX(ordinal), 0) + 1, $4, $3::float8 FROM epoch WHERE gateway = $1
         ON CONFLICT (gateway, epoch) DO NOTHING RETURNING epoch`,
        [gateway, epoch, this.#now(), remainder?.epoch ?? null],
      );
      if (remainder !== undefined && added.length > 0) {
        for (const stream of STREAMS) {
          const { seq, hash } = remainder.after[stream];
          await transaction.query(
            "INSERT INTO mark (gateway, epoch, stream, seq, hash) VALUES ($1, $2, $3, $4::bigint, $5)",
            [gateway, epoch, stream, seq, hash],
          );
        }
      }
      if (remainder !== undefined) return { verdict: "ok", marks: await readMarks(transaction, gateway, epoch) };
      let olderCopy = (await latestEpoch(transaction, gateway)) !== epoch;
      const marks = await readMarks(transaction, gateway, epoch);
      for (const stream of STREAMS) {
        if (marks[stream].seq > request.heads[stream].seq) olderCopy = true;
        const said = request.hashesAt?.[stream];
        if (said === undefined || said.seq === 0) continue;
        const held = await hashesBetween(transaction, { gateway, epoch, stream }, said.seq, said.seq);
        if (held.has(said.seq) && held.get(said.seq) !== said.hash) olderCopy = true;
      }
      return { verdict: olderCopy ? "older-copy" : "ok", marks };
    });
  }

  /**
   * Takes a batch. Resolves after the commit; the mark is what is held for good, whether this call or an earlier one brought it.
   * @throws Refused record-conflict, chain-broken, gap, record-invalid, too-large, epoch-unknown, epoch-superseded
   */
  async accept(
    key: StreamKey,
    records: readonly RecordOnTheWire[],
    tombstones: readonly RecordOnTheWire[] = [],
  ): Promise<Head> {
    for (const record of records) checkRecord(record, key.stream);
    for (const tombstone of tombstones) checkRecord(tombstone, key.stream);
    const first = records[0];
    const last = records.at(-1);
    if (first === undefined || last === undefined) throw new Refused("record-invalid", "the batch is empty");
    try {
      return await this.#database.transaction((transaction) => this.#take(transaction, key, records, tombstones));
    } catch (error) {
      const offered =
        error instanceof Refused && error.code === "record-conflict"
          ? records.find((record) => record.seq === error.seq)
          : undefined;
      if (offered !== undefined) await this.#keepConflict(key, offered);
      throw error;
    }
  }

  async #take(
    transaction: Queryable,
    key: StreamKey,
    records: readonly RecordOnTheWire[],
    tombstones: readonly RecordOnTheWire[],
  ): Promise<Head> {
    const { gateway, epoch, stream } = key;
    const { mark, remainderOf } = await this.#lockMark(transaction, key);
    const numbers = [...records, ...tombstones].map((record) => record.seq);
    const lowest = Math.min(...numbers);
    const highest = Math.max(...numbers);
    const held = await hashesBetween(transaction, key, lowest, highest);
    const losses = await lossesAround(transaction, key, mark.seq, lowest, highest);
    const elsewhere =
      remainderOf === null
        ? undefined
        : await hashesBetween(transaction, { ...key, epoch: remainderOf }, lowest, highest);
    const known = { mark, held, losses, ...(elsewhere === undefined ? {} : { elsewhere }) };
    const judgement = judge(records, tombstones, known);
    const inserted = await transaction.query(
      `INSERT INTO record (gateway, epoch, stream, seq, id, type, version, occurred_at, recorded_at, boot_id, mono_ms, source, message_id, body, prev_hash, hash, received_at)
       SELECT $1, $2, $3, fresh.*, $4::float8
       FROM unnest($5::bigint[], $6::text[], $7::text[], $8::bigint[], $9::float8[], $10::float8[], $11::text[], $12::float8[], $13::text[], $14::text[], $15::json[], $16::text[], $17::text[]) AS fresh
       ON CONFLICT (gateway, epoch, stream, seq) DO NOTHING
       RETURNING seq`,
      [gateway, epoch, stream, this.#now(), ...columns(judgement.fresh)],
    );
    // The mark's row is locked and nothing may be held beyond it: a shortfall means that the tables contradict each other.
    if (inserted.length !== judgement.fresh.length) throw new Error("records beyond the mark were already held");
    for (const loss of judgement.losses) await this.#storeLoss(transaction, key, loss);
    if (judgement.mark.seq > mark.seq) {
      await transaction.query(
        "UPDATE mark SET seq = $4::bigint, hash = $5 WHERE gateway = $1 AND epoch = $2 AND stream = $3",
        [gateway, epoch, stream, judgement.mark.seq, judgement.mark.hash],
      );
    }
    return judgement.mark;
  }

  async #lockMark(
    transaction: Queryable,
    { gateway, epoch, stream }: StreamKey,
  ): Promise<{ readonly mark: Head; readonly remainderOf: string | null }> {
    const [announced] = await transaction.query("SELECT remainder_of FROM epoch WHERE gateway = $1 AND epoch = $2", [
      gateway,
      epoch,
    ]);
    if (announced === undefined) throw new Refused("epoch-unknown", "say hello first");
    const remainderOf = textOrNull(announced, "remainder_of");
    if (remainderOf === null && (await latestEpoch(transaction, gateway)) !== epoch)
      throw new Refused("epoch-superseded", "a later epoch has begun");
    await transaction.query(
      "INSERT INTO mark (gateway, epoch, stream, seq, hash) VALUES ($1, $2, $3, 0, '') ON CONFLICT DO NOTHING",
      [gateway, epoch, stream],
    );
    const rows = await transaction.query(
      "SELECT seq, hash FROM mark WHERE gateway = $1 AND epoch = $2 AND stream = $3 FOR UPDATE",
      [gateway, epoch, stream],
    );
    const row = rows[0];
    if (row === undefined) throw new Error("the mark is gone");
    return { mark: { seq: number(row, "seq"), hash: text(row, "hash") }, remainderOf };
  }

  async #storeLoss(transaction: Queryable, { gateway, epoch, stream }: StreamKey, loss: Loss): Promise<void> {
    const { from, to, class: lostClass, reason, count, hash } = loss.body;
    await transaction.query(
      `INSERT INTO loss (gateway, epoch, stream, tombstone_seq, tombstone_hash, from_seq, to_seq, class, reason, count, last_hash, announced_at)
       VALUES ($1, $2, $3, $4::bigint, $5, $6::bigint, $7::bigint, $8, $9, $10::bigint, $11, $12::float8) ON CONFLICT DO NOTHING`,
      [
        gateway,
        epoch,
        stream,
        loss.tombstoneSeq,
        loss.tombstoneHash,
        from,
        to,
        lostClass,
        reason,
        count,
        hash,
        this.#now(),
      ],
    );
  }

  async #keepConflict({ gateway, epoch, stream }: StreamKey, offered: RecordOnTheWire): Promise<void> {
    const content = JSON.stringify(offered);
    if (content.length > RECORD_MAX_BYTES) return;
    await this.#database.query(
      `INSERT INTO conflict (gateway, epoch, stream, seq, offered_hash, offered, at)
       SELECT $1, $2, $3, $4::bigint, $5, $6::json, $7::float8
       WHERE (SELECT COUNT(*) FROM conflict WHERE gateway = $1) < $8::bigint ON CONFLICT DO NOTHING`,
      [gateway, epoch, stream, offered.seq, offered.hash, content, this.#now(), MAX_CONFLICTS_KEPT],
    );
  }

  /** Records of one stream in order; at most 1000 at a time. Page by `afterSeq`. */
  async records(query: RecordQuery): Promise<readonly StoredRecord[]> {
    const epoch = query.epoch ?? (await latestEpoch(this.#database, query.gateway));
    if (epoch === undefined) return [];
    const rows = await this.#database.query(
      `SELECT epoch, stream, seq, id, type, version, occurred_at, recorded_at, boot_id, mono_ms, source, message_id, body::text AS body, prev_hash, hash, received_at
       FROM record WHERE gateway = $1 AND epoch = $2 AND stream = $3 AND seq > $4::bigint ORDER BY seq LIMIT $5::bigint`,
      [query.gateway, epoch, query.stream, query.afterSeq ?? 0, Math.min(query.limit ?? 500, 1000)],
    );
    return rows.map((row) => storedRecord(row, query.stream));
  }

  /** Epochs of a gateway in the order in which they were first heard of, remainders among them. */
  async epochs(gateway: string): Promise<readonly string[]> {
    const rows = await this.#database.query("SELECT epoch FROM epoch WHERE gateway = $1 ORDER BY ordinal", [gateway]);
    return rows.map((row) => text(row, "epoch"));
  }

  /** Where every stream of one epoch stands. */
  marks(gateway: string, epoch: string): Promise<Readonly<Record<Stream, Head>>> {
    return readMarks(this.#database, gateway, epoch);
  }

  /** What a gateway has given up, in all epochs. */
  async losses(gateway: string): Promise<readonly LossLine[]> {
    const rows = await this.#database.query(
      `SELECT loss.*, to_seq - from_seq + 1 - (
           SELECT COUNT(*) FROM record r WHERE r.gateway = loss.gateway AND r.epoch = loss.epoch AND r.stream = loss.stream AND r.seq BETWEEN from_seq AND to_seq
         ) AS missing,
         (SELECT COUNT(*) FROM record r WHERE r.gateway = loss.gateway AND r.epoch = loss.epoch AND r.stream = loss.stream AND r.seq = tombstone_seq) AS arrived
       FROM loss JOIN epoch USING (gateway, epoch) WHERE gateway = $1 ORDER BY ordinal, stream, tombstone_seq`,
      [gateway],
    );
    return rows.map(lossLine);
  }

  /** Keys under which a gateway offered something else than what is held. */
  async conflicts(
    gateway: string,
  ): Promise<
    readonly { readonly epoch: string; readonly stream: string; readonly seq: number; readonly offeredHash: string }[]
  > {
    const rows = await this.#database.query(
      "SELECT epoch, stream, seq, offered_hash FROM conflict WHERE gateway = $1 ORDER BY at, seq",
      [gateway],
    );
    return rows.map((row) => ({
      epoch: text(row, "epoch"),
      stream: text(row, "stream"),
      seq: number(row, "seq"),
      offeredHash: text(row, "offered_hash"),
    }));
  }
}

function columns(records: readonly RecordOnTheWire[]): readonly (readonly unknown[])[] {
  return [
    records.map((record) => record.seq),
    records.map((record) => record.id),
    records.map((record) => record.type),
    records.map((record) => record.version),
    records.map((record) => record.occurredAt),
    records.map((record) => record.recordedAt),
    records.map((record) => record.bootId),
    records.map((record) => record.monoMs),
    records.map((record) => record.source),
    records.map((record) => record.messageId),
    records.map((record) => JSON.stringify(record.body)),
    records.map((record) => record.prevHash),
    records.map((record) => record.hash),
  ];
}

async function latestEpoch(on: Queryable, gateway: string): Promise<string | undefined> {
  const rows = await on.query(
    "SELECT epoch FROM epoch WHERE gateway = $1 AND remainder_of IS NULL ORDER BY ordinal DESC LIMIT 1",
    [gateway],
  );
  return rows[0] === undefined ? undefined : text(rows[0], "epoch");
}

async function readMarks(on: Queryable, gateway: string, epoch: string): Promise<Record<Stream, Head>> {
  const rows = await on.query("SELECT stream, seq, hash FROM mark WHERE gateway = $1 AND epoch = $2", [gateway, epoch]);
  const none: Head = { seq: 0, hash: "" };
  const marks: Record<Stream, Head> = { labour: none, work: none, diagnostics: none, findings: none, operations: none };
  for (const row of rows) {
    const stream = STREAMS.find((name) => name === row.stream);
    if (stream !== undefined) marks[stream] = { seq: number(row, "seq"), hash: text(row, "hash") };
  }
  return marks;
}

async function hashesBetween(
  on: Queryable,
  key: StreamKey,
  from: number,
  to: number,
): Promise<ReadonlyMap<number, string>> {
  const rows = await on.query(
    "SELECT seq, hash FROM record WHERE gateway = $1 AND epoch = $2 AND stream = $3 AND seq BETWEEN $4::bigint AND $5::bigint",
    [key.gateway, key.epoch, key.stream, from, to],
  );
  return new Map(rows.map((row) => [number(row, "seq"), text(row, "hash")]));
}

async function lossesAround(
  on: Queryable,
  key: StreamKey,
  mark: number,
  lowest: number,
  highest: number,
): Promise<readonly Loss[]> {
  const rows = await on.query(
    `SELECT * FROM loss WHERE gateway = $1 AND epoch = $2 AND stream = $3
     AND (to_seq >= $4::bigint OR tombstone_seq BETWEEN $5::bigint AND $6::bigint)`,
    [key.gateway, key.epoch, key.stream, mark, lowest, highest],
  );
  return rows.map((row) => ({
    tombstoneSeq: number(row, "tombstone_seq"),
    tombstoneHash: text(row, "tombstone_hash"),
    body: {
      from: number(row, "from_seq"),
      to: number(row, "to_seq"),
      class: text(row, "class"),
      reason: lossReason(row),
      count: number(row, "count"),
      hash: text(row, "last_hash"),
    },
  }));
}

function lossReason(row: Row): LossTombstone["reason"] {
  const body = { from: 1, to: 1, class: "", reason: row.reason, count: 1, hash: row.last_hash };
  if (!isTombstone.Check(body)) throw new TypeError("a stored loss has an unknown reason");
  return body.reason;
}

function lossLine(row: Row): LossLine {
  const stream = STREAMS.find((name) => name === row.stream);
  if (stream === undefined) throw new TypeError("a stored loss has an unknown stream");
  return {
    epoch: text(row, "epoch"),
    stream,
    tombstoneSeq: number(row, "tombstone_seq"),
    from: number(row, "from_seq"),
    to: number(row, "to_seq"),
    class: text(row, "class"),
    reason: lossReason(row),
    count: number(row, "count"),
    missing: number(row, "missing"),
    confirmed: number(row, "arrived") > 0,
  };
}

function storedRecord(row: Row, stream: Stream): StoredRecord {
  const body: unknown = JSON.parse(text(row, "body"));
  return {
    epoch: text(row, "epoch"),
    stream,
    seq: number(row, "seq"),
    id: text(row, "id"),
    type: text(row, "type"),
    version: number(row, "version"),
    occurredAt: number(row, "occurred_at"),
    recordedAt: number(row, "recorded_at"),
    bootId: text(row, "boot_id"),
    monoMs: number(row, "mono_ms"),
    source: text(row, "source"),
    messageId: textOrNull(row, "message_id"),
    body: { ...(typeof body === "object" && body !== null ? body : {}) },
    prevHash: text(row, "prev_hash"),
    hash: text(row, "hash"),
    receivedAt: number(row, "received_at"),
  };
}
