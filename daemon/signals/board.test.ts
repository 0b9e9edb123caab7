import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DongleId, JobId } from "../../contract/ids.ts";
import type { SignalSample } from "../../contract/payloads.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import { deadlineMs, SignalBoard } from "./board.ts";

const OBD = "obd-1" as DongleId;
const JOB = "job-1" as JobId;

function board() {
  const clock = new ManualClock();
  const signals = new SignalBoard(() => clock.monotonicMs());
  signals.stand(OBD, JOB);
  const tell = (name: string, value: SignalSample["value"], more: Partial<SignalSample> = {}) =>
    signals.take(OBD, [{ name, value, at: clock.now(), ...more }], clock.stamp());
  return { clock, signals, tell, read: (name: string) => signals.reading(OBD, name) };
}

describe("the latest value", () => {
  it("is there with its unit, its age and the range since the job stands there", () => {
    const { clock, tell, read } = board();
    for (const value of [700, 2_400, 900]) {
      clock.advance(500);
      tell("engine-speed", value, { unit: "rpm" });
    }
    expect(read("engine-speed")).toMatchObject({
      value: 900,
      unit: "rpm",
      at: clock.now(),
      minimum: 700,
      maximum: 2_400,
      stale: false,
    });
    expect(read("oil-temperature")).toBeUndefined();
  });

  it("goes stale after three of its own pauses, and is never stale while it keeps its rhythm", () => {
    const { clock, tell, read } = board();
    for (let time = 0; time < 20; time += 1) {
      tell("fast", time);
      if (time % 10 === 0) tell("slow", time);
      clock.advance(1_000);
    }
    tell("slow", 20);
    expect(read("fast")?.stale).toBe(false);
    clock.advance(2_500);
    expect(read("fast")?.stale).toBe(true);
    expect(read("slow")?.stale).toBe(false);
    clock.advance(28_000);
    expect(read("slow")?.stale).toBe(true);
  });

  it("that firmware has kept is stale until it is told live, and never covers a live one", () => {
    const { clock, tell, read } = board();
    tell("state-of-charge", 40, { stale: true });
    expect(read("state-of-charge")).toMatchObject({ value: 40, stale: true, minimum: null });
    tell("state-of-charge", 63);
    expect(read("state-of-charge")).toMatchObject({ value: 63, stale: false, minimum: 63 });
    clock.advance(1_000);
    tell("state-of-charge", 40, { stale: true });
    expect(read("state-of-charge")).toMatchObject({ value: 63, stale: false });
  });

  it("of the car before is forgotten with its job", () => {
    const { signals, tell, read } = board();
    tell("odometer", 120_000);
    signals.stand(OBD, JOB);
    expect(read("odometer")?.value).toBe(120_000);
    signals.stand(OBD, "job-2" as JobId);
    expect(read("odometer")).toBeUndefined();
  });

  it("that was reckoned here stands only where the car does not tell the same itself", () => {
    const { clock, signals, read } = board();
    const name = "cell-voltage-spread";
    const derive = (value: number) => signals.take(OBD, [{ name, value, at: 1 }], clock.stamp(), "derived");
    derive(0.03);
    expect(read(name)?.value).toBe(0.03);
    signals.take(OBD, [{ name, value: 0.02, at: 1 }], clock.stamp());
    derive(0.05);
    expect(read(name)?.value).toBe(0.02);
    clock.advance(61_000);
    derive(0.05);
    expect(read(name)?.value).toBe(0.05);
  });

  it("of words and switches has no range", () => {
    const { tell, read } = board();
    tell("charging", true);
    tell("gear", "D");
    expect(read("charging")).toMatchObject({ value: true, minimum: null });
    expect(read("gear")).toMatchObject({ value: "D", maximum: null });
  });
});

describe("the board", () => {
  it("keeps a bounded number of names, and those that are in use", () => {
    const { signals, tell, read } = board();
    tell("kept", 1);
    for (let n = 0; n < 10_000; n += 1) {
      tell(`noise-${n}`, n);
      if (n % 1_000 === 0) tell("kept", n);
    }
    expect([...signals.readings(OBD)]).toHaveLength(2_500);
    expect(read("kept")).toBeDefined();
    expect(read("noise-0")).toBeUndefined();
  });

  it("tells listeners of live values alone, until they have heard enough", () => {
    const { signals, tell } = board();
    const heard: string[] = [];
    const stop = signals.subscribe((dongleId, samples) =>
      heard.push(...samples.map(({ name }) => `${dongleId} ${name}`)),
    );
    tell("odometer", 1, { stale: true });
    tell("odometer", 2);
    stop();
    tell("odometer", 3);
    expect(heard).toEqual(["obd-1 odometer"]);
  });

  it("bears any names and values, in any order", () => {
    const sample: fc.Arbitrary<SignalSample> = fc.record({
      name: fc.oneof(fc.constantFrom("a", "__proto__", "constructor"), fc.string({ minLength: 1, maxLength: 80 })),
      value: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string({ maxLength: 200 }), fc.boolean()),
      at: fc.nat(),
      stale: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(sample, fc.nat(20_000)), { maxLength: 50 }), (told) => {
        const { clock, signals } = board();
        for (const [each, pause] of told) {
          signals.take(OBD, [each], clock.stamp());
          clock.advance(pause);
        }
        for (const [name, { value, minimum, maximum, stale }] of signals.readings(OBD)) {
          const own = told.map(([each]) => each).filter((each) => each.name === name);
          expect(own.map((each) => each.value)).toContainEqual(value);
          if (own.every((each) => each.stale)) expect(stale).toBe(true);
          if (minimum !== null && maximum !== null) expect(minimum).toBeLessThanOrEqual(maximum);
        }
      }),
    );
  });
});

describe("the deadline of a value", () => {
  it("follows its pauses within bounds, and one long pause among short ones does not move it", () => {
    expect(deadlineMs([])).toBe(60_000);
    expect(deadlineMs([1_000])).toBe(60_000);
    expect(deadlineMs([100, 100, 100])).toBe(2_000);
    expect(deadlineMs([5_000, 5_000, 60_000, 5_000])).toBe(15_000);
    expect(deadlineMs([3_600_000, 3_600_000])).toBe(600_000);
  });
});
