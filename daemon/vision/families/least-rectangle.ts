/** Four corners, `x, y` each: top left, top right, bottom right, bottom left, as far as a slanted rectangle has such. */
export type Quad = readonly [
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  x3: number,
  y3: number,
  x4: number,
  y4: number,
];

type Point = readonly [x: number, y: number];

/**
 * The rectangle of least area around points, at whatever slant: one of its sides lies on a side of their convex hull (Freeman & Shapira 1975).
 * @param grow how far each side moves out, from the rectangle's width and height
 * @returns undefined where the points have no area
 */
export function leastRectangle(
  points: readonly Point[],
  grow: (width: number, height: number) => number = () => 0,
): Quad | undefined {
  const hull = convexHull(points);
  let least: { readonly area: number; readonly along: Point; readonly extent: Extent } | undefined;
  for (const [index, from] of hull.entries()) {
    const to = hull[(index + 1) % hull.length]!;
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    const along: Point = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
    const extent = extentAlong(hull, along);
    const area = (extent.right - extent.left) * (extent.bottom - extent.top);
    // A little less, so that rounding does not choose between rectangles that are the same.
    if (area > 0 && (least === undefined || area < least.area * (1 - 1e-9))) least = { area, along, extent };
  }
  if (least === undefined) return undefined;
  const { left, right, top, bottom } = least.extent;
  const out = grow(right - left, bottom - top);
  const [dx, dy] = least.along;
  const corner = (u: number, v: number): Point => [u * dx - v * dy, u * dy + v * dx];
  return inOrder([
    corner(left - out, top - out),
    corner(right + out, top - out),
    corner(right + out, bottom + out),
    corner(left - out, bottom + out),
  ]);
}

interface Extent {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** How far points reach along a direction, and across it. */
function extentAlong(points: readonly Point[], [dx, dy]: Point): Extent {
  const us = points.map(([x, y]) => x * dx + y * dy);
  const vs = points.map(([x, y]) => y * dx - x * dy);
  return { left: Math.min(...us), right: Math.max(...us), top: Math.min(...vs), bottom: Math.max(...vs) };
}

/** Andrew's monotone chain (1979); no three of its corners in a line. */
function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const chain = (ordered: readonly Point[]): Point[] => {
    const kept: Point[] = [];
    for (const point of ordered) {
      while (kept.length >= 2 && turn(kept[kept.length - 2]!, kept[kept.length - 1]!, point) <= 0) kept.pop();
      kept.push(point);
    }
    // The last one begins the other chain.
    return kept.slice(0, -1);
  };
  return [...chain(sorted), ...chain(sorted.reverse())];
}

function turn(a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/** The two corners on the left and the two on the right, each the upper one first: PP-OCR's own order. */
function inOrder(corners: readonly Point[]): Quad {
  const [a, b, c, d] = [...corners].sort((one, other) => one[0] - other[0]);
  const [topLeft, bottomLeft] = a![1] <= b![1] ? [a!, b!] : [b!, a!];
  const [topRight, bottomRight] = c![1] <= d![1] ? [c!, d!] : [d!, c!];
  return [...topLeft, ...topRight, ...bottomRight, ...bottomLeft];
}
