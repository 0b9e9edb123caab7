import type { JobView, PersonSummary, RunningLabour } from "../../contract/http-api.ts";
import type { BayId, PersonId } from "../../contract/ids.ts";
import { photosOf } from "../inspection/inspection.ts";
import type { RunningView, JobView as ShopJob } from "../shop/views.ts";
import { diagnosticsVersionOf } from "./diagnostics-now.ts";
import type { ShopPicture } from "./picture.ts";
import { maskPlate } from "./plate.ts";
import { promiseRisk } from "./promise.ts";

/** Tries after which a scan that has not come is called failed, as in the attention list. */
const FAILED_AFTER = 3;

/** A job as the page shows it: labour closed and running, coverage of what is closed, risk of its promise, its steps. */
export function viewOfJob(picture: ShopPicture, job: ShopJob): JobView {
  const closed = picture.labourOfJob(job.jobId);
  const closedMs = closed.reduce((sum, row) => sum + row.durationMs, 0);
  const observableMs = closed.reduce((sum, row) => sum + row.observableMs, 0);
  const coveredMs = closed.reduce((sum, row) => sum + row.coveredMs, 0);
  const coverage = observableMs > 0 ? Math.min(1, coveredMs / observableMs) : null;
  const labourMs = closedMs + job.running.reduce((sum, running) => sum + running.minimumMs, 0);
  const { promisedAt, flatRateHours } = job;
  return {
    id: job.jobId,
    number: job.number,
    work: job.work,
    plateMasked: maskPlate(job.plate, picture.configuration.privacy.plateDigitsShown),
    vin: job.vin,
    state: job.state,
    waitReason: job.waitReason,
    bay: job.bayId,
    assignedTo: job.technicianId === null ? null : personOf(picture, job.technicianId),
    openedAt: job.openedAt.wallMs,
    promisedAt,
    risk: promiseRisk({ promisedAt, flatRateHours, labourMs, workers: job.running.length }, picture.now.wallMs),
    flatRateHours,
    labourMs,
    coverage,
    lowCoverage: coverage !== null && coverage < picture.configuration.labour.lowCoverage,
    steps: stepsOf(picture, job, labourMs),
    running: job.running.map((running) => viewOfRunning(picture, running)),
    diagnosticsVersion: diagnosticsVersionOf(picture, job.jobId),
    photosVersion: `${photosOf(picture.state.inspection, job.jobId).changes}`,
  };
}

export function viewOfRunning(picture: ShopPicture, running: RunningView): RunningLabour {
  return {
    technician: personOf(picture, running.technicianId),
    jobId: running.jobId,
    since: running.startedAt.wallMs,
    elapsedMs: running.minimumMs,
    flags: [...running.flags],
  };
}

/** Someone who is no longer in the list of people is shown by his id: his labour stays his. */
export function personOf(picture: Pick<ShopPicture, "people">, id: PersonId): PersonSummary {
  const person = picture.people.byId(id);
  return person === undefined ? { id, name: id, role: "technician" } : { id, name: person.name, role: person.role };
}

/** The name of whoever acted, or the id where it is nobody of the list. */
export function nameOf(picture: Pick<ShopPicture, "people">, id: string): string {
  return picture.people.byId(id)?.name ?? id;
}

function stepsOf(picture: ShopPicture, job: ShopJob, labourMs: number): JobView["steps"] {
  const { scans } = job;
  const begun = labourMs > 0 || job.running.length > 0;
  const repair = scans.departureAt !== null && job.running.length === 0 ? "done" : begun ? "active" : "missing";
  const steps: JobView["steps"] = [{ step: "repair", state: repair }];
  // A bay without a dongle cannot scan: the steps are left out, unless a scan came all the same.
  const canScan = hasDongle(picture, job.bayId);
  const failed = scans.failures >= FAILED_AFTER;
  if (canScan || scans.arrivalAt !== null) {
    const open = failed ? "failed" : begun ? "missing" : "active";
    steps.unshift({ step: "arrival-scan", state: scans.arrivalAt !== null ? "done" : open });
  }
  if (canScan || scans.departureAt !== null) {
    const open = scans.wanted === "departure" ? (failed ? "failed" : "active") : "missing";
    steps.push({
      step: "departure-scan",
      state: scans.departureAt !== null && scans.wanted !== "departure" ? "done" : open,
    });
  }
  return steps;
}

function hasDongle(picture: ShopPicture, bayId: BayId | null): boolean {
  return bayId !== null && picture.configuration.bays[bayId]?.dongle !== undefined;
}
