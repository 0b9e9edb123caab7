import { convexHull, isConvex, type Point, type Quad, sideLengths, signedArea } from "../geometry.ts";
import { type Outline, rowEnds } from "./outlines.ts";

/** Share of the hull that its four main corners must hold. */
const LEAST_FILL = 0.8;
/** Share of the outline that must lie along the four sides. The rest may be bitten off. */
const LEAST_ALONG = 0.6;
/** A square seen so obliquely that one side is this many times another cannot be read. */
const MOST_OBLIQUE = 5;

/**
 * The four corners of an outline that is a square seen from anywhere, or undefined. A bite out of a side does not matter: corners come from the hull.
 * @param mostOblique how many times the shortest side the longest may be
 * @returns clockwise on the screen, to about a pixel
 */
export function quadOf(outline: Outline, smallestSide: number, mostOblique = MOST_OBLIQUE): Quad | undefined {
  const hull = convexHull(rowEnds(outline));
  const corners = mainCorners(hull);
  if (corners === undefined || !isConvex(corners)) return undefined;
  if (Math.abs(signedArea(corners)) < LEAST_FILL * Math.abs(signedArea(hull))) return undefined;
  const sides = sideLengths(corners);
  const shortest = Math.min(...sides);
  if (shortest < smallestSide || Math.max(...sides) > mostOblique * shortest) return undefined;
  if (shareAlong(outline, corners, Math.max(1.5, shortest * 0.05)) < LEAST_ALONG) return undefined;
  return corners;
}

/** Takes away the corner that adds least, until four are left. */
function mainCorners(hull: readonly Point[]): Quad | undefined {
  const points = [...hull];
  while (points.length > 4) {
    let least = 0;
    let leastArea = Number.POSITIVE_INFINITY;
    for (let index = 0; index < points.length; index++) {
      const before = points[(index + points.length - 1) % points.length]!;
      const after = points[(index + 1) % points.length]!;
      const area = Math.abs(signedArea([before, points[index]!, after]));
      if (area < leastArea) [least, leastArea] = [index, area];
    }
    points.splice(least, 1);
  }
  const [a, b, c, d] = points;
  if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
  return [a, b, c, d];
}

function shareAlong({ xs, ys }: Outline, corners: Quad, tolerance: number): number {
  const sides = corners.map(([x, y], index) => {
    const [nextX, nextY] = corners[(index + 1) % 4]!;
    const length = Math.hypot(nextX - x, nextY - y);
    return { x, y, normalX: (nextY - y) / length, normalY: (x - nextX) / length };
  });
  const step = Math.max(1, Math.floor(xs.length / 200));
  let [along, asked] = [0, 0];
  for (let index = 0; index < xs.length; index += step) {
    asked++;
    const near = sides.some(
      ({ x, y, normalX, normalY }) => Math.abs((xs[index]! - x) * normalX + (ys[index]! - y) * normalY) <= tolerance,
    );
    if (near) along++;
  }
  return along / asked;
}
