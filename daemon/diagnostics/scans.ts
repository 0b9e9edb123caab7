import type { DongleId, JobId } from "../../contract/ids.ts";
import type { BatteryAlert, Draft, DraftOf, JournalRecord, Stamp } from "../../contract/records.ts";
import { type Clearings, evolveClearings, NO_CLEARINGS } from "./clearing.ts";
import type { OwnClearing } from "./difference.ts";
import { digestOf, type ScanDigest } from "./digest.ts";

export type ScanPurpose = "arrival" | "departure" | "other";

/** A limit that a battery has passed and not come back inside. */
export type RaisedAlert = Pick<DraftOf<"battery.alerted">["body"], "value" | "limit" | "unit" | "at">;

/** What an open job has been through with the dongle. */
export interface JobScans {
  readonly arrivalAt: Stamp | null;
  readonly departureAt: Stamp | null;
  /** What a person asked for and has not come yet. */
  readonly wanted: "arrival" | "departure" | null;
  /** Tries that failed since the last scan that came. */
  readonly failures: number;
  readonly lastFailure: { readonly code: string; readonly at: Stamp } | null;
  /** Confirmed, pending and permanent fault codes of the latest scan, each once. */
  readonly dtcs: readonly string[];
  /** The last sound VIN that does not match the job's: the wrong car, or a wrong repair order. Cleared by a scan that matches. */
  readonly vinMismatch: { readonly expected: string; readonly found: string; readonly at: Stamp } | null;
  /** The arrival scan, as far as a departure scan is compared with it. */
  readonly arrival: { readonly messageId: string; readonly otherCar: boolean; readonly digest: ScanDigest } | null;
  /** The newest scan; null once codes were cleared, or may have been, after it. */
  readonly fresh: { readonly messageId: string; readonly dongleId: DongleId; readonly at: Stamp } | null;
  /** Whether BayGate cleared codes since the arrival scan. */
  readonly cleared: OwnClearing;
  /** Codes were cleared, or may have been, and no scan has seen since what is left. */
  readonly departureDue: boolean;
  readonly alerts: Readonly<Partial<Record<BatteryAlert, RaisedAlert>>>;
  /** Records of this job's diagnostics so far: views made from them are old when it has risen. */
  readonly changes: number;
}

/** Keyed by job; `vins` are the VINs that jobs were opened with or a scan has noted. */
export interface DiagnosticsState {
  readonly jobs: Readonly<Record<string, JobScans>>;
  readonly vins: Readonly<Record<string, string>>;
  /** Jobs closed last, newest first: a departure scan may come after the job was closed. */
  readonly closed: readonly { readonly jobId: JobId; readonly scans: JobScans }[];
  readonly clearings: Clearings;
}

export const NO_SCANS: DiagnosticsState = { jobs: {}, vins: {}, closed: [], clearings: NO_CLEARINGS };

const NOTHING_YET: JobScans = {
  arrivalAt: null,
  departureAt: null,
  wanted: null,
  failures: 0,
  lastFailure: null,
  dtcs: [],
  vinMismatch: null,
  arrival: null,
  fresh: null,
  cleared: "no",
  departureDue: false,
  alerts: {},
  changes: 0,
};

const CLOSED_JOBS_REMEMBERED = 10;

export function scansOf({ jobs, closed }: DiagnosticsState, jobId: JobId): JobScans {
  return jobs[jobId] ?? closed.find((each) => each.jobId === jobId)?.scans ?? NOTHING_YET;
}

/** A state as an earlier version kept it in a checkpoint: what it did not know yet has not happened. */
export function upgradedDiagnostics(state: DiagnosticsState): DiagnosticsState {
  const jobs = Object.entries(state.jobs).map(([jobId, scans]) => [jobId, { ...NOTHING_YET, ...scans }]);
  return { ...NO_SCANS, ...state, jobs: Object.fromEntries(jobs) };
}

export function evolveDiagnostics(before: DiagnosticsState, record: Draft | JournalRecord): DiagnosticsState {
  const diagnostics = { ...before, clearings: evolveClearings(before.clearings, record) };
  switch (record.type) {
    case "job.opened": {
      const { jobId, vin } = record.body;
      const vins = vin === null ? diagnostics.vins : { ...diagnostics.vins, [jobId]: vin };
      return { ...diagnostics, jobs: { ...diagnostics.jobs, [jobId]: NOTHING_YET }, vins };
    }
    case "job.closed": {
      const { jobId } = record.body;
      const { [jobId]: scans, ...jobs } = diagnostics.jobs;
      const { [jobId]: _vin, ...vins } = diagnostics.vins;
      if (scans === undefined) return diagnostics;
      const closed = [{ jobId, scans }, ...diagnostics.closed].slice(0, CLOSED_JOBS_REMEMBERED);
      return { ...diagnostics, jobs, vins, closed };
    }
    case "scan.requested": {
      const { jobId, purpose } = record.body;
      return change(diagnostics, jobId, (scans) => ({ ...scans, wanted: purpose, failures: 0 }));
    }
    case "scan.failed": {
      const { jobId, code, at } = record.body;
      if (jobId === null) return diagnostics;
      return change(diagnostics, jobId, (scans) => ({
        ...scans,
        failures: scans.failures + 1,
        lastFailure: { code, at },
      }));
    }
    case "scan.recorded":
      return record.body.jobId === null ? diagnostics : scanned(diagnostics, record.body.jobId, record.body);
    case "codes.cleared": {
      const { jobId, outcome } = record.body;
      return change(diagnostics, jobId, (scans) => afterClearing(scans, outcome));
    }
    case "battery.alerted": {
      const { jobId, alert, state, value, limit, unit, at } = record.body;
      return change(diagnostics, jobId, (scans) => {
        const { [alert]: _raised, ...others } = scans.alerts;
        return { ...scans, alerts: state === "ended" ? others : { ...others, [alert]: { value, limit, unit, at } } };
      });
    }
    case "scan.compared":
    case "codes.clear-requested":
    case "signals.recorded":
      return change(diagnostics, record.body.jobId, (scans) => scans);
    default:
      return diagnostics.clearings === before.clearings ? before : diagnostics;
  }
}

function scanned(
  diagnostics: DiagnosticsState,
  jobId: JobId,
  { dongleId, purpose, scan, at }: DraftOf<"scan.recorded">["body"],
): DiagnosticsState {
  const sound = scan.vin !== null && scan.vinDoubts.length === 0 ? scan.vin : undefined;
  const expected = diagnostics.vins[jobId];
  const arrives = purpose === "arrival";
  const noted = change(diagnostics, jobId, (scans) => {
    const vinMismatch = mismatch(scans, expected, sound, at);
    const arrival = { messageId: scan.messageId, otherCar: vinMismatch !== null, digest: digestOf(scan) };
    return {
      ...scans,
      arrivalAt: arrives ? at : scans.arrivalAt,
      departureAt: purpose === "departure" ? at : scans.departureAt,
      wanted: scans.wanted === purpose ? null : scans.wanted,
      failures: 0,
      dtcs: [...new Set(scan.ecus.flatMap((ecu) => ecu.dtcs.map((dtc) => dtc.code)))],
      vinMismatch,
      arrival: arrives ? arrival : scans.arrival,
      fresh: { messageId: scan.messageId, dongleId, at },
      cleared: arrives ? "no" : scans.cleared,
      departureDue: false,
    };
  });
  const isOpen = diagnostics.jobs[jobId] !== undefined;
  if (!isOpen || sound === undefined || expected !== undefined) return noted;
  return { ...noted, vins: { ...noted.vins, [jobId]: sound } };
}

function mismatch(scans: JobScans, expected: string | undefined, found: string | undefined, at: Stamp) {
  if (found === undefined || expected === undefined) return scans.vinMismatch;
  return found === expected ? null : { expected, found, at };
}

/** A refusal or a failure has left the car as it was. */
function afterClearing(scans: JobScans, outcome: DraftOf<"codes.cleared">["body"]["outcome"]): JobScans {
  if (outcome === "refused" || outcome === "failed") return scans;
  const cleared = outcome === "unknown" && scans.cleared !== "yes" ? "maybe" : "yes";
  return { ...scans, cleared, fresh: null, departureDue: true };
}

/** Edits what is known of a job, open or just closed, and counts the change. */
function change(diagnostics: DiagnosticsState, jobId: JobId, edit: (scans: JobScans) => JobScans): DiagnosticsState {
  const counted = (scans: JobScans) => ({ ...edit(scans), changes: scans.changes + 1 });
  const scans = diagnostics.jobs[jobId];
  if (scans !== undefined) return { ...diagnostics, jobs: { ...diagnostics.jobs, [jobId]: counted(scans) } };
  const closed = diagnostics.closed.map((each) =>
    each.jobId === jobId ? { ...each, scans: counted(each.scans) } : each,
  );
  return { ...diagnostics, closed };
}

/** Requests name what they are for in their transaction, so that the answer finds its job also after a restart. */
export function scanTransaction(purpose: "arrival" | "departure", jobId: JobId, attempt: number): string {
  return `${purpose}.${attempt}.${jobId}`.slice(0, 64);
}

export function parseScanTransaction(
  transaction: string | undefined,
): { readonly purpose: "arrival" | "departure"; readonly jobId: string } | undefined {
  const match = /^(arrival|departure)\.\d+\.([A-Za-z0-9-]+)$/.exec(transaction ?? "");
  const [, purpose, jobId] = match ?? [];
  if (jobId === undefined || (purpose !== "arrival" && purpose !== "departure")) return undefined;
  return { purpose, jobId };
}
