import type { ErrorCode } from "../../contract/errors.ts";
import type { Draft, LossTombstone, Stamp, Stream } from "../../contract/records.ts";
import type { Head } from "./journal.ts";
import type { JournalLimits, PlantedFaults } from "./limits.ts";

/** What crosses between the main thread and the writer's thread: plain data, nothing else. */

/** A record as the main thread hands it over: everything but sequence and hashes. */
export interface NewRecord {
  readonly id: string;
  readonly draft: Draft;
}

export interface AppendWork {
  readonly kind: "append";
  readonly records: readonly NewRecord[];
  readonly at: Stamp;
  readonly recordedAt: number;
  readonly source: string;
  readonly messageId: string | null;
}

export interface QuarantineWork {
  readonly kind: "quarantine";
  readonly source: string;
  readonly topic: string;
  readonly code: string;
  readonly payload: Uint8Array;
  readonly at: Stamp;
}

export interface DropWork {
  readonly kind: "drop";
  readonly stream: Stream;
  readonly loss: Omit<LossTombstone, "hash" | "count">;
  readonly at: Stamp;
  readonly id: string;
}

/** What a state snapshot stands for. */
export interface CheckpointPlace {
  readonly epoch: string;
  readonly heads: Heads;
}

export type Heads = Readonly<Record<Stream, Head>>;

/** Work that rides in a group commit, each in its own savepoint. */
export type GroupWork =
  | AppendWork
  | QuarantineWork
  | DropWork
  | { readonly kind: "beat"; readonly at: Stamp }
  | { readonly kind: "mark"; readonly epoch: string; readonly stream: Stream; readonly seq: number }
  | { readonly kind: "forget"; readonly stream: Stream; readonly seq: number }
  | {
      readonly kind: "checkpoint";
      readonly state: string;
      readonly place: CheckpointPlace | undefined;
      readonly at: Stamp;
    }
  | { readonly kind: "epoch"; readonly epoch: string; readonly reason: string; readonly at: Stamp };

/** Work that the writer does alone, after what waits before it is committed. */
export type SoloWork =
  | { readonly kind: "prune"; readonly nowMs: number }
  | { readonly kind: "backup"; readonly toFile: string }
  | { readonly kind: "close"; readonly at: Stamp };

export type Work = GroupWork | SoloWork;

export interface Order {
  readonly id: number;
  readonly work: Work;
}

export interface Numbered {
  readonly stream: Stream;
  readonly seq: number;
  readonly prevHash: string;
  readonly hash: string;
}

export type Reply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly code: ErrorCode; readonly detail: string };

/** Figures of the database as of the last commit. */
export interface WriterFigures {
  readonly bytes: number;
  readonly maxBytes: number;
  readonly records: Readonly<Record<Stream, number>>;
  readonly lossRecords: number;
  readonly quarantined: number;
  readonly pressure: boolean;
}

export interface Opened {
  readonly kind: "opened";
  readonly epoch: string;
  readonly heads: Heads;
  readonly previousLife: { readonly stamp: Stamp; readonly clean: boolean } | undefined;
  readonly salvaged: boolean;
  readonly figures: WriterFigures;
}

export type FromWriter =
  | Opened
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly detail: string }
  | {
      readonly kind: "done";
      readonly replies: readonly Reply[];
      readonly epoch: string;
      readonly heads: Heads;
      readonly figures: WriterFigures;
      readonly commitMs: number | undefined;
    }
  /** The disk refused; the connection is given up and a new writer must be started. */
  | { readonly kind: "failed"; readonly replies: readonly Reply[]; readonly detail: string };

export interface WriterSetup {
  readonly directory: string;
  readonly limits: JournalLimits;
  readonly faults: PlantedFaults;
  readonly at: Stamp;
  /** Name of the first epoch, used only where there is no journal yet. */
  readonly firstEpoch: string;
  /** True when the same process opens again after its disk failed: the life goes on. */
  readonly reopened: boolean;
}
