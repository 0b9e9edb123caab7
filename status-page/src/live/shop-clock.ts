/** A reading of the shop's wall clock, and when the page took it by its own monotonic clock. */
export interface ClockReading {
  readonly wallMs: number;
  readonly takenAtMs: number;
  /** 1 outside demos. */
  readonly scale: number;
}

/** The shop's time now. It stands still from `frozenAtMs` on: what the page cannot vouch for must not tick. */
export function shopNow(reading: ClockReading, nowMs: number, frozenAtMs: number | null = null): number {
  const until = frozenAtMs === null ? nowMs : Math.min(nowMs, frozenAtMs);
  return reading.wallMs + Math.max(0, until - reading.takenAtMs) * reading.scale;
}

/** A time that was `elapsedMs` at `asOf` and has been running since. */
export function runningMs(elapsedMs: number, asOf: number, shopNowMs: number): number {
  return elapsedMs + Math.max(0, shopNowMs - asOf);
}
