import type { Clock } from "../../machine/clock.ts";

export interface ClockJump {
  /** Forward is positive. */
  readonly byMs: number;
  /** Whether the wall clock can be believed after it. */
  readonly trusted: boolean;
}

/** NTP slews at most 0.5 ms a second; more than this between two looks is a jump. */
const JUMP_MS = 2_000;

/**
 * Compares the wall clock with the monotonic one. Call `look` every few seconds; each jump is told once.
 * A machine that slept shows no jump on CLOCK_MONOTONIC alone but on the wall: it is told, as time in which nothing was watched.
 */
export class ClockWatch {
  readonly #clock: Clock;
  #offsetMs: number;
  #trusted: boolean;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = clock.now() - clock.monotonicMs();
    this.#trusted = clock.trusted();
  }

  /** The jump since the last look; undefined when there was none. A clock that becomes (un)trusted without one is told as a jump by 0 ms. */
  look(): ClockJump | undefined {
    const offsetMs = this.#clock.now() - this.#clock.monotonicMs();
    const trusted = this.#clock.trusted();
    const byMs = offsetMs - this.#offsetMs;
    const jumped = Math.abs(byMs) >= JUMP_MS * this.#clock.scale;
    const changed = trusted !== this.#trusted;
    // Slow drift is followed, so that it never adds up to a jump.
    this.#offsetMs = offsetMs;
    this.#trusted = trusted;
    return jumped || changed ? { byMs: jumped ? Math.round(byMs) : 0, trusted } : undefined;
  }
}
