import type { BayStateWord } from "../../contract/payloads.ts";
import type { Stamp } from "../../contract/records.ts";
import { elapsedMs } from "../labour/elapsed.ts";
import { isLive } from "./fusion.ts";
import type { BayJob, BayWatch, Run, WatchPolicy, WatchSetup } from "./watch.ts";

interface Conclusion {
  readonly to: BayStateWord;
  readonly since: Stamp;
  readonly cause: string;
  /** The state from before a short loss of sight goes on. */
  readonly resumed: boolean;
}

/**
 * What the looks so far allow to conclude, if anything. Absence is measured between looks, never by the clock alone: while nobody
 * looks, nothing disappears.
 */
export function conclude(
  watch: BayWatch,
  now: Stamp,
  job: BayJob | undefined,
  { silentAfterMs, policy }: WatchSetup,
): Conclusion | undefined {
  const live = Object.values(watch.opinions).some((opinion) =>
    isLive(opinion.at, now, silentAfterMs[opinion.cameraId]),
  );
  if (!live) return watch.state === "unknown" ? undefined : to("unknown", watch.lastLook ?? now, "no-camera");
  switch (watch.state) {
    case "unknown":
      return afterUnknown(watch, job, policy);
    case "empty":
      return certain(watch.car, policy.carCertainMs) ? to("arriving", watch.car.from, "car-seen") : undefined;
    case "arriving":
      return gone(watch, policy.occlusionMs) ?? stopped(watch, policy);
    case "leaving":
      return gone(watch, watch.displaced ? policy.goneMs : policy.occlusionMs) ?? stopped(watch, policy);
    case "occupied":
    case "working":
    case "waiting":
      return departing(watch, policy) ?? gone(watch, policy.occlusionMs) ?? attended(watch, now, job, policy);
  }
}

function to(state: BayStateWord, since: Stamp, cause: string, resumed = false): Conclusion {
  return { to: state, since, cause, resumed };
}

function certain(run: Run | null, ms: number): run is Run {
  return run !== null && run.looks >= 2 && (elapsedMs(run.from, run.last) ?? 0) >= ms;
}

function gone({ car, unseen }: BayWatch, afterMs: number): Conclusion | undefined {
  if (unseen === null || unseen.looks < 2) return undefined;
  const lastSeen = car?.last ?? unseen.from;
  return (elapsedMs(lastSeen, unseen.last) ?? 0) >= afterMs ? to("empty", lastSeen, "car-gone") : undefined;
}

function stopped({ still, unseen }: BayWatch, { settleMs }: WatchPolicy): Conclusion | undefined {
  return unseen === null && certain(still, settleMs) ? to("occupied", still.from, "car-stopped") : undefined;
}

/** Seen to drive out of its place; or it was moving when it was seen last, and by now it must be gone. */
function departing(watch: BayWatch, policy: WatchPolicy): Conclusion | undefined {
  const { moving, displaced, car } = watch;
  if (moving === null || car === null) return undefined;
  const driving = displaced && certain(moving, policy.departMs);
  const vanished = moving.last.monoMs === car.last.monoMs && gone(watch, policy.occlusionMs) !== undefined;
  return driving || vanished ? to("leaving", moving.from, "car-moved") : undefined;
}

/** What a standing car's state is, by people and by the word of the job. A person's word weighs more than a camera's. */
function attended(watch: BayWatch, now: Stamp, job: BayJob | undefined, policy: WatchPolicy): Conclusion | undefined {
  const { state, cause, person, lastPersonAt, lastLook, since, liftRaised } = watch;
  if (job?.paused === true) {
    return state === "waiting" && cause === "job-paused" ? undefined : pausedJob(watch, job);
  }
  const worked = certain(person, policy.workingAfterMs);
  if (state === "waiting" && cause === "job-paused") {
    const resumedAt = job?.since ?? now;
    return to("occupied", resumedAt, job === undefined ? "job-closed" : "job-resumed");
  }
  if (worked) return state === "working" ? undefined : to("working", person.from, "people-at-car");
  const aloneSince = later(lastPersonAt, state === "working" ? null : since);
  const aloneMs = aloneSince === null || lastLook === null ? 0 : (elapsedMs(aloneSince, lastLook) ?? 0);
  if (state === "working" && person === null) {
    const idleAfterMs = liftRaised ? policy.idleAfterUnderLiftMs : policy.idleAfterMs;
    if (aloneMs >= idleAfterMs && aloneSince !== null) return to("occupied", aloneSince, "nobody-at-car");
  }
  if (state === "occupied" && aloneMs >= policy.waitingAfterMs && aloneSince !== null)
    return to("waiting", aloneSince, "nobody-at-car");
  return undefined;
}

function pausedJob({ state }: BayWatch, job: BayJob): Conclusion | undefined {
  return state === "waiting" ? undefined : to("waiting", job.since, "job-paused");
}

function later(a: Stamp | null, b: Stamp | null): Stamp | null {
  if (a === null || b === null) return a ?? b;
  return a.bootId === b.bootId && a.monoMs >= b.monoMs ? a : b;
}

const WITH_CAR: readonly BayStateWord[] = ["arriving", "occupied", "working", "waiting", "leaving"];

/** First sight after a start or a loss of every camera. A bay that had a car is called empty only when an occlusion is ruled out. */
function afterUnknown(watch: BayWatch, job: BayJob | undefined, policy: WatchPolicy): Conclusion | undefined {
  const { car, moving, still, unseen, before, lastLook, since } = watch;
  const gapMs = lastLook === null ? undefined : elapsedMs(since, lastLook);
  const vouched = before !== null && gapMs !== undefined && gapMs <= policy.resumeWithinMs ? before : null;
  if (certain(car, policy.carCertainMs)) {
    if (certain(moving, policy.departMs)) return to("arriving", car.from, "car-seen");
    if (!certain(still, policy.carCertainMs)) return undefined;
    if (vouched !== null && goesOn(watch, vouched.state, job))
      return to(vouched.state, vouched.since, resumedCause(vouched.state, job), true);
    return to("occupied", car.from, "car-seen");
  }
  const hadCar = before !== null && WITH_CAR.includes(before.state);
  const neededMs = hadCar ? policy.occlusionMs : policy.emptyCertainMs;
  if (car !== null || !certain(unseen, neededMs)) return undefined;
  return vouched?.state === "empty"
    ? to("empty", vouched.since, "seen-again", true)
    : to("empty", unseen.from, "no-car-seen");
}

function goesOn({ person }: BayWatch, state: BayStateWord, job: BayJob | undefined): boolean {
  if (job?.paused === true) return state === "waiting";
  return state === "occupied" || (state === "working" && person !== null) || (state === "waiting" && person === null);
}

/** Waiting on the job's word is told apart from waiting by what is seen, also after a loss of sight. */
function resumedCause(state: BayStateWord, job: BayJob | undefined): string {
  return state === "waiting" && job?.paused === true ? "job-paused" : "seen-again";
}
