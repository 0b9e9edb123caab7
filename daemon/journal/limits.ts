/** Bounds and rhythms of the journal. Every default carries its reason; a shop changes `maxBytes` at most. */
export interface JournalLimits {
  /** Hard bound of the database file. 5,000 records a day at about 1 KB each with indexes fill this in a year, and headquarters empties it long before. */
  readonly maxBytes: number;
  /** Part of `maxBytes` that only labour and tombstones may use, so that a full journal still takes a clock-on. */
  readonly reservedShare: number;
  /** Freed when the disk is full: SQLite needs room in its write-ahead log before it can delete or checkpoint anything. */
  readonly ballastBytes: number;
  /** A commit waits for company at most this long … */
  readonly groupWindowMs: number;
  /** … or until nobody new came for this long, so that a lone record is not kept waiting … */
  readonly groupIdleMs: number;
  /** … or until this many records wait. */
  readonly groupMaxRecords: number;
  /** Bytes of messages kept that could not be understood; the oldest go first. */
  readonly quarantineBytes: number;
  /** Records younger than this stay on the box although headquarters holds them: the page shows them, and a restore of headquarters may ask again. */
  readonly retentionMs: number;
  /** Checkpoints kept. The one before the last is there in case the last cannot be read. */
  readonly checkpoints: number;
  /** First wait before a journal whose disk failed is opened again; doubles up to a minute. */
  readonly reopenAfterMs: number;
}

export const DEFAULT_LIMITS: JournalLimits = {
  maxBytes: 2 * 1024 ** 3,
  reservedShare: 0.05,
  ballastBytes: 16 * 1024 ** 2,
  groupWindowMs: 5,
  groupIdleMs: 1,
  groupMaxRecords: 256,
  quarantineBytes: 8 * 1024 ** 2,
  retentionMs: 30 * 24 * 3600 * 1000,
  checkpoints: 2,
  reopenAfterMs: 1_000,
};

/** Misbehaviour on demand, for tests and the faults harness. `openJournal` refuses it unless `demo` is set. */
export interface PlantedFaults {
  /** Every commit takes this much longer, in the writer's thread, as on a slow disk. */
  readonly fsyncDelayMs?: number;
  /** So many commits succeed, then one fails as if the disk had refused the flush. */
  readonly failCommitAfter?: number;
  /** A planted bug: records are acknowledged before their commit. */
  readonly acknowledgeBeforeCommit?: boolean;
  /** A planted bug: records are forgotten once read for sending, before headquarters' mark. */
  readonly forgetBeforeMark?: boolean;
}
