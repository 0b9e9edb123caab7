import fc from "fast-check";
import { Value } from "typebox/value";
import { describe, expect, it } from "vitest";
import { RecordedSeries } from "../../contract/records.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import { Recording, thinned } from "./recording.ts";

describe("a recording", () => {
  it("keeps what was asked for, with its range, its last value and the time since it began", () => {
    const clock = new ManualClock();
    const recording = new Recording(["engine-speed", "oil-temperature"], clock.stamp());
    for (const value of [800, 2_500, 1_000]) {
      clock.advance(100);
      recording.take({ name: "engine-speed", value, unit: "rpm", at: clock.now() }, clock.stamp());
      recording.take({ name: "vehicle-speed", value, at: clock.now() }, clock.stamp());
      recording.take({ name: "oil-temperature", value: "cold", at: clock.now() }, clock.stamp());
    }
    expect(recording.series()).toEqual([
      {
        name: "engine-speed",
        unit: "rpm",
        minimum: 800,
        maximum: 2_500,
        last: 1_000,
        count: 3,
        points: [
          [100, 800],
          [200, 2_500],
          [300, 1_000],
        ],
      },
    ]);
  });

  it("of half an hour at ten values a second fits its record and keeps its extremes", () => {
    const clock = new ManualClock();
    const recording = new Recording(["engine-speed"], clock.stamp());
    for (let n = 0; n < 18_000; n += 1) {
      const value = n === 7_777 ? 9_000 : n === 12_345 ? -5 : 800 + Math.sin(n / 50) * 100;
      recording.take({ name: "engine-speed", value, at: clock.now() }, clock.stamp());
      clock.advance(100);
    }
    const [series] = recording.series();
    expect(Value.Errors(RecordedSeries, series)).toEqual([]);
    expect(series).toMatchObject({ minimum: -5, maximum: 9_000, count: 18_000 });
    const values = series?.points.map(([, value]) => value) ?? [];
    expect([Math.min(...values), Math.max(...values)]).toEqual([-5, 9_000]);
    expect(series?.points.at(-1)?.[0]).toBe(1_799_900);
  });
});

describe("thinning", () => {
  it("keeps order, ends, extremes and the bound, and leaves alone what fits", () => {
    const points = fc.array(fc.tuple(fc.nat(100), fc.integer({ min: -1_000, max: 1_000 })), { maxLength: 300 });
    fc.assert(
      fc.property(points, fc.integer({ min: 4, max: 100 }), (steps, most) => {
        let ms = 0;
        const line = steps.map(([pause, value]): readonly [number, number] => {
          ms += pause;
          return [ms, value];
        });
        const kept = thinned(line, most);
        expect(kept.length).toBeLessThanOrEqual(Math.max(most, 0));
        expect(kept.map(([at]) => at)).toEqual(kept.map(([at]) => at).toSorted((a, b) => a - b));
        for (const point of kept) expect(line).toContainEqual(point);
        if (line.length <= most) expect(kept).toEqual(line);
        if (line.length === 0) return;
        expect(kept[0]).toEqual(line[0]);
        expect(kept.at(-1)).toEqual(line.at(-1));
        const range = (list: readonly (readonly [number, number])[]) => {
          const values = list.map(([, value]) => value);
          return [Math.min(...values), Math.max(...values)];
        };
        expect(range(kept)).toEqual(range(line));
      }),
    );
  });
});
