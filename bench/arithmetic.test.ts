import { describe, expect, it } from "vitest";
import { difference, type Placed } from "./peers/vision-peer.ts";
import { processorMsOf, residentBytesOf, ticksIn } from "./processor-time.ts";
import { slopeOf } from "./slope.ts";

const samples = (bytesAt: (minute: number) => number, count = 120) =>
  Array.from({ length: count }, (_, at) => ({ atMs: at * 15_000, bytes: bytesAt(at / 4) }));
const MIB = 2 ** 20;

describe("how fast memory grows", () => {
  it("is the slope of a straight line, without error where there is no noise", () => {
    const { mibPerHour, error } = slopeOf(samples((minute) => 100 * MIB + minute * MIB));
    expect(mibPerHour).toBeCloseTo(60, 6);
    expect(error).toBeCloseTo(0, 6);
  });

  it("is not much where memory only swings, and the error says how much can be told", () => {
    const { mibPerHour, error } = slopeOf(samples((minute) => 100 * MIB + Math.sin(minute * 5) * 3 * MIB));
    expect(Math.abs(mibPerHour)).toBeLessThan(3 * error + 1);
    expect(error).toBeLessThan(10);
  });

  it("cannot be told from two samples", () => {
    expect(slopeOf(samples(() => MIB, 2)).mibPerHour).toBeNaN();
  });
});

describe("the difference of two lists of detections", () => {
  const car = (score: number, x = 0): Placed => ({ label: "car", score, corners: [x, 0, x + 100, 50] });

  it("is the largest edge and score of the pairs", () => {
    const found = difference([[car(0.9), car(0.5, 300)]], [[car(0.8, 4), car(0.5, 301)]], 0.4);
    expect(found).toMatchObject({ count: 2, unmatched: 0, px: 4, score: expect.closeTo(0.1, 9) });
  });

  it("counts what only one side has, whichever it is, and what is only just too unsure on the other as a pair", () => {
    expect(difference([[car(0.9)]], [[]], 0.4)).toMatchObject({ count: 1, unmatched: 1 });
    expect(difference([[]], [[car(0.9)]], 0.4)).toMatchObject({ count: 1, unmatched: 1 });
    expect(difference([[car(0.9)]], [[car(0.9, 300)]], 0.4)).toMatchObject({ count: 2, unmatched: 2 });
    expect(difference([[car(0.41)]], [[car(0.39)]], 0.4)).toMatchObject({ count: 1, unmatched: 0 });
    expect(difference([[car(0.3)]], [[]], 0.4)).toMatchObject({ count: 0, unmatched: 0 });
  });
});

describe("processor time and memory of a process", () => {
  it("is read behind the name, whatever that holds", () => {
    expect(ticksIn("42 (node (a) b) S 1 42 42 0 -1 0 0 0 0 0 150 25 0 0 20 0 11 0 100 0 0")).toBe(175);
  });

  it.skipIf(process.platform !== "linux")("is there for a process that runs, and 0 for one that does not", () => {
    expect(processorMsOf(process.pid)).toBeGreaterThan(0);
    expect(residentBytesOf(process.pid)).toBeGreaterThan(10 * MIB);
    expect(processorMsOf(2 ** 30)).toBe(0);
    expect(residentBytesOf(2 ** 30)).toBe(0);
  });
});
