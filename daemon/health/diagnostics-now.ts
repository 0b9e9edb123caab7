import type { JobDiagnosticsView } from "../../contract/diagnostics-api.ts";
import type { BayId, JobId } from "../../contract/ids.ts";
import { runningClearing } from "../diagnostics/clearing.ts";
import { notAskable, notClearable } from "../diagnostics/decide.ts";
import { scansOf } from "../diagnostics/scans.ts";
import { missingCode } from "../jobs/jobs.ts";
import type { ShopPicture } from "./picture.ts";

type Possible = JobDiagnosticsView["scanNow"];
type Sight = Pick<ShopPicture, "state" | "now" | "policy" | "isScanning">;

/** Whether the car of a job can be scanned now. */
export function scanNow({ state, policy, isScanning }: Omit<Sight, "now">, jobId: JobId): Possible {
  const job = state.jobs.open[jobId];
  if (job === undefined) return refused(missingCode(state.jobs, jobId));
  const running = isScanned({ state, policy, isScanning }, jobId);
  const code =
    notAskable(state.operations, job.bayId, policy) ?? (isClearing(state, policy, job.bayId) ? "DONGLE_BUSY" : null);
  return { possible: code === null && !running, code, running };
}

/** Whether the codes of a job's car can be cleared now. */
export function clearNow({ state, now, policy, isScanning }: Sight, jobId: JobId): Possible {
  const bayId = state.jobs.open[jobId]?.bayId ?? null;
  const running = isClearing(state, policy, bayId);
  const scans = isScanned({ state, policy, isScanning }, jobId);
  const code = notClearable(state, jobId, now, policy) ?? (scans ? "DONGLE_BUSY" : null);
  return { possible: code === null, code, running };
}

/** Whether the car of a job is being scanned now. */
export function isScanned({ state, policy, isScanning }: Omit<Sight, "now">, jobId: JobId): boolean {
  const bayId = state.jobs.open[jobId]?.bayId ?? null;
  const place = bayId === null ? undefined : policy.dongles[bayId];
  return place !== undefined && isScanning(place.dongleId);
}

/** Another word whenever the view of a job's diagnostics says something else, values that merely flow apart. */
export function diagnosticsVersionOf(sight: Sight, jobId: JobId): string {
  const scan = scanNow(sight, jobId);
  const clear = clearNow(sight, jobId);
  const { changes } = scansOf(sight.state.diagnostics, jobId);
  const word = ({ running, code }: Possible) => `${running ? "runs" : ""}${code ?? ""}`;
  return `${changes}/${word(scan)}/${word(clear)}`;
}

const refused = (code: string): Possible => ({ possible: false, code, running: false });

function isClearing(state: Sight["state"], policy: Sight["policy"], bayId: BayId | null): boolean {
  const place = bayId === null ? undefined : policy.dongles[bayId];
  return place !== undefined && runningClearing(state.diagnostics.clearings, place.dongleId) !== undefined;
}
