import type { CameraId } from "../../contract/ids.ts";
import type { Stamp } from "../../contract/records.ts";
import { elapsedMs } from "../labour/elapsed.ts";
import type { BaySight } from "./sight.ts";

/** What a camera said last of a bay. */
export type Opinion = BaySight;

/** A motion is only worth something while it is fresh; longer than the slowest useful sampling. */
const MOTION_FRESH_MS = 6_000;

/**
 * Several cameras, one bay:
 * 1. A camera counts while it is live: its last look is younger than its own silence limit.
 * 2. A car is there if any live camera sees it: another may be blocked. It is absent only when every live camera says so.
 * 3. People are the largest count of any live camera: the same persons are seen from two sides, so counts are never added.
 * 4. The car moves if any fresh opinion says so; it is still if a fresh one says still and none says moving.
 */
export function fuse(
  opinions: readonly Opinion[],
  at: Stamp,
  silentAfterMs: Readonly<Record<CameraId, number>>,
): Omit<BaySight, "cameraId" | "at"> {
  const live = opinions.filter((opinion) => isLive(opinion.at, at, silentAfterMs[opinion.cameraId]));
  const fresh = live.filter((opinion) => (elapsedMs(opinion.at, at) ?? 0) <= MOTION_FRESH_MS);
  const mover = fresh.find((opinion) => opinion.moving === true);
  const decisive = mover ?? fresh.find((opinion) => opinion.moving === false);
  return {
    car: live.some((opinion) => opinion.car),
    moving: decisive?.moving,
    comparedWith: decisive?.comparedWith,
    displaced: fresh.some((opinion) => opinion.displaced),
    people: live.reduce((most, opinion) => Math.max(most, opinion.people), 0),
  };
}

export function isLive(lastLook: Stamp, at: Stamp, silentAfterMs = 0): boolean {
  return (elapsedMs(lastLook, at) ?? Number.POSITIVE_INFINITY) <= silentAfterMs;
}
