export interface TimelineOptions {
  /** 2 plays in half the time. */
  readonly speed: number;
  /** What lies before this many milliseconds of the recording is left out. */
  readonly startAtMs: number;
  /** Longer silences are shortened to this; undefined leaves them as they are. */
  readonly longestGapMs: number | undefined;
}

/**
 * When each record of a recording is due, counted from the beginning of its replay. Time never runs backwards: a log whose clock was set back
 * goes on from where it was.
 */
export class Timeline {
  readonly #options: TimelineOptions;
  #lastMs: number | undefined;
  #recordedMs = 0;
  #playedMs = 0;

  constructor(options: TimelineOptions) {
    this.#options = options;
  }

  /**
   * Takes the records one after the other.
   * @param timeMs on the recording's own clock; undefined, or no number, means together with the record before
   * @returns milliseconds from the beginning of the replay; undefined for what lies before its start
   */
  dueMs(timeMs: number | undefined): number | undefined {
    const { speed, startAtMs, longestGapMs = Number.POSITIVE_INFINITY } = this.#options;
    const before = this.#recordedMs;
    if (timeMs !== undefined && Number.isFinite(timeMs)) {
      this.#recordedMs += Math.max(0, timeMs - (this.#lastMs ?? timeMs));
      this.#lastMs = timeMs;
    }
    if (this.#recordedMs < startAtMs) return undefined;
    this.#playedMs += Math.min(longestGapMs, this.#recordedMs - Math.max(before, startAtMs));
    return this.#playedMs / speed;
  }
}
