import type { BayId, CameraId } from "../../contract/ids.ts";
import type { BayStateWord } from "../../contract/payloads.ts";
import type { Stamp } from "../../contract/records.ts";
import { elapsedMs } from "../labour/elapsed.ts";
import { conclude } from "./conclude.ts";
import type { BayChange, BayFacts } from "./facts.ts";
import { fuse, type Opinion } from "./fusion.ts";
import type { BaySight } from "./sight.ts";

/** An uninterrupted stretch of looks that say the same, small gaps allowed. */
export interface Run {
  readonly from: Stamp;
  readonly last: Stamp;
  readonly looks: number;
}

/** A bay as it is being watched: in memory only, replaced at each step. Facts come out of it as changes. */
export interface BayWatch {
  readonly bayId: BayId;
  readonly state: BayStateWord;
  readonly since: Stamp;
  readonly at: Stamp;
  readonly cause: string;
  /** While unknown: what it was, so that a short loss of sight does not restart the clock on the page. */
  readonly before: { readonly state: BayStateWord; readonly since: Stamp } | null;
  readonly people: number;
  readonly liftRaised: boolean;
  /** The latest opinion of each camera that has looked since the bay was last unknown. */
  readonly opinions: Readonly<Record<string, Opinion>>;
  readonly lastLook: Stamp | null;
  /** Since the car was seen first; gaps of an occlusion are ridden out. */
  readonly car: Run | null;
  /** Looks without the car since it was seen last. */
  readonly unseen: Run | null;
  readonly moving: Run | null;
  readonly still: Run | null;
  readonly displaced: boolean;
  readonly person: Run | null;
  readonly lastPersonAt: Stamp | null;
}

export type WatchEvent =
  | { readonly kind: "sight"; readonly sight: BaySight }
  | { readonly kind: "lift"; readonly raised: boolean; readonly at: Stamp }
  | { readonly kind: "tick"; readonly at: Stamp };

/** The job that stands at the bay, as far as its state matters here. */
export interface BayJob {
  readonly paused: boolean;
  /** When it was opened, paused or resumed last. */
  readonly since: Stamp;
}

export interface WatchPolicy {
  /** Seen at least twice over this long, a car is there and not a flicker. */
  readonly carCertainMs: number;
  /** Not moving for this long, an arriving car has come to its place. */
  readonly settleMs: number;
  /** Moving and out of its place for this long, a car is leaving. */
  readonly departMs: number;
  /** A car that is not seen for longer is gone: half a minute of occlusion, and one slow sample on each side. */
  readonly occlusionMs: number;
  /** The same once it was seen to drive out of its place. */
  readonly goneMs: number;
  /** Looked at without a car for this long, a bay of which nothing was known is empty. */
  readonly emptyCertainMs: number;
  /** A person may be hidden behind the car for this long. */
  readonly personHoldMs: number;
  /** The same under a raised car, where a camera sees little of him. */
  readonly personHoldUnderLiftMs: number;
  readonly workingAfterMs: number;
  /** He may fetch a tool: nobody for this long before "working" ends. */
  readonly idleAfterMs: number;
  readonly idleAfterUnderLiftMs: number;
  /** A car without people for this long is waiting. */
  readonly waitingAfterMs: number;
  /** After a longer time unknown, the old state's beginning is no longer vouched for. */
  readonly resumeWithinMs: number;
}

export const WATCH_POLICY: WatchPolicy = {
  carCertainMs: 3_000,
  settleMs: 8_000,
  departMs: 3_000,
  occlusionMs: 40_000,
  goneMs: 12_000,
  emptyCertainMs: 4_000,
  personHoldMs: 30_000,
  personHoldUnderLiftMs: 120_000,
  workingAfterMs: 20_000,
  idleAfterMs: 120_000,
  idleAfterUnderLiftMs: 300_000,
  waitingAfterMs: 600_000,
  resumeWithinMs: 600_000,
};

/** What does not change while a bay is watched. */
export interface WatchSetup {
  /** Each camera that sees the bay, with the silence after which it is not live any more, in milliseconds. */
  readonly silentAfterMs: Readonly<Record<CameraId, number>>;
  readonly policy: WatchPolicy;
}

const NO_RUNS = {
  people: 0,
  opinions: {},
  lastLook: null,
  car: null,
  unseen: null,
  moving: null,
  still: null,
  displaced: false,
  person: null,
  lastPersonAt: null,
} as const;

/** Begins at the journaled state, and as unknown until a camera has seen the bay. */
export function startWatch(facts: BayFacts): BayWatch {
  const { bayId, state, since, at, cause, liftRaised } = facts;
  const known = state === "unknown" ? facts.before : { state, since };
  return { bayId, state: "unknown", since, at, cause, before: known, liftRaised, ...NO_RUNS };
}

/**
 * One event further. Usually no change comes out; sometimes two at once, where something was understood only afterwards (it was leaving, now it is gone).
 * A sight that is older than the last one of its camera changes nothing.
 */
export function step(
  watch: BayWatch,
  event: WatchEvent,
  job: BayJob | undefined,
  setup: WatchSetup,
): { readonly watch: BayWatch; readonly changes: readonly BayChange[] } {
  let next = perceive(watch, event, setup);
  const now = event.kind === "sight" ? event.sight.at : event.at;
  const changes: BayChange[] = [];
  // No state is entered twice in one step, so the loop ends.
  const visited = new Set<BayStateWord>([next.state]);
  for (;;) {
    const conclusion = conclude(next, now, job, setup);
    if (conclusion === undefined || visited.has(conclusion.to)) break;
    visited.add(conclusion.to);
    const since = notBefore(conclusion.since, next.since, conclusion.resumed);
    next = enter(next, conclusion.to, since, now, conclusion.cause);
    const { bayId, people } = next;
    changes.push({ bayId, to: conclusion.to, cause: conclusion.cause, people, since, at: now });
  }
  return { watch: next, changes };
}

/** A state cannot have begun before the one it follows, except where the time between was only not seen. */
function notBefore(since: Stamp, previous: Stamp, resumed: boolean): Stamp {
  if (resumed || since.bootId !== previous.bootId) return since;
  return since.monoMs >= previous.monoMs ? since : previous;
}

function enter(watch: BayWatch, to: BayStateWord, since: Stamp, at: Stamp, cause: string): BayWatch {
  const moved = { ...watch, state: to, since, at, cause, before: null };
  if (to === "unknown") {
    const before = { state: watch.state, since: watch.since };
    return { ...moved, ...NO_RUNS, before };
  }
  if (to === "empty") return { ...moved, car: null, moving: null, still: null, displaced: false };
  return to === "occupied" ? { ...moved, moving: null, displaced: false } : moved;
}

function perceive(watch: BayWatch, event: WatchEvent, { silentAfterMs, policy }: WatchSetup): BayWatch {
  if (event.kind === "lift") return { ...watch, liftRaised: event.raised };
  if (event.kind === "tick") return watch;
  const { sight } = event;
  const { at } = sight;
  const old = watch.opinions[sight.cameraId];
  if (old !== undefined && at.monoMs <= old.at.monoMs) return watch;
  if (silentAfterMs[sight.cameraId] === undefined) return watch;
  const opinions = { ...watch.opinions, [sight.cameraId]: sight };
  const fused = fuse(Object.values(opinions), at, silentAfterMs);
  const seen: BayWatch = { ...watch, opinions, lastLook: at, people: fused.people };
  return perceivePeople(perceiveCar(seen, fused, at), fused.people > 0, at, policy);
}

/** Looks without the car that a car not yet believed may miss. */
const FLICKER_GAP_MS = 10_000;

function perceiveCar(watch: BayWatch, fused: ReturnType<typeof fuse>, at: Stamp): BayWatch {
  if (!fused.car) {
    const unseen = longer(watch.unseen, at);
    const believed = watch.state !== "unknown" && watch.state !== "empty";
    const forgotten = !believed && watch.car !== null && (elapsedMs(watch.car.last, at) ?? 0) > FLICKER_GAP_MS;
    return forgotten ? { ...watch, unseen, car: null, moving: null, still: null } : { ...watch, unseen };
  }
  const seen: BayWatch = { ...watch, car: longer(watch.car, at), unseen: null };
  if (fused.moving === undefined) return seen;
  const from = fused.comparedWith ?? at;
  // Once it has left its place it has, also when the picture's edge cuts the box on its way out.
  const displaced = fused.displaced || (watch.moving !== null && watch.displaced);
  if (fused.moving) return { ...seen, moving: longer(watch.moving, at, from), still: null, displaced };
  return {
    ...seen,
    still: longer(watch.still, at, from),
    moving: null,
    displaced: watch.state === "leaving" && watch.displaced,
  };
}

function perceivePeople(watch: BayWatch, somebody: boolean, at: Stamp, policy: WatchPolicy): BayWatch {
  const holdMs = watch.liftRaised ? policy.personHoldUnderLiftMs : policy.personHoldMs;
  const held = watch.person !== null && (elapsedMs(watch.person.last, at) ?? Number.POSITIVE_INFINITY) <= holdMs;
  const run = held ? watch.person : null;
  return somebody ? { ...watch, person: longer(run, at), lastPersonAt: at } : { ...watch, person: run };
}

function longer(run: Run | null, at: Stamp, from: Stamp = at): Run {
  return run === null ? { from, last: at, looks: 1 } : { ...run, last: at, looks: run.looks + 1 };
}
