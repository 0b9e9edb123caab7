import type { Polygon } from "../../contract/configuration.ts";

type Point = Polygon[number];

/** A tenth of a per mille of the picture: about 200 pixels of 1080p, less than a shoe. */
const SMALLEST_AREA = 1e-4;

/** What makes a zone useless, or undefined. Relative coordinates; the last corner joins the first. */
export function zoneFault(zone: Polygon): "crossing" | "empty" | undefined {
  if (selfIntersects(zone)) return "crossing";
  return area(zone) < SMALLEST_AREA ? "empty" : undefined;
}

/**
 * Whether three of the first four points stand nearly in a line, so that they say nothing of a plane.
 * @param points in any unit
 */
export function threeInLine(points: readonly Point[]): boolean {
  const four = points.slice(0, 4);
  const [a, b] = [four.map(([x]) => x), four.map(([, y]) => y)];
  const size = Math.max(...a) - Math.min(...a) + Math.max(...b) - Math.min(...b);
  return four.some((_, leftOut) => !(2 * area(four.filter((_, at) => at !== leftOut)) > FLATTEST * size * size));
}

/** Twice the area of a triangle beside the square of the points' extent. */
const FLATTEST = 0.002;

/** Shoelace formula. */
function area(zone: readonly Point[]): number {
  let doubled = 0;
  for (const [index, [x, y]] of zone.entries()) {
    const [nextX, nextY] = zone[(index + 1) % zone.length] ?? [x, y];
    doubled += x * nextY - nextX * y;
  }
  return Math.abs(doubled) / 2;
}

function selfIntersects(zone: Polygon): boolean {
  const edges = zone.map((from, index): readonly [Point, Point] => [from, zone[(index + 1) % zone.length] ?? from]);
  return edges.some((first, i) =>
    edges.some((second, j) => j > i + 1 && !(i === 0 && j === edges.length - 1) && crosses(first, second)),
  );
}

function crosses([a, b]: readonly [Point, Point], [c, d]: readonly [Point, Point]): boolean {
  const side = (p: Point, q: Point, r: Point): number =>
    Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}
