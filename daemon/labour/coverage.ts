import type { BayId } from "../../contract/ids.ts";
import type { EvidenceCoverage, EvidenceSegment } from "../../contract/records.ts";

/** Evidence of one kind at a bay, on the monotonic clock of one boot. */
export interface EvidenceSpan {
  readonly kind: EvidenceSegment["kind"];
  readonly bootId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A stretch of claimed time within one boot, at one bay (or at none: then nothing could see it). */
export interface ClaimedStretch {
  readonly bayId: BayId | null;
  readonly bootId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

type Range = readonly [from: number, to: number];

/** Adds a segment, joined to what it touches, so that hours of five-minute segments stay a few spans. */
export function addSpan(spans: readonly EvidenceSpan[], segment: EvidenceSegment): readonly EvidenceSpan[] {
  if (segment.from.bootId !== segment.to.bootId || segment.to.monoMs <= segment.from.monoMs) return spans;
  let joined: EvidenceSpan = {
    kind: segment.kind,
    bootId: segment.to.bootId,
    fromMs: segment.from.monoMs,
    toMs: segment.to.monoMs,
  };
  const rest: EvidenceSpan[] = [];
  for (const span of spans) {
    const touches =
      span.kind === joined.kind &&
      span.bootId === joined.bootId &&
      span.fromMs <= joined.toMs &&
      joined.fromMs <= span.toMs;
    if (touches)
      joined = {
        ...joined,
        fromMs: Math.min(span.fromMs, joined.fromMs),
        toMs: Math.max(span.toMs, joined.toMs),
      };
    else rest.push(span);
  }
  return [...rest, joined];
}

/**
 * How much of the claimed stretches independent evidence covers. Blind time that lift or tool evidence covers counts as covered;
 * blind time that nothing covers is unobservable: neither for nor against the technician.
 */
export function evidenceCoverage(
  claimed: readonly ClaimedStretch[],
  spansOf: (bayId: BayId) => readonly EvidenceSpan[],
): EvidenceCoverage {
  let claimedMs = 0;
  let presenceMs = 0;
  let liftMs = 0;
  let toolMs = 0;
  let coveredMs = 0;
  let unobservableMs = 0;
  for (const stretch of claimed) {
    const length = Math.max(0, stretch.toMs - stretch.fromMs);
    claimedMs += length;
    if (stretch.bayId === null) {
      unobservableMs += length;
      continue;
    }
    const spans = spansOf(stretch.bayId);
    const of = (kind: EvidenceSpan["kind"]) => clipped(spans, kind, stretch);
    const [presence, lift, tool, blind] = [of("presence"), of("lift"), of("tool"), of("blind")];
    const covered = union([...presence, ...lift, ...tool]);
    const coveredHere = total(covered);
    presenceMs += total(union(presence));
    liftMs += total(union(lift));
    toolMs += total(union(tool));
    coveredMs += coveredHere;
    unobservableMs += total(union([...covered, ...blind])) - coveredHere;
  }
  const observableMs = claimedMs - unobservableMs;
  const coverage = observableMs > 0 ? Math.min(1, coveredMs / observableMs) : null;
  return { claimedMs, presenceMs, liftMs, toolMs, coveredMs, unobservableMs, coverage };
}

function clipped(spans: readonly EvidenceSpan[], kind: EvidenceSpan["kind"], stretch: ClaimedStretch): Range[] {
  return spans
    .filter((span) => span.kind === kind && span.bootId === stretch.bootId)
    .map((span): Range => [Math.max(span.fromMs, stretch.fromMs), Math.min(span.toMs, stretch.toMs)])
    .filter(([from, to]) => to > from);
}

function union(ranges: readonly Range[]): Range[] {
  const joined: Range[] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1]) joined[joined.length - 1] = [last[0], Math.max(last[1], to)];
    else joined.push([from, to]);
  }
  return joined;
}

function total(ranges: readonly Range[]): number {
  return ranges.reduce((sum, [from, to]) => sum + (to - from), 0);
}
