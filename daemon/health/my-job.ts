import type { JobView, MyJobView, ScanView } from "../../contract/http-api.ts";
import type { PersonId } from "../../contract/ids.ts";
import { viewTechnician } from "../shop/views.ts";
import { viewOfRunning } from "./job-view.ts";
import type { ClosedInterval, ScanRow, ShopPicture } from "./picture.ts";
import { storedScan } from "./scan-view.ts";

/** How many scans of a job the page shows. */
const SCANS_SHOWN = 10;

/**
 * The technician's page: what he works on, what he could begin, his own record of today.
 * @param closedToday his intervals that ended today, newest first
 */
export function myJobOf(
  picture: ShopPicture,
  jobs: readonly JobView[],
  personId: PersonId,
  closedToday: readonly (ClosedInterval & { readonly jobNumber: string })[],
  revision: number,
): MyJobView {
  const { running, jobs: own } = viewTechnician(picture.state, personId, picture.now);
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const current = own[0] === undefined ? undefined : byId.get(own[0].jobId);
  const closedMs = closedToday.reduce((sum, interval) => sum + interval.durationMs, 0);
  return {
    asOf: picture.now.wallMs,
    revision,
    running: running === null ? null : viewOfRunning(picture, running),
    current: current ?? null,
    scans: current === undefined ? [] : picture.scansOfJob(current.id).slice(-SCANS_SHOWN).reverse().flatMap(scanOf),
    choices: jobs.filter(
      (job) => job.id !== current?.id && (job.assignedTo === null || job.assignedTo.id === personId),
    ),
    today: closedToday.map(({ jobNumber, ...interval }) => ({ interval, jobNumber, evidence: interval.evidence })),
    todayMs: closedMs + (running?.minimumMs ?? 0),
  };
}

function scanOf(row: ScanRow): readonly ScanView[] {
  const scan = storedScan(row);
  const purpose = (["arrival", "departure", "other"] as const).find((each) => each === row.purpose);
  if (scan === undefined || purpose === undefined) return [];
  return [
    {
      takenAt: scan.takenAt,
      dongleId: row.dongleId,
      purpose,
      vin: scan.vin,
      dtcs: scan.ecus.flatMap((ecu) =>
        ecu.dtcs.map(({ code, status }) => ({ code, status, ecu: ecu.name ?? ecu.address })),
      ),
      unanswered: scan.ecus.flatMap((ecu) =>
        ecu.unanswered.map(({ service, reason }) => `${ecu.name ?? ecu.address} ${service}: ${reason}`),
      ),
      milOn: scan.readiness?.milOn ?? null,
      incompleteMonitors: Object.entries(scan.readiness?.monitors ?? {})
        .filter(([, state]) => state === "incomplete")
        .map(([name]) => name),
    },
  ];
}
