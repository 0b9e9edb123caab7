import type { BayId, JobId, PersonId } from "../../contract/ids.ts";
import type { Actor, Draft, DraftOf, JournalRecord, Stamp } from "../../contract/records.ts";
import { draft } from "../shop/decider.ts";
import { addSpan, type EvidenceSpan } from "./coverage.ts";
import { elapsedMs } from "./elapsed.ts";
import {
  afterStart,
  bayOf,
  baysOf,
  endInterval,
  flagged,
  type LabourPolicy,
  movedToBay,
  outlastsShift,
  type RunningInterval,
  startInterval,
  timeOf,
} from "./interval.ts";

/** Running labour time, keyed by technician: nobody can have two intervals at once, by the shape of the state. */
export interface LabourState {
  readonly running: Readonly<Record<string, RunningInterval>>;
  /** Evidence at the bays where time runs; dropped when nobody needs it any more. */
  readonly evidence: Readonly<Record<string, readonly EvidenceSpan[]>>;
}

export const NO_LABOUR: LabourState = { running: {}, evidence: {} };

export type OffReason = DraftOf<"labour.clocked-off">["body"]["reason"];

export function runningOf(labour: LabourState, technicianId: PersonId): RunningInterval | undefined {
  return labour.running[technicianId];
}

export function runningOn(labour: LabourState, jobId: JobId): readonly RunningInterval[] {
  return Object.values(labour.running).filter((interval) => interval.jobId === jobId);
}

/** The record that ends a running interval. Open evidence of its bays must have been recorded before. */
export function clockedOff(
  labour: LabourState,
  interval: RunningInterval,
  ending: { readonly at: Stamp; readonly by: Actor; readonly reason: OffReason },
  policy: LabourPolicy,
): DraftOf<"labour.clocked-off"> {
  const spansOf = (bayId: BayId) => labour.evidence[bayId] ?? [];
  const closed = endInterval(interval, ending.at, spansOf, policy, ending.reason === "gateway");
  return draft("labour.clocked-off", { interval: closed, by: ending.by, reason: ending.reason });
}

/**
 * What a start of the gateway means for running time, once `gateway.started` is in the state. Within one boot it goes on. After a reboot
 * it goes on too and is flagged, unless it may have outlasted a shift: then somebody forgot to clock off, and the gateway closes it.
 */
export function reviewAfterStart(labour: LabourState, at: Stamp, policy: LabourPolicy): readonly Draft[] {
  return Object.values(labour.running).flatMap((interval): readonly Draft[] => {
    const rebootedNow = interval.endedLegs.length > 0 && elapsedMs(interval.legFrom, at) === 0;
    if (!rebootedNow) return [];
    if (outlastsShift(timeOf(interval, at), policy)) {
      const by = { kind: "gateway", id: "gateway" } as const;
      return [clockedOff(labour, interval, { at, by, reason: "gateway" }, policy)];
    }
    return interval.flags.includes("spans-reboot") ? [] : [flag(interval, "spans-reboot", at)];
  });
}

/** Flags running time that has outlasted a shift, once. */
export function reviewLength(labour: LabourState, at: Stamp, policy: LabourPolicy): readonly Draft[] {
  return Object.values(labour.running)
    .filter((interval) => !interval.flags.includes("longer-than-shift"))
    .filter((interval) => outlastsShift(timeOf(interval, at), policy))
    .map((interval) => flag(interval, "longer-than-shift", at));
}

/** A wall clock that cannot be believed changes no duration, but the times of day shown for running intervals are doubtful. */
export function reviewClock(labour: LabourState, at: Stamp): readonly Draft[] {
  return Object.values(labour.running)
    .filter((interval) => !interval.flags.includes("clock-untrusted"))
    .map((interval) => flag(interval, "clock-untrusted", at));
}

function flag(
  { intervalId, technicianId }: RunningInterval,
  name: DraftOf<"labour.flagged">["body"]["flag"],
  at: Stamp,
): Draft {
  return draft("labour.flagged", { intervalId, technicianId, flag: name, at });
}

export function evolveLabour(labour: LabourState, record: Draft | JournalRecord): LabourState {
  switch (record.type) {
    case "labour.clocked-on": {
      const { intervalId, technicianId, jobId, bayId, at } = record.body;
      const interval = startInterval({ intervalId, technicianId, jobId }, bayId, at);
      return { ...labour, running: { ...labour.running, [technicianId]: interval } };
    }
    case "labour.clocked-off": {
      const { technicianId, intervalId } = record.body.interval;
      if (labour.running[technicianId]?.intervalId !== intervalId) return labour;
      const { [technicianId]: _ended, ...running } = labour.running;
      return { running, evidence: stillNeeded(labour.evidence, running) };
    }
    case "labour.flagged": {
      const { technicianId, intervalId, flag: name } = record.body;
      const interval = labour.running[technicianId];
      if (interval?.intervalId !== intervalId) return labour;
      return { ...labour, running: { ...labour.running, [technicianId]: flagged(interval, name) } };
    }
    case "job.assigned": {
      const { jobId, bayId, at } = record.body;
      return forEach(labour, (interval) => (interval.jobId === jobId ? movedToBay(interval, bayId, at) : interval));
    }
    case "gateway.started": {
      const { lastSignOfLife, at } = record.body;
      return forEach(labour, (interval) => afterStart(interval, lastSignOfLife, at));
    }
    case "evidence.recorded": {
      const { segment } = record.body;
      const needed = Object.values(labour.running).some((interval) => baysOf(interval).includes(segment.bayId));
      if (!needed) return labour;
      const spans = addSpan(labour.evidence[segment.bayId] ?? [], segment);
      return { ...labour, evidence: { ...labour.evidence, [segment.bayId]: spans } };
    }
    default:
      return labour;
  }
}

/** Bays at which time runs now. */
export function baysWithLabour(labour: LabourState): readonly BayId[] {
  const bays = Object.values(labour.running).map(bayOf);
  return [...new Set(bays.filter((bayId) => bayId !== null))];
}

function forEach(labour: LabourState, change: (interval: RunningInterval) => RunningInterval): LabourState {
  const running = Object.entries(labour.running).map(([key, interval]) => [key, change(interval)] as const);
  return { ...labour, running: Object.fromEntries(running) };
}

function stillNeeded(evidence: LabourState["evidence"], running: LabourState["running"]): LabourState["evidence"] {
  const bays = new Set<string>(Object.values(running).flatMap(baysOf));
  return Object.fromEntries(Object.entries(evidence).filter(([bayId]) => bays.has(bayId)));
}
