import { createHash } from "node:crypto";
import { Compile } from "typebox/compile";
import { GatewayError } from "../../contract/errors.ts";
import { MessageId } from "../../contract/ids.ts";
import {
  type Draft,
  hashedBytes,
  type JournalRecord,
  RECORDS,
  type RecordOnTheWire,
  type RecordType,
  STREAMS,
  Stamp,
  type Stream,
} from "../../contract/records.ts";

/** Streams by their number in the database: their place in `STREAMS`, which is append-only. */
export function streamNumber(stream: Stream): number {
  return STREAMS.indexOf(stream);
}

export function streamNamed(number: number): Stream {
  const stream = STREAMS[number];
  if (stream === undefined) throw new GatewayError("JOURNAL_VERSION_UNKNOWN", { detail: `stream ${number}` });
  return stream;
}

/** An object with one value per stream. */
export function perStream<T>(value: (stream: Stream) => T): Record<Stream, T> {
  return {
    labour: value("labour"),
    work: value("work"),
    diagnostics: value("diagnostics"),
    findings: value("findings"),
    operations: value("operations"),
  };
}

/** A row of table `record` as SQLite gives it. */
export interface RecordRow {
  readonly position: number;
  readonly epoch: number;
  readonly stream: number;
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly occurred_at: number;
  readonly recorded_at: number;
  readonly boot_id: string;
  readonly mono_ms: number;
  readonly source: string;
  readonly message_id: string | null;
  readonly body: string;
  readonly prev_hash: Buffer;
  readonly hash: Buffer;
  readonly withheld: number;
}

/** Rebuilds a record from its row. The body was checked before it was written, and its hash covers it. */
export function recordFromRow(row: RecordRow): JournalRecord {
  const draft: unknown = { type: row.type, body: JSON.parse(row.body) };
  if (!isStoredDraft(draft)) throw new GatewayError("JOURNAL_VERSION_UNKNOWN", { detail: `record type ${row.type}` });
  return {
    stream: streamNamed(row.stream),
    seq: row.seq,
    id: row.id,
    version: row.version,
    occurredAt: row.occurred_at,
    recordedAt: row.recorded_at,
    bootId: row.boot_id,
    monoMs: row.mono_ms,
    source: row.source,
    messageId: row.message_id,
    prevHash: row.prev_hash.toString("hex"),
    hash: row.hash.toString("hex"),
    ...draft,
  };
}

function isStoredDraft(value: unknown): value is Draft {
  if (typeof value !== "object" || value === null || !("type" in value) || !("body" in value)) return false;
  return (
    typeof value.type === "string" &&
    Object.hasOwn(RECORDS, value.type) &&
    typeof value.body === "object" &&
    value.body !== null
  );
}

/** SHA-256 over what the contract says a record's hash covers, in hex. */
export function hashOf(record: Omit<RecordOnTheWire, "hash">): string {
  return createHash("sha256").update(hashedBytes(record)).digest("hex");
}

/** The same, from a row: true when the row is what was written. */
export function rowIsWhole(row: RecordRow): boolean {
  const { id, type, version, source, seq } = row;
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(row.body);
  } catch {
    return false;
  }
  const stream = STREAMS[row.stream];
  if (stream === undefined) return false;
  const hash = hashOf({
    stream,
    seq,
    id,
    type,
    version,
    source,
    body,
    occurredAt: row.occurred_at,
    recordedAt: row.recorded_at,
    bootId: row.boot_id,
    monoMs: row.mono_ms,
    messageId: row.message_id,
    prevHash: row.prev_hash.toString("hex"),
  });
  return hash === row.hash.toString("hex");
}

/** The stream in which a draft stands; a tombstone stands where it was asked to. */
export function streamOf(type: RecordType): Stream | undefined {
  const { stream } = RECORDS[type];
  return stream === "own" ? undefined : stream;
}

const stampCheck = Compile(Stamp);
const messageIdCheck = Compile(MessageId);
const bodyChecks = new Map(Object.entries(RECORDS).map(([type, row]) => [type, Compile(row.body)]));
const MAX_SOURCE_LENGTH = 80;

/**
 * The last gate before the disk: what does not fit its schema is never written.
 * @throws GatewayError JOURNAL_RECORD_INVALID
 */
export function checkDraft(draft: Draft): void {
  const check = bodyChecks.get(draft.type);
  if (check === undefined)
    throw new GatewayError("JOURNAL_RECORD_INVALID", { detail: `unknown type ${String(draft.type).slice(0, 60)}` });
  if (check.Check(draft.body)) return;
  const [first] = check.Errors(draft.body);
  throw new GatewayError("JOURNAL_RECORD_INVALID", {
    detail: `${draft.type} ${first?.instancePath ?? ""} ${first?.message ?? ""}`.slice(0, 300),
  });
}

/** @throws GatewayError JOURNAL_RECORD_INVALID when moment, source or message name cannot be kept */
export function checkEnvelope(at: Stamp, source: string, messageId: string | null): void {
  if (!stampCheck.Check(at)) throw new GatewayError("JOURNAL_RECORD_INVALID", { detail: "the moment is no stamp" });
  if (source.length > MAX_SOURCE_LENGTH || source.length === 0 || !source.isWellFormed())
    throw new GatewayError("JOURNAL_RECORD_INVALID", { detail: "the source's name is empty, too long or not text" });
  if (messageId !== null && !messageIdCheck.Check(messageId))
    throw new GatewayError("JOURNAL_RECORD_INVALID", { detail: "the message's name is not allowed" });
}
