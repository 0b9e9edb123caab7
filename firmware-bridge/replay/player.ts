import type { Clock } from "../../machine/clock.ts";
import type { CanFrame, CanRecord } from "../../vehicle-protocols/index.ts";
import { type LogFormat, parserOf, recogniseFormat } from "./format.ts";
import type { LogSource } from "./log-file.ts";
import { Timeline, type TimelineOptions } from "./timeline.ts";

/** Timers of Node cannot wait longer than 24 days; an hour is as good. */
const LONGEST_WAIT_MS = 3_600_000;

export interface PlayerOptions extends TimelineOptions {
  /** Recognised by the log's first piece where undefined. */
  readonly format: LogFormat | undefined;
  /** Only this bus of the log; all where undefined. */
  readonly bus: string | undefined;
}

/** What one pass over a log came to. */
export interface Playback {
  readonly format: LogFormat | undefined;
  readonly frames: number;
  /** Lines that are none of the format. */
  readonly unreadable: number;
}

/** Plays one log once, in the shop's time. Holds one piece of it while the next is read. */
export class Player {
  readonly #options: PlayerOptions;
  readonly #clock: Clock;
  readonly #play: (frames: readonly CanFrame[]) => void;
  #stopped = false;
  #endWait: () => void = () => {};

  /** @param play gets the frames that are due at a moment, in their order */
  constructor(options: PlayerOptions, clock: Clock, play: (frames: readonly CanFrame[]) => void) {
    this.#options = options;
    this.#clock = clock;
    this.#play = play;
  }

  /**
   * Resolves at the log's end, or soon after `stop`; a log that cannot be read has no format. Leaves the source open.
   * @throws whatever the source throws
   */
  async play(source: LogSource): Promise<Playback> {
    let piece = await source.read();
    const format = this.#options.format ?? recogniseFormat(piece);
    if (format === undefined || this.#stopped) return { format: undefined, frames: 0, unreadable: 0 };
    const parser = parserOf(format);
    const timeline = new Timeline(this.#options);
    const beganMs = this.#clock.monotonicMs();
    const count = { frames: 0, unreadable: 0 };
    while (!this.#stopped && piece.length > 0) {
      const next = source.read();
      // It is awaited when this piece has been played; a failure until then is not yet anybody's.
      next.catch(() => undefined);
      await this.#playRecords(parser.push(piece), timeline, beganMs, count);
      piece = await next;
    }
    await this.#playRecords(parser.end(), timeline, beganMs, count);
    return { format, ...count };
  }

  /** Ends a pass that is under way. */
  stop(): void {
    this.#stopped = true;
    this.#endWait();
  }

  async #playRecords(
    records: readonly CanRecord[],
    timeline: Timeline,
    beganMs: number,
    count: { frames: number; unreadable: number },
  ): Promise<void> {
    let due: CanFrame[] = [];
    const report = () => {
      count.frames += due.length;
      if (due.length > 0) this.#play(due);
      due = [];
    };
    for (const record of records) {
      if (this.#stopped) return;
      if (record.kind === "unreadable") {
        count.unreadable += 1;
        continue;
      }
      const dueMs = timeline.dueMs(record.timeMs);
      const { bus = record.bus } = this.#options;
      if (dueMs === undefined || record.kind !== "data" || record.bus !== bus) continue;
      if (beganMs + dueMs > this.#clock.monotonicMs()) {
        report();
        await this.#until(beganMs + dueMs);
        if (this.#stopped) return;
      }
      due.push(record.frame);
    }
    report();
  }

  async #until(dueMs: number): Promise<void> {
    for (;;) {
      const leftMs = dueMs - this.#clock.monotonicMs();
      if (leftMs <= 0 || this.#stopped) return;
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(Math.min(leftMs, LONGEST_WAIT_MS), resolve);
        this.#endWait = () => {
          cancel();
          resolve();
        };
      });
    }
  }
}
