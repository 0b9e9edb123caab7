import { readFileSync } from "node:fs";
import { GatewayError } from "../contract/errors.ts";
import type { Stamp } from "../contract/records.ts";

/**
 * The shop's time, handed to everything that reasons about people, cars and things. Deadlines of the machine itself
 * (a hung worker, a socket, a back-off) use Node's own timers, since they do not run faster in a demo.
 */
export interface Clock {
  /** Wall clock in milliseconds since 1970. May jump. */
  now(): number;
  /** Milliseconds on CLOCK_MONOTONIC: never jumps, goes on across a restart of the process within one boot. */
  monotonicMs(): number;
  /** Changes with every boot of the machine. */
  readonly bootId: string;
  /** 1 outside demo and tests. */
  readonly scale: number;
  /** Whether the wall clock can be believed (not before the time floor, no unexplained jump). */
  trusted(): boolean;
  stamp(): Stamp;
  /** Calls `action` after `ms` of shop time; the result cancels. */
  after(ms: number, action: () => void): () => void;
  /** Calls `action` every `ms` of shop time; the result cancels. */
  every(ms: number, action: () => void): () => void;
}

const ENVIRONMENT = "BAYGATE_CLOCK";

/** Scale and common origin of a demo's clock; every process of the demo gets the same through its environment. */
export interface ClockScale {
  readonly scale: number;
  /** Real wall clock at which shop time and real time agree. */
  readonly originMs: number;
}

/** The environment entry that gives another process the same scaled clock. */
export function clockEnvironment(scale: ClockScale): Record<string, string> {
  return { [ENVIRONMENT]: JSON.stringify(scale) };
}

/**
 * The clock of this process. With `demo: true` the scale is read from the environment; otherwise a scale in the environment is
 * an error, so that no real shop ever runs on invented time.
 * @throws GatewayError CLOCK_SCALE_FORBIDDEN
 */
export function systemClock(options: { readonly demo: boolean }): SystemClock {
  const text = process.env[ENVIRONMENT];
  if (text === undefined) return new SystemClock({ scale: 1, originMs: 0 });
  if (!options.demo) throw new GatewayError("CLOCK_SCALE_FORBIDDEN");
  const parsed: unknown = JSON.parse(text);
  if (!isClockScale(parsed)) throw new GatewayError("CLOCK_SCALE_FORBIDDEN", { detail: "the scale cannot be read" });
  return new SystemClock(parsed);
}

function isClockScale(value: unknown): value is ClockScale {
  if (typeof value !== "object" || value === null || !("scale" in value) || !("originMs" in value)) return false;
  return (
    typeof value.scale === "number" && value.scale >= 1 && value.scale <= 3600 && typeof value.originMs === "number"
  );
}

/** Wall clocks before this are certainly wrong: the code did not exist yet. */
const BUILD_FLOOR_MS = Date.UTC(2026, 10, 1);

export class SystemClock implements Clock {
  readonly scale: number;
  readonly bootId: string = readBootId();
  readonly #originMs: number;
  #floorMs = BUILD_FLOOR_MS;

  constructor(scale: ClockScale) {
    this.scale = scale.scale;
    this.#originMs = scale.originMs;
  }

  now(): number {
    const real = Date.now();
    return this.scale === 1 ? real : this.#originMs + (real - this.#originMs) * this.scale;
  }

  monotonicMs(): number {
    return (Number(process.hrtime.bigint() / 1000n) / 1000) * this.scale;
  }

  trusted(): boolean {
    return this.now() >= this.#floorMs;
  }

  /** Raises the time floor: the latest of build, last record and headquarters' last word. Never lowers it. */
  raiseFloor(wallMs: number): void {
    this.#floorMs = Math.max(this.#floorMs, wallMs);
  }

  stamp(): Stamp {
    return { wallMs: this.now(), monoMs: this.monotonicMs(), bootId: this.bootId, trusted: this.trusted() };
  }

  after(ms: number, action: () => void): () => void {
    const timer = setTimeout(action, Math.max(0, ms / this.scale));
    return () => clearTimeout(timer);
  }

  every(ms: number, action: () => void): () => void {
    const timer = setInterval(action, ms / this.scale);
    return () => clearInterval(timer);
  }
}

function readBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
