import type { BayId, DongleId, JobId } from "../../contract/ids.ts";
import type { DongleScan } from "../../contract/payloads.ts";
import type { Draft, Stamp } from "../../contract/records.ts";
import { type Job, type JobsState, jobAtBay, missingCode } from "../jobs/jobs.ts";
import { elapsedMs } from "../labour/elapsed.ts";
import { accept, type Decision, type DecisionContext, draft, refuse } from "../shop/decider.ts";
import type { OperationsState } from "../shop/operations.ts";
import { type Clearing, clearingOutcome, runningClearing } from "./clearing.ts";
import type { DiagnosticsCommand } from "./commands.ts";
import { compareScans } from "./difference.ts";
import { digestOf } from "./digest.ts";
import { type DiagnosticsState, parseScanTransaction, type ScanPurpose, scansOf } from "./scans.ts";

/** The parts of the shop's state that decisions about diagnostics look at. */
export interface DiagnosticsSight {
  readonly jobs: JobsState;
  readonly diagnostics: DiagnosticsState;
  readonly operations: OperationsState;
}

/** A dongle as the configuration has it. */
export interface DonglePlace {
  readonly dongleId: DongleId;
  /** Which bridge speaks for it; undefined when none does. */
  readonly bridgeId: string | undefined;
  /** False for firmware that only reports: a scan of it is made of what it told, and its car cannot be asked anything. */
  readonly askable: boolean;
}

export interface DiagnosticsPolicy {
  /** By bay; a bay without a dongle has no entry. */
  readonly dongles: Readonly<Partial<Record<BayId, DonglePlace>>>;
  /** False: the configuration forbids to ask cars. */
  readonly polling: boolean;
}

/** Why a car cannot be asked now, in the order in which a person would mend it. */
export type NotAskable = "POLLING_OFF" | "POLLING_OFF_BY_CONFIGURATION" | "SCAN_NO_BAY" | "DONGLE_NONE" | "DONGLE_AWAY";

/** Half an hour: the technician who scanned is still at the car. */
const PRE_SCAN_FRESH_MS = 30 * 60_000;

export function decideDiagnostics(
  sight: DiagnosticsSight,
  command: DiagnosticsCommand,
  context: DecisionContext,
  policy: DiagnosticsPolicy,
): Decision {
  const { at } = context;
  switch (command.kind) {
    case "scan":
      return takeScan(sight, command, at);
    case "scan-failed": {
      const { dongleId, bayId, transaction, code } = command;
      const jobId = jobScanned(sight.jobs, bayId, transaction)?.jobId ?? null;
      return accept(draft("scan.failed", { dongleId, bayId, jobId, transaction, code, at }));
    }
    case "request-scan": {
      const { jobId, by } = command;
      const job = sight.jobs.open[jobId];
      if (job === undefined) return refuse(missingCode(sight.jobs, jobId));
      const { arrivalAt, arrival, wanted } = scansOf(sight.diagnostics, jobId);
      const refusal = notAskable(sight.operations, job.bayId, policy);
      // A dongle that is away may come back: the wish stands until then.
      if (refusal !== undefined && refusal !== "DONGLE_AWAY") return refuse(refusal);
      const purpose = arrivalAt === null || arrival?.otherCar === true ? "arrival" : "departure";
      return wanted === purpose ? accept() : accept(draft("scan.requested", { jobId, purpose, by, at }));
    }
    case "clear-codes":
      return clearCodes(sight, command, context, policy);
    case "clear-answered": {
      const { dongleId, response } = command;
      const clearing = sight.diagnostics.clearings[dongleId];
      const { outcome, code, ecus } = clearingOutcome(response);
      if (clearing?.transaction !== response.transaction || (clearing.givenUp && outcome === "unknown"))
        return accept();
      return accept(ended(clearing, { outcome, code, ecus }, at));
    }
    case "clear-unanswered": {
      const clearing = runningClearing(sight.diagnostics.clearings, command.dongleId);
      return clearing?.transaction === command.transaction
        ? accept(givenUp(clearing, "CLEAR_NO_ANSWER", at))
        : accept();
    }
    case "switch-polling": {
      const { enabled, by } = command;
      if (enabled && !policy.polling) return refuse("POLLING_OFF_BY_CONFIGURATION");
      return enabled === isSwitchedOn(sight.operations)
        ? accept()
        : accept(draft("polling.switched", { enabled, by, at }));
    }
    case "battery-alert": {
      const { kind: _kind, ...alert } = command;
      const jobId = jobOfDongle(sight.jobs, command.dongleId, policy)?.jobId;
      if (jobId === undefined) return accept();
      const isRaised = scansOf(sight.diagnostics, jobId).alerts[alert.alert] !== undefined;
      return isRaised === (alert.state === "raised")
        ? accept()
        : accept(draft("battery.alerted", { jobId, ...alert, at }));
    }
    case "record-signals": {
      const { kind: _kind, ...recording } = command;
      return accept(draft("signals.recorded", { ...recording, at }));
    }
  }
}

/** Clearings that the gateway left open when it stopped: nobody can say how they ended. */
export function interruptedClearings({ clearings }: DiagnosticsState, at: Stamp): readonly Draft[] {
  return Object.values(clearings)
    .filter((clearing) => !clearing.givenUp)
    .map((clearing) => givenUp(clearing, "CLEAR_INTERRUPTED", at));
}

/** Whether the page's switch is on; the configuration has the last word. */
function isSwitchedOn(operations: OperationsState): boolean {
  return operations.polling?.enabled ?? true;
}

/** Whether cars may be asked at all, or why not. */
export function pollingRefusal(
  operations: OperationsState,
  policy: Pick<DiagnosticsPolicy, "polling">,
): "POLLING_OFF" | "POLLING_OFF_BY_CONFIGURATION" | undefined {
  if (!policy.polling) return "POLLING_OFF_BY_CONFIGURATION";
  return isSwitchedOn(operations) ? undefined : "POLLING_OFF";
}

/** Why the dongle at a bay cannot be asked for a scan now; undefined when it can. */
export function notAskable(
  operations: OperationsState,
  bayId: BayId | null,
  policy: DiagnosticsPolicy,
): NotAskable | undefined {
  const polling = pollingRefusal(operations, policy);
  if (polling !== undefined) return polling;
  if (bayId === null) return "SCAN_NO_BAY";
  const place = policy.dongles[bayId];
  if (place === undefined) return "DONGLE_NONE";
  return isReachable(operations, place) ? undefined : "DONGLE_AWAY";
}

/** Why there can be no conversation with the car at a bay now: for clearing and live values. */
export function notConversable(
  operations: OperationsState,
  bayId: BayId | null,
  policy: DiagnosticsPolicy,
): NotAskable | "DONGLE_REPORTS_ONLY" | undefined {
  const place = bayId === null ? undefined : policy.dongles[bayId];
  const refusal = notAskable(operations, bayId, policy);
  return refusal ?? (place?.askable === false ? "DONGLE_REPORTS_ONLY" : undefined);
}

/** What never reported is taken to be reachable: asking will tell. */
function isReachable(operations: OperationsState, { dongleId, bridgeId }: DonglePlace): boolean {
  const stateOf = (device: string) => operations.devices[device]?.state ?? "online";
  if (bridgeId === undefined) return false;
  return stateOf(`dongle:${dongleId}`) === "online" && stateOf(`bridge:${bridgeId}`) === "online";
}

/** Why the codes of a job's car may not be cleared now; undefined when they may. */
export function notClearable(
  { jobs, diagnostics, operations }: DiagnosticsSight,
  jobId: JobId,
  at: Stamp,
  policy: DiagnosticsPolicy,
):
  | NotAskable
  | "DONGLE_REPORTS_ONLY"
  | "JOB_UNKNOWN"
  | "JOB_CLOSED"
  | "DONGLE_BUSY"
  | "CLEAR_NEEDS_SCAN"
  | "CLEAR_WRONG_CAR"
  | undefined {
  const job = jobs.open[jobId];
  if (job === undefined) return missingCode(jobs, jobId);
  const refusal = notConversable(operations, job.bayId, policy);
  if (refusal !== undefined) return refusal;
  const dongleId = dongleOf(job, policy);
  if (dongleId === undefined) return "DONGLE_NONE";
  if (runningClearing(diagnostics.clearings, dongleId) !== undefined) return "DONGLE_BUSY";
  const { fresh, vinMismatch } = scansOf(diagnostics, jobId);
  if (vinMismatch !== null) return "CLEAR_WRONG_CAR";
  return fresh !== null && fresh.dongleId === dongleId && isFresh(fresh.at, at) ? undefined : "CLEAR_NEEDS_SCAN";
}

function clearCodes(
  sight: DiagnosticsSight,
  { jobId, technicianId, by }: Extract<DiagnosticsCommand, { kind: "clear-codes" }>,
  { at, newId }: DecisionContext,
  policy: DiagnosticsPolicy,
): Decision {
  const refusal = notClearable(sight, jobId, at, policy);
  if (refusal !== undefined) return refuse(refusal);
  const job = sight.jobs.open[jobId];
  const dongleId = job === undefined ? undefined : dongleOf(job, policy);
  const preScan = scansOf(sight.diagnostics, jobId).fresh?.messageId;
  if (dongleId === undefined || preScan === undefined) return refuse("CLEAR_NEEDS_SCAN");
  const transaction = `clear.${newId()}`.slice(0, 64);
  return accept(draft("codes.clear-requested", { jobId, dongleId, technicianId, preScan, transaction, by, at }));
}

/** Across a reboot only the wall clock can say it, and only a trusted one. */
function isFresh(scannedAt: Stamp, now: Stamp): boolean {
  const byWall = scannedAt.trusted && now.trusted ? now.wallMs - scannedAt.wallMs : undefined;
  const ageMs = elapsedMs(scannedAt, now) ?? byWall;
  return ageMs !== undefined && ageMs >= 0 && ageMs < PRE_SCAN_FRESH_MS;
}

function takeScan(
  { jobs, diagnostics }: DiagnosticsSight,
  { dongleId, bayId, scan }: Extract<DiagnosticsCommand, { kind: "scan" }>,
  at: Stamp,
): Decision {
  const jobId = jobScanned(jobs, bayId, scan.transaction)?.jobId ?? null;
  const purpose = jobId === null ? "other" : purposeOf(jobs, diagnostics, jobId, scan);
  const recorded = draft("scan.recorded", { dongleId, bayId, jobId, purpose, scan, at });
  if (jobId === null || purpose !== "departure") return accept(recorded);
  const { arrival, cleared } = scansOf(diagnostics, jobId);
  if (arrival === null) return accept(recorded);
  const difference = compareScans(arrival.digest, digestOf(scan), cleared);
  const scans = { arrival: arrival.messageId, departure: scan.messageId };
  return accept(recorded, draft("scan.compared", { jobId, ...scans, difference, at }));
}

/**
 * The job that asked for the scan, also when it was closed since; without a request, the job that stands at the bay. A scan that was asked for by a job that
 * nobody remembers is none of whatever stands at the bay now.
 */
function jobScanned(
  jobs: JobsState,
  bayId: BayId | null,
  transaction: string | undefined,
): { readonly jobId: JobId } | undefined {
  const asked = parseScanTransaction(transaction);
  if (asked !== undefined)
    return jobs.open[asked.jobId] ?? jobs.recentlyClosed.find((job) => job.jobId === asked.jobId);
  return bayId === null ? undefined : jobAtBay(jobs, bayId);
}

/**
 * The first scan of an open job is its arrival scan, whoever asked for it, and so is the first of the right car after another one was scanned by mistake;
 * the departure scan is one that was asked for.
 */
function purposeOf(jobs: JobsState, diagnostics: DiagnosticsState, jobId: JobId, scan: DongleScan): ScanPurpose {
  const scans = scansOf(diagnostics, jobId);
  const asked = parseScanTransaction(scan.transaction)?.purpose;
  const isOpen = jobs.open[jobId] !== undefined;
  if (isOpen && scans.arrivalAt === null) return "arrival";
  if (asked === "departure") return "departure";
  if (isOpen && scans.arrival?.otherCar === true) {
    const rightCar = scan.vin !== null && scan.vin === diagnostics.vins[jobId];
    return asked === "arrival" || rightCar ? "arrival" : "other";
  }
  return isOpen && scans.wanted === "departure" ? "departure" : "other";
}

function jobOfDongle(jobs: JobsState, dongleId: DongleId, policy: DiagnosticsPolicy): Job | undefined {
  return Object.values(jobs.open).find((job) => dongleOf(job, policy) === dongleId);
}

/** The dongle at the bay of a job. */
function dongleOf({ bayId }: Job, policy: DiagnosticsPolicy): DongleId | undefined {
  return bayId === null ? undefined : policy.dongles[bayId]?.dongleId;
}

function givenUp(clearing: Clearing, code: string, at: Stamp): Draft {
  return ended(clearing, { outcome: "unknown", code, ecus: [] }, at);
}

function ended({ jobId, dongleId, transaction }: Clearing, end: ReturnType<typeof clearingOutcome>, at: Stamp): Draft {
  return draft("codes.cleared", { jobId, dongleId, transaction, ...end, at });
}
