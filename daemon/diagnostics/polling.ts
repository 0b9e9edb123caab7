import type { BayId, DongleId, JobId } from "../../contract/ids.ts";
import type { BayStateWord } from "../../contract/payloads.ts";
import type { Stamp } from "../../contract/records.ts";
import { elapsedMs } from "../labour/elapsed.ts";
import { type JobScans, scanTransaction } from "./scans.ts";

/** A scan to ask of a dongle: the edge publishes it as a `DongleRequest` of kind `scan`. */
export interface ScanRequest {
  readonly transaction: string;
  readonly dongleId: DongleId;
  readonly bayId: BayId;
  readonly jobId: JobId;
  readonly purpose: "arrival" | "departure";
  readonly deadlineMs: number;
}

/** What was asked and has not been answered. Not journaled: after a restart it is asked again. */
export interface ScanDesk {
  readonly pending: readonly (ScanRequest & { readonly askedAt: Stamp })[];
  /** Numbers requests, so that a late answer to an earlier one is told apart. */
  readonly asked: number;
}

export const NOTHING_ASKED: ScanDesk = { pending: [], asked: 0 };

/** A job at a bay with a dongle, as the policy needs to know it. */
export interface ScanCandidate {
  readonly jobId: JobId;
  readonly bayId: BayId;
  readonly bayState: BayStateWord;
  /** Whether a camera looks at the bay; where none does, a car stands there as long as the job does. */
  readonly bayWatched: boolean;
  readonly dongleId: DongleId;
  /** Nothing forbids to ask: polling is on, the dongle there, and no other conversation under way. */
  readonly askable: boolean;
  readonly scans: JobScans;
}

export interface PollingPolicy {
  /** A scan of all control units over a slow bus takes tens of seconds; the bridge has its own time-outs below this. */
  readonly deadlineMs: number;
  /** First pause after a failure; doubles with each further one. */
  readonly firstPauseMs: number;
  /** Ignition is often off for an hour: go on trying, but not so often that it drains a battery. */
  readonly longestPauseMs: number;
}

const POLLING_POLICY: PollingPolicy = { deadlineMs: 120_000, firstPauseMs: 30_000, longestPauseMs: 900_000 };

/** States in which a car stands at the bay. While it arrives, nobody has plugged the dongle in. */
const CAR_STANDS: readonly BayStateWord[] = ["occupied", "working", "waiting"];

/**
 * Decides which scans to ask for now and which have failed by silence. The caller publishes `requests` and turns each of
 * `expired` into the shop's command `scan-failed` with SCAN_NO_ANSWER.
 */
export function planScans(
  desk: ScanDesk,
  candidates: readonly ScanCandidate[],
  at: Stamp,
  policy: PollingPolicy = POLLING_POLICY,
): { readonly desk: ScanDesk; readonly requests: readonly ScanRequest[]; readonly expired: readonly ScanRequest[] } {
  const late = (asked: Stamp, deadlineMs: number) => (elapsedMs(asked, at) ?? Number.POSITIVE_INFINITY) > deadlineMs;
  const expired = desk.pending.filter((request) => late(request.askedAt, request.deadlineMs));
  const pending = desk.pending.filter((request) => !expired.includes(request));
  const requests: ScanRequest[] = [];
  for (const candidate of candidates) {
    const { jobId, bayId, dongleId } = candidate;
    // A dongle has one conversation at a time; what has just expired is counted as a failure first and waits its pause.
    const busy = [...pending, ...expired, ...requests].some((request) => request.dongleId === dongleId);
    const purpose = wanted(candidate, at, policy);
    if (busy || purpose === undefined) continue;
    const transaction = scanTransaction(purpose, jobId, desk.asked + requests.length + 1);
    requests.push({ transaction, dongleId, bayId, jobId, purpose, deadlineMs: policy.deadlineMs });
  }
  const asked = requests.map((request) => ({ ...request, askedAt: at }));
  return { desk: { pending: [...pending, ...asked], asked: desk.asked + requests.length }, requests, expired };
}

/** A request has been answered, by a scan or by a failure. */
export function settleScan(desk: ScanDesk, transaction: string): ScanDesk {
  return { ...desk, pending: desk.pending.filter((request) => request.transaction !== transaction) };
}

function wanted(
  { scans, bayState, bayWatched, askable }: ScanCandidate,
  at: Stamp,
  policy: PollingPolicy,
): "arrival" | "departure" | undefined {
  if (!askable || pausing(scans, at, policy)) return undefined;
  // Who asks for a scan stands at the car, whatever the cameras see.
  if (scans.wanted !== null) return scans.arrivalAt === null ? "arrival" : scans.wanted;
  // Firmware that only reports has said so once; a person may try it all the same.
  if (scans.lastFailure?.code === "DONGLE_REPORTS_ONLY") return undefined;
  const carStands = CAR_STANDS.includes(bayState) || !bayWatched;
  return carStands && scans.arrivalAt === null ? "arrival" : undefined;
}

function pausing({ failures, lastFailure }: JobScans, at: Stamp, policy: PollingPolicy): boolean {
  if (failures === 0 || lastFailure === null) return false;
  const sinceMs = elapsedMs(lastFailure.at, at);
  const pauseMs = Math.min(policy.longestPauseMs, policy.firstPauseMs * 2 ** Math.min(failures - 1, 20));
  return sinceMs !== undefined && sinceMs < pauseMs;
}
