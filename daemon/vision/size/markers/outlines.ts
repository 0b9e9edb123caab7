import type { Point } from "../geometry.ts";
import type { DarkMask } from "./threshold.ts";

/** The outer border of one dark patch: pixel after pixel, clockwise on the screen. Coordinates of the picture without the frame. */
export interface Outline {
  readonly xs: Int32Array;
  readonly ys: Int32Array;
}

export interface OutlineLimits {
  /** Shortest side of the patch's upright box. */
  readonly smallestSide: number;
  readonly atMost: number;
}

/**
 * Outer borders of all dark patches that could be a square (Moore neighbour tracing from each patch's first pixel). Ragged ones are left out early:
 * a square's border is never longer than its box, noise and writing are.
 */
export function outerOutlines({ width, height, dark }: DarkMask, limits: OutlineLimits): Outline[] {
  const seen = new Uint8Array(dark.length);
  // Clockwise from the right, on a screen whose y runs downwards.
  const around = Int32Array.of(1, width + 1, width, width - 1, -1, -width - 1, -width, -width + 1);
  const outlines: Outline[] = [];
  const trail: number[] = [];
  for (let at = width + 1; at < width * (height - 1) - 1; at++) {
    if (dark[at] === 0 || dark[at - 1] === 1 || seen[at] === 1) continue;
    follow(dark, seen, around, at, trail);
    const outline = squareLike(trail, width, limits.smallestSide);
    if (outline !== undefined) outlines.push(outline);
    if (outlines.length >= limits.atMost) break;
  }
  return outlines;
}

/** Leaves the border's pixels in `trail`. Stops where it began, in the direction in which it began (Jacob's rule). */
function follow(dark: Uint8Array, seen: Uint8Array, around: Int32Array, start: number, trail: number[]): void {
  trail.length = 0;
  let at = start;
  // The pixel to the left of the first one is light: the search begins behind it.
  let direction = 5;
  let firstDirection = -1;
  for (;;) {
    let turn = 0;
    while (turn < 8 && dark[at + around[(direction + turn) & 7]!] === 0) turn++;
    seen[at] = 1;
    if (turn === 8) {
      trail.push(at);
      return;
    }
    const next = (direction + turn) & 7;
    if (at === start && next === firstDirection) return;
    if (firstDirection < 0) firstDirection = next;
    trail.push(at);
    at += around[next]!;
    // Back to the last light neighbour, as the new pixel sees it.
    direction = (next + (next % 2 === 0 ? 6 : 5)) & 7;
  }
}

/** Undefined for what is too small, too ragged, or the border of a hole (which runs the other way). */
function squareLike(trail: readonly number[], width: number, smallestSide: number): Outline | undefined {
  if (trail.length < smallestSide * 3) return undefined;
  const xs = new Int32Array(trail.length);
  const ys = new Int32Array(trail.length);
  let [minX, maxX, minY, maxY, doubled] = [Number.MAX_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER, 0, 0];
  let [beforeX, beforeY] = [trail.at(-1)! % width, Math.floor(trail.at(-1)! / width)];
  for (let index = 0; index < trail.length; index++) {
    const x = trail[index]! % width;
    const y = Math.floor(trail[index]! / width);
    xs[index] = x - 1;
    ys[index] = y - 1;
    minX = Math.min(minX, x);
    maxX = Math.max(maxX, x);
    minY = Math.min(minY, y);
    maxY = Math.max(maxY, y);
    doubled += beforeX * y - x * beforeY;
    beforeX = x;
    beforeY = y;
  }
  const [boxWidth, boxHeight] = [maxX - minX + 1, maxY - minY + 1];
  if (Math.min(boxWidth, boxHeight) < smallestSide || trail.length > RAGGED * (boxWidth + boxHeight)) return undefined;
  return doubled > 0 ? { xs, ys } : undefined;
}

/** A square's border has at most 2 × (width + height) pixels; a bitten one somewhat more. */
const RAGGED = 3.2;

/** Of each row the two ends, which is all that a hull needs. */
export function rowEnds({ xs, ys }: Outline): Point[] {
  const ends = new Map<number, [number, number]>();
  for (let index = 0; index < xs.length; index++) {
    const [x, y] = [xs[index]!, ys[index]!];
    const row = ends.get(y);
    if (row === undefined) ends.set(y, [x, x]);
    else if (x < row[0]) row[0] = x;
    else if (x > row[1]) row[1] = x;
  }
  return [...ends].flatMap(([y, [left, right]]): Point[] =>
    left === right
      ? [[left, y]]
      : [
          [left, y],
          [right, y],
        ],
  );
}
