import { createHash } from "node:crypto";
import { type JournalRecord, STREAMS, type Stream } from "../../contract/records.ts";
import type { Heads } from "./channel.ts";
import { type Connection, openForReading } from "./database.ts";
import type { MessageKey, QueryName, QueryParameters, QueryRow } from "./journal.ts";
import { pastMessageKey } from "./ledger.ts";
import { prepareQueries } from "./read-models/queries.ts";
import { rowsByPosition } from "./read-models/rebuild.ts";
import { perStream, type RecordRow, recordFromRow, streamNamed, streamNumber } from "./records.ts";
import { hashAt, readHeadsText } from "./retention.ts";

const MAX_READ = 1_000;

interface CheckpointRow {
  readonly epoch: number;
  readonly heads: string;
  readonly state: string;
  readonly sha256: string;
}

/** Point lookups and bounded reads on a read-only connection. Every read ends before it returns, so that the writer can always checkpoint its log. */
export class JournalReader {
  readonly #db: Connection;
  readonly #queries;
  readonly #seen;
  readonly #past;
  readonly #read;
  readonly #epochOrdinal;
  readonly #mark;
  readonly #loss;

  constructor(directory: string) {
    const db = openForReading(directory);
    this.#db = db;
    this.#queries = prepareQueries(db);
    this.#seen = db.prepare<[string, string], { found: number }>(
      "SELECT 1 AS found FROM record WHERE source = ? AND message_id = ?",
    );
    this.#past = db.prepare<[Buffer], { found: number }>("SELECT 1 AS found FROM past_message WHERE key = ?");
    this.#read = db.prepare<[string, number, number, number], RecordRow>(
      "SELECT * FROM record WHERE epoch = (SELECT ordinal FROM epoch WHERE name = ?) AND stream = ? AND seq > ? AND withheld = 0 ORDER BY seq LIMIT ?",
    );
    this.#epochOrdinal = db.prepare<[string], { ordinal: number }>("SELECT ordinal FROM epoch WHERE name = ?");
    this.#mark = db.prepare<[string, number], { seq: number }>(
      "SELECT seq FROM mark WHERE epoch = (SELECT ordinal FROM epoch WHERE name = ?) AND stream = ?",
    );
    this.#loss = db.prepare<{ epoch: string; stream: number; seq: number }, RecordRow>(
      `SELECT * FROM record WHERE epoch = (SELECT ordinal FROM epoch WHERE name = :epoch) AND stream = :stream AND seq > :seq AND type = 'loss'
         AND json_extract(body, '$.from') <= :seq AND json_extract(body, '$.to') >= :seq ORDER BY seq DESC LIMIT 1`,
    );
  }

  seen({ source, messageId }: MessageKey): boolean {
    return (
      this.#seen.get(source, messageId) !== undefined || this.#past.get(pastMessageKey(source, messageId)) !== undefined
    );
  }

  read(epoch: string, stream: Stream, afterSeq: number, limit: number): readonly JournalRecord[] {
    return this.#read
      .all(epoch, streamNumber(stream), afterSeq, Math.max(0, Math.min(limit, MAX_READ)))
      .map(recordFromRow);
  }

  epochs(): readonly { readonly epoch: string; readonly reason: string; readonly begunAt: number }[] {
    return this.#db
      .prepare<[], { epoch: string; reason: string; begunAt: number }>(
        "SELECT name AS epoch, reason, begun_at AS begunAt FROM epoch ORDER BY ordinal",
      )
      .all();
  }

  hashAt(epoch: string, stream: Stream, seq: number): string | undefined {
    const ordinal = this.#epochOrdinal.get(epoch)?.ordinal;
    return ordinal === undefined ? undefined : hashAt(this.#db, ordinal, streamNumber(stream), seq);
  }

  lossCovering(epoch: string, stream: Stream, seq: number): JournalRecord | undefined {
    const row = this.#loss.get({ epoch, stream: streamNumber(stream), seq });
    return row === undefined ? undefined : recordFromRow(row);
  }

  marks(epoch: string): Readonly<Record<Stream, number>> {
    return perStream((stream) => this.#mark.get(epoch, streamNumber(stream))?.seq ?? 0);
  }

  latestCheckpoint(): { readonly state: unknown; readonly heads: Heads } | undefined {
    const row = this.#checkpoint();
    return row === undefined ? undefined : { state: JSON.parse(row.state), heads: readHeadsText(row.heads) };
  }

  *tail(): Generator<JournalRecord> {
    const checkpoint = this.#checkpoint();
    const heads = checkpoint === undefined ? undefined : readHeadsText(checkpoint.heads);
    for (const row of rowsByPosition(this.#db, this.#positionBefore(checkpoint, heads))) {
      if (checkpoint !== undefined && heads !== undefined) {
        if (row.epoch < checkpoint.epoch) continue;
        if (row.epoch === checkpoint.epoch && row.seq <= heads[streamNamed(row.stream)].seq) continue;
      }
      yield recordFromRow(row);
    }
  }

  query<Q extends QueryName>(name: Q, parameters: QueryParameters[Q]): readonly QueryRow[Q][] {
    return this.#queries[name](parameters);
  }

  close(): void {
    this.#db.close();
  }

  /** The newest checkpoint that is what was written. */
  #checkpoint(): CheckpointRow | undefined {
    const rows = this.#db
      .prepare<[], CheckpointRow>("SELECT epoch, heads, state, sha256 FROM checkpoint ORDER BY ordinal DESC")
      .all();
    return rows.find((row) => createHash("sha256").update(row.heads).update(row.state).digest("hex") === row.sha256);
  }

  /** Where the tail's reading may begin: nothing of the tail is at or before this position. */
  #positionBefore(checkpoint: CheckpointRow | undefined, heads: Heads | undefined): number {
    if (checkpoint === undefined || heads === undefined) return 0;
    const firstAfter = this.#db.prepare<[number, number, number], { position: number }>(
      "SELECT position FROM record WHERE epoch = ? AND stream = ? AND seq > ? ORDER BY seq LIMIT 1",
    );
    const later = this.#db
      .prepare<[number], { position: number | null }>("SELECT min(position) AS position FROM record WHERE epoch > ?")
      .get(checkpoint.epoch)?.position;
    let first = later ?? Number.MAX_SAFE_INTEGER;
    for (const stream of STREAMS) {
      first = Math.min(
        first,
        firstAfter.get(checkpoint.epoch, streamNumber(stream), heads[stream].seq)?.position ?? Number.MAX_SAFE_INTEGER,
      );
    }
    return first - 1;
  }
}
