import type { Polygon } from "../../contract/configuration.ts";
import type { RelativeBox } from "../vision/detections.ts";

type Point = readonly [x: number, y: number];

export function boxArea([x1, y1, x2, y2]: RelativeBox): number {
  return Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
}

/** Intersection over union of two boxes, 0..1. */
export function intersectionOverUnion(a: RelativeBox, b: RelativeBox): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (boxArea(a) + boxArea(b) - shared);
}

/** The box made larger on each side by `share` of its own width and height. */
export function grown([x1, y1, x2, y2]: RelativeBox, share: number): RelativeBox {
  const dx = (x2 - x1) * share;
  const dy = (y2 - y1) * share;
  return [x1 - dx, y1 - dy, x2 + dx, y2 + dy];
}

/** Even-odd rule; a point on an edge may fall to either side. */
export function contains(polygon: Polygon, [x, y]: Point): boolean {
  let inside = false;
  for (const [index, [ax, ay]] of polygon.entries()) {
    const [bx, by] = polygon[(index + 1) % polygon.length] ?? [ax, ay];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** Area of a simple polygon, whatever its direction. */
export function polygonArea(polygon: readonly Point[]): number {
  let twice = 0;
  for (const [index, [ax, ay]] of polygon.entries()) {
    const [bx, by] = polygon[(index + 1) % polygon.length] ?? [ax, ay];
    twice += ax * by - bx * ay;
  }
  return Math.abs(twice) / 2;
}

/** Area that a polygon and a box share (Sutherland and Hodgman 1974; exact in area for concave polygons too). */
export function sharedArea(polygon: Polygon, [x1, y1, x2, y2]: RelativeBox): number {
  let points: readonly Point[] = polygon;
  points = clip(points, ([x]) => x - x1);
  points = clip(points, ([x]) => x2 - x);
  points = clip(points, ([, y]) => y - y1);
  points = clip(points, ([, y]) => y2 - y);
  return polygonArea(points);
}

/** Keeps the side of a line where `side` is not negative. */
function clip(points: readonly Point[], side: (point: Point) => number): readonly Point[] {
  const kept: Point[] = [];
  for (const [index, a] of points.entries()) {
    const b = points[(index + 1) % points.length] ?? a;
    const [sa, sb] = [side(a), side(b)];
    if (sa >= 0) kept.push(a);
    if (sa >= 0 !== sb >= 0) {
      const t = sa / (sa - sb);
      kept.push([a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]);
    }
  }
  return kept;
}
