import type { ErrorCode } from "../../contract/errors.ts";

export type UplinkState = "all-sent" | "sending" | "offline" | "not-enrolled" | "refused";

/** The line to headquarters as the page shows it. Times are shop time in milliseconds. */
export interface UplinkStatus {
  readonly state: UplinkState;
  /** When the state became what it is. */
  readonly since: number;
  readonly recordsWaiting: number;
  /** When the oldest waiting record was written; absent when none waits. */
  readonly oldestWaitingAt?: number;
  /** Records that headquarters confirmed since the shop's midnight. */
  readonly sentToday: number;
  /** Tombstones in the journal: ranges that were given up. */
  readonly lost: number;
  readonly lastContactAt?: number;
  /** How far headquarters' clock is ahead of ours. */
  readonly clockOffsetMs?: number;
  readonly lastError?: { readonly code: ErrorCode; readonly detail: string; readonly at: number };
}

/** Two states that a reader of the page could not tell apart. */
export function sameStatus(a: UplinkStatus, b: UplinkStatus): boolean {
  return (
    a.state === b.state &&
    a.recordsWaiting === b.recordsWaiting &&
    a.oldestWaitingAt === b.oldestWaitingAt &&
    a.sentToday === b.sentToday &&
    a.lost === b.lost &&
    a.lastError?.code === b.lastError?.code
  );
}
