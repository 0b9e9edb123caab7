import type { Point, Quad } from "../geometry.ts";
import { brightnessAt, type GreyPicture } from "../grey.ts";

/** Corners of a dark quadrilateral on light ground, as its four sides' edges put them. */
export interface RefinedQuad {
  readonly corners: Quad;
  /** Standard deviation of a corner in pixels, from how far the edge points scatter about the lines. */
  readonly sigmaPx: number;
}

/** Corners of the picture's sides lie so deep in blur and neighbours that the edge is not looked at there. */
const END_SHARE = 0.08;
const MOST_POINTS = 64;
const LEAST_POINTS = 6;
/** Where the middle of an edge is, no picture says better than this (compression, pixel shape). */
const LEAST_SIGMA_PX = 0.06;
/** Half the weakest step from dark to light that counts as an edge, in grey levels. */
const WEAKEST_EDGE = 6;

/**
 * Moves corners to where straight lines through the sides' edges meet: each line is fitted to many points of steepest rise from dark to light.
 * @param radius how far the true edges may lie from the given ones, in pixels
 * @returns undefined where a side has no edge
 */
export function refineQuad(picture: GreyPicture, rough: Quad, radius: number): RefinedQuad | undefined {
  let corners = rough;
  let sigmaPx = 0;
  for (const reach of [radius, radius * 0.6, Math.max(2, radius * 0.4)]) {
    const lines = corners.map((from, index) => edgeLine(picture, from, corners[(index + 1) % 4]!, reach));
    const [a, b, c, d] = lines;
    if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
    const met = [meet(d, a), meet(a, b), meet(b, c), meet(c, d)] as const;
    const [p, q, r, s] = met;
    if (p === undefined || q === undefined || r === undefined || s === undefined) return undefined;
    const moved = Math.max(...met.map((point, at) => distance(point ?? corners[at]!, corners[at]!)));
    if (moved > 3 * radius + 2) return undefined;
    corners = [p, q, r, s];
    sigmaPx = Math.max(a.sigma, b.sigma, c.sigma, d.sigma);
  }
  return { corners, sigmaPx: Math.hypot(sigmaPx, LEAST_SIGMA_PX) };
}

interface Line {
  readonly x: number;
  readonly y: number;
  readonly directionX: number;
  readonly directionY: number;
  /** Of the line's place at its ends, in pixels. */
  readonly sigma: number;
}

interface EdgePoint {
  /** Along the side and away from it, in pixels. */
  readonly along: number;
  readonly off: number;
  readonly weight: number;
}

/** The line through the edge between two rough corners of a clockwise quadrilateral: dark on its right hand, light on its left. */
function edgeLine(picture: GreyPicture, from: Point, to: Point, reach: number): Line | undefined {
  const length = distance(from, to);
  const directionX = (to[0] - from[0]) / length;
  const directionY = (to[1] - from[1]) / length;
  const count = Math.max(LEAST_POINTS * 2, Math.min(MOST_POINTS, Math.round(length / 2)));
  const spacing = (length * (1 - 2 * END_SHARE)) / count;
  const points: EdgePoint[] = [];
  for (let index = 0; index < count; index++) {
    const along = length * END_SHARE + (index + 0.5) * spacing;
    const edge = steepest(picture, from, directionX, directionY, along, spacing, reach);
    if (edge !== undefined) points.push({ along, ...edge });
  }
  const fitted = throughPoints(trimmed(points));
  if (fitted === undefined) return undefined;
  const { offset, slope, sigma } = fitted;
  const norm = Math.hypot(1, slope);
  // Away from the quadrilateral is to the left of its direction: (dy, -dx) on a screen whose y runs downwards.
  return {
    x: from[0] + directionY * offset,
    y: from[1] - directionX * offset,
    directionX: (directionX + directionY * slope) / norm,
    directionY: (directionY - directionX * slope) / norm,
    sigma,
  };
}

/** Where brightness rises most across the side, as the middle of the rises' squares; undefined where nothing rises. */
function steepest(
  picture: GreyPicture,
  from: Point,
  directionX: number,
  directionY: number,
  along: number,
  spacing: number,
  reach: number,
): { readonly off: number; readonly weight: number } | undefined {
  const level = (off: number) => {
    let sum = 0;
    for (let step = -1; step <= 1; step++) {
      const place = along + (step * spacing) / 3;
      sum += brightnessAt(
        picture,
        from[0] + directionX * place + directionY * off,
        from[1] + directionY * place - directionX * off,
      );
    }
    return sum / 3;
  };
  let [weights, weighted, most] = [0, 0, 0];
  let before = level(-reach - 0.5);
  let here = level(-reach);
  for (let off = -reach; off <= reach + 1e-9; off += 0.5) {
    const after = level(off + 0.5);
    const rise = after - before;
    if (rise > 0) {
      weights += rise * rise;
      weighted += rise * rise * off;
      most = Math.max(most, rise);
    }
    before = here;
    here = after;
  }
  return most >= WEAKEST_EDGE ? { off: weighted / weights, weight: most } : undefined;
}

/** Without the points that lie far off the line of the others: a bite, a reflection. */
function trimmed(points: readonly EdgePoint[]): readonly EdgePoint[] {
  let kept = points;
  for (let round = 0; round < 3; round++) {
    const fitted = throughPoints(kept);
    if (fitted === undefined) return kept;
    const off = (point: EdgePoint) => Math.abs(point.off - fitted.offset - fitted.slope * point.along);
    const middling = kept.map(off).sort((a, b) => a - b)[kept.length >> 1]!;
    kept = kept.filter((point) => off(point) <= Math.max(0.15, 3 * middling));
  }
  return kept;
}

/** Weighted least squares of `off` over `along`. */
function throughPoints(
  points: readonly EdgePoint[],
): { readonly offset: number; readonly slope: number; readonly sigma: number } | undefined {
  if (points.length < LEAST_POINTS) return undefined;
  let [sum, sumA, sumO, sumAA, sumAO] = [0, 0, 0, 0, 0];
  for (const { along, off, weight } of points) {
    sum += weight;
    sumA += weight * along;
    sumO += weight * off;
    sumAA += weight * along * along;
    sumAO += weight * along * off;
  }
  const spread = sum * sumAA - sumA * sumA;
  if (!(spread > 1e-6)) return undefined;
  const slope = (sum * sumAO - sumA * sumO) / spread;
  const offset = (sumO - slope * sumA) / sum;
  const squares = points.reduce((total, point) => total + (point.off - offset - slope * point.along) ** 2, 0);
  // At the ends of evenly spread points a fitted line is about twice as uncertain as in its middle; neighbouring points err together.
  return { offset, slope, sigma: (2.5 * Math.sqrt(squares / (points.length - 2))) / Math.sqrt(points.length) };
}

function meet(a: Line, b: Line): Point | undefined {
  const cross = a.directionX * b.directionY - a.directionY * b.directionX;
  if (Math.abs(cross) < 0.05) return undefined;
  const along = ((b.x - a.x) * b.directionY - (b.y - a.y) * b.directionX) / cross;
  return [a.x + along * a.directionX, a.y + along * a.directionY];
}

function distance([ax, ay]: Point, [bx, by]: Point): number {
  return Math.hypot(bx - ax, by - ay);
}
