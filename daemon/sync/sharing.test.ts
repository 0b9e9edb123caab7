import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { STREAMS, type Stream } from "../../contract/records.ts";
import { BackOff } from "./back-off.ts";
import { FairShare, STREAM_WEIGHTS } from "./fair-share.ts";
import { ServerTime } from "./server-time.ts";
import { Wake } from "./wake.ts";

describe("the streams' shares of the line", () => {
  test("with everybody waiting the bytes follow the weights, whatever the batches' sizes", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 256 }), { minLength: 5, maxLength: 5 }), (sizes) => {
        const share = new FairShare();
        const sent = new Map<Stream, number>();
        let total = 0;
        while (total < 100_000) {
          const stream = share.pick(STREAMS) ?? "labour";
          const bytes = sizes[STREAMS.indexOf(stream)] ?? 1;
          share.charge(stream, bytes);
          sent.set(stream, (sent.get(stream) ?? 0) + bytes);
          total += bytes;
        }
        const weights = Object.values(STREAM_WEIGHTS).reduce((sum, weight) => sum + weight, 0);
        for (const stream of STREAMS)
          expect((sent.get(stream) ?? 0) / total).toBeCloseTo(STREAM_WEIGHTS[stream] / weights, 1);
      }),
    );
  });

  test("the lowest stream gets its turn within a bounded number of batches, however much labour waits", () => {
    const share = new FairShare();
    const order = Array.from({ length: 40 }, () => {
      const stream = share.pick(["labour", "operations"]) ?? "labour";
      share.charge(stream, 100);
      return stream;
    });
    expect(order.indexOf("operations")).toBeLessThan(10);
    expect(order.filter((stream) => stream === "operations").length).toBeGreaterThanOrEqual(4);
  });

  test("who was silent cannot save up a claim", () => {
    const share = new FairShare();
    for (let index = 0; index < 1000; index++) share.charge("operations", 100);
    const order = Array.from({ length: 90 }, () => {
      const stream = share.pick(["labour", "operations"]) ?? "labour";
      share.charge(stream, 100);
      return stream;
    });
    expect(order.filter((stream) => stream === "operations").length).toBeGreaterThanOrEqual(8);
    expect(share.pick([])).toBeUndefined();
  });
});

describe("pauses", () => {
  test("lie between nothing and a bound that doubles up to its cap, and start again after progress", () => {
    const full = new BackOff(100, 1000, () => 0.999999);
    const bounds = Array.from({ length: 6 }, () => Math.round(full.next()));
    expect(bounds).toEqual([100, 200, 400, 800, 1000, 1000]);
    full.reset();
    expect(Math.round(full.next())).toBe(100);
    expect(new BackOff(100, 1000, () => 0).next()).toBe(0);
    expect(new BackOff(100, 1000, () => 0.5).next(5000)).toBe(5050);
    const long = new BackOff(100, 1000, () => 0.5);
    for (let index = 0; index < 5000; index++) expect(long.next()).toBeLessThanOrEqual(1000);
  });

  test("end when somebody calls, also when the call came first", async () => {
    const wake = new Wake();
    wake.call();
    await wake.wait(60_000);
    const waiting = wake.wait(60_000);
    wake.call();
    await waiting;
    await wake.wait(1);
  });
});

describe("headquarters' clock", () => {
  test("is read from the answer with the shortest way", () => {
    const time = new ServerTime();
    expect(time.offsetMs).toBeUndefined();
    time.add(1000, 3000, 9000);
    time.add(2000, 2010, 7005);
    // The wall clock was set back in between.
    time.add(5000, 4000, 1);
    expect(time.offsetMs).toBe(5000);
  });
});
