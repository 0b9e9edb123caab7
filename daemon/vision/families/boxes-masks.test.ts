import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boxesMasks } from "./boxes-masks.ts";
import { createCandidates } from "./candidates.ts";
import { contours } from "./contours.ts";
import { keepBest } from "./nms.ts";

const size = { width: 64, height: 64 };
const ANCHORS = 84;
const CELLS = 16;

/** Two prototypes: one is positive left of x = 32, the other everywhere. */
const protos = new Float32Array(2 * CELLS * CELLS);
for (let row = 0; row < CELLS; row++) {
  for (let column = 0; column < CELLS; column++) {
    protos[row * CELLS + column] = 32 - (column * 4 + 2);
    protos[CELLS * CELLS + row * CELLS + column] = 1;
  }
}

function outputs(boxes: readonly { row: number; box: number[]; scores: number[]; coefs: number[] }[]) {
  const all = [ANCHORS * 4, ANCHORS * 2, ANCHORS * 2].map((length) => new Float32Array(length));
  for (const { row, box, scores, coefs } of boxes) {
    all[0]!.set(box, row * 4);
    all[1]!.set(scores, row * 2);
    all[2]!.set(coefs, row * 2);
  }
  return [...all, protos];
}

/** Corners of what a polygon covers. */
function extent(polygon: readonly number[] | undefined) {
  const xs = polygon?.filter((_, at) => at % 2 === 0) ?? [];
  const ys = polygon?.filter((_, at) => at % 2 === 1) ?? [];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)].map((v) => Math.round(v * 100) / 100);
}

function areaOf(polygon: readonly number[]): number {
  let twice = 0;
  for (let at = 0; at < polygon.length; at += 2) {
    const after = (at + 2) % polygon.length;
    twice += polygon[at]! * polygon[after + 1]! - polygon[after]! * polygon[at + 1]!;
  }
  return twice / 2;
}

describe("boxes with prototype masks", () => {
  test("names four outputs whose number of prototypes must agree", () => {
    expect(boxesMasks.outputs(size, 3).map(({ name, shape }) => [name, shape])).toEqual([
      ["boxes", [1, "N", 4]],
      ["scores", [1, "N", 3]],
      ["coefs", [1, "N", "K"]],
      ["protos", [1, "K", 16, 16]],
    ]);
  });

  test("reads corners and scores as they stand, and gives each class its own box", () => {
    const candidates = createCandidates(10);
    const given = outputs([
      { row: 3, box: [8, 10, 40, 30], scores: [0.6, 0.7], coefs: [1, 0] },
      { row: 80, box: [50, 50, 40, 60], scores: [0.9, 0], coefs: [0, 0] },
    ]);
    boxesMasks.decode(given, size, Float32Array.from([0.5, 0.5]), candidates);
    expect(
      keepBest(candidates, 0.5, 10).map((index) => [
        candidates.labelIndexes[index],
        candidates.rows[index],
        [...candidates.corners.subarray(index * 4, index * 4 + 4)],
      ]),
    ).toEqual([
      [1, 3, [8, 10, 40, 30]],
      [0, 3, [8, 10, 40, 30]],
    ]);
  });

  test("draws the outline where the prototypes' sum is positive, to a fraction of a cell, and ends it at the box", () => {
    const given = outputs([{ row: 3, box: [8, 10, 40, 30], scores: [1, 0], coefs: [1, 0] }]);
    const corners = [8, 10, 40, 30] as const;
    const [left, ...others] = boxesMasks.outline?.(given, size, 3, corners) ?? [];
    expect(others).toEqual([]);
    expect(extent(left)).toEqual([8, 10, 32, 30]);
    // The second prototype moves the edge by its coefficient: 32 − x + 5 is zero at x = 37.
    given[2]!.set([1, 5], 3 * 2);
    expect(extent(boxesMasks.outline?.(given, size, 3, corners)[0])).toEqual([8, 10, 37, 30]);
  });

  test("has no outline where nothing is inside, and none of a box beside the picture", () => {
    const given = outputs([{ row: 3, box: [8, 10, 40, 30], scores: [1, 0], coefs: [0, -1] }]);
    expect(boxesMasks.outline?.(given, size, 3, [8, 10, 40, 30])).toEqual([]);
    expect(boxesMasks.outline?.(given, size, 3, [70, 10, 90, 30])).toEqual([]);
  });
});

describe("contours", () => {
  const steps = (count: number) => Float64Array.from({ length: count }, (_, at) => at);

  test("encloses a disc's area, and leaves out a speck beside it", () => {
    const disc = (x: number, y: number) => Math.max(20 - Math.hypot(x - 30, y - 30), 0.6 - Math.hypot(x - 60, y - 3));
    const found = contours(steps(64), steps(64), disc);
    expect(found).toHaveLength(1);
    expect(areaOf(found[0]!)).toBeCloseTo(Math.PI * 400, -1);
  });

  test("keeps the corners of the samples where the inside reaches them", () => {
    const [cut] = contours(steps(21), steps(11), (x, y) => x + y - 8);
    expect(areaOf(cut!)).toBeCloseTo(20 * 10 - 32, 6);
    expect(cut).toHaveLength(5 * 2);
  });

  test("fills holes", () => {
    const ring = (x: number, y: number) => 4 - Math.abs(Math.hypot(x - 30, y - 30) - 15);
    const found = contours(steps(64), steps(64), ring);
    expect(found).toHaveLength(1);
    expect(areaOf(found[0]!)).toBeCloseTo(Math.PI * 19 * 19, -2);
  });

  test("gives closed outlines around every positive sample, whatever the pattern", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 36, maxLength: 36 }), (pattern) => {
        // In a frame of outside: at the very edge a lone sample is a speck.
        const at = (x: number, y: number) =>
          x >= 1 && x <= 6 && y >= 1 && y <= 6 && pattern[(y - 1) * 6 + x - 1] === true;
        const found = contours(steps(8), steps(8), (x, y) => (at(x, y) ? 1 : -1));
        for (const x of steps(8))
          for (const y of steps(8)) if (at(x, y)) expect(found.some((polygon) => contains(polygon, x, y))).toBe(true);
        for (const polygon of found) expect(polygon.every((value) => value >= 0.5 && value <= 6.5)).toBe(true);
      }),
    );
  });

  test("takes numbers that are none for outside", () => {
    expect(contours(steps(4), steps(4), () => Number.NaN)).toEqual([]);
  });
});

/** Even-odd rule, with points on the edge counted as inside. */
function contains(polygon: readonly number[], x: number, y: number): boolean {
  let odd = false;
  for (let at = 0; at < polygon.length; at += 2) {
    const after = (at + 2) % polygon.length;
    const [ax, ay, bx, by] = [polygon[at]!, polygon[at + 1]!, polygon[after]!, polygon[after + 1]!];
    const along = (bx - ax) * (y - ay) - (by - ay) * (x - ax);
    const between = (x - ax) * (x - bx) <= 1e-9 && (y - ay) * (y - by) <= 1e-9;
    if (Math.abs(along) < 1e-9 && between) return true;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
  }
  return odd;
}
