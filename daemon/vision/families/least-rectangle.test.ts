import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { leastRectangle, type Quad } from "./least-rectangle.ts";

const coordinate = fc.integer({ min: -50, max: 50 });
const points = fc.array(fc.tuple(coordinate, coordinate), { minLength: 3, maxLength: 12 });

function areaOf([x1, y1, x2, y2, x3, y3]: Quad): number {
  return Math.hypot(x2 - x1, y2 - y1) * Math.hypot(x3 - x2, y3 - y2);
}

/** The least area over all slants, tried one by one. */
function slowly(given: readonly (readonly [number, number])[], steps = 3600): number {
  let least = Number.POSITIVE_INFINITY;
  for (let step = 0; step < steps; step++) {
    const [cos, sin] = [Math.cos((step * Math.PI) / 2 / steps), Math.sin((step * Math.PI) / 2 / steps)];
    const us = given.map(([x, y]) => x * cos + y * sin);
    const vs = given.map(([x, y]) => y * cos - x * sin);
    least = Math.min(least, (Math.max(...us) - Math.min(...us)) * (Math.max(...vs) - Math.min(...vs)));
  }
  return least;
}

describe("the rectangle of least area", () => {
  test("holds all points, has right angles, and no slant gives a smaller one", () => {
    fc.assert(
      fc.property(points, (given) => {
        const quad = leastRectangle(given);
        if (quad === undefined) {
          expect(slowly(given)).toBeLessThan(1);
          return;
        }
        const [x1, y1, x2, y2, x3, y3, x4, y4] = quad;
        const corners = [
          [x1, y1],
          [x2, y2],
          [x3, y3],
          [x4, y4],
        ] as const;
        for (const [index, [x, y]] of corners.entries()) {
          const [nextX, nextY] = corners[(index + 1) % 4]!;
          const [beforeX, beforeY] = corners[(index + 3) % 4]!;
          expect((nextX - x) * (beforeX - x) + (nextY - y) * (beforeY - y)).toBeCloseTo(0, 6);
          // Clockwise on the screen: every point is to the right of every side.
          for (const [px, py] of given) expect((nextX - x) * (py - y) - (nextY - y) * (px - x)).toBeGreaterThan(-1e-6);
        }
        expect(areaOf(quad)).toBeLessThanOrEqual(slowly(given) + 1e-6);
      }),
      { numRuns: 200 },
    );
  });

  test("grows on each side, and begins at the top left", () => {
    const upright: [number, number][] = [
      [2, 1],
      [12, 1],
      [12, 5],
      [2, 5],
      [7, 3],
    ];
    expect(leastRectangle(upright, (width, height) => (width + height) / 7)).toEqual([0, -1, 14, -1, 14, 7, 0, 7]);
  });

  test("does not exist around a line, a point or nothing", () => {
    expect(leastRectangle([])).toBeUndefined();
    expect(
      leastRectangle([
        [3, 3],
        [3, 3],
      ]),
    ).toBeUndefined();
    expect(
      leastRectangle([
        [0, 0],
        [1, 1],
        [5, 5],
      ]),
    ).toBeUndefined();
  });
});
