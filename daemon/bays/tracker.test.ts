import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../machine/manual-clock.ts";
import type { Detection, RelativeBox } from "../vision/detections.ts";
import { assign } from "./assignment.ts";
import { contains, intersectionOverUnion, polygonArea, sharedArea } from "./geometry.ts";
import { boxOf, correct, predict, startMotion } from "./motion.ts";
import { NO_TRACKS, type TrackerState, track, visibleTracks } from "./tracker.ts";

const detection = (label: string, box: RelativeBox, score = 0.9): Detection => ({ label, score, box });
const person = (x: number, y = 0.5, score = 0.9) => detection("person", [x, y, x + 0.06, y + 0.3], score);

function play(frames: readonly (readonly Detection[])[], everyMs: number): readonly TrackerState[] {
  const clock = new ManualClock();
  let state = NO_TRACKS;
  return frames.map((detections) => {
    clock.advance(everyMs);
    state = track(state, detections, clock.stamp());
    return state;
  });
}

const ids = (state: TrackerState | undefined) => (state === undefined ? [] : visibleTracks(state).map(({ id }) => id));

describe("a track", () => {
  it.each([200, 1_000, 4_000])("follows somebody who walks, looked at every %i ms", (everyMs) => {
    // 2 % of the picture per second: slow steps about a car.
    const frames = Array.from({ length: 12 }, (_, index) => [person(0.1 + (0.02 * index * everyMs) / 1000)]);
    expect(new Set(play(frames, everyMs).flatMap(ids)).size).toBe(1);
  });

  it("keeps two people apart who pass each other", () => {
    const frames = Array.from({ length: 40 }, (_, index) => [
      person(0.1 + 0.015 * index, 0.4),
      person(0.7 - 0.015 * index, 0.55),
    ]);
    const states = play(frames, 200);
    const last = states.at(-1);
    const right = last?.tracks.find((candidate) => candidate.box[0] > 0.5);
    expect(right?.id).toBe(1);
    expect(last?.tracks).toHaveLength(2);
  });

  it("keeps two people apart who meet on one line, by the way they were going", () => {
    const frames = Array.from({ length: 41 }, (_, index) => [
      person(0.1 + 0.0152 * index),
      person(0.7 - 0.0151 * index),
    ]);
    const last = play(frames, 200).at(-1);
    expect(last?.tracks.find((candidate) => candidate.id === 1)?.box[0]).toBeGreaterThan(0.6);
    expect(last?.tracks).toHaveLength(2);
  });

  it("survives half a minute behind a pillar and missed frames on the way", () => {
    const car = detection("vehicle", [0.3, 0.4, 0.7, 0.8]);
    const frames = Array.from({ length: 200 }, (_, second) =>
      (second > 50 && second < 80) || second % 5 === 0 ? [] : [car],
    );
    const states = play(frames, 1_000);
    expect(new Set(states.flatMap(ids)).size).toBe(1);
    expect(ids(states[60])).toEqual([]);
  });

  it("is continued by a weak detection but never begun by one", () => {
    const states = play([[person(0.1, 0.5, 0.3)], [person(0.1)], [person(0.1, 0.5, 0.2)], [person(0.1)]], 200);
    expect(states.map((state) => ids(state))).toEqual([[], [1], [1], [1]]);
  });

  it("ends when nothing continues it for longer than an occlusion lasts", () => {
    const frames = [[person(0.1)], ...Array.from({ length: 41 }, () => [])];
    expect(play(frames, 1_000).at(-1)?.tracks).toEqual([]);
  });

  it("is never a car and a person at once", () => {
    const box: RelativeBox = [0.2, 0.2, 0.4, 0.6];
    const states = play([[detection("person", box)], [detection("car", box)]], 200);
    expect(states[1]?.tracks.map(({ kind }) => kind)).toEqual(["person", "vehicle"]);
  });

  it("is made of no nonsense and no old frame", () => {
    const clock = new ManualClock();
    clock.advance(1_000);
    const at = clock.stamp();
    const nonsense: readonly Detection[] = [
      detection("person", [0.5, 0.5, 0.4, 0.6]),
      detection("person", [Number.NaN, 0, 1, 1]),
      detection("dog", [0.1, 0.1, 0.2, 0.2]),
    ];
    const state = track(NO_TRACKS, nonsense, at);
    expect(state.tracks).toEqual([]);
    const seen = track(state, [person(0.1)], { ...at, monoMs: at.monoMs + 1 });
    expect(track(seen, [], at)).toBe(seen);
  });

  it("is kept for the surest detections only when a model has gone wild", () => {
    const wild = Array.from({ length: 5_000 }, (_, index) => person((index % 90) / 100, (index % 60) / 100, 0.5));
    const states = play([[...wild, person(0.95, 0.1, 0.99)], wild, wild], 200);
    expect(states.every((state) => state.tracks.length <= 200)).toBe(true);
    expect(states[0]?.tracks.some((candidate) => candidate.score === 0.99)).toBe(true);
  });

  it("has one identity whatever the detector does, and never two for one detection", () => {
    const box = fc.tuple(fc.double({ min: 0, max: 0.9, noNaN: true }), fc.double({ min: 0, max: 0.6, noNaN: true }));
    const frame = fc.array(
      box.map(([x, y]) => person(x, y)),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), fc.integer({ min: 100, max: 5_000 }), (frames, everyMs) => {
        for (const [index, state] of play(frames, everyMs).entries()) {
          const known = state.tracks.map(({ id }) => id);
          expect(new Set(known).size).toBe(known.length);
          expect(visibleTracks(state)).toHaveLength(frames[index]?.length ?? 0);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("predicted motion", () => {
  const walking = () => {
    let motion = startMotion([0.1, 0.5, 0.2, 0.8]);
    for (let index = 1; index <= 20; index += 1) {
      const x = 0.1 + 0.02 * index;
      motion = correct(predict(motion, 0.2), [x, 0.5, x + 0.1, 0.8]);
    }
    return motion;
  };

  it("goes on with the speed that was measured", () => {
    const [left] = boxOf(predict(walking(), 0.2));
    expect(left).toBeGreaterThan(0.51);
    expect(left).toBeLessThan(0.53);
  });

  it("does not carry anybody across the picture in half a minute", () => {
    const [left] = boxOf(predict(walking(), 30));
    // At 0.1 of the picture per second he would be at 3.5; he is looked for at most two seconds further.
    expect(left).toBeLessThan(0.75);
    expect(left).toBeGreaterThan(0.5);
  });

  it("trusts a measurement the more, the longer it has predicted", () => {
    const jump: RelativeBox = [0.6, 0.5, 0.7, 0.8];
    const soon = boxOf(correct(predict(walking(), 0.05), jump))[0];
    const late = boxOf(correct(predict(walking(), 4), jump))[0];
    expect(Math.abs(late - 0.6)).toBeLessThan(Math.abs(soon - 0.6));
  });
});

describe("the assignment", () => {
  it("is as cheap as the best of all permutations", () => {
    const matrix = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })).chain(([rows, columns]) =>
      fc.array(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: columns, maxLength: columns }), {
        minLength: rows,
        maxLength: rows,
      }),
    );
    fc.assert(
      fc.property(matrix, fc.integer({ min: 1, max: 100 }), (costs, limit) => {
        const columns = assign(costs, limit);
        const used = columns.filter((column) => column >= 0);
        expect(new Set(used).size).toBe(used.length);
        expect(costOf(costs, columns, limit)).toBe(cheapest(costs, limit));
      }),
    );
  });

  it("leaves a pair alone that costs the limit, and an empty side", () => {
    expect(assign([[5]], 5)).toEqual([-1]);
    expect(assign([[4]], 5)).toEqual([0]);
    expect(assign([], 5)).toEqual([]);
    expect(assign([[], []], 5)).toEqual([-1, -1]);
  });
});

/** What is left unassigned costs the limit. */
function costOf(costs: readonly (readonly number[])[], columns: readonly number[], limit: number): number {
  return costs.reduce((sum, row, index) => sum + (row[columns[index] ?? -1] ?? limit), 0);
}

function cheapest(costs: readonly (readonly number[])[], limit: number, taken: readonly number[] = []): number {
  const [row, ...rest] = costs;
  if (row === undefined) return 0;
  const options = row.flatMap((cost, column) =>
    taken.includes(column) ? [] : [cost + cheapest(rest, limit, [...taken, column])],
  );
  return Math.min(limit + cheapest(rest, limit, taken), ...options);
}

describe("geometry", () => {
  const square = [
    [0.2, 0.2],
    [0.6, 0.2],
    [0.6, 0.6],
    [0.2, 0.6],
  ] satisfies [number, number][];

  it("knows what a polygon and a box share", () => {
    expect(sharedArea(square, [0, 0, 1, 1])).toBeCloseTo(0.16);
    expect(sharedArea(square, [0.4, 0.4, 1, 1])).toBeCloseTo(0.04);
    expect(sharedArea(square, [0.7, 0.7, 0.9, 0.9])).toBe(0);
    const hook: [number, number][] = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0.5, 0.5],
      [0, 1],
    ];
    expect(sharedArea(hook, [0, 0, 1, 1])).toBeCloseTo(polygonArea(hook));
    expect(sharedArea(hook, [0, 0.5, 1, 1])).toBeCloseTo(0.25);
  });

  it("knows a point inside from one outside", () => {
    expect(contains(square, [0.3, 0.3])).toBe(true);
    expect(contains(square, [0.7, 0.3])).toBe(false);
  });

  it("measures overlap from nothing to the same", () => {
    expect(intersectionOverUnion([0, 0, 1, 1], [0, 0, 1, 1])).toBe(1);
    expect(intersectionOverUnion([0, 0, 1, 1], [0.5, 0, 1.5, 1])).toBeCloseTo(1 / 3);
    expect(intersectionOverUnion([0, 0, 1, 1], [2, 2, 3, 3])).toBe(0);
  });
});
