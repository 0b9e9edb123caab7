import type { DongleId } from "../../contract/ids.ts";
import type { Draft, JournalRecord, LossTombstone, Stamp, Stream } from "../../contract/records.ts";
import type { CheckpointPlace } from "./channel.ts";

/** Sequence and hash of a stream's last record; zero and empty where there is none. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** The source's own name for a message, unique for ever: the same pair again makes no record. */
export interface MessageKey {
  readonly source: string;
  readonly messageId: string;
}

export interface AppendRequest {
  /** The records of one command: all of them are committed or none. */
  readonly drafts: readonly Draft[];
  readonly at: Stamp;
  /** `gateway` where no device or person stands behind it. */
  readonly source: string;
  /** Kept with the first record. */
  readonly messageId?: string;
}

/**
 * The one durable truth. One SQLite database, one writer thread; `append` resolves after the commit that holds the records is on the disk
 * (synchronous=FULL, group commit within 5 ms or 256 records).
 */
export interface Journal {
  /** Begins anew on restore, factory reset, or when headquarters shows that this disk is an older copy of itself. */
  readonly epoch: string;
  /** Last sign of life of the previous run, from the same disk; undefined on a new journal. */
  readonly previousLife: { readonly stamp: Stamp; readonly clean: boolean } | undefined;

  /**
   * @throws GatewayError JOURNAL_STORAGE_FAILED when the disk refuses; nothing of this request was kept
   * @throws GatewayError JOURNAL_FULL when the byte bound is reached and nothing lower may be dropped
   * @throws GatewayError JOURNAL_DUPLICATE_MESSAGE when `(source, messageId)` is already there
   */
  append(request: AppendRequest): Promise<readonly JournalRecord[]>;

  /** Whether a message of this name is committed. Synchronous point lookup on a read-only connection. */
  seen(key: MessageKey): boolean;

  heads(): Readonly<Record<Stream, Head>>;
  /** Committed records of a stream after `afterSeq`, in order, at most `limit` (≤ 1000). */
  read(stream: Stream, afterSeq: number, limit: number): readonly JournalRecord[];
  /** Hash of one record, or undefined when it was never written or is gone behind a checkpoint and was not kept. */
  hashAt(stream: Stream, seq: number, epoch?: string): string | undefined;

  /** The latest checkpoint's state (JSON) and the heads it stands for; then replay `tail()`. */
  latestCheckpoint(): { readonly state: unknown; readonly heads: Readonly<Record<Stream, Head>> } | undefined;
  /** Records after the latest checkpoint over all streams, in the order of commit. */
  tail(): Iterable<JournalRecord>;
  /**
   * Stores a state snapshot. Records may be pruned only behind a checkpoint.
   * @param standsFor epoch and heads that the state was made of; the present ones when left out (right only while nothing else is being appended)
   */
  checkpoint(state: unknown, standsFor?: CheckpointPlace): Promise<void>;
  /** Deletes, in small steps, what a checkpoint and headquarters' marks have passed and what is older than the retention. Resolves with the number of records. */
  prune(): Promise<number>;

  /** Headquarters holds everything of the stream up to `seq` in this epoch, or in the earlier one that is named. Durable; never goes back within an epoch. */
  setHighWaterMark(stream: Stream, seq: number, epoch?: string): Promise<void>;
  highWaterMarks(epoch?: string): Readonly<Record<Stream, number>>;
  /** Begins a new epoch (sequences and chains start again, read models stay). */
  beginEpoch(reason: "restore" | "factory-reset" | "older-copy"): Promise<string>;
  /** Gives up a range and leaves a tombstone in its place. Labour is never given up to disk pressure. */
  drop(stream: Stream, loss: Omit<LossTombstone, "hash" | "count">): Promise<void>;

  /** The tombstone that covers a missing or withheld record of the present epoch, or of the one that is named. */
  lossCovering(stream: Stream, seq: number, epoch?: string): JournalRecord | undefined;
  /** Every epoch of this disk, oldest first; the last is the present one. */
  epochs(): readonly { readonly epoch: string; readonly reason: string; readonly begunAt: number }[];
  /** Like `read`, of an earlier epoch: what was not yet sent when the present one began. */
  readEpoch(epoch: string, stream: Stream, afterSeq: number, limit: number): readonly JournalRecord[];
  /**
   * Called after the disk had failed and the journal was opened again. Whoever keeps a state of his own makes it anew from checkpoint and tail:
   * what was refused may yet stand there.
   */
  onReopened(listener: () => void): void;

  /** Keeps what could not be understood, bounded; the caller appends the `message.quarantined` record. */
  quarantine(entry: {
    readonly source: string;
    readonly topic: string;
    readonly code: string;
    readonly payload: Uint8Array;
    readonly at: Stamp;
  }): Promise<void>;

  /** Writes the sign of life (rides on a commit where one is under way). */
  beat(at: Stamp): Promise<void>;

  /** Runs a prepared read model query by name on the read-only connection; rows are plain objects. */
  query<Q extends QueryName>(name: Q, parameters: QueryParameters[Q]): readonly QueryRow[Q][];

  statistics(): JournalStatistics;
  /** Online backup into a file, checked with `integrity_check`. */
  backup(toFile: string): Promise<void>;
  /** Marks the life as cleanly ended, checkpoints the WAL, closes. */
  close(at: Stamp): Promise<void>;
}

export interface JournalStatistics {
  readonly bytes: number;
  readonly maxBytes: number;
  readonly records: Readonly<Record<Stream, number>>;
  readonly lossRecords: number;
  readonly quarantined: number;
  readonly commits: number;
  /** Of the last minute, milliseconds. */
  readonly commitP99Ms: number;
  readonly lastCommitAt: number | undefined;
  readonly state: "ok" | "pressure" | "failed" | "salvaged";
}

/** Read models: tables for lists and history, updated in the transaction of the records and rebuildable from them. */
export interface QueryParameters {
  /** Closed labour intervals of one technician that ended in [fromMs, toMs). */
  "labour.of-technician": { readonly technicianId: string; readonly fromMs: number; readonly toMs: number };
  /** Closed labour intervals of a job. */
  "labour.of-job": { readonly jobId: string };
  /** Jobs closed in [fromMs, toMs), newest first, at most 500. */
  "jobs.closed": { readonly fromMs: number; readonly toMs: number };
  /** Scans of a job in order. */
  "scans.of-job": { readonly jobId: string };
  /** Comparisons, clearings and recordings of a job in order. */
  "diagnostics.of-job": { readonly jobId: string };
  /** Photos of a job, refused ones, judgements, and which of their pictures were given up; in order. */
  "photos.of-job": { readonly jobId: string };
  /** Records that name a stored picture. */
  "photos.of-picture": { readonly picture: string };
  /** State changes of a bay in [fromMs, toMs), in order. */
  "bay.history": { readonly bayId: string; readonly fromMs: number; readonly toMs: number };
  /** Totals of a day for the manager's glance. */
  "day.totals": { readonly fromMs: number; readonly toMs: number };
}
export interface QueryRow {
  "labour.of-technician": LabourRow;
  "labour.of-job": LabourRow;
  "jobs.closed": {
    readonly jobId: string;
    readonly number: string;
    readonly openedAt: number;
    readonly closedAt: number;
    readonly labourMs: number;
    readonly flatRateHours: number | null;
    readonly promisedAt: number | null;
  };
  "scans.of-job": {
    readonly purpose: string;
    readonly takenAt: number;
    readonly body: string;
    /** Null for a scan that an earlier version recorded and headquarters alone still holds. */
    readonly dongleId: DongleId | null;
  };
  "diagnostics.of-job": {
    readonly epoch: string;
    readonly seq: number;
    /** The record's. */
    readonly id: string;
    readonly type: string;
    /** JSON; of a recording without its points, which stand in the record. */
    readonly body: string;
  };
  "photos.of-job": {
    readonly type: string;
    /** JSON, the record's body. */
    readonly body: string;
  };
  "photos.of-picture": { readonly type: string };
  "bay.history": {
    readonly bayId: string;
    readonly from: string;
    readonly to: string;
    readonly sinceMs: number;
    readonly cause: string;
  };
  "day.totals": {
    readonly jobsClosed: number;
    readonly labourMs: number;
    readonly coveredMs: number;
    readonly observableMs: number;
    readonly onTime: number;
    readonly promised: number;
  };
}
export type QueryName = keyof QueryParameters;

export interface LabourRow {
  readonly intervalId: string;
  readonly technicianId: string;
  readonly jobId: string;
  readonly jobNumber: string;
  readonly bayId: string | null;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly durationMs: number;
  readonly coverage: number | null;
  /** Numerator and denominator of `coverage`, so that a job's can be summed. */
  readonly coveredMs: number;
  readonly observableMs: number;
  /** Comma separated. */
  readonly flags: string;
}
