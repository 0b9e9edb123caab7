import type Database from "better-sqlite3";
import type { JournalRecord, Stream } from "../../../contract/records.ts";

/**
 * Keeps one read model in step with the records. Each model stands twice in the database: once live, once `settled_`, which holds what
 * the pruned records amounted to; settled + the records that are still there = live, at any moment.
 */
export interface Projection {
  /** Total: ignores every type that it does not know. Runs in the transaction that writes the record. */
  apply(record: JournalRecord, epoch: number): void;
  /** Takes back what one dropped record of a stream with one row per record had added. */
  forget?(epoch: number, stream: Stream, seq: number): void;
}

/** Makes a projection on the tables that carry the prefix. */
export type ProjectionFactory = (db: Database.Database, prefix: Prefix) => Projection;

export type Prefix = "" | "settled_";
