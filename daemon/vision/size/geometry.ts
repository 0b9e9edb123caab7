/** A point in pixels (the picture's top left corner is 0,0; the middle of its first pixel 0.5,0.5) or in millimetres of a plane. */
export type Point = readonly [x: number, y: number];
export type Quad = readonly [Point, Point, Point, Point];

/** A map between two planes, row by row: (x, y) goes to ((h0 x + h1 y + h2) / w, (h3 x + h4 y + h5) / w) with w = h6 x + h7 y + h8. */
export type Homography = Float64Array;

/** Where a point goes; not finite on the plane's horizon. */
export function project(h: Homography, x: number, y: number): [x: number, y: number] {
  const w = h[6]! * x + h[7]! * y + h[8]!;
  return [(h[0]! * x + h[1]! * y + h[2]!) / w, (h[3]! * x + h[4]! * y + h[5]!) / w];
}

/** How much a small area at a point grows (the determinant of the Jacobian, without its sign). */
export function areaScale(h: Homography, x: number, y: number): number {
  const w = h[6]! * x + h[7]! * y + h[8]!;
  return Math.abs(determinant(h) / (w * w * w));
}

/** Positive on one side of the plane's horizon, negative on the other, 0 on it: points of both signs never lie on one visible plane. */
export function horizonSide(h: Homography, x: number, y: number): number {
  return h[6]! * x + h[7]! * y + h[8]!;
}

function determinant(h: Homography): number {
  return (
    h[0]! * (h[4]! * h[8]! - h[5]! * h[7]!) -
    h[1]! * (h[3]! * h[8]! - h[5]! * h[6]!) +
    h[2]! * (h[3]! * h[7]! - h[4]! * h[6]!)
  );
}

/** The way back; undefined where a map has none. */
export function inverse(h: Homography): Homography | undefined {
  const d = determinant(h);
  if (!Number.isFinite(1 / d)) return undefined;
  const [a, b, c, e, f, g, i, j, k] = [h[0]!, h[1]!, h[2]!, h[3]!, h[4]!, h[5]!, h[6]!, h[7]!, h[8]!];
  return Float64Array.of(
    (f * k - g * j) / d,
    (c * j - b * k) / d,
    (b * g - c * f) / d,
    (g * i - e * k) / d,
    (a * k - c * i) / d,
    (c * e - a * g) / d,
    (e * j - f * i) / d,
    (b * i - a * j) / d,
    (a * f - b * e) / d,
  );
}

/** First `second`'s, then `first`'s map: (first ∘ second). */
function compose(first: Homography, second: Homography): Homography {
  const product = new Float64Array(9);
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 3; column++)
      for (let k = 0; k < 3; k++) product[row * 3 + column]! += first[row * 3 + k]! * second[k * 3 + column]!;
  return product;
}

/**
 * The map that brings points nearest to where they belong: exact for four, least squares of the linear equations for more (DLT, with both sides
 * brought to the origin and to unit size first, Hartley 1997).
 * @returns undefined for fewer than four points, and where three of four stand in a line
 */
export function homographyBetween(from: readonly Point[], to: readonly Point[]): Homography | undefined {
  if (from.length < 4 || from.length !== to.length) return undefined;
  const near = unitFrame(from);
  const far = unitFrame(to);
  if (near === undefined || far === undefined) return undefined;
  // Normal equations of the two rows that each pair gives, h8 = 1 (the origin is the middle of the points and never on the horizon).
  const matrix = new Float64Array(8 * 9);
  for (const [at, source] of from.entries()) {
    const [x, y] = project(near, source[0], source[1]);
    const [u, v] = project(far, to[at]![0], to[at]![1]);
    accumulate(matrix, [x, y, 1, 0, 0, 0, -u * x, -u * y], u);
    accumulate(matrix, [0, 0, 0, x, y, 1, -v * x, -v * y], v);
  }
  const solution = solve8(matrix);
  const back = inverse(far);
  if (solution === undefined || back === undefined) return undefined;
  const whole = compose(back, compose(Float64Array.of(...solution, 1), near));
  return whole.every(Number.isFinite) ? whole : undefined;
}

/** Moves the points' middle to the origin and makes their mean distance from it √2. */
function unitFrame(points: readonly Point[]): Homography | undefined {
  const middleX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const middleY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const distance = points.reduce((sum, [x, y]) => sum + Math.hypot(x - middleX, y - middleY), 0) / points.length;
  const scale = Math.SQRT2 / distance;
  if (!Number.isFinite(scale)) return undefined;
  return Float64Array.of(scale, 0, -middleX * scale, 0, scale, -middleY * scale, 0, 0, 1);
}

function accumulate(matrix: Float64Array, row: readonly number[], value: number): void {
  for (let i = 0; i < 8; i++) {
    for (let j = 0; j < 8; j++) matrix[i * 9 + j]! += row[i]! * row[j]!;
    matrix[i * 9 + 8]! += row[i]! * value;
  }
}

/** Gauss with row pivots, on eight rows of eight coefficients and a right-hand side. */
function solve8(matrix: Float64Array): Float64Array | undefined {
  for (let column = 0; column < 8; column++) {
    let best = column;
    for (let row = column + 1; row < 8; row++)
      if (Math.abs(matrix[row * 9 + column]!) > Math.abs(matrix[best * 9 + column]!)) best = row;
    const pivot = matrix[best * 9 + column]!;
    if (!(Math.abs(pivot) > SINGULAR)) return undefined;
    for (let k = 0; k < 9; k++) {
      const kept = matrix[column * 9 + k]!;
      matrix[column * 9 + k] = matrix[best * 9 + k]! / pivot;
      if (best !== column) matrix[best * 9 + k] = kept;
    }
    for (let row = 0; row < 8; row++) {
      if (row === column) continue;
      const factor = matrix[row * 9 + column]!;
      for (let k = column; k < 9; k++) matrix[row * 9 + k]! -= factor * matrix[column * 9 + k]!;
    }
  }
  return Float64Array.from({ length: 8 }, (_, row) => matrix[row * 9 + 8]!);
}

/** Numbers are of unit size here: a smaller pivot means points in a line. */
const SINGULAR = 1e-9;

/** Shoelace formula; positive where corners run clockwise on the screen. */
export function signedArea(polygon: readonly Point[]): number {
  let doubled = 0;
  for (const [index, [x, y]] of polygon.entries()) {
    const [nextX, nextY] = polygon[(index + 1) % polygon.length]!;
    doubled += x * nextY - nextX * y;
  }
  return doubled / 2;
}

/** Convex hull (Andrew's monotone chain), clockwise on the screen, without points on its sides. */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort(([ax, ay], [bx, by]) => ay - by || ax - bx);
  const right = chain(sorted, 1);
  const left = chain(sorted, -1);
  return [...right, ...left.reverse().slice(1, -1)];
}

/** The convex side of points that run downwards; `side` 1: the right-hand one. */
function chain(points: readonly Point[], side: 1 | -1): Point[] {
  const kept: Point[] = [];
  for (const point of points) {
    while (kept.length >= 2) {
      const [ax, ay] = kept[kept.length - 2]!;
      const [bx, by] = kept[kept.length - 1]!;
      if (side * ((bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax)) > 0) break;
      kept.pop();
    }
    kept.push(point);
  }
  return kept;
}

/** Whether every turn goes the same way as the first. */
export function isConvex(polygon: readonly Point[]): boolean {
  let sign = 0;
  for (const [index, [x, y]] of polygon.entries()) {
    const [bx, by] = polygon[(index + 1) % polygon.length]!;
    const [cx, cy] = polygon[(index + 2) % polygon.length]!;
    const turn = Math.sign((bx - x) * (cy - by) - (by - y) * (cx - bx));
    if (turn === 0 || (sign !== 0 && turn !== sign)) return false;
    sign = turn;
  }
  return true;
}

/** Ray rule; the last corner joins the first. */
export function isInside(polygon: readonly Point[], x: number, y: number): boolean {
  let inside = false;
  for (const [index, [ax, ay]] of polygon.entries()) {
    const [bx, by] = polygon[(index + polygon.length - 1) % polygon.length]!;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** Of the sides of a closed polygon, in order. */
export function sideLengths(polygon: readonly Point[]): number[] {
  return polygon.map(([x, y], index) => {
    const [nextX, nextY] = polygon[(index + 1) % polygon.length]!;
    return Math.hypot(nextX - x, nextY - y);
  });
}

/** Mean of the corners. */
export function middleOf(points: readonly Point[]): [x: number, y: number] {
  return [
    points.reduce((sum, [x]) => sum + x, 0) / points.length,
    points.reduce((sum, [, y]) => sum + y, 0) / points.length,
  ];
}
