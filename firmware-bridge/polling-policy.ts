import type { FailureCode } from "./dialect.ts";

/**
 * When a car may be asked. Nothing here asks by itself: there is a request of the gateway, or a live lease that it keeps renewing, or there is silence.
 * Times are milliseconds of any monotonic clock.
 */
export interface PollingState {
  /** The one switch. */
  readonly enabled: boolean;
  readonly batteryLow: boolean;
  /** When the dongle last told the voltage, or that it cannot. */
  readonly voltsReadAt: number | undefined;
  /** Rounds and requests in a row that no unit, or not even the dongle, answered. */
  readonly silences: number;
  readonly silent: Silence;
  /** Until then a silent car is left alone, except when a person asks for a scan. */
  readonly notBefore: number;
  readonly live: LiveLease | undefined;
}

type Silence = Extract<FailureCode, "car-silent" | "dongle-silent">;

export interface LiveLease {
  /** Pause from the beginning of one round to the next. */
  readonly everyMs: number;
  readonly until: number;
  readonly roundBeganAt: number | undefined;
}

export type PollingEvent =
  | { readonly kind: "switched"; readonly enabled: boolean }
  | { readonly kind: "volts"; readonly volts: number | undefined }
  | { readonly kind: "answered" }
  | { readonly kind: "silent"; readonly because: Silence }
  | { readonly kind: "live-wanted"; readonly everyMs: number; readonly leaseMs: number }
  | { readonly kind: "live-ended" }
  | { readonly kind: "round-began" };

export interface PollingLimits {
  readonly minimumBatteryVolts: number;
  /** No live round begins sooner than this after the one before, whatever is wished. */
  readonly fastestMs: number;
}

/** A battery recovers a few tenths of a volt as soon as nobody asks: without this the polling would flutter. */
const RECOVERY_VOLTS = 0.3;
/** A lead battery that runs empty under a workshop's loads falls within minutes. */
export const VOLTS_FRESH_MS = 10_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

export const ASKS_NOTHING: PollingState = {
  enabled: true,
  batteryLow: false,
  voltsReadAt: undefined,
  silences: 0,
  silent: "car-silent",
  notBefore: 0,
  live: undefined,
};

/**
 * What an event makes of the state: a low battery counts as such until it has recovered, each silence doubles the pause, and a lease is neither taken nor
 * kept while polling is off.
 * @param now milliseconds of the same clock as the state's
 */
export function evolvePolling(
  state: PollingState,
  event: PollingEvent,
  now: number,
  limits: PollingLimits,
): PollingState {
  switch (event.kind) {
    case "switched":
      return event.enabled ? { ...state, enabled: true } : { ...state, enabled: false, live: undefined };
    case "volts": {
      const { minimumBatteryVolts } = limits;
      const threshold = state.batteryLow ? minimumBatteryVolts + RECOVERY_VOLTS : minimumBatteryVolts;
      return { ...state, voltsReadAt: now, batteryLow: event.volts !== undefined && event.volts < threshold };
    }
    case "answered":
      return { ...state, silences: 0, notBefore: 0 };
    case "silent": {
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(state.silences, 20));
      const voltsReadAt = event.because === "dongle-silent" ? undefined : state.voltsReadAt;
      return { ...state, silences: state.silences + 1, silent: event.because, notBefore: now + pauseMs, voltsReadAt };
    }
    case "live-wanted": {
      if (!state.enabled) return state;
      const everyMs = Math.max(event.everyMs, limits.fastestMs);
      return {
        ...state,
        live: { everyMs, until: now + event.leaseMs, roundBeganAt: state.live?.roundBeganAt },
      };
    }
    case "live-ended":
      return { ...state, live: undefined };
    case "round-began":
      return state.live === undefined ? state : { ...state, live: { ...state.live, roundBeganAt: now } };
  }
}

/** Whether the voltage must be read again before the car is asked anything. */
export function voltsAreStale(state: PollingState, now: number): boolean {
  return state.voltsReadAt === undefined || now - state.voltsReadAt >= VOLTS_FRESH_MS;
}

/** Why the car may not be asked now; undefined when it may. A person's scan is tried on a silent car too: the ignition may be on since. */
export function refusalToAsk(state: PollingState, who: "person" | "program", now: number): FailureCode | undefined {
  if (!state.enabled) return "polling-off";
  if (state.batteryLow) return "battery-low";
  return who === "program" && now < state.notBefore ? state.silent : undefined;
}

export type LiveStep =
  | { readonly kind: "over" }
  | { readonly kind: "wait"; readonly until: number; readonly because: FailureCode | undefined }
  | { readonly kind: "read-volts" }
  | { readonly kind: "ask" };

/** What live polling does next. */
export function nextLiveStep(state: PollingState, now: number): LiveStep {
  const { live } = state;
  if (live === undefined || now >= live.until) return { kind: "over" };
  if (now < state.notBefore)
    return { kind: "wait", until: Math.min(live.until, state.notBefore), because: state.silent };
  if (voltsAreStale(state, now)) return { kind: "read-volts" };
  if (state.batteryLow)
    return {
      kind: "wait",
      until: Math.min(live.until, (state.voltsReadAt ?? now) + VOLTS_FRESH_MS),
      because: "battery-low",
    };
  const due = live.roundBeganAt === undefined ? now : live.roundBeganAt + live.everyMs;
  return now < due ? { kind: "wait", until: Math.min(live.until, due), because: undefined } : { kind: "ask" };
}
