import type { BayId } from "../../contract/ids.ts";
import type { EquipmentEvent } from "../../contract/payloads.ts";
import type { EvidenceSegment, Stamp } from "../../contract/records.ts";
import { elapsedMs } from "../labour/elapsed.ts";
import { LONGEST_SEGMENT_MS, moved, segmentsBetween } from "./facts.ts";

/** Evidence of one bay that is not recorded yet. In memory only; at most five minutes of it. */
export interface EvidenceBook {
  readonly bayId: BayId;
  readonly lastLook: Stamp;
  /** Blind time before this moment is already recorded. */
  readonly blindFrom: Stamp;
  readonly presence: { readonly from: Stamp; readonly last: Stamp; readonly people: number } | null;
  readonly lastPersonAt: Stamp | null;
  /** The lift is up; before this moment that is recorded. */
  readonly liftFrom: Stamp | null;
  readonly liftMovedAt: Stamp | null;
  readonly toolFrom: Stamp | null;
  readonly toolStartedAt: Stamp | null;
}

export interface Noted {
  readonly book: EvidenceBook;
  readonly segments: readonly EvidenceSegment[];
}

/** A pause between two looks that is longer than this was blind; slower cameras than one picture in five seconds are not foreseen. */
const BLIND_AFTER_MS = 15_000;
/** A person hidden for this long was there. */
const PRESENCE_BRIDGED_MS = 30_000;
/** A raised lift or a running tool that nobody is near says nothing after this long. */
const UNATTENDED_MS = 600_000;
/** A torque result ends at least this much work on the joint. */
const TORQUE_TAKES_MS = 30_000;

export function startBook(bayId: BayId, liftRaised: boolean, at: Stamp): EvidenceBook {
  const lift = liftRaised ? at : null;
  const nothing = { presence: null, lastPersonAt: null, toolFrom: null, toolStartedAt: null };
  return { bayId, lastLook: at, blindFrom: at, liftFrom: lift, liftMovedAt: lift, ...nothing };
}

/** A live camera has looked at the bay and counted people. Blind time matters only while labour is claimed there. */
export function noteLook(book: EvidenceBook, people: number, at: Stamp, labourRuns: boolean): Noted {
  if (at.monoMs <= book.lastLook.monoMs) return { book, segments: [] };
  const wasBlind = (elapsedMs(book.lastLook, at) ?? 0) > BLIND_AFTER_MS;
  const segments = wasBlind && labourRuns ? cut(book, "blind", book.blindFrom, at, 0, "cameras") : [];
  const looked: EvidenceBook = { ...book, lastLook: at, blindFrom: at };
  const noted = notePresence(looked, people, at);
  return { book: noted.book, segments: [...segments, ...noted.segments] };
}

function notePresence(book: EvidenceBook, people: number, at: Stamp): Noted {
  const { presence } = book;
  const bridged = presence !== null && (elapsedMs(presence.last, at) ?? 0) <= PRESENCE_BRIDGED_MS;
  const ended = presence !== null && !bridged ? presenceSegments(book) : [];
  if (people === 0) return { book: bridged ? book : { ...book, presence: null }, segments: ended };
  const seen = { ...book, lastPersonAt: at };
  if (presence === null || !bridged)
    return { book: { ...seen, presence: { from: at, last: at, people } }, segments: ended };
  const longer = { ...presence, last: at, people: Math.max(presence.people, people) };
  const full = (elapsedMs(longer.from, at) ?? 0) >= LONGEST_SEGMENT_MS;
  const current = { ...seen, presence: longer };
  if (!full) return { book: current, segments: [] };
  return { book: { ...seen, presence: { from: at, last: at, people } }, segments: presenceSegments(current) };
}

/** Lift and tools speak for themselves. */
export function noteEquipment(book: EvidenceBook, kind: EquipmentEvent["kind"], at: Stamp): Noted {
  switch (kind) {
    case "lift-raised":
      return { book: { ...book, liftFrom: book.liftFrom ?? at, liftMovedAt: at }, segments: [] };
    case "lift-lowered":
      return { book: { ...book, liftFrom: null, liftMovedAt: at }, segments: liftSegments(book, at) };
    case "tool-started":
      return { book: { ...book, toolFrom: book.toolFrom ?? at, toolStartedAt: at }, segments: [] };
    case "tool-stopped":
      return { book: { ...book, toolFrom: null, toolStartedAt: null }, segments: toolSegments(book, at) };
    case "torque-result":
      return {
        book,
        segments: cut(book, "tool", moved(at, -Math.min(TORQUE_TAKES_MS, at.monoMs)), at, 0, "equipment"),
      };
  }
}

/** Records what has been open for the length of a segment; called every few seconds. */
export function noteTime(book: EvidenceBook, at: Stamp, labourRuns: boolean): Noted {
  const due = [book.blindFrom, book.liftFrom, book.toolFrom].some(
    (from) => from !== null && (elapsedMs(from, at) ?? 0) >= LONGEST_SEGMENT_MS,
  );
  return due ? flush(book, at, labourRuns) : { book, segments: [] };
}

/** Records everything that is open up to now; what goes on goes on from here. */
export function flush(book: EvidenceBook, at: Stamp, labourRuns: boolean): Noted {
  const blind = (elapsedMs(book.lastLook, at) ?? 0) > BLIND_AFTER_MS;
  const segments = [
    ...presenceSegments(book),
    ...liftSegments(book, at),
    ...toolSegments(book, at),
    ...(blind && labourRuns ? cut(book, "blind", book.blindFrom, at, 0, "cameras") : []),
  ];
  return {
    book: {
      ...book,
      blindFrom: blind ? at : book.blindFrom,
      presence: book.presence === null ? null : { ...book.presence, from: book.presence.last },
      liftFrom: book.liftFrom === null ? null : at,
      toolFrom: book.toolFrom === null ? null : at,
    },
    segments,
  };
}

function presenceSegments(book: EvidenceBook): readonly EvidenceSegment[] {
  const { presence } = book;
  return presence === null ? [] : cut(book, "presence", presence.from, presence.last, presence.people, "cameras");
}

/** A raised lift is evidence while somebody was near it lately, or while no camera could have seen him. */
function liftSegments(book: EvidenceBook, at: Stamp): readonly EvidenceSegment[] {
  if (book.liftFrom === null) return [];
  const blind = (elapsedMs(book.lastLook, at) ?? 0) > BLIND_AFTER_MS;
  const attended = latest([book.liftMovedAt, book.lastPersonAt, blind ? at : null]);
  return cut(book, "lift", book.liftFrom, earlier(at, attended), 0, "equipment");
}

function toolSegments(book: EvidenceBook, at: Stamp): readonly EvidenceSegment[] {
  if (book.toolFrom === null) return [];
  const attended = latest([book.toolStartedAt, book.lastPersonAt]);
  return cut(book, "tool", book.toolFrom, earlier(at, attended), 0, "equipment");
}

function earlier(at: Stamp, attended: Stamp | null): Stamp {
  if (attended === null) return at;
  const end = moved(attended, UNATTENDED_MS);
  return end.monoMs < at.monoMs ? end : at;
}

function latest(stamps: readonly (Stamp | null)[]): Stamp | null {
  return stamps.reduce(
    (last, stamp) => (last === null || (stamp !== null && stamp.monoMs > last.monoMs) ? stamp : last),
    null,
  );
}

function cut(
  { bayId }: EvidenceBook,
  kind: EvidenceSegment["kind"],
  from: Stamp,
  to: Stamp,
  people: number,
  source: string,
): readonly EvidenceSegment[] {
  return segmentsBetween(from, to).map((part) => ({ bayId, kind, ...part, people: Math.min(50, people), source }));
}
