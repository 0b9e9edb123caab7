import type { BayId } from "../../contract/ids.ts";
import type { BayStateWord } from "../../contract/payloads.ts";
import type { Draft, DraftOf, EvidenceSegment, JournalRecord, Stamp } from "../../contract/records.ts";
import { draft } from "../shop/decider.ts";

/** What the journal knows of a bay. */
export interface BayFacts {
  readonly bayId: BayId;
  readonly state: BayStateWord;
  /** When it became so. */
  readonly since: Stamp;
  /** When it was certain. */
  readonly at: Stamp;
  readonly cause: string;
  readonly people: number;
  /** While the state is unknown: what it was before. */
  readonly before: { readonly state: BayStateWord; readonly since: Stamp } | null;
  readonly liftRaised: boolean;
  /** Latest moment up to which evidence is in the journal. */
  readonly evidenceTo: Stamp | null;
}

/** Keyed by bay; a bay that nothing is known of yet has no entry. */
export type BaysState = Readonly<Record<string, BayFacts>>;

export const NO_BAYS: BaysState = {};

export function evolveBays(bays: BaysState, record: Draft | JournalRecord): BaysState {
  switch (record.type) {
    case "bay.changed": {
      const { bayId, to, since, at, cause, people } = record.body;
      const old = bays[bayId] ?? neverSeen(bayId, at);
      const before = to === "unknown" ? (old.before ?? { state: old.state, since: old.since }) : null;
      return { ...bays, [bayId]: { ...old, state: to, since, at, cause, people, before } };
    }
    case "equipment.reported": {
      const { bayId, event, at } = record.body;
      if (bayId === null || (event.kind !== "lift-raised" && event.kind !== "lift-lowered")) return bays;
      const old = bays[bayId] ?? neverSeen(bayId, at);
      return { ...bays, [bayId]: { ...old, liftRaised: event.kind === "lift-raised" } };
    }
    case "evidence.recorded": {
      const { bayId, to } = record.body.segment;
      const old = bays[bayId] ?? neverSeen(bayId, to);
      return { ...bays, [bayId]: { ...old, evidenceTo: to } };
    }
    default:
      return bays;
  }
}

/** A bay begins as unknown, never as empty. */
export function neverSeen(bayId: BayId, at: Stamp): BayFacts {
  const nothing = { people: 0, before: null, liftRaised: false, evidenceTo: null };
  return { bayId, state: "unknown", since: at, at, cause: "never-seen", ...nothing };
}

/** After a start nothing of what was known is vouched for until a camera has seen it again. */
export function unknownAfterStart(bays: BaysState, lastSignOfLife: Stamp | null, at: Stamp): readonly Draft[] {
  return Object.values(bays)
    .filter((bay) => bay.state !== "unknown")
    .map(({ bayId, state }): Draft => {
      const body = { bayId, from: state, to: "unknown", cause: "gateway-started", people: 0 } as const;
      return draft("bay.changed", { ...body, since: lastSignOfLife ?? at, at });
    });
}

/** No segment is longer, so that a power cut costs at most this much evidence of a bay. */
export const LONGEST_SEGMENT_MS = 5 * 60_000;

/**
 * What was observed in the last minutes before a power cut was not recorded yet: it is made blind, so that it does not count against
 * anybody. Where the daemon came back within the same boot, blind goes on until `at`.
 */
export function blindAroundStart(
  facts: BayFacts | undefined,
  bayId: BayId,
  lastSignOfLife: Stamp | null,
  clean: boolean,
  at: Stamp,
): readonly Draft[] {
  if (lastSignOfLife === null) return [];
  const from = clean ? lastSignOfLife : unrecordedFrom(facts?.evidenceTo ?? null, lastSignOfLife);
  const to = lastSignOfLife.bootId === at.bootId ? at : lastSignOfLife;
  return segmentsBetween(from, to).map((part) => draft("evidence.recorded", { segment: blindSegment(bayId, part) }));
}

function blindSegment(bayId: BayId, part: { readonly from: Stamp; readonly to: Stamp }): EvidenceSegment {
  return { bayId, kind: "blind", ...part, people: 0, source: "gateway" };
}

function unrecordedFrom(evidenceTo: Stamp | null, lastSignOfLife: Stamp): Stamp {
  const earliest = moved(lastSignOfLife, -Math.min(LONGEST_SEGMENT_MS, lastSignOfLife.monoMs));
  const sameBoot = evidenceTo?.bootId === earliest.bootId;
  return sameBoot && evidenceTo.monoMs > earliest.monoMs ? evidenceTo : earliest;
}

/** The stretch cut into parts that are not longer than a segment may be; nothing when it is empty or spans a boot. */
export function segmentsBetween(from: Stamp, to: Stamp): readonly { readonly from: Stamp; readonly to: Stamp }[] {
  const parts: { readonly from: Stamp; readonly to: Stamp }[] = [];
  if (from.bootId !== to.bootId) return parts;
  let start = from;
  while (to.monoMs - start.monoMs > LONGEST_SEGMENT_MS) {
    const end = moved(start, LONGEST_SEGMENT_MS);
    parts.push({ from: start, to: end });
    start = end;
  }
  if (to.monoMs > start.monoMs) parts.push({ from: start, to });
  return parts;
}

/** The same clock, `ms` later (or earlier where negative). */
export function moved(stamp: Stamp, ms: number): Stamp {
  return { ...stamp, wallMs: Math.max(0, stamp.wallMs + ms), monoMs: Math.max(0, stamp.monoMs + ms) };
}

export type BayChange = Omit<DraftOf<"bay.changed">["body"], "from">;
