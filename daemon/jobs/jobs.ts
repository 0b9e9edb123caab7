import { Value } from "typebox/value";
import { type BayId, JobId, type PersonId } from "../../contract/ids.ts";
import type { WaitReason } from "../../contract/payloads.ts";
import type { Actor, Draft, DraftOf, JournalRecord, Stamp } from "../../contract/records.ts";
import { accept, type Decision, type DecisionContext, draft, refuse } from "../shop/decider.ts";

/** A repair order that is not closed. */
export interface Job {
  readonly jobId: JobId;
  readonly number: string;
  readonly work: string;
  readonly plate: string | null;
  /** As it was given when the job was opened, else the first sound one that a scan found. */
  readonly vin: string | null;
  readonly flatRateHours: number | null;
  /** Wall time in milliseconds. */
  readonly promisedAt: number | null;
  readonly bayId: BayId | null;
  readonly technicianId: PersonId | null;
  /** Null while it is not paused. */
  readonly waitReason: WaitReason | null;
  readonly openedAt: Stamp;
  /** When it was opened, paused or resumed last. */
  readonly since: Stamp;
}

/** As it was when it was closed. */
export interface ClosedJob extends Job {
  readonly closedAt: Stamp;
}

export interface JobsState {
  readonly open: Readonly<Record<string, Job>>;
  /** The latest, so that a late tap or scan gets the right answer. Older ones are in the journal. */
  readonly recentlyClosed: readonly ClosedJob[];
}

export const NO_JOBS: JobsState = { open: {}, recentlyClosed: [] };

const CLOSED_JOBS_REMEMBERED = 200;

/** Jobs as an earlier version kept them in a checkpoint: of a closed one it knew number and VIN alone. */
export function upgradedJobs(jobs: JobsState): JobsState {
  return { ...jobs, recentlyClosed: jobs.recentlyClosed.map((job) => ({ ...littleKnown(job.closedAt), ...job })) };
}

function littleKnown(closedAt: Stamp): Omit<Job, "jobId" | "number" | "vin"> {
  return {
    work: "",
    plate: null,
    flatRateHours: null,
    promisedAt: null,
    bayId: null,
    technicianId: null,
    waitReason: null,
    openedAt: closedAt,
    since: closedAt,
  };
}

export type JobCommand =
  | {
      readonly kind: "open-job";
      readonly number: string;
      readonly work: string;
      readonly plate?: string | null;
      readonly vin?: string | null;
      readonly flatRateHours?: number | null;
      readonly promisedAt?: number | null;
      readonly bayId?: BayId | null;
      readonly technicianId?: PersonId | null;
      readonly by: Actor;
    }
  /** What is left out stays as it is; null takes the job off the bay or the technician off the job. */
  | {
      readonly kind: "assign-job";
      readonly jobId: JobId;
      readonly bayId?: BayId | null;
      readonly technicianId?: PersonId | null;
      readonly by: Actor;
    }
  | { readonly kind: "pause-job"; readonly jobId: JobId; readonly reason: WaitReason; readonly by: Actor }
  | { readonly kind: "resume-job"; readonly jobId: JobId; readonly by: Actor }
  | { readonly kind: "close-job"; readonly jobId: JobId; readonly by: Actor };

/**
 * Decides on the job alone; that pausing and closing end its labour time is the shop's rule.
 * Pausing for the same reason again, resuming what runs and assigning what is assigned are accepted and make no record.
 */
export function decideJob(
  jobs: JobsState,
  command: JobCommand,
  context: DecisionContext,
  bays: readonly BayId[],
): Decision {
  if (command.kind === "open-job") return openJob(jobs, command, context, bays);
  const job = jobs.open[command.jobId];
  if (job === undefined) return refuse(missingCode(jobs, command.jobId));
  const { jobId } = job;
  const { by } = command;
  const { at } = context;
  switch (command.kind) {
    case "assign-job": {
      const bayId = command.bayId === undefined ? job.bayId : command.bayId;
      const technicianId = command.technicianId === undefined ? job.technicianId : command.technicianId;
      const refusal = bayRefusal(jobs, bayId, job.jobId, bays);
      if (refusal !== undefined) return refuse(refusal);
      if (bayId === job.bayId && technicianId === job.technicianId) return accept();
      return accept(draft("job.assigned", { jobId, bayId, technicianId, by, at }));
    }
    case "pause-job":
      if (job.waitReason === command.reason) return accept();
      return accept(draft("job.paused", { jobId, reason: command.reason, by, at }));
    case "resume-job":
      return job.waitReason === null ? accept() : accept(draft("job.resumed", { jobId, by, at }));
    case "close-job":
      return accept(draft("job.closed", { jobId, by, at }));
  }
}

function openJob(
  jobs: JobsState,
  command: Extract<JobCommand, { kind: "open-job" }>,
  { at, newId }: DecisionContext,
  bays: readonly BayId[],
): Decision {
  if (jobByNumber(jobs, command.number) !== undefined) return refuse("JOB_NUMBER_TAKEN");
  const bayId = command.bayId ?? null;
  const technicianId = command.technicianId ?? null;
  const refusal = bayRefusal(jobs, bayId, undefined, bays);
  if (refusal !== undefined) return refuse(refusal);
  const { number, work, by } = command;
  const jobId = Value.Parse(JobId, newId());
  const opened = draft("job.opened", {
    jobId,
    number,
    work,
    plate: command.plate ?? null,
    vin: command.vin ?? null,
    flatRateHours: command.flatRateHours ?? null,
    promisedAt: command.promisedAt ?? null,
    by,
    at,
  });
  if (bayId === null && technicianId === null) return accept(opened);
  return accept(opened, draft("job.assigned", { jobId, bayId, technicianId, by, at }));
}

function bayRefusal(jobs: JobsState, bayId: BayId | null, jobId: JobId | undefined, bays: readonly BayId[]) {
  if (bayId === null) return undefined;
  if (!bays.includes(bayId)) return "BAY_UNKNOWN";
  const there = jobAtBay(jobs, bayId);
  return there === undefined || there.jobId === jobId ? undefined : "BAY_TAKEN";
}

/** Why a job cannot be found among the open ones. */
export function missingCode(jobs: JobsState, jobId: JobId): "JOB_CLOSED" | "JOB_UNKNOWN" {
  return jobs.recentlyClosed.some((job) => job.jobId === jobId) ? "JOB_CLOSED" : "JOB_UNKNOWN";
}

/** The open or paused job that stands at a bay. */
export function jobAtBay(jobs: JobsState, bayId: BayId): Job | undefined {
  return Object.values(jobs.open).find((job) => job.bayId === bayId);
}

export function jobByNumber(jobs: JobsState, number: string): Job | undefined {
  return Object.values(jobs.open).find((job) => job.number === number);
}

export function evolveJobs(jobs: JobsState, record: Draft | JournalRecord): JobsState {
  switch (record.type) {
    case "job.opened":
      return withJob(jobs, opened(record.body));
    case "job.assigned": {
      const { jobId, bayId, technicianId } = record.body;
      return change(jobs, jobId, (job) => ({ ...job, bayId, technicianId }));
    }
    case "job.paused": {
      const { jobId, reason, at } = record.body;
      return change(jobs, jobId, (job) => ({ ...job, waitReason: reason, since: at }));
    }
    case "job.resumed": {
      const { jobId, at } = record.body;
      return change(jobs, jobId, (job) => ({ ...job, waitReason: null, since: at }));
    }
    case "job.closed": {
      const job = jobs.open[record.body.jobId];
      if (job === undefined) return jobs;
      const { [job.jobId]: _closed, ...open } = jobs.open;
      const closed: ClosedJob = { ...job, closedAt: record.body.at };
      return { open, recentlyClosed: [closed, ...jobs.recentlyClosed].slice(0, CLOSED_JOBS_REMEMBERED) };
    }
    case "scan.recorded": {
      const { jobId, scan } = record.body;
      const sound = scan.vin !== null && scan.vinDoubts.length === 0;
      if (jobId === null || !sound) return jobs;
      return change(jobs, jobId, (job) => (job.vin === null ? { ...job, vin: scan.vin } : job));
    }
    default:
      return jobs;
  }
}

function opened({
  jobId,
  number,
  work,
  plate,
  vin,
  flatRateHours,
  promisedAt,
  at,
}: DraftOf<"job.opened">["body"]): Job {
  return {
    jobId,
    number,
    work,
    plate,
    vin,
    flatRateHours,
    promisedAt,
    bayId: null,
    technicianId: null,
    waitReason: null,
    openedAt: at,
    since: at,
  };
}

function withJob(jobs: JobsState, job: Job): JobsState {
  return { ...jobs, open: { ...jobs.open, [job.jobId]: job } };
}

function change(jobs: JobsState, jobId: JobId, edit: (job: Job) => Job): JobsState {
  const job = jobs.open[jobId];
  return job === undefined ? jobs : withJob(jobs, edit(job));
}
