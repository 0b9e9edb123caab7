import type { JobView } from "../../../contract/http-api.ts";
import { runningMs } from "../live/shop-clock.ts";

/**
 * Labour time of a job now. `labourMs` of the view holds closed and running time at `asOf`; for each clock that runs the time since then
 * comes on top.
 */
export function jobLabourMs(job: JobView, asOf: number, now: number): number {
  return job.labourMs + job.running.length * runningMs(0, asOf, now);
}

/** Who is on the clock, else to whom it is assigned. */
export function technicianNames(job: Pick<JobView, "running" | "assignedTo">): readonly string[] {
  if (job.running.length > 0) return job.running.map((running) => running.technician.name);
  return job.assignedTo === null ? [] : [job.assignedTo.name];
}
