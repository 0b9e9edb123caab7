import { statfs } from "node:fs/promises";

/** Room on the disk that holds the data folder. */
export interface DiskRoom {
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** At the rate at which it filled over the last day or since the start; null while that is not known or it does not fill. */
  readonly daysLeft: number | null;
}

export interface DiskSample {
  readonly atMs: number;
  readonly freeBytes: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A rate from less than this is a guess. */
const LEAST_SPAN_MS = HOUR_MS;
const MOST_SAMPLES = 300;

/** Adds a sample and forgets what is older than a day. Samples are about five minutes apart. */
export function addSample(samples: readonly DiskSample[], sample: DiskSample): readonly DiskSample[] {
  return [...samples.filter((each) => sample.atMs - each.atMs <= DAY_MS), sample].slice(-MOST_SAMPLES);
}

/** Days until nothing is free, by the slope between the first and the last sample; null while it is unknown or does not fill. */
export function daysLeft(samples: readonly DiskSample[]): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return null;
  const spanMs = last.atMs - first.atMs;
  const usedBytes = first.freeBytes - last.freeBytes;
  if (spanMs < LEAST_SPAN_MS || usedBytes <= 0) return null;
  return ((last.freeBytes / usedBytes) * spanMs) / DAY_MS;
}

/** Whether a person must look: little room at all, or little time. */
export function isDiskLow(room: DiskRoom): boolean {
  const least = Math.min(2_000_000_000, room.totalBytes * 0.05);
  return room.freeBytes < least || (room.daysLeft !== null && room.daysLeft < 7);
}

/** Watches the disk of the data folder. */
export class DiskGuardian {
  readonly #directory: string;
  readonly #nowMs: () => number;
  #samples: readonly DiskSample[] = [];
  #room: DiskRoom | undefined;

  /** @param nowMs monotonic shop time */
  constructor(directory: string, nowMs: () => number) {
    this.#directory = directory;
    this.#nowMs = nowMs;
  }

  /** The last measurement; undefined before the first, or when the disk did not answer. */
  room(): DiskRoom | undefined {
    return this.#room;
  }

  /** Measures once; called every few minutes. A disk that cannot be asked is unknown, not full. */
  async measure(): Promise<void> {
    try {
      const { bavail, bsize, blocks } = await statfs(this.#directory);
      const freeBytes = bavail * bsize;
      this.#samples = addSample(this.#samples, { atMs: this.#nowMs(), freeBytes });
      this.#room = { freeBytes, totalBytes: blocks * bsize, daysLeft: daysLeft(this.#samples) };
    } catch {
      this.#room = undefined;
    }
  }
}
