import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import type { Progress } from "../health/progress.ts";

interface Beat {
  readonly name: string;
  readonly ms: number;
  readonly shopTime: boolean;
  readonly action: () => void | Promise<void>;
}

/** A part that has not moved for so many of its beats stands still. */
const MISSED_BEATS = 10;
const SHORTEST_DEADLINE_MS = 30_000;

/** What the gateway does again and again. An action that fails is told once and tried again at the next beat; one that is still at work is not started twice. */
export class Rhythm {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #progress: Progress;
  readonly #beats: Beat[] = [];
  #cancels: (() => void)[] = [];

  constructor(clock: Clock, log: Logger, progress: Progress) {
    this.#clock = clock;
    this.#log = log;
    this.#progress = progress;
  }

  everyShopMs(name: string, ms: number, action: Beat["action"]): void {
    this.#beats.push({ name, ms, shopTime: true, action });
  }

  everyMachineMs(name: string, ms: number, action: Beat["action"]): void {
    this.#beats.push({ name, ms, shopTime: false, action });
  }

  start(): void {
    for (const beat of this.#beats) {
      const run = this.#runner(beat);
      run();
      if (beat.shopTime) this.#cancels.push(this.#clock.every(beat.ms, run));
      else {
        const timer = setInterval(run, beat.ms);
        this.#cancels.push(() => clearInterval(timer));
      }
    }
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
  }

  #runner({ name, ms, action }: Beat): () => void {
    const moved = this.#progress.watch(name, Math.max(SHORTEST_DEADLINE_MS, ms * MISSED_BEATS));
    let busy = false;
    let failing = false;
    const run = async () => {
      busy = true;
      try {
        await action();
        if (failing) this.#log.info({ beat: name }, "works again");
        failing = false;
        moved();
      } catch (error) {
        if (!failing) this.#log.error({ err: error, beat: name }, "failed; tried again at the next beat");
        failing = true;
      } finally {
        busy = false;
      }
    };
    return () => {
      if (!busy) void run();
    };
  }
}
