import { Value } from "typebox/value";
import type { Polygon } from "../../contract/configuration.ts";
import { BayId, CameraId } from "../../contract/ids.ts";
import type { BayStateWord } from "../../contract/payloads.ts";
import type { EvidenceSegment } from "../../contract/records.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import type { Detection, RelativeBox } from "../vision/detections.ts";
import { type BayChange, type BaysState, evolveBays, neverSeen } from "./facts.ts";
import { type BayNews, BayObserver, type WatchedBay } from "./observer.ts";
import type { BayJob } from "./watch.ts";

const bay = Value.Parse(BayId, "bay-1");
export const north = Value.Parse(CameraId, "bay1-north");
export const south = Value.Parse(CameraId, "bay1-south");
const ZONE: Polygon = [
  [0.2, 0.35],
  [0.8, 0.35],
  [0.9, 0.95],
  [0.1, 0.95],
];
const PARKED: RelativeBox = [0.25, 0.4, 0.75, 0.85];
/** Through the gate on the right; the whole way takes `DRIVE_S`. */
const OUTSIDE = 0.8;

/** What is true of a bay at a second of the script; a car at 0 is parked, at 1 outside the gate. */
export interface Truth {
  readonly car?: number;
  readonly people?: number;
  /** Something stands before the camera and hides the car. */
  readonly hidden?: boolean;
  /** Share of the car, from the left, that something before it covers. */
  readonly cover?: number;
  /** The camera delivers nothing. */
  readonly dark?: boolean;
  readonly raised?: boolean;
}
export type Script = (second: number) => Truth;

/** A small generator of repeatable noise (mulberry32). */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Camera {
  readonly id: CameraId;
  readonly script: Script;
}

export interface VisitOptions {
  readonly everyMs: number;
  readonly seconds: number;
  readonly cameras: readonly Camera[];
  readonly seed?: number;
  /** Share of detections that the model misses, and of those that it is unsure of. */
  readonly missed?: number;
  readonly unsure?: number;
  readonly job?: (second: number) => { paused: boolean } | undefined;
  readonly labourRuns?: boolean;
}

/** Plays a script at a sampling interval through the real tracker, zones, fusion, watch and evidence. */
export class Visit {
  readonly clock = new ManualClock();
  readonly changes: BayChange[] = [];
  readonly segments: EvidenceSegment[] = [];
  facts: BaysState = {};
  readonly #startMs = this.clock.monotonicMs();
  readonly #options: VisitOptions;
  #random: () => number;
  #job: (BayJob & { paused: boolean }) | undefined;
  observer: BayObserver;

  constructor(options: VisitOptions) {
    this.#options = options;
    this.#random = noise(options.seed ?? 1);
    this.observer = this.#observe();
  }

  #observe(): BayObserver {
    const cameras = Object.fromEntries(
      this.#options.cameras.map(({ id }) => [id, { zone: ZONE, silentAfterMs: 45_000 }]),
    );
    const bays: WatchedBay[] = [{ bayId: bay, cameras }];
    const at = this.clock.stamp();
    const contextOf = () => ({
      recorded: this.facts[bay]?.state,
      job: this.#job,
      labourRuns: this.#options.labourRuns ?? true,
    });
    return new BayObserver(bays, (bayId) => this.facts[bayId] ?? neverSeen(bayId, at), contextOf, at);
  }

  /** The gateway is killed: what is in memory is gone, the journaled facts stay. */
  restart(): void {
    this.observer = this.#observe();
  }

  second(): number {
    return (this.clock.monotonicMs() - this.#startMs) / 1000;
  }

  play(untilSecond = this.#options.seconds): this {
    while (this.second() < untilSecond) {
      this.clock.advance(Math.min(this.#options.everyMs, (untilSecond - this.second()) * 1000));
      this.#look();
    }
    return this;
  }

  finish(): this {
    this.#take(this.observer.flush(bay, this.clock.stamp()));
    return this;
  }

  #look(): void {
    const at = this.clock.stamp();
    this.#updateJob();
    for (const { id, script } of this.#options.cameras) {
      const truth = script(this.second());
      if (truth.dark === true) continue;
      const detections = this.#detect(truth);
      this.#take(this.observer.onFrame({ cameraId: id, at, width: 1280, height: 720, detections, inferred: true }));
    }
    this.#take(this.observer.onTick(at));
  }

  #updateJob(): void {
    const job = this.#options.job?.(this.second());
    if (job?.paused === this.#job?.paused) return;
    this.#job = job && { paused: job.paused, since: this.clock.stamp() };
  }

  #detect({ car, people = 0, hidden, raised, cover = 0 }: Truth): readonly Detection[] {
    const found: Detection[] = [];
    if (car !== undefined && hidden !== true) found.push(...this.#maybe("vehicle", carAt(car, raised === true, cover)));
    for (let person = 0; person < people; person += 1) {
      const x = 0.3 + person * 0.2 + this.#random() * 0.1;
      found.push(...this.#maybe("person", [x, 0.5, x + 0.08, 0.9]));
    }
    return found;
  }

  #maybe(label: string, box: RelativeBox): readonly Detection[] {
    const { missed = 0.05, unsure = 0.1 } = this.#options;
    if (this.#random() < missed) return [];
    const score = this.#random() < unsure ? 0.3 : 0.8;
    const [x1, y1, x2, y2] = box;
    const tremble = () => (this.#random() - 0.5) * 0.02;
    return [{ label, score, box: [x1 + tremble(), y1 + tremble(), x2 + tremble(), y2 + tremble()] }];
  }

  #take(news: readonly BayNews[]): void {
    for (const { change, segments = [] } of news) {
      this.segments.push(...segments);
      for (const segment of segments)
        this.facts = evolveBays(this.facts, { type: "evidence.recorded", body: { segment } });
      const from = this.facts[bay]?.state ?? "unknown";
      if (change === undefined || change.to === from) continue;
      this.changes.push(change);
      this.facts = evolveBays(this.facts, { type: "bay.changed", body: { ...change, from } });
    }
  }

  /** State words in order. */
  get states(): readonly BayStateWord[] {
    return this.changes.map((change) => change.to);
  }

  /** When a state began (`since`) and was certain (`at`), in seconds of the script. */
  timesOf(change: BayChange): { readonly since: number; readonly at: number } {
    const seconds = (monoMs: number) => (monoMs - this.#startMs) / 1000;
    return { since: seconds(change.since.monoMs), at: seconds(change.at.monoMs) };
  }

  /** Seconds of evidence of a kind. */
  evidenceSeconds(kind: EvidenceSegment["kind"]): number {
    const of = this.segments.filter((segment) => segment.kind === kind);
    return of.reduce((sum, { from, to }) => sum + (to.monoMs - from.monoMs) / 1000, 0);
  }
}

function carAt(way: number, raised: boolean, cover: number): RelativeBox {
  const dx = way * OUTSIDE;
  const up = raised ? 0.42 : 0;
  return [
    PARKED[0] + dx + cover * (PARKED[2] - PARKED[0]),
    Math.max(0, PARKED[1] - up),
    PARKED[2] + dx,
    PARKED[3] - up,
  ];
}

/** The car's way in or out between two seconds; outside of them where it then is. */
export function drivesIn(second: number, from: number, to: number): number | undefined {
  if (second < from) return undefined;
  return second >= to ? 0 : 1 - (second - from) / (to - from);
}

export function drivesOut(second: number, from: number, to: number): number | undefined {
  if (second < from) return 0;
  return second >= to ? undefined : (second - from) / (to - from);
}
