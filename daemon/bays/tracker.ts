import type { Stamp } from "../../contract/records.ts";
import { elapsedMs } from "../labour/elapsed.ts";
import type { Detection, RelativeBox } from "../vision/detections.ts";
import { assign } from "./assignment.ts";
import { grown, intersectionOverUnion } from "./geometry.ts";
import { boxOf, correct, type Motion, predict, startMotion } from "./motion.ts";

type TrackedKind = "person" | "vehicle";

export interface Track {
  readonly id: number;
  readonly kind: TrackedKind;
  readonly motion: Motion;
  readonly firstSeenAt: Stamp;
  readonly lastSeenAt: Stamp;
  /** As it was measured last. */
  readonly box: RelativeBox;
  readonly score: number;
  readonly hits: number;
}

/** The tracks of one camera: plain data, replaced at each frame. */
export interface TrackerState {
  readonly tracks: readonly Track[];
  readonly nextId: number;
  readonly at: Stamp | null;
}

export const NO_TRACKS: TrackerState = { tracks: [], nextId: 1, at: null };

export interface TrackerPolicy {
  /** Detections from here on are sure enough to begin a track and are matched first. */
  readonly highScore: number;
  /** Weaker ones down to here only continue a track: what is half hidden scores low but is still there (ByteTrack, Zhang 2022). */
  readonly lowScore: number;
  /** A track that nothing continues is kept for this long. */
  readonly keepLostMs: number;
}

const TRACKER_POLICY: TrackerPolicy = { highScore: 0.45, lowScore: 0.15, keepLostMs: 40_000 };

/** Words of the models, our own and COCO's. */
const KIND_OF_LABEL: Readonly<Record<string, TrackedKind>> = {
  person: "person",
  technician: "person",
  vehicle: "vehicle",
  car: "vehicle",
  truck: "vehicle",
  bus: "vehicle",
  van: "vehicle",
};

interface Seen {
  readonly kind: TrackedKind;
  readonly score: number;
  readonly box: RelativeBox;
}

/** A bay never shows as many; a model that has gone wild must not cost seconds of assignment. */
const MOST_DETECTIONS = 60;

/** Pairs must overlap at least this much after both boxes are grown by what may have happened between the samples. */
const LEAST_OVERLAP = 0.05;
const LEAST_OVERLAP_OF_WEAK = 0.3;

/**
 * One frame further. Works in shop time, not in frames: samples may be 0.2 s or 5 s apart. Boxes are grown with the time since
 * a track was seen (buffered IoU), so that a person who walks on between two distant samples can still be the same track.
 * A frame that is not newer than the last one changes nothing.
 */
export function track(
  state: TrackerState,
  detections: readonly Detection[],
  at: Stamp,
  policy: TrackerPolicy = TRACKER_POLICY,
): TrackerState {
  if (state.at !== null && elapsedMs(state.at, at) !== undefined && at.monoMs <= state.at.monoMs) return state;
  const seen = detections.flatMap((detection): readonly Seen[] => {
    const kind = KIND_OF_LABEL[detection.label];
    const score = detection.probability ?? detection.score;
    const [x1, y1, x2, y2] = detection.box;
    const sound = x2 > x1 && y2 > y1 && detection.box.every(Number.isFinite) && score >= policy.lowScore;
    return kind !== undefined && sound ? [{ kind, score, box: detection.box }] : [];
  });
  seen.sort((a, b) => b.score - a.score).splice(MOST_DETECTIONS);
  const strong = seen.filter((item) => item.score >= policy.highScore);
  const weak = seen.filter((item) => item.score < policy.highScore);

  const first = match(state.tracks, strong, at, LEAST_OVERLAP);
  const recent = first.unmatchedTracks.filter((lost) => sameInstant(lost.lastSeenAt, state.at));
  const second = match(recent, weak, at, LEAST_OVERLAP_OF_WEAK);
  const missed = first.unmatchedTracks.filter((lost) => !second.matched.some((found) => found.id === lost.id));
  const kept = missed.filter((lost) => (elapsedMs(lost.lastSeenAt, at) ?? Infinity) <= policy.keepLostMs);
  const born = first.unmatchedSeen.map((item, index) => begin(item, state.nextId + index, at));
  return {
    tracks: [...first.matched, ...second.matched, ...kept, ...born],
    nextId: state.nextId + born.length,
    at,
  };
}

/** The tracks that the latest frame showed. */
export function visibleTracks(state: TrackerState): readonly Track[] {
  return state.tracks.filter((candidate) => sameInstant(candidate.lastSeenAt, state.at));
}

function sameInstant(a: Stamp, b: Stamp | null): boolean {
  return b !== null && a.bootId === b.bootId && a.monoMs === b.monoMs;
}

function match(tracks: readonly Track[], seen: readonly Seen[], at: Stamp, leastOverlap: number) {
  const ahead = tracks.map((candidate) => {
    const seconds = (elapsedMs(candidate.lastSeenAt, at) ?? 0) / 1000;
    const motion = predict(candidate.motion, seconds);
    return { candidate, motion, box: boxOf(motion), seconds };
  });
  const costs = ahead.map(({ candidate, box, seconds }) =>
    seen.map((item) => (item.kind === candidate.kind ? 1 - bufferedOverlap(box, item.box, seconds) : 2)),
  );
  const columns = assign(costs, 1 - leastOverlap);
  const matched: Track[] = [];
  const unmatchedTracks: Track[] = [];
  for (const [row, { candidate, motion }] of ahead.entries()) {
    const item = seen[columns[row] ?? -1];
    if (item === undefined) unmatchedTracks.push(candidate);
    else matched.push(follow(candidate, correct(motion, item.box), item, at));
  }
  return { matched, unmatchedTracks, unmatchedSeen: seen.filter((_, index) => !columns.includes(index)) };
}

/** C-BIoU (Yang 2023): both boxes grown, here by the time that passed. */
function bufferedOverlap(a: RelativeBox, b: RelativeBox, seconds: number): number {
  const share = Math.min(0.8, 0.05 + 0.15 * seconds);
  // The plain overlap breaks ties between two grown boxes that both fit.
  return (intersectionOverUnion(grown(a, share), grown(b, share)) * 3 + intersectionOverUnion(a, b)) / 4;
}

function follow(old: Track, motion: Motion, { box, score }: Seen, at: Stamp): Track {
  return { ...old, motion, box, score, lastSeenAt: at, hits: old.hits + 1 };
}

function begin({ kind, box, score }: Seen, id: number, at: Stamp): Track {
  return { id, kind, motion: startMotion(box), firstSeenAt: at, lastSeenAt: at, box, score, hits: 1 };
}
