import type { JobId } from "../../contract/ids.ts";
import type { Draft, JournalRecord, Stamp } from "../../contract/records.ts";

export type ScanPurpose = "arrival" | "departure" | "other";

/** What an open job has been through with the dongle. */
export interface JobScans {
  readonly arrivalAt: Stamp | null;
  readonly departureAt: Stamp | null;
  /** A person asked for a departure scan and it has not come yet. */
  readonly departureWanted: boolean;
  /** Tries that failed since the last scan that came. */
  readonly failures: number;
  readonly lastFailure: { readonly code: string; readonly at: Stamp } | null;
  /** Confirmed, pending and permanent fault codes of the latest scan, each once. */
  readonly dtcs: readonly string[];
  /** The last sound VIN that does not match the job's: the wrong car, or a wrong repair order. Cleared by a scan that matches. */
  readonly vinMismatch: { readonly expected: string; readonly found: string; readonly at: Stamp } | null;
}

/** Keyed by job; a job's entry goes when it is closed. `vins` are the VINs that jobs were opened with or a scan has noted. */
export interface DiagnosticsState {
  readonly jobs: Readonly<Record<string, JobScans>>;
  readonly vins: Readonly<Record<string, string>>;
}

export const NO_SCANS: DiagnosticsState = { jobs: {}, vins: {} };

const NOTHING_YET: JobScans = {
  arrivalAt: null,
  departureAt: null,
  departureWanted: false,
  failures: 0,
  lastFailure: null,
  dtcs: [],
  vinMismatch: null,
};

export function scansOf(diagnostics: DiagnosticsState, jobId: JobId): JobScans {
  return diagnostics.jobs[jobId] ?? NOTHING_YET;
}

export function evolveDiagnostics(diagnostics: DiagnosticsState, record: Draft | JournalRecord): DiagnosticsState {
  switch (record.type) {
    case "job.opened": {
      const { jobId, vin } = record.body;
      const vins = vin === null ? diagnostics.vins : { ...diagnostics.vins, [jobId]: vin };
      return { jobs: { ...diagnostics.jobs, [jobId]: NOTHING_YET }, vins };
    }
    case "job.closed": {
      const { [record.body.jobId]: _scans, ...jobs } = diagnostics.jobs;
      const { [record.body.jobId]: _vin, ...vins } = diagnostics.vins;
      return { jobs, vins };
    }
    case "scan.requested": {
      const { jobId, purpose } = record.body;
      if (purpose !== "departure") return diagnostics;
      return change(diagnostics, jobId, (scans) => ({ ...scans, departureWanted: true, failures: 0 }));
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
    case "scan.recorded": {
      const { jobId, purpose, scan, at } = record.body;
      if (jobId === null || diagnostics.jobs[jobId] === undefined) return diagnostics;
      const sound = scan.vin !== null && scan.vinDoubts.length === 0 ? scan.vin : undefined;
      const expected = diagnostics.vins[jobId];
      const noted = change(diagnostics, jobId, (scans) => ({
        ...scans,
        arrivalAt: purpose === "arrival" ? (scans.arrivalAt ?? at) : scans.arrivalAt,
        departureAt: purpose === "departure" ? at : scans.departureAt,
        departureWanted: purpose === "departure" ? false : scans.departureWanted,
        failures: 0,
        dtcs: [...new Set(scan.ecus.flatMap((ecu) => ecu.dtcs.map((dtc) => dtc.code)))],
        vinMismatch: mismatch(scans, expected, sound, at),
      }));
      if (expected !== undefined || sound === undefined) return noted;
      return { ...noted, vins: { ...noted.vins, [jobId]: sound } };
    }
    default:
      return diagnostics;
  }
}

function mismatch(scans: JobScans, expected: string | undefined, found: string | undefined, at: Stamp) {
  if (found === undefined || expected === undefined) return scans.vinMismatch;
  return found === expected ? null : { expected, found, at };
}

function change(diagnostics: DiagnosticsState, jobId: JobId, edit: (scans: JobScans) => JobScans): DiagnosticsState {
  const scans = diagnostics.jobs[jobId];
  return scans === undefined ? diagnostics : { ...diagnostics, jobs: { ...diagnostics.jobs, [jobId]: edit(scans) } };
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
