import type { Polygon } from "../../contract/configuration.ts";
import type { BayId, CameraId } from "../../contract/ids.ts";
import type { BayStateWord, EquipmentEvent } from "../../contract/payloads.ts";
import type { EvidenceSegment, Stamp } from "../../contract/records.ts";
import type { FrameResult } from "../vision/detections.ts";
import { type EvidenceBook, flush, type Noted, noteEquipment, noteLook, noteTime, startBook } from "./evidence.ts";
import type { BayChange, BayFacts } from "./facts.ts";
import { NOTHING_REMEMBERED, sightOf, type ZoneMemory } from "./sight.ts";
import { NO_TRACKS, type Track, type TrackerState, track, visibleTracks } from "./tracker.ts";
import {
  type BayJob,
  type BayWatch,
  startWatch,
  step,
  WATCH_POLICY,
  type WatchEvent,
  type WatchPolicy,
  type WatchSetup,
} from "./watch.ts";

export interface WatchedBay {
  readonly bayId: BayId;
  readonly cameras: Readonly<Record<CameraId, { readonly zone: Polygon; readonly silentAfterMs: number }>>;
}

/** What the shop's state says of a bay at this moment, records that wait for their commit included. */
export interface BayContext {
  /** Undefined while the journal knows nothing of the bay. */
  readonly recorded: BayStateWord | undefined;
  readonly job: BayJob | undefined;
  /** Labour time runs at this bay. */
  readonly labourRuns: boolean;
}

/** What a bay has to tell; the shop takes it as its command `observe-bay`, one change each. */
export interface BayNews {
  readonly kind: "observe-bay";
  readonly bayId: BayId;
  readonly change?: BayChange;
  readonly segments?: readonly EvidenceSegment[];
}

interface Watching {
  readonly setup: WatchSetup;
  readonly zones: Readonly<Record<CameraId, Polygon>>;
  watch: BayWatch;
  book: EvidenceBook;
  readonly memory: Map<CameraId, ZoneMemory>;
}

/**
 * Watches every bay: frames, lifts and the passing of time go in, news for the shop comes out. Holds only what is in memory
 * (tracks, open evidence); no I/O, no timers, no clock of its own.
 */
export class BayObserver {
  readonly #bays = new Map<BayId, Watching>();
  readonly #tracks = new Map<CameraId, TrackerState>();
  readonly #contextOf: (bayId: BayId) => BayContext;

  constructor(
    bays: readonly WatchedBay[],
    factsOf: (bayId: BayId) => BayFacts,
    contextOf: (bayId: BayId) => BayContext,
    at: Stamp,
    policy: WatchPolicy = WATCH_POLICY,
  ) {
    this.#contextOf = contextOf;
    for (const { bayId, cameras } of bays) {
      const facts = factsOf(bayId);
      const silentAfterMs = mapValues(cameras, (camera) => camera.silentAfterMs);
      const zones = mapValues(cameras, (camera) => camera.zone);
      const book = startBook(bayId, facts.liftRaised, at);
      const watch = startWatch(facts);
      this.#bays.set(bayId, { setup: { silentAfterMs, policy }, zones, watch, book, memory: new Map() });
    }
  }

  /** What a frame says of every bay that its camera sees. */
  onFrame({ cameraId, detections, at }: FrameResult): readonly BayNews[] {
    const before = this.#tracks.get(cameraId) ?? NO_TRACKS;
    const tracks = track(before, detections, at);
    if (tracks === before) return [];
    this.#tracks.set(cameraId, tracks);
    const visible = visibleTracks(tracks);
    return [...this.#bays.entries()].flatMap(([bayId, bay]) => {
      const zone = bay.zones[cameraId];
      if (zone === undefined) return [];
      const { sight, memory } = sightOf(cameraId, zone, visible, at, bay.memory.get(cameraId) ?? NOTHING_REMEMBERED);
      bay.memory.set(cameraId, memory);
      const context = this.#contextOf(bayId);
      const changes = this.#step(bay, { kind: "sight", sight }, context);
      const noted = noteLook(bay.book, bay.watch.people, at, context.labourRuns);
      return this.#news(bay, changes, noted);
    });
  }

  /** Lift and tool events of the bay they belong to, after the shop has taken them. */
  onEquipment(bayId: BayId, kind: EquipmentEvent["kind"], at: Stamp): readonly BayNews[] {
    const bay = this.#bays.get(bayId);
    if (bay === undefined) return [];
    const lift = kind === "lift-raised" || kind === "lift-lowered";
    const event: WatchEvent = lift ? { kind: "lift", raised: kind === "lift-raised", at } : { kind: "tick", at };
    const changes = this.#step(bay, event, this.#contextOf(bayId));
    return this.#news(bay, changes, noteEquipment(bay.book, kind, at));
  }

  /**
   * Time passes: cameras fall silent, jobs are paused, evidence is due. Call every second or two of shop time, and after a job changed.
   * A change that the shop did not keep (its disk refused) is told again.
   */
  onTick(at: Stamp): readonly BayNews[] {
    return [...this.#bays.entries()].flatMap(([bayId, bay]) => {
      const context = this.#contextOf(bayId);
      const changes = this.#step(bay, { kind: "tick", at }, context);
      const untold = changes.length === 0 && (context.recorded ?? "unknown") !== bay.watch.state;
      const { state, cause, since, people } = bay.watch;
      const again: BayChange[] = untold ? [{ bayId, to: state, cause, since, people, at }] : [];
      return this.#news(bay, [...changes, ...again], noteTime(bay.book, at, context.labourRuns));
    });
  }

  /** Open evidence of a bay, to be recorded before labour there ends (see `baysToFlush`) and before the gateway stops. */
  flush(bayId: BayId, at: Stamp): readonly BayNews[] {
    const bay = this.#bays.get(bayId);
    return bay === undefined ? [] : this.#news(bay, [], flush(bay.book, at, this.#contextOf(bayId).labourRuns));
  }

  /** Tracks of a camera's latest frame: telemetry for the page. */
  tracksOf(cameraId: CameraId): readonly Track[] {
    const tracks = this.#tracks.get(cameraId);
    return tracks === undefined ? [] : visibleTracks(tracks);
  }

  /** People at a bay by the latest looks: telemetry; the count in a record is the one of its moment. */
  peopleAt(bayId: BayId): number {
    return this.#bays.get(bayId)?.watch.people ?? 0;
  }

  #step(bay: Watching, event: WatchEvent, context: BayContext): readonly BayChange[] {
    const { watch, changes } = step(bay.watch, event, context.job, bay.setup);
    bay.watch = watch;
    return changes;
  }

  #news(bay: Watching, changes: readonly BayChange[], noted: Noted): readonly BayNews[] {
    bay.book = noted.book;
    const { bayId } = bay.watch;
    const news: BayNews[] = changes.map((change) => ({ kind: "observe-bay", bayId, change }));
    if (noted.segments.length > 0) news.push({ kind: "observe-bay", bayId, segments: noted.segments });
    return news;
  }
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
