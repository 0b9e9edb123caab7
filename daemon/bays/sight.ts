import type { Polygon } from "../../contract/configuration.ts";
import type { CameraId } from "../../contract/ids.ts";
import type { Stamp } from "../../contract/records.ts";
import { elapsedMs } from "../labour/elapsed.ts";
import type { RelativeBox } from "../vision/detections.ts";
import { boxArea, contains, intersectionOverUnion, polygonArea, sharedArea } from "./geometry.ts";
import type { Track } from "./tracker.ts";

/** What one camera's frame says of one bay. */
export interface BaySight {
  readonly cameraId: CameraId;
  readonly at: Stamp;
  readonly car: boolean;
  /** Whether the car has moved since the sample it is compared with; undefined while there is none to compare. */
  readonly moving: boolean | undefined;
  /** The sample that `moving` is compared with: when it moves, it was still there then. */
  readonly comparedWith: Stamp | undefined;
  /** Whether it has left the place where it stood still last. A box that only shrank or grew in that place was covered or uncovered. */
  readonly displaced: boolean;
  readonly people: number;
}

/** What must be remembered between frames to tell one car from another and a still one from a moving one. */
export interface ZoneMemory {
  readonly carTrackId: number | null;
  readonly positions: readonly { readonly at: Stamp; readonly box: RelativeBox }[];
  /** Where the car stood still last. */
  readonly place: RelativeBox | null;
}

export const NOTHING_REMEMBERED: ZoneMemory = { carTrackId: null, positions: [], place: null };

/** Share of the lower half of a car's box (its wheels' half) inside the zone for it to be this bay's car. */
const CAR_ENTERS_AT = 0.45;
/** The bay's own car stays its car down to here: raised on a lift it leaves the floor's zone. */
const CAR_STAYS_UNTIL = 0.15;
/** A car that fills the zone is in it, even where the zone is drawn small. */
const CAR_FILLS_ZONE = 0.6;
const PERSON_LOWER_SHARE = 0.5;

/** Shorter comparisons see the detector's noise, not the car. */
const COMPARE_AFTER_MS = 2_000;
const POSITIONS_KEPT_MS = 15_000;
/** Of the box's diagonal; detectors tremble by 2–3 %. */
const MOVED_BY = 0.08;
const SCALED_BY = 0.1;
const LEFT_BELOW_OVERLAP = 0.65;
const WITHIN = 0.9;

/** Reads a bay out of the tracks that a camera's frame shows. */
export function sightOf(
  cameraId: CameraId,
  zone: Polygon,
  visible: readonly Track[],
  at: Stamp,
  memory: ZoneMemory,
): { readonly sight: BaySight; readonly memory: ZoneMemory } {
  const people = visible.filter((track) => track.kind === "person" && personInZone(zone, track.box)).length;
  const car = carInZone(zone, visible, memory.carTrackId);
  const remembered = memory.positions.filter((position) => isRecent(position.at, at));
  if (car === undefined) {
    const sight = { cameraId, at, car: false, moving: undefined, comparedWith: undefined, displaced: false, people };
    return { sight, memory: { ...memory, positions: remembered } };
  }
  const reference = remembered.findLast((position) => (elapsedMs(position.at, at) ?? 0) >= COMPARE_AFTER_MS);
  const moving = reference === undefined ? undefined : hasMoved(reference.box, car.box);
  const place = moving === false || memory.place === null ? car.box : memory.place;
  const displaced = moving === true && hasLeft(place, car.box);
  return {
    sight: { cameraId, at, car: true, moving, comparedWith: reference?.at, displaced, people },
    memory: { carTrackId: car.id, positions: [...remembered, { at, box: car.box }], place },
  };
}

function isRecent(position: Stamp, at: Stamp): boolean {
  return (elapsedMs(position, at) ?? Number.POSITIVE_INFINITY) <= POSITIONS_KEPT_MS;
}

function carInZone(zone: Polygon, visible: readonly Track[], carTrackId: number | null): Track | undefined {
  const shares = visible
    .filter((track) => track.kind === "vehicle")
    .map((track) => ({ track, share: carShare(zone, track.box) }));
  const own = shares.find(({ track, share }) => track.id === carTrackId && share >= CAR_STAYS_UNTIL);
  if (own !== undefined) return own.track;
  return shares.filter(({ share }) => share >= CAR_ENTERS_AT).sort((a, b) => b.share - a.share)[0]?.track;
}

/** How much of a car stands in the zone, 0..1. */
function carShare(zone: Polygon, box: RelativeBox): number {
  const lower: RelativeBox = [box[0], (box[1] + box[3]) / 2, box[2], box[3]];
  const area = boxArea(lower);
  const inside = area > 0 ? sharedArea(zone, lower) / area : 0;
  const fills = sharedArea(zone, box) / Math.max(1e-9, polygonArea(zone)) >= CAR_FILLS_ZONE;
  return fills ? Math.max(inside, CAR_ENTERS_AT) : inside;
}

/** A person stands where the feet are; where a car hides the feet, the lower third of what is seen decides. */
function personInZone(zone: Polygon, [x1, y1, x2, y2]: RelativeBox): boolean {
  if (contains(zone, [(x1 + x2) / 2, y2])) return true;
  const lower: RelativeBox = [x1, y1 + ((y2 - y1) * 2) / 3, x2, y2];
  const area = boxArea(lower);
  return area > 0 && sharedArea(zone, lower) / area >= PERSON_LOWER_SHARE;
}

function hasLeft(place: RelativeBox, box: RelativeBox): boolean {
  const overlap = intersectionOverUnion(place, box);
  // shared ÷ own area, from the union's share: s = iou · (a + b) ÷ (1 + iou)
  const shared = (overlap * (boxArea(place) + boxArea(box))) / (1 + overlap);
  return overlap < LEFT_BELOW_OVERLAP && shared < WITHIN * Math.min(boxArea(place), boxArea(box));
}

/** A car that goes straight up or down without changing size is on a lift, not on its way. */
function hasMoved(from: RelativeBox, to: RelativeBox): boolean {
  const diagonal = (Math.hypot(from[2] - from[0], from[3] - from[1]) + Math.hypot(to[2] - to[0], to[3] - to[1])) / 2;
  const dx = Math.abs(to[0] + to[2] - from[0] - from[2]) / 2 / diagonal;
  const dy = Math.abs(to[1] + to[3] - from[1] - from[3]) / 2 / diagonal;
  const scaled = Math.abs(Math.log(boxArea(to) / boxArea(from))) / 2;
  if (dy > 3 * dx && scaled < SCALED_BY) return false;
  return Math.hypot(dx, dy) > MOVED_BY || scaled > SCALED_BY;
}
