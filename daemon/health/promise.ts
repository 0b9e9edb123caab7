export type PromiseRisk = "none" | "at-risk" | "late";

const HOUR_MS = 3_600_000;
/** Where no flat-rate hours say how much is left, this much time before the promise a person should look. */
const UNKNOWN_WORK_MS = HOUR_MS / 2;

/** What the risk of a promise is reckoned from. */
export interface PromisedJob {
  /** Wall time. */
  readonly promisedAt: number | null;
  readonly flatRateHours: number | null;
  /** Labour so far, running time included. */
  readonly labourMs: number;
  /** How many work on it now; none is taken as one who could begin at once. */
  readonly workers: number;
}

/**
 * Whether a promise will be kept: what the flat rate leaves to do, shared by who works on it, against the time that is left. Work that has
 * overrun its flat rate is taken to end now, until the promise itself is broken.
 */
export function promiseRisk(job: PromisedJob, nowMs: number): PromiseRisk {
  if (job.promisedAt === null) return "none";
  const leftMs = job.promisedAt - nowMs;
  if (leftMs < 0) return "late";
  if (job.flatRateHours === null) return leftMs < UNKNOWN_WORK_MS ? "at-risk" : "none";
  const workMs = Math.max(0, job.flatRateHours * HOUR_MS - job.labourMs) / Math.max(1, job.workers);
  return workMs > leftMs ? "at-risk" : "none";
}
