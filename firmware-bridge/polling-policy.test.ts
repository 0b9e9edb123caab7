import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ASKS_NOTHING,
  evolvePolling,
  nextLiveStep,
  type PollingEvent,
  type PollingState,
  refusalToAsk,
  VOLTS_FRESH_MS,
} from "./polling-policy.ts";

const LIMITS = { minimumBatteryVolts: 11.8, fastestMs: 100 };

function stateOf(...steps: readonly (readonly [at: number, event: PollingEvent])[]): PollingState {
  return steps.reduce((state, [at, event]) => evolvePolling(state, event, at, LIMITS), ASKS_NOTHING);
}

const volts = (value: number | undefined): PollingEvent => ({ kind: "volts", volts: value });
const live: PollingEvent = { kind: "live-wanted", everyMs: 100, leaseMs: 10_000 };

describe("when a car may be asked", () => {
  it("is never by itself", () => {
    expect(nextLiveStep(ASKS_NOTHING, 0)).toEqual({ kind: "over" });
  });

  it("is at once when somebody looks and the battery is good", () => {
    expect(nextLiveStep(stateOf([0, live]), 0)).toEqual({ kind: "read-volts" });
    expect(nextLiveStep(stateOf([0, live], [0, volts(12.6)]), 0)).toEqual({ kind: "ask" });
  });

  it("ends with the lease, unless it is renewed", () => {
    expect(nextLiveStep(stateOf([0, live]), 10_000)).toEqual({ kind: "over" });
    expect(nextLiveStep(stateOf([0, live], [9_000, live]), 10_000)).not.toEqual({ kind: "over" });
  });

  it("is no faster than the dongle, whatever is wished", () => {
    const state = stateOf(
      [0, { kind: "live-wanted", everyMs: 50, leaseMs: 10_000 }],
      [0, volts(12.6)],
      [5, { kind: "round-began" }],
    );
    expect(nextLiveStep(state, 55)).toEqual({ kind: "wait", until: 105, because: undefined });
    expect(nextLiveStep(state, 105)).toEqual({ kind: "ask" });
  });

  it("is not below the battery's limit, and only well above it again", () => {
    const low = stateOf([0, live], [0, volts(11.7)]);
    expect(refusalToAsk(low, "person", 0)).toBe("battery-low");
    expect(nextLiveStep(low, 0)).toMatchObject({ kind: "wait", because: "battery-low" });
    const recovering = evolvePolling(low, volts(11.9), 1, LIMITS);
    expect(refusalToAsk(recovering, "person", 1)).toBe("battery-low");
    expect(refusalToAsk(evolvePolling(recovering, volts(12.2), 2, LIMITS), "person", 2)).toBeUndefined();
  });

  it("is not told by a dongle that knows no voltage", () => {
    expect(refusalToAsk(stateOf([0, volts(undefined)]), "program", 0)).toBeUndefined();
  });

  it("is later and later while it is silent, but a person's scan is tried", () => {
    const silent: PollingEvent = { kind: "silent", because: "car-silent" };
    let state = stateOf([0, live], [0, volts(12.6)]);
    const pauses: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      state = evolvePolling(state, silent, 0, LIMITS);
      pauses.push(state.notBefore);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(refusalToAsk(state, "program", 59_999)).toBe("car-silent");
    expect(refusalToAsk(state, "person", 0)).toBeUndefined();
    expect(refusalToAsk(evolvePolling(state, { kind: "answered" }, 10, LIMITS), "program", 11)).toBeUndefined();
  });

  it("is not at all once polling is switched off, and live values do not come back by switching it on", () => {
    const off = stateOf([0, live], [0, volts(12.6)], [1, { kind: "switched", enabled: false }]);
    expect(refusalToAsk(off, "person", 1)).toBe("polling-off");
    expect(nextLiveStep(off, 1)).toEqual({ kind: "over" });
    expect(nextLiveStep(evolvePolling(off, { kind: "switched", enabled: true }, 2, LIMITS), 2)).toEqual({
      kind: "over",
    });
    expect(nextLiveStep(evolvePolling(off, live, 2, LIMITS), 2)).toEqual({ kind: "over" });
  });
});

describe("whatever happens", () => {
  const event = fc.oneof(
    fc.record({
      kind: fc.constant("volts" as const),
      volts: fc.option(fc.double({ min: 10, max: 15, noNaN: true }), { nil: undefined }),
    }),
    fc.record({ kind: fc.constant("switched" as const), enabled: fc.boolean() }),
    fc.record({
      kind: fc.constant("live-wanted" as const),
      everyMs: fc.integer({ min: 50, max: 60_000 }),
      leaseMs: fc.integer({ min: 1000, max: 60_000 }),
    }),
    fc.constantFrom<PollingEvent>(
      { kind: "answered" },
      { kind: "silent", because: "car-silent" },
      { kind: "silent", because: "dongle-silent" },
      { kind: "live-ended" },
      { kind: "round-began" },
    ),
  );
  const history = fc.array(fc.record({ waitMs: fc.integer({ min: 0, max: 20_000 }), event }), { maxLength: 60 });

  it("a round is asked only with a lease, a switch that is on, a fresh good voltage, and after every pause", () => {
    fc.assert(
      fc.property(history, (steps) => {
        let now = 0;
        let state = ASKS_NOTHING;
        let lastVolts: number | undefined;
        let voltsAt = Number.NEGATIVE_INFINITY;
        let enabled = true;
        let leaseUntil = 0;
        let lastRound = Number.NEGATIVE_INFINITY;
        for (const { waitMs, event: next } of steps) {
          now += waitMs;
          state = evolvePolling(state, next, now, LIMITS);
          if (next.kind === "volts") [lastVolts, voltsAt] = [next.volts, now];
          if (next.kind === "switched") enabled = next.enabled;
          if (next.kind === "live-wanted" && enabled) leaseUntil = now + next.leaseMs;
          if (next.kind === "live-ended" || !enabled) leaseUntil = 0;
          if (next.kind === "round-began" && leaseUntil > 0) lastRound = now;
          if (nextLiveStep(state, now).kind !== "ask") continue;
          expect(enabled).toBe(true);
          expect(now).toBeLessThan(leaseUntil);
          expect(now - voltsAt).toBeLessThan(VOLTS_FRESH_MS);
          expect(lastVolts ?? 12).toBeGreaterThanOrEqual(LIMITS.minimumBatteryVolts);
          expect(now).toBeGreaterThanOrEqual(state.notBefore);
          if (state.live?.roundBeganAt !== undefined) expect(now - lastRound).toBeGreaterThanOrEqual(LIMITS.fastestMs);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("a wait ends, and not in the past", () => {
    fc.assert(
      fc.property(history, (steps) => {
        let now = 0;
        let state = ASKS_NOTHING;
        for (const { waitMs, event: next } of steps) {
          now += waitMs;
          state = evolvePolling(state, next, now, LIMITS);
          const step = nextLiveStep(state, now);
          if (step.kind !== "wait") continue;
          expect(step.until).toBeGreaterThan(now);
          expect(step.until - now).toBeLessThanOrEqual(60_000);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
