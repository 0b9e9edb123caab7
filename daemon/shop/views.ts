import type { BayId, IntervalId, JobId, PersonId } from "../../contract/ids.ts";
import type { BayStateWord, WaitReason } from "../../contract/payloads.ts";
import {
  BATTERY_ALERTS,
  type BatteryAlert,
  type LabourFlag,
  type LabourInterval,
  type Stamp,
} from "../../contract/records.ts";
import { neverSeen } from "../bays/facts.ts";
import { runningClearing } from "../diagnostics/clearing.ts";
import { type DiagnosticsPolicy, notAskable } from "../diagnostics/decide.ts";
import type { ScanCandidate } from "../diagnostics/polling.ts";
import { type JobScans, type RaisedAlert, scansOf } from "../diagnostics/scans.ts";
import { type Job, jobAtBay } from "../jobs/jobs.ts";
import { elapsedMs } from "../labour/elapsed.ts";
import { bayOf, type RunningInterval, timeOf } from "../labour/interval.ts";
import { runningOf, runningOn } from "../labour/labour.ts";
import type { RefusedTap } from "./operations.ts";
import type { ShopState } from "./shop.ts";

/** Labour time that runs now. `minimumMs` is certain; `maximumMs` differs from it only across a reboot. */
export interface RunningView {
  readonly intervalId: IntervalId;
  readonly technicianId: PersonId;
  readonly jobId: JobId;
  readonly jobNumber: string | null;
  readonly bayId: BayId | null;
  readonly startedAt: Stamp;
  readonly minimumMs: number;
  readonly maximumMs: number;
  readonly flags: readonly LabourFlag[];
}

export interface JobView extends Omit<Job, "openedAt" | "since"> {
  readonly state: "open" | "paused";
  readonly openedAt: Stamp;
  readonly since: Stamp;
  readonly running: readonly RunningView[];
  readonly scans: JobScans;
}

export interface BayView {
  readonly bayId: BayId;
  readonly state: BayStateWord;
  readonly since: Stamp;
  readonly stateForMs: number;
  readonly at: Stamp;
  readonly cause: string;
  readonly people: number;
  readonly liftRaised: boolean;
  readonly job: JobView | null;
  /** Who is clocked on to the job at this bay; else who is assigned to it. */
  readonly technicianIds: readonly PersonId[];
}

export interface TechnicianView {
  readonly technicianId: PersonId;
  readonly running: RunningView | null;
  /** Open jobs that are assigned to him or that he is clocked on to; what he works on first. */
  readonly jobs: readonly JobView[];
}

/** The bays of the configuration, in its order. A bay that no camera has seen is unknown since the gateway started. */
export function viewBays(state: ShopState, now: Stamp, bays: readonly BayId[]): readonly BayView[] {
  return bays.map((bayId) => {
    const facts = state.bays[bayId] ?? neverSeen(bayId, state.operations.startedAt ?? now);
    const { before: _before, evidenceTo: _evidenceTo, ...shown } = facts;
    const there = jobAtBay(state.jobs, bayId);
    const job = there === undefined ? null : viewJob(state, there, now);
    // Across a reboot only the wall clock can say it; this is for the eye, no figure is made of it.
    const stateForMs = elapsedMs(facts.since, now) ?? Math.max(0, now.wallMs - facts.since.wallMs);
    return { ...shown, stateForMs, job, technicianIds: techniciansOf(job) };
  });
}

function techniciansOf(job: JobView | null): readonly PersonId[] {
  if (job === null) return [];
  if (job.running.length > 0) return job.running.map((interval) => interval.technicianId);
  return job.technicianId === null ? [] : [job.technicianId];
}

/** Jobs that are not closed, the oldest first. */
export function viewJobs(state: ShopState, now: Stamp): readonly JobView[] {
  return Object.values(state.jobs.open).map((job) => viewJob(state, job, now));
}

function viewJob(state: ShopState, job: Job, now: Stamp): JobView {
  return {
    ...job,
    state: job.waitReason === null ? "open" : "paused",
    running: runningOn(state.labour, job.jobId).map((interval) => viewRunning(state, interval, now)),
    scans: scansOf(state.diagnostics, job.jobId),
  };
}

export function viewTechnician(state: ShopState, technicianId: PersonId, now: Stamp): TechnicianView {
  const interval = runningOf(state.labour, technicianId);
  const running = interval === undefined ? null : viewRunning(state, interval, now);
  const concerns = (job: Job) => job.technicianId === technicianId || job.jobId === running?.jobId;
  const jobs = Object.values(state.jobs.open)
    .filter(concerns)
    .map((job) => viewJob(state, job, now));
  return { technicianId, running, jobs: jobs.sort((a, b) => rank(a, running) - rank(b, running)) };
}

function rank(job: JobView, running: RunningView | null): number {
  if (job.jobId === running?.jobId) return 0;
  return job.state === "open" ? 1 : 2;
}

function viewRunning(state: ShopState, interval: RunningInterval, now: Stamp): RunningView {
  const { intervalId, technicianId, jobId, startedAt, flags } = interval;
  const jobNumber = state.jobs.open[jobId]?.number ?? null;
  const bayId = bayOf(interval);
  const { minimumMs, maximumMs } = timeOf(interval, now);
  return { intervalId, technicianId, jobId, jobNumber, bayId, startedAt, minimumMs, maximumMs, flags };
}

/** Facts of the domain that may need a person; `health/` decides which become cards and in what words. */
export type Concern =
  | { readonly kind: "running-labour-flagged"; readonly interval: RunningView }
  | { readonly kind: "labour-flagged"; readonly interval: LabourInterval }
  | { readonly kind: "low-coverage"; readonly interval: LabourInterval }
  | {
      readonly kind: "vin-mismatch";
      readonly jobId: JobId;
      readonly jobNumber: string;
      readonly mismatch: NonNullable<JobScans["vinMismatch"]>;
    }
  | {
      readonly kind: "scan-failing";
      readonly jobId: JobId;
      readonly jobNumber: string;
      readonly bayId: BayId | null;
      readonly failures: number;
      readonly code: string;
      readonly at: Stamp;
    }
  | {
      readonly kind: "battery-alert";
      readonly jobId: JobId;
      readonly jobNumber: string;
      readonly bayId: BayId | null;
      readonly alert: BatteryAlert;
      readonly raised: RaisedAlert;
    }
  | { readonly kind: "waiting"; readonly job: JobView; readonly reason: WaitReason }
  | { readonly kind: "tap-refused"; readonly tap: RefusedTap };

/** One failure is weather; this many in a row are a cause for a person to go and look. */
const FAILURES_OF_CONCERN = 3;

export function concerns(state: ShopState, now: Stamp, policy: { readonly lowCoverage: number }): readonly Concern[] {
  const jobs = viewJobs(state, now);
  const found: Concern[] = [];
  for (const interval of jobs.flatMap((job) => job.running))
    if (interval.flags.length > 0) found.push({ kind: "running-labour-flagged", interval });
  for (const interval of state.operations.doubtfulLabour) {
    if (interval.flags.length > 0) found.push({ kind: "labour-flagged", interval });
    else if ((interval.evidence.coverage ?? 1) < policy.lowCoverage) found.push({ kind: "low-coverage", interval });
  }
  for (const job of jobs) {
    const { jobId, number: jobNumber, bayId, scans, waitReason } = job;
    if (scans.vinMismatch !== null) found.push({ kind: "vin-mismatch", jobId, jobNumber, mismatch: scans.vinMismatch });
    if (scans.lastFailure !== null && scans.failures >= FAILURES_OF_CONCERN)
      found.push({ kind: "scan-failing", jobId, jobNumber, bayId, failures: scans.failures, ...scans.lastFailure });
    for (const alert of BATTERY_ALERTS) {
      const raised = scans.alerts[alert];
      if (raised !== undefined) found.push({ kind: "battery-alert", jobId, jobNumber, bayId, alert, raised });
    }
    if (waitReason !== null) found.push({ kind: "waiting", job, reason: waitReason });
  }
  for (const tap of state.operations.refusedTaps) found.push({ kind: "tap-refused", tap });
  return found;
}

/**
 * Jobs at bays with a dongle, for `planScans`.
 * @param isWatched whether a camera looks at the bay
 */
export function scanCandidates(
  state: ShopState,
  policy: DiagnosticsPolicy,
  isWatched: (bayId: BayId) => boolean,
): readonly ScanCandidate[] {
  return Object.values(state.jobs.open).flatMap((job): readonly ScanCandidate[] => {
    const { jobId, bayId } = job;
    const dongleId = bayId === null ? undefined : policy.dongles[bayId]?.dongleId;
    if (bayId === null || dongleId === undefined) return [];
    const bayState = state.bays[bayId]?.state ?? "unknown";
    const clears = runningClearing(state.diagnostics.clearings, dongleId) !== undefined;
    const askable = !clears && notAskable(state.operations, bayId, policy) === undefined;
    const scans = scansOf(state.diagnostics, jobId);
    return [{ jobId, bayId, bayState, bayWatched: isWatched(bayId), dongleId, askable, scans }];
  });
}
