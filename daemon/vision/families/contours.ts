/**
 * Outlines of where a function is positive, by marching squares (Lorensen & Cline 1987, in the plane) with straight interpolation along the edges.
 * The function counts as negative beyond the outermost samples, so that every outline is closed and ends there.
 * Holes are not given: an outline is filled. Outlines smaller than a hundredth of the largest are specks and left out.
 * @param xs,ys rising sample positions
 * @returns polygons as `x, y` after `x, y`, the largest first
 */
export function contours(xs: Float64Array, ys: Float64Array, value: (x: number, y: number) => number): number[][] {
  const grid = paddedGrid(xs, ys, value);
  const rings = followEdges(grid);
  // Outer rings run clockwise on the screen (y downwards): positive shoelace area. Holes run the other way.
  const outer = rings
    .map((ring) => ({ ring, area: signedArea(ring) }))
    .filter(({ area }) => area > 0)
    .sort((a, b) => b.area - a.area);
  const smallest = (outer[0]?.area ?? 0) * SPECK;
  return outer.filter(({ area }) => area >= smallest).map(({ ring }) => withoutStraightPoints(ring));
}

const SPECK = 0.01;
const FAR_OUTSIDE = -1e9;

interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  readonly values: Float64Array;
}

/** The samples with one ring of "outside" around them, at the same positions as the outermost samples. */
function paddedGrid(xs: Float64Array, ys: Float64Array, value: (x: number, y: number) => number): Grid {
  const columns = xs.length + 2;
  const rows = ys.length + 2;
  const values = new Float64Array(columns * rows).fill(FAR_OUTSIDE);
  for (let row = 0; row < ys.length; row++) {
    for (let column = 0; column < xs.length; column++) {
      const sample = value(xs[column]!, ys[row]!);
      values[(row + 1) * columns + column + 1] = Number.isFinite(sample) ? sample : FAR_OUTSIDE;
    }
  }
  const padded = (at: Float64Array) => Float64Array.from([at[0]!, ...at, at[at.length - 1]!]);
  return { columns, rows, xs: padded(xs), ys: padded(ys), values };
}

// The four edges of a square between four samples.
const TOP = 0;
const RIGHT = 1;
const BOTTOM = 2;
const LEFT = 3;

/**
 * For each case (bit 1 top left, 2 top right, 4 bottom right, 8 bottom left is inside) the edges through which the outline enters and leaves a
 * square, with the inside on its right hand. The two saddles (5 and 10) join the insides.
 */
const CROSSINGS: readonly (readonly (readonly [from: number, to: number])[])[] = [
  [],
  [[TOP, LEFT]],
  [[RIGHT, TOP]],
  [[RIGHT, LEFT]],
  [[BOTTOM, RIGHT]],
  [
    [TOP, RIGHT],
    [BOTTOM, LEFT],
  ],
  [[BOTTOM, TOP]],
  [[BOTTOM, LEFT]],
  [[LEFT, BOTTOM]],
  [[TOP, BOTTOM]],
  [
    [LEFT, TOP],
    [RIGHT, BOTTOM],
  ],
  [[RIGHT, BOTTOM]],
  [[LEFT, RIGHT]],
  [[TOP, RIGHT]],
  [[LEFT, TOP]],
  [],
];

/** Edges get numbers: 2·sample for the one to the right of a sample, 2·sample + 1 for the one below it. */
function edgeOf(grid: Grid, column: number, row: number, side: number): number {
  const at = row * grid.columns + column;
  if (side === TOP) return at * 2;
  if (side === LEFT) return at * 2 + 1;
  if (side === BOTTOM) return (at + grid.columns) * 2;
  return (at + 1) * 2 + 1;
}

function followEdges(grid: Grid): number[][] {
  const { columns, rows, values } = grid;
  const next = new Map<number, number>();
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const at = row * columns + column;
      const inside =
        (values[at]! > 0 ? 1 : 0) |
        (values[at + 1]! > 0 ? 2 : 0) |
        (values[at + columns + 1]! > 0 ? 4 : 0) |
        (values[at + columns]! > 0 ? 8 : 0);
      for (const [from, to] of CROSSINGS[inside]!)
        next.set(edgeOf(grid, column, row, from), edgeOf(grid, column, row, to));
    }
  }
  const rings: number[][] = [];
  for (const start of next.keys()) {
    const ring: number[] = [];
    // Each edge that is crossed has one successor, and is left once: the walk ends where it began.
    for (let edge: number | undefined = start; edge !== undefined; ) {
      const following = next.get(edge);
      if (following === undefined) break;
      next.delete(edge);
      ring.push(...crossing(grid, edge));
      edge = following;
    }
    rings.push(ring);
  }
  return rings;
}

/** Where the function passes zero on an edge. */
function crossing({ columns, xs, ys, values }: Grid, edge: number): [x: number, y: number] {
  const at = Math.floor(edge / 2);
  const other = edge % 2 === 0 ? at + 1 : at + columns;
  const share = values[at]! / (values[at]! - values[other]!);
  const between = (from: number, to: number) => from + (to - from) * share;
  return [
    between(xs[at % columns]!, xs[other % columns]!),
    between(ys[Math.floor(at / columns)]!, ys[Math.floor(other / columns)]!),
  ];
}

function signedArea(ring: readonly number[]): number {
  let twice = 0;
  for (let at = 0; at < ring.length; at += 2) {
    const after = (at + 2) % ring.length;
    twice += ring[at]! * ring[after + 1]! - ring[after]! * ring[at + 1]!;
  }
  return twice / 2;
}

/** Drops points that lie on the line between their neighbours, and repeated ones. */
function withoutStraightPoints(ring: readonly number[]): number[] {
  // Repeated ones first: at a corner of the samples two points are one, and each would seem straight beside the other.
  const points = withoutRepeatedPoints(ring);
  const kept: number[] = [];
  const count = points.length / 2;
  for (let point = 0; point < count; point++) {
    const before = (point + count - 1) % count;
    const after = (point + 1) % count;
    const dx1 = points[point * 2]! - points[before * 2]!;
    const dy1 = points[point * 2 + 1]! - points[before * 2 + 1]!;
    const dx2 = points[after * 2]! - points[point * 2]!;
    const dy2 = points[after * 2 + 1]! - points[point * 2 + 1]!;
    if (Math.abs(dx1 * dy2 - dy1 * dx2) > STRAIGHT) kept.push(points[point * 2]!, points[point * 2 + 1]!);
  }
  return kept.length >= 6 ? kept : [...ring];
}

function withoutRepeatedPoints(ring: readonly number[]): number[] {
  const kept: number[] = [];
  for (let at = 0; at < ring.length; at += 2) {
    const [x, y] = [ring[at]!, ring[at + 1]!];
    const [lastX = Number.NaN, lastY = Number.NaN] = kept.length === 0 ? ring.slice(-2) : kept.slice(-2);
    if (Math.abs(x - lastX) + Math.abs(y - lastY) > REPEATED) kept.push(x, y);
  }
  return kept;
}

/** Twice the area, in square samples units, of the triangle that a point adds. */
const STRAIGHT = 1e-6;
const REPEATED = 1e-6;
