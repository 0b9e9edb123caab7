import type { Stamp } from "../contract/records.ts";
import type { Clock } from "./clock.ts";

interface Timer {
  dueMs: number;
  readonly everyMs: number | undefined;
  readonly action: () => void;
}

/** A clock for tests: time stands still until the test moves it, and timers fire in order while it does. */
export class ManualClock implements Clock {
  bootId: string;
  scale = 1;
  #wallMs: number;
  #monoMs = 1_000_000;
  #trusted = true;
  readonly #timers = new Set<Timer>();

  constructor(wallMs: number = Date.UTC(2026, 10, 21, 6, 0, 0), bootId = "boot-1") {
    this.#wallMs = wallMs;
    this.bootId = bootId;
  }

  now(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monoMs;
  }

  trusted(): boolean {
    return this.#trusted;
  }

  stamp(): Stamp {
    return { wallMs: this.#wallMs, monoMs: this.#monoMs, bootId: this.bootId, trusted: this.#trusted };
  }

  after(ms: number, action: () => void): () => void {
    return this.#add({ dueMs: this.#monoMs + ms, everyMs: undefined, action });
  }

  every(ms: number, action: () => void): () => void {
    return this.#add({ dueMs: this.#monoMs + ms, everyMs: ms, action });
  }

  /** Moves wall clock and monotonic clock together and fires what falls due, in order. */
  advance(ms: number): void {
    const target = this.#monoMs + ms;
    for (;;) {
      const next = [...this.#timers].filter((timer) => timer.dueMs <= target).sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined) break;
      this.#move(next.dueMs - this.#monoMs);
      if (next.everyMs === undefined) this.#timers.delete(next);
      else next.dueMs += next.everyMs;
      next.action();
    }
    this.#move(target - this.#monoMs);
  }

  /** The wall clock alone jumps, as when NTP corrects it or someone sets it. */
  jumpWall(byMs: number, trusted = true): void {
    this.#wallMs += byMs;
    this.#trusted = trusted;
  }

  /** The machine was off for `offMs`: a new boot id, the monotonic clock begins again, timers are gone. */
  reboot(offMs: number, bootId = `${this.bootId}+`): void {
    this.#wallMs += offMs;
    this.#monoMs = 5_000;
    this.bootId = bootId;
    this.#timers.clear();
  }

  #move(ms: number): void {
    this.#wallMs += ms;
    this.#monoMs += ms;
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
}
