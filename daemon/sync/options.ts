import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import type { Journal, JournalStatistics } from "../journal/journal.ts";

/** Deadlines of the machine, in real time: they do not run faster in a demo. */
export interface UplinkTiming {
  /** Upper bound of the first pause after a failure; doubles with each. */
  readonly firstPauseMs: number;
  /** Before the very first try, somewhere in this time: after a power cut a whole district starts at once. */
  readonly startJitterMs: number;
  /** An idle line says hello this often, so that an outage is seen and the clock is checked. */
  readonly heartbeatMs: number;
  /** The journal is looked at this often when nobody calls `nudge`. */
  readonly pollMs: number;
  readonly requestTimeoutMs: number;
  /** Batches under way at once, each of another stream. */
  readonly inFlight: number;
}

export const DEFAULT_TIMING: UplinkTiming = {
  firstPauseMs: 1_000,
  startJitterMs: 2_000,
  heartbeatMs: 60_000,
  pollMs: 500,
  requestTimeoutMs: 30_000,
  inFlight: 2,
};

/** What the uplink needs of the journal. */
export interface UplinkJournal
  extends Pick<
    Journal,
    | "epoch"
    | "heads"
    | "read"
    | "hashAt"
    | "lossCovering"
    | "highWaterMarks"
    | "setHighWaterMark"
    | "beginEpoch"
    | "drop"
    | "epochs"
    | "readEpoch"
  > {
  statistics(): Pick<JournalStatistics, "lossRecords">;
}

export interface UplinkOptions {
  readonly journal: UplinkJournal;
  readonly config: {
    readonly url: string;
    readonly authorityFile: string;
    readonly claimCodeFile?: string;
    /** Cap of the back-off. */
    readonly longestPauseSeconds?: number;
  };
  /** `shop.gateway`: headquarters' name for this box must be the same. */
  readonly gateway: string;
  readonly timeZone: string;
  readonly version: string;
  /** Holds key, certificate and a counter; files of mode 0600. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Headquarters' last word on the time, already lowered by the tolerance: goes to `SystemClock.raiseFloor`. */
  readonly raiseFloor?: (wallMs: number) => void;
  /** Wall clock by which certificates live. */
  readonly machineNowMs?: () => number;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  readonly timing?: Partial<UplinkTiming>;
}
