import { Value } from "typebox/value";
import { type BayId, IntervalId, type JobId } from "../../contract/ids.ts";
import type { Draft, JournalRecord, Stamp } from "../../contract/records.ts";
import { type BaysState, blindAroundStart, evolveBays, NO_BAYS, unknownAfterStart } from "../bays/facts.ts";
import { type DiagnosticsPolicy, decideDiagnostics, interruptedClearings } from "../diagnostics/decide.ts";
import { type DiagnosticsState, evolveDiagnostics, NO_SCANS, upgradedDiagnostics } from "../diagnostics/scans.ts";
import {
  decideInspection,
  evolveInspection,
  type InspectionPolicy,
  type InspectionState,
  NO_PHOTOS,
} from "../inspection/inspection.ts";
import {
  decideJob,
  evolveJobs,
  type Job,
  type JobCommand,
  type JobsState,
  jobAtBay,
  jobByNumber,
  missingCode,
  NO_JOBS,
  upgradedJobs,
} from "../jobs/jobs.ts";
import type { LabourPolicy } from "../labour/interval.ts";
import {
  baysWithLabour,
  clockedOff,
  evolveLabour,
  type LabourState,
  NO_LABOUR,
  reviewAfterStart,
  reviewClock,
  reviewLength,
  runningOf,
  runningOn,
} from "../labour/labour.ts";
import type { DeviceCommand, JobTarget, LabourCommand, ObserveBay, ShopCommand, Tap } from "./commands.ts";
import { accept, type Decider, type Decision, type DecisionContext, draft, refuse } from "./decider.ts";
import { evolveOperations, NO_OPERATIONS, type OperationsState } from "./operations.ts";

/** Everything the shop knows, as plain data: what a checkpoint holds and what replaying the journal gives. */
export interface ShopState {
  readonly jobs: JobsState;
  readonly labour: LabourState;
  readonly diagnostics: DiagnosticsState;
  readonly inspection: InspectionState;
  readonly bays: BaysState;
  readonly operations: OperationsState;
}

const NEW_SHOP: ShopState = {
  jobs: NO_JOBS,
  labour: NO_LABOUR,
  diagnostics: NO_SCANS,
  inspection: NO_PHOTOS,
  bays: NO_BAYS,
  operations: NO_OPERATIONS,
};

/** What the configuration says, as far as decisions need it. */
export interface ShopPolicy extends LabourPolicy, DiagnosticsPolicy, InspectionPolicy {
  readonly bays: readonly BayId[];
}

/** The shop as one decider. The rules that cross its parts stand here; each part's own rules stand in its folder. */
export function shop(policy: ShopPolicy): Decider<ShopState, ShopCommand> {
  return {
    initial: NEW_SHOP,
    decide: (state, command, context) => decideShop(state, command, context, policy),
    evolve: evolveShop,
    upgrade: upgradeShop,
  };
}

/** A checkpoint of an earlier version lacks what that version did not know. */
function upgradeShop(state: ShopState): ShopState {
  return {
    ...NEW_SHOP,
    ...state,
    jobs: upgradedJobs(state.jobs),
    diagnostics: upgradedDiagnostics(state.diagnostics),
    operations: { ...NO_OPERATIONS, ...state.operations },
  };
}

function evolveShop(state: ShopState, record: Draft | JournalRecord): ShopState {
  return {
    jobs: evolveJobs(state.jobs, record),
    labour: evolveLabour(state.labour, record),
    diagnostics: evolveDiagnostics(state.diagnostics, record),
    inspection: evolveInspection(state.inspection, record),
    bays: evolveBays(state.bays, record),
    operations: evolveOperations(state.operations, record),
  };
}

/**
 * Bays whose open evidence must be recorded (as `observe-bay`) before this command is decided, since it ends labour time there or
 * moves it elsewhere. The one who runs commands asks this first and flushes the watches of these bays.
 */
export function baysToFlush(state: ShopState, command: ShopCommand): readonly BayId[] {
  switch (command.kind) {
    case "clock-on":
    case "clock-off": {
      const running = command.technicianId && runningOf(state.labour, command.technicianId);
      return running ? bayOfJob(state, running.jobId) : [];
    }
    case "pause-job":
    case "close-job":
    case "assign-job":
      return bayOfJob(state, command.jobId);
    case "gateway-stopped":
      return Object.values(state.bays).map(({ bayId }) => bayId);
    default:
      return [];
  }
}

function bayOfJob(state: ShopState, jobId: JobId): readonly BayId[] {
  const bayId = state.jobs.open[jobId]?.bayId ?? null;
  return bayId === null ? [] : [bayId];
}

function decideShop(state: ShopState, command: ShopCommand, context: DecisionContext, policy: ShopPolicy): Decision {
  const { at } = context;
  switch (command.kind) {
    case "open-job":
    case "assign-job":
    case "resume-job":
      return decideJob(state.jobs, command, context, policy.bays);
    case "pause-job":
    case "close-job":
      return endJobTime(state, command, context, policy);
    case "clock-on":
      return withTapRefusal(clockOn(state, command, context, policy), command, at);
    case "clock-off":
      return withTapRefusal(clockOff(state, command, at, policy), command, at);
    case "observe-bay":
      return observeBay(state, command, policy);
    case "scan":
    case "scan-failed":
    case "request-scan":
    case "clear-codes":
    case "clear-answered":
    case "clear-unanswered":
    case "switch-polling":
    case "battery-alert":
    case "record-signals":
      return decideDiagnostics(state, command, context, policy);
    case "photo-looked-at":
    case "photo-refused":
    case "judge-finding":
      return decideInspection(state, command, context, policy);
    case "equipment-event":
    case "device-changed":
      return decideDevice(state, command, at);
    case "gateway-started":
      return gatewayStarted(state, command, at, policy);
    case "gateway-stopped":
      return accept(draft("gateway.stopped", { reason: command.reason, at }));
    case "clock-jumped": {
      const { byMs, trusted } = command;
      const flags = trusted ? [] : reviewClock(state.labour, at);
      return accept(draft("clock.jumped", { byMs, trusted, at }), ...flags);
    }
    case "note":
      return accept(command.record);
    case "tick":
      return accept(...reviewLength(state.labour, at, policy));
  }
}

/** A job that waits or is closed takes no labour time: whoever is clocked on to it is clocked off with it, or nothing happens at all. */
function endJobTime(
  state: ShopState,
  command: Extract<JobCommand, { kind: "pause-job" | "close-job" }>,
  context: DecisionContext,
  policy: ShopPolicy,
): Decision {
  const decision = decideJob(state.jobs, command, context, policy.bays);
  if (decision.kind === "refused") return decision;
  const reason = command.kind === "pause-job" ? "job-paused" : "job-closed";
  const ending = { at: context.at, by: command.by, reason } as const;
  const ended = runningOn(state.labour, command.jobId).map((interval) =>
    clockedOff(state.labour, interval, ending, policy),
  );
  return accept(...ended, ...decision.drafts);
}

/** Clocking on to a job that waits ends its wait: whoever starts to work says that the parts are there. */
function clockOn(
  state: ShopState,
  { technicianId, target, by }: Extract<LabourCommand, { kind: "clock-on" }>,
  { at, newId }: DecisionContext,
  policy: ShopPolicy,
): Decision {
  if (technicianId === undefined) return refuse("BADGE_UNKNOWN");
  const job = jobMeant(state.jobs, target);
  if (typeof job === "string") return refuse(job);
  const { jobId, bayId } = job;
  const drafts: Draft[] = [];
  const running = runningOf(state.labour, technicianId);
  if (running?.jobId === jobId) return accept();
  if (running !== undefined)
    drafts.push(clockedOff(state.labour, running, { at, by, reason: "moved-to-other-job" }, policy));
  if (job.waitReason !== null) drafts.push(draft("job.resumed", { jobId, by, at }));
  const intervalId = Value.Parse(IntervalId, newId());
  drafts.push(draft("labour.clocked-on", { intervalId, technicianId, jobId, bayId, by, at }));
  return accept(...drafts);
}

function clockOff(
  state: ShopState,
  { technicianId, by, tap }: Extract<LabourCommand, { kind: "clock-off" }>,
  at: Stamp,
  policy: ShopPolicy,
): Decision {
  if (technicianId === undefined) return refuse("BADGE_UNKNOWN");
  const running = runningOf(state.labour, technicianId);
  if (running === undefined) return refuse("LABOUR_NOT_CLOCKED_ON");
  const reason = tap === undefined ? "page" : "tap";
  return accept(clockedOff(state.labour, running, { at, by, reason }, policy));
}

function jobMeant(jobs: JobsState, target: JobTarget): Job | "JOB_UNKNOWN" | "JOB_CLOSED" | "LABOUR_NO_JOB" {
  switch (target.by) {
    case "id":
      return jobs.open[target.jobId] ?? missingCode(jobs, target.jobId);
    case "number": {
      const closed = jobs.recentlyClosed.some((job) => job.number === target.number);
      return jobByNumber(jobs, target.number) ?? (closed ? "JOB_CLOSED" : "JOB_UNKNOWN");
    }
    case "bay":
      return (target.bayId === null ? undefined : jobAtBay(jobs, target.bayId)) ?? "LABOUR_NO_JOB";
  }
}

/** A refused tap leaves a trace, since nobody at a reader sees a page; the badge stands in it only as a hash. */
function withTapRefusal(
  decision: Decision,
  command: { readonly kind: "clock-on" | "clock-off"; readonly tap?: Tap },
  at: Stamp,
): Decision {
  if (decision.kind === "accepted" || command.tap === undefined) return decision;
  const action = command.kind === "clock-on" ? "on" : "off";
  const refused = draft("tap.refused", { ...command.tap, action, code: decision.code, at });
  return refuse(decision.code, ...decision.drafts, refused);
}

function observeBay(state: ShopState, { bayId, change, segments }: ObserveBay, policy: ShopPolicy): Decision {
  if (!policy.bays.includes(bayId)) return refuse("BAY_UNKNOWN");
  const drafts: Draft[] = (segments ?? []).map((segment) => draft("evidence.recorded", { segment }));
  const from = state.bays[bayId]?.state ?? "unknown";
  if (change !== undefined && change.to !== from) drafts.push(draft("bay.changed", { ...change, bayId, from }));
  return accept(...drafts);
}

function decideDevice(state: ShopState, command: DeviceCommand, at: Stamp): Decision {
  switch (command.kind) {
    case "equipment-event": {
      const { equipmentId, bayId, event } = command;
      return accept(draft("equipment.reported", { equipmentId, bayId, event, at }));
    }
    case "device-changed": {
      const { device: kind, deviceId, state: deviceState } = command;
      if (state.operations.devices[`${kind}:${deviceId}`]?.state === deviceState) return accept();
      return accept(draft("device.changed", { kind, deviceId, state: deviceState, at }));
    }
  }
}

function gatewayStarted(
  state: ShopState,
  command: Extract<ShopCommand, { kind: "gateway-started" }>,
  at: Stamp,
  policy: ShopPolicy,
): Decision {
  const { kind: _kind, ...facts } = command;
  const { clean, lastSignOfLife } = facts;
  const blind = baysWithLabour(state.labour).flatMap((bayId) =>
    blindAroundStart(state.bays[bayId], bayId, lastSignOfLife, clean, at),
  );
  const started = draft("gateway.started", { ...facts, bootId: at.bootId, at });
  // What the start means for running time depends on the evidence and the start itself, so these come first.
  const inState = [...blind, started].reduce(evolveShop, state);
  const bays = unknownAfterStart(state.bays, lastSignOfLife, at);
  const clearings = interruptedClearings(state.diagnostics, at);
  return accept(...blind, started, ...bays, ...clearings, ...reviewAfterStart(inState.labour, at, policy));
}
