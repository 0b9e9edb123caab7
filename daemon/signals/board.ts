import type { DongleId, JobId } from "../../contract/ids.ts";
import type { SignalSample } from "../../contract/payloads.ts";
import type { Stamp } from "../../contract/records.ts";

type Value = SignalSample["value"];

/** The latest value of one name. */
export interface Reading {
  readonly value: Value;
  readonly unit: string;
  /** When it was measured, by whoever measured it. */
  readonly at: number;
  /** Not heard of for longer than its own rhythm allows, or an old value from the start (retained by firmware). */
  readonly stale: boolean;
  /** Of live numbers, since the job stands there; null before the first. */
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** Monotonic milliseconds of the shop when it arrived. */
  readonly receivedMs: number;
}

interface Entry extends Omit<Reading, "stale"> {
  /** Old when it came. */
  readonly oldNews: boolean;
  /** Reckoned here from other values, and so never above one that the car tells itself. */
  readonly derived: boolean;
  /** The last pauses between two arrivals, oldest first. */
  readonly pausesMs: readonly number[];
}

/** Values of one dongle since a job stands there. */
interface Place {
  jobId: JobId | null;
  readonly entries: Map<string, Entry>;
}

/** A pack with 200 cells and probes tells some 300 names; firmware that invents more loses those it has not used for longest. */
const MOST_NAMES = 2_500;
const PAUSES_KEPT = 8;
/** A value is missed after three of its own pauses; until the second pause nobody knows its rhythm. */
const PAUSES_MISSED = 3;
const RHYTHM_UNKNOWN_MS = 60_000;
/** Radio and broker stutter for a second or two. */
const SHORTEST_DEADLINE_MS = 2_000;
/** Firmware that tells only what has changed is silent for long, but not for ever. */
const LONGEST_DEADLINE_MS = 600_000;

/** Told of what has just come: live values alone, in the order in which they came. */
export type BoardListener = (dongleId: DongleId, samples: readonly SignalSample[], at: Stamp) => void;

/**
 * What dongles say their cars measure: the latest value of each name with its age. Telemetry: bounded, in memory, gone with the job and with a
 * restart, and never the basis of a fact without being written down.
 */
export class SignalBoard {
  readonly #nowMs: () => number;
  readonly #places = new Map<DongleId, Place>();
  readonly #listeners = new Set<BoardListener>();

  /** @param nowMs monotonic milliseconds of the shop */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Says whose car a dongle is in now. Values of another car are forgotten. */
  stand(dongleId: DongleId, jobId: JobId | null): void {
    const place = this.#placeOf(dongleId);
    if (place.jobId === jobId) return;
    place.jobId = jobId;
    place.entries.clear();
  }

  subscribe(listener: BoardListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Takes what a dongle tells.
   * @param origin `derived` for what was reckoned from other values: it stands only where the car does not tell the same itself
   */
  take(dongleId: DongleId, samples: readonly SignalSample[], at: Stamp, origin: "told" | "derived" = "told"): void {
    const { entries } = this.#placeOf(dongleId);
    const live: SignalSample[] = [];
    for (const sample of samples) {
      const before = entries.get(sample.name);
      const entry = this.#merged(before, sample, at.monoMs, origin === "derived");
      if (entry === undefined) continue;
      // The map keeps the order of use, so that its first is the one not used for longest.
      entries.delete(sample.name);
      entries.set(sample.name, entry);
      if (!entry.oldNews) live.push(sample);
    }
    for (const [name] of entries) {
      if (entries.size <= MOST_NAMES) break;
      entries.delete(name);
    }
    if (live.length > 0) for (const listener of this.#listeners) listener(dongleId, live, at);
  }

  reading(dongleId: DongleId, name: string): Reading | undefined {
    const entry = this.#places.get(dongleId)?.entries.get(name);
    return entry === undefined ? undefined : this.#readingOf(entry);
  }

  /** Every name that the dongle has told since the job stands there, with its latest value. */
  *readings(dongleId: DongleId): Generator<readonly [name: string, reading: Reading]> {
    for (const [name, entry] of this.#places.get(dongleId)?.entries ?? []) yield [name, this.#readingOf(entry)];
  }

  dongles(): readonly DongleId[] {
    return [...this.#places.keys()];
  }

  #placeOf(dongleId: DongleId): Place {
    const place = this.#places.get(dongleId) ?? { jobId: null, entries: new Map() };
    this.#places.set(dongleId, place);
    return place;
  }

  #merged(before: Entry | undefined, sample: SignalSample, nowMs: number, derived: boolean): Entry | undefined {
    const oldNews = sample.stale === true;
    // An old value says nothing new about what has been heard live since.
    if (oldNews && before !== undefined && !before.oldNews) return undefined;
    if (derived && before !== undefined && !before.derived && !this.#isStale(before)) return undefined;
    const { value, unit = "", at } = sample;
    const isNumber = typeof value === "number" && !oldNews;
    const wasLive = before !== undefined && !before.oldNews;
    const pausesMs = wasLive && !oldNews ? [...before.pausesMs, nowMs - before.receivedMs].slice(-PAUSES_KEPT) : [];
    return {
      value,
      unit,
      at,
      oldNews,
      derived,
      receivedMs: nowMs,
      pausesMs,
      minimum: isNumber ? Math.min(value, before?.minimum ?? value) : (before?.minimum ?? null),
      maximum: isNumber ? Math.max(value, before?.maximum ?? value) : (before?.maximum ?? null),
    };
  }

  #readingOf(entry: Entry): Reading {
    const { value, unit, at, minimum, maximum, receivedMs } = entry;
    return { value, unit, at, minimum, maximum, receivedMs, stale: this.#isStale(entry) };
  }

  #isStale(entry: Entry): boolean {
    return entry.oldNews || this.#nowMs() - entry.receivedMs > deadlineMs(entry.pausesMs);
  }
}

/** How long a value counts after it came, by the pauses in which it used to come. */
export function deadlineMs(pausesMs: readonly number[]): number {
  if (pausesMs.length < 2) return RHYTHM_UNKNOWN_MS;
  const sorted = pausesMs.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? RHYTHM_UNKNOWN_MS;
  return Math.min(LONGEST_DEADLINE_MS, Math.max(SHORTEST_DEADLINE_MS, PAUSES_MISSED * median));
}
