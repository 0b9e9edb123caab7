import type { BayId, IntervalId, JobId, PersonId } from "../../contract/ids.ts";
import type { LabourFlag, LabourInterval, Stamp } from "../../contract/records.ts";
import { type ClaimedStretch, type EvidenceSpan, evidenceCoverage } from "./coverage.ts";
import { elapsedMs, LONGEST_UNMEASURED_OUTAGE_MS, outageMs, type Stretch } from "./elapsed.ts";

/** Where the job stood while time ran; `leg` is the boot in which it came there. */
interface Stay {
  readonly bayId: BayId | null;
  readonly leg: number;
  readonly from: Stamp;
}

/**
 * Labour time that runs. It has one leg per boot: the legs before the last ended with the last sign of life of their boot, the
 * last one runs. Time between legs is never claimed, it is only bounded.
 */
export interface RunningInterval {
  readonly intervalId: IntervalId;
  readonly technicianId: PersonId;
  readonly jobId: JobId;
  readonly startedAt: Stamp;
  readonly endedLegs: readonly Stretch[];
  readonly legFrom: Stamp;
  readonly stays: readonly Stay[];
  readonly flags: readonly LabourFlag[];
}

/** Milliseconds of labour: what is certain, and what it can be at most. They differ only across a reboot. */
export interface LabourTime {
  readonly minimumMs: number;
  readonly maximumMs: number;
  /** False where no believable clock measured an outage, so that `maximumMs` is only the longest it is taken for. */
  readonly measured: boolean;
}

export interface LabourPolicy {
  /** An interval that may have lasted longer than this is flagged for a person. */
  readonly longestShiftMs: number;
}

/** Observable time without any evidence below which nobody is asked about it. */
const EVIDENCE_EXPECTED_AFTER_MS = 60_000;

export function startInterval(
  ids: { readonly intervalId: IntervalId; readonly technicianId: PersonId; readonly jobId: JobId },
  bayId: BayId | null,
  at: Stamp,
): RunningInterval {
  return {
    ...ids,
    startedAt: at,
    endedLegs: [],
    legFrom: at,
    stays: [{ bayId, leg: 0, from: at }],
    flags: at.trusted ? [] : ["clock-untrusted"],
  };
}

/** The machine came up again: within the same boot nothing happened; in a new boot a new leg begins. */
export function afterStart(interval: RunningInterval, lastSignOfLife: Stamp | null, at: Stamp): RunningInterval {
  if (interval.legFrom.bootId === at.bootId) return interval;
  const ended = { from: interval.legFrom, to: lastMomentOf(interval.legFrom, lastSignOfLife) };
  return { ...interval, endedLegs: [...interval.endedLegs, ended], legFrom: at };
}

function lastMomentOf(legFrom: Stamp, lastSignOfLife: Stamp | null): Stamp {
  const belongs = lastSignOfLife?.bootId === legFrom.bootId && lastSignOfLife.monoMs > legFrom.monoMs;
  return belongs ? lastSignOfLife : legFrom;
}

export function movedToBay(interval: RunningInterval, bayId: BayId | null, at: Stamp): RunningInterval {
  if (bayOf(interval) === bayId) return interval;
  return { ...interval, stays: [...interval.stays, { bayId, leg: interval.endedLegs.length, from: at }] };
}

export function flagged(interval: RunningInterval, flag: LabourFlag): RunningInterval {
  return interval.flags.includes(flag) ? interval : { ...interval, flags: [...interval.flags, flag] };
}

/** The bay where the job stands now, or null. */
export function bayOf(interval: RunningInterval): BayId | null {
  return interval.stays.at(-1)?.bayId ?? null;
}

/** Every bay whose evidence counts for this interval. */
export function baysOf(interval: RunningInterval): readonly BayId[] {
  return interval.stays.flatMap((stay) => (stay.bayId === null ? [] : [stay.bayId]));
}

/** Labour time up to `at`. */
export function timeOf(interval: RunningInterval, at: Stamp): LabourTime {
  const legs = legsUntil(interval, at);
  const minimumMs = legs.reduce((sum, leg) => sum + (elapsedMs(leg.from, leg.to) ?? 0), 0);
  let maximumMs = minimumMs;
  let measured = true;
  for (const [index, leg] of legs.entries()) {
    const next = legs[index + 1];
    if (next === undefined) continue;
    const offMs = outageMs(leg, next);
    if (offMs === undefined) measured = false;
    maximumMs += offMs ?? LONGEST_UNMEASURED_OUTAGE_MS;
  }
  return { minimumMs, maximumMs, measured };
}

/**
 * Ends the interval at `at` and weighs its evidence. `durationMs` is the certain time: an outage is never claimed, a person may grant it up to `maximumMs`.
 */
export function endInterval(
  interval: RunningInterval,
  at: Stamp,
  spansOf: (bayId: BayId) => readonly EvidenceSpan[],
  policy: LabourPolicy,
  closedByGateway = false,
): LabourInterval {
  const time = timeOf(interval, at);
  const { minimumMs, maximumMs, measured } = time;
  const evidence = evidenceCoverage(claimedStretches(interval, at), spansOf);
  const flags = new Set<LabourFlag>(interval.flags);
  if (interval.startedAt.bootId !== at.bootId) flags.add("spans-reboot");
  if (!at.trusted || !measured) flags.add("clock-untrusted");
  if (outlastsShift(time, policy)) flags.add("longer-than-shift");
  if (evidence.coveredMs === 0 && evidence.claimedMs - evidence.unobservableMs >= EVIDENCE_EXPECTED_AFTER_MS)
    flags.add("no-evidence");
  if (closedByGateway) flags.add("closed-by-gateway");
  return {
    intervalId: interval.intervalId,
    technicianId: interval.technicianId,
    jobId: interval.jobId,
    bayId: bayOf(interval),
    startedAt: interval.startedAt,
    endedAt: at,
    durationMs: minimumMs,
    minimumMs,
    maximumMs,
    flags: [...flags],
    evidence,
  };
}

/** Whether it may have lasted longer than a shift; an outage that nothing measured does not accuse anybody. */
export function outlastsShift({ minimumMs, maximumMs, measured }: LabourTime, policy: LabourPolicy): boolean {
  return (measured ? maximumMs : minimumMs) > policy.longestShiftMs;
}

function legsUntil(interval: RunningInterval, at: Stamp): readonly Stretch[] {
  if (interval.legFrom.bootId === at.bootId)
    return [...interval.endedLegs, { from: interval.legFrom, to: laterOf(interval.legFrom, at) }];
  // No start of the gateway was recorded for this boot: what is certain ends with the last leg's beginning.
  return [...interval.endedLegs, { from: interval.legFrom, to: interval.legFrom }, { from: at, to: at }];
}

function laterOf(from: Stamp, to: Stamp): Stamp {
  return to.monoMs >= from.monoMs ? to : from;
}

function claimedStretches(interval: RunningInterval, at: Stamp): readonly ClaimedStretch[] {
  const stretches: ClaimedStretch[] = [];
  for (const [leg, { from, to }] of legsUntil(interval, at).entries()) {
    let bayId = interval.stays.filter((stay) => stay.leg < leg).at(-1)?.bayId ?? null;
    let fromMs = from.monoMs;
    for (const stay of interval.stays.filter((candidate) => candidate.leg === leg)) {
      const changeMs = Math.min(Math.max(stay.from.monoMs, fromMs), to.monoMs);
      stretches.push({ bayId, bootId: from.bootId, fromMs, toMs: changeMs });
      bayId = stay.bayId;
      fromMs = changeMs;
    }
    stretches.push({ bayId, bootId: from.bootId, fromMs, toMs: to.monoMs });
  }
  return stretches.filter((stretch) => stretch.toMs > stretch.fromMs);
}
