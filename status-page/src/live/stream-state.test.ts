import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runningMs, shopNow } from "./shop-clock.ts";
import {
  beginStream,
  evolveStream,
  GIVE_UP_MS,
  isHopeless,
  isNews,
  reconnectAfterMs,
  type StreamEvent,
  type StreamState,
} from "./stream-state.ts";

const run = (...events: readonly StreamEvent[]): StreamState => events.reduce(evolveStream, beginStream(0));

describe("the event stream as the page sees it", () => {
  it("is live from the first thing heard, and broken once nothing has been heard for three and a half seconds", () => {
    expect(run().phase).toBe("connecting");
    const live = run({ kind: "beat", atMs: 300 });
    expect(live.phase).toBe("live");
    expect(evolveStream(live, { kind: "tick", atMs: 3_800 }).phase).toBe("live");
    expect(evolveStream(live, { kind: "tick", atMs: 3_801 }).phase).toBe("broken");
  });

  it("is broken at once when the connection ends, and live again with the next beat", () => {
    const broken = run({ kind: "beat", atMs: 0 }, { kind: "failed", atMs: 10 });
    expect(broken).toMatchObject({ phase: "broken", failures: 1, heardAtMs: 0 });
    expect(evolveStream(broken, { kind: "beat", atMs: 2_000 })).toMatchObject({ phase: "live", failures: 0 });
  });

  it("says so too when the gateway never answers the first time", () => {
    expect(run({ kind: "begun", atMs: 0 }, { kind: "tick", atMs: 4_500 }).phase).toBe("broken");
  });

  it("is never live for longer than five seconds of silence, whatever happened before", () => {
    const event = fc.record({
      kind: fc.constantFrom("begun" as const, "beat" as const, "failed" as const, "tick" as const),
      afterMs: fc.integer({ min: 0, max: 6_000 }),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (steps) => {
        let atMs = 0;
        let heardAtMs = 0;
        let state = beginStream(0);
        for (const { kind, afterMs } of steps) {
          atMs += afterMs;
          if (kind === "beat") heardAtMs = atMs;
          state = evolveStream(evolveStream(state, { kind, atMs }), { kind: "tick", atMs });
          if (atMs - heardAtMs > 5_000) expect(state.phase).not.toBe("live");
        }
      }),
    );
  });

  it("takes a view as news unless this connection has shown a later one; a new connection counts anew", () => {
    const seen = run({ kind: "view", atMs: 1, name: "today", revision: 9 });
    expect(isNews(seen, "today", 8)).toBe(false);
    expect(isNews(seen, "today", 9)).toBe(true);
    expect(isNews(seen, "my-job", 1)).toBe(true);
    expect(isNews(evolveStream(seen, { kind: "begun", atMs: 2 }), "today", 0)).toBe(true);
  });

  it("keeps the highest revision when an older view comes late", () => {
    const seen = run(
      { kind: "view", atMs: 1, name: "today", revision: 9 },
      { kind: "view", atMs: 2, name: "today", revision: 3 },
    );
    expect(seen.revisions).toEqual({ today: 9 });
  });

  it("gives a silent connection up, since a half-open socket never reports its end", () => {
    const live = run({ kind: "beat", atMs: 1_000 });
    expect(isHopeless(live, 1_000 + GIVE_UP_MS)).toBe(false);
    expect(isHopeless(live, 1_001 + GIVE_UP_MS)).toBe(true);
    expect(isHopeless(evolveStream(live, { kind: "begun", atMs: 9_000 }), 1_001 + GIVE_UP_MS)).toBe(false);
  });

  it("comes back with growing, jittered, bounded waits", () => {
    expect(reconnectAfterMs(0, 0)).toBe(250);
    expect(reconnectAfterMs(1, 0.999)).toBeLessThanOrEqual(1_000);
    expect(reconnectAfterMs(1_000, 0)).toBe(5_000);
    expect(reconnectAfterMs(1_000, 0.999)).toBeLessThanOrEqual(10_000);
  });
});

describe("the shop's clock on the page", () => {
  it("runs at the shop's scale and stands still when nothing is heard", () => {
    const reading = { wallMs: 1_000_000, takenAtMs: 500, scale: 30 };
    expect(shopNow(reading, 1_500)).toBe(1_030_000);
    expect(shopNow(reading, 9_500, 1_500)).toBe(1_030_000);
    expect(shopNow(reading, 100)).toBe(1_000_000);
  });

  it("adds to a running time what has passed since it was told, and never takes away", () => {
    expect(runningMs(60_000, 5_000, 8_000)).toBe(63_000);
    expect(runningMs(60_000, 5_000, 4_000)).toBe(60_000);
  });
});
