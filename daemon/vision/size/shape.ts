import { areaScale, convexHull, type Homography, inverse, type Point, project } from "./geometry.ts";
import { cellMiddle, type DamageMask, isDamaged, piecesOf } from "./mask.ts";
import { longestPath, skeletonOf } from "./skeleton.ts";

/** What of a damage is measured, still in pixels: a reference says what it is in the plane. */
export interface Shape {
  readonly pieces: readonly {
    /** Along the piece, from one of its ends to the other. */
    readonly path: readonly Point[];
  }[];
  /** The two places of the edge between which it is widest, the widest twentieth left out. */
  readonly widest: readonly [Point, Point];
  /** Middles of cells, evenly chosen, and the area for which each stands, square pixels. */
  readonly samples: readonly Point[];
  readonly samplePx2: number;
  /** Length of all edges, pixels. */
  readonly edgePx: number;
}

/** What a map from the picture says of a shape. */
export interface Measures {
  readonly lengthMm: number;
  readonly widthMm: number;
  readonly areaMm2: number;
}

const MOST_SAMPLES = 4000;
/** A line is at least so many times as long as it is wide in the mean; anything else is a patch. */
const LINE = 4;
/** Nor is it a line if its path does not even reach from end to end. */
const REACHES = 0.75;
/** Of the places across which it is widest this share is left out: junctions and ragged cells. */
const TOO_WIDE = 0.05;
/** Path points are averaged with so many neighbours on either side: enough to smooth the steps of cells, or what a ragged edge does to them. */
const LEAST_SMOOTHING = 3;
const MOST_SMOOTHING = 20;

/**
 * Finds paths, widest place and area of a mask. Each piece's path is the longest along its skeleton, led on to the mask's edge at both ends;
 * where a piece is a patch rather than a line, its greatest extent.
 * @param toPlane decides what is longest and what is square across; any reference will do
 * @returns undefined for an empty mask
 */
export function shapeOf(mask: DamageMask, toPlane: Homography): Shape | undefined {
  const pieces = piecesOf(mask);
  const back = inverse(toPlane);
  if (pieces.length === 0 || back === undefined) return undefined;
  const skeleton = skeletonOf(mask.inside, mask.columns);
  const plane = (at: number) => project(toPlane, ...cellMiddle(mask, at));
  const paths: Point[][] = [];
  const across: (readonly [Point, Point])[] = [];
  for (const cells of pieces) {
    const path = longestPath(
      [...cells].filter((at) => skeleton[at] === 1),
      mask.columns,
      (from, to) => {
        const [a, b] = [plane(from), plane(to)];
        return Math.hypot(b[0] - a[0], b[1] - a[1]);
      },
    );
    const smooth = smoothed(
      path.map((at) => cellMiddle(mask, at)),
      cells.length / path.length,
    );
    const whole = ledToTheEdge(mask, smooth, cells.length / path.length);
    const extent = greatestExtent(mask, cells, toPlane);
    paths.push(
      isLine(lengthIn(toPlane, whole), lengthIn(toPlane, extent), areaIn(mask, cells, toPlane)) ? whole : extent,
    );
    across.push(...widths(mask, whole, toPlane, back));
  }
  across.sort((a, b) => lengthIn(toPlane, a) - lengthIn(toPlane, b));
  const widest = across[Math.floor(across.length * (1 - TOO_WIDE))];
  const all = pieces.flatMap((cells) => [...cells]);
  const stride = Math.max(1, Math.ceil(all.length / MOST_SAMPLES));
  const samples = all.filter((_, index) => index % stride === 0).map((at) => cellMiddle(mask, at));
  const first = cellMiddle(mask, all[0]!);
  return {
    pieces: paths.map((path) => ({ path })),
    widest: widest ?? [first, first],
    samples,
    samplePx2: (all.length * mask.cell ** 2) / samples.length,
    edgePx: edgeLength(mask, all),
  };
}

/** Lengths point by point, area by the map's own growth at each sample. */
export function measure({ pieces, widest, samples, samplePx2 }: Shape, toPlane: Homography): Measures {
  return {
    lengthMm: pieces.reduce((sum, { path }) => sum + lengthIn(toPlane, path), 0),
    widthMm: lengthIn(toPlane, widest),
    areaMm2: samples.reduce((sum, [x, y]) => sum + areaScale(toPlane, x, y), 0) * samplePx2,
  };
}

function isLine(length: number, extent: number, area: number): boolean {
  return length >= REACHES * extent && length >= LINE * (area / length);
}

function areaIn(mask: DamageMask, cells: Uint32Array, toPlane: Homography): number {
  // Every cell of a small piece, some of a large one.
  const stride = Math.max(1, Math.floor(cells.length / 500));
  let [sum, count] = [0, 0];
  for (let index = 0; index < cells.length; index += stride, count++)
    sum += areaScale(toPlane, ...cellMiddle(mask, cells[index]!));
  return (sum / count) * cells.length * mask.cell ** 2;
}

function lengthIn(toPlane: Homography, path: readonly Point[]): number {
  let length = 0;
  let before: readonly [number, number] | undefined;
  for (const [x, y] of path) {
    const here = project(toPlane, x, y);
    if (before !== undefined) length += Math.hypot(here[0] - before[0], here[1] - before[1]);
    before = here;
  }
  return length;
}

/** Means over neighbours along the path, fewer towards its ends, so that the ends stay. */
function smoothed(path: readonly Point[], meanWidth: number): Point[] {
  const reach = Math.round(Math.min(MOST_SMOOTHING, Math.max(LEAST_SMOOTHING, meanWidth / 2)));
  return path.map((_, index) => {
    const near = Math.min(reach, index, path.length - 1 - index);
    let [x, y] = [0, 0];
    for (let at = index - near; at <= index + near; at++) {
      x += path[at]![0];
      y += path[at]![1];
    }
    return [x / (2 * near + 1), y / (2 * near + 1)];
  });
}

/** A skeleton ends about half a width before the mask does. */
function ledToTheEdge(mask: DamageMask, path: readonly Point[], meanWidth: number): Point[] {
  const back = Math.min(path.length - 1, Math.max(2, Math.round(meanWidth)));
  if (back < 1) return [...path];
  const first = onwards(mask, path[back]!, path[0]!);
  const last = onwards(mask, path[path.length - 1 - back]!, path[path.length - 1]!);
  return [first, ...path, last];
}

/** From a place on in the direction from another, to where the mask ends. */
function onwards(mask: DamageMask, from: Point, to: Point): Point {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  if (length === 0) return to;
  return edgeFrom(mask, to, [(to[0] - from[0]) / length, (to[1] - from[1]) / length]);
}

function edgeFrom(mask: DamageMask, [x, y]: Point, [directionX, directionY]: Point): Point {
  const step = mask.cell / 4;
  let far = 0;
  while (isDamaged(mask, x + directionX * (far + step), y + directionY * (far + step))) far += step;
  return [x + directionX * far, y + directionY * far];
}

/** The two cells of a piece that lie farthest apart in the plane, from edge to edge. */
function greatestExtent(mask: DamageMask, cells: Uint32Array, toPlane: Homography): [Point, Point] {
  // Ends of rows are enough for a hull, in the plane as well: a map keeps what lies between two points between them.
  const ends = new Map<number, [number, number]>();
  for (const at of cells) {
    const row = Math.floor(at / mask.columns);
    const known = ends.get(row);
    if (known === undefined) ends.set(row, [at, at]);
    else if (at < known[0]) known[0] = at;
    else if (at > known[1]) known[1] = at;
  }
  const hull = convexHull([...ends.values()].flatMap((pair) => pair.map((at) => cellMiddle(mask, at))));
  const first = hull[0]!;
  let best: [Point, Point] = [first, first];
  for (const [index, one] of hull.entries())
    for (const other of hull.slice(index + 1))
      if (lengthIn(toPlane, [one, other]) > lengthIn(toPlane, best)) best = [one, other];
  const [from, to] = best;
  return [onwards(mask, to, from), onwards(mask, from, to)];
}

/** Directions in which a width is looked for. */
const DIRECTIONS = 12;

/**
 * At points of a path the shortest way across, from edge to edge through the point, of twelve directions even in the plane. Where a branch joins,
 * some direction passes it by.
 */
function* widths(
  mask: DamageMask,
  path: readonly Point[],
  toPlane: Homography,
  back: Homography,
): Generator<readonly [Point, Point]> {
  const step = Math.max(1, Math.floor(path.length / 100));
  // About a cell in the plane: what it becomes in the picture gives the direction there.
  const small = mask.cell * Math.sqrt(areaScale(toPlane, ...path[path.length >> 1]!));
  for (let index = 0; index < path.length; index += step) {
    const [x, y] = path[index]!;
    const [planeX, planeY] = project(toPlane, x, y);
    let shortest: readonly [Point, Point] | undefined;
    for (let turn = 0; turn < DIRECTIONS; turn++) {
      const angle = (Math.PI * turn) / DIRECTIONS;
      const [sideX, sideY] = project(back, planeX + small * Math.cos(angle), planeY + small * Math.sin(angle));
      const norm = Math.hypot(sideX - x, sideY - y);
      if (!(norm > 0)) continue;
      const direction: Point = [(sideX - x) / norm, (sideY - y) / norm];
      const across = [
        edgeFrom(mask, [x, y], direction),
        edgeFrom(mask, [x, y], [-direction[0], -direction[1]]),
      ] as const;
      if (shortest === undefined || lengthIn(toPlane, across) < lengthIn(toPlane, shortest)) shortest = across;
    }
    if (shortest !== undefined) yield shortest;
  }
}

/** Sides of cells that face nothing, shortened by the mean excess of a stair over its slope (4/π). */
function edgeLength({ columns, inside, cell }: DamageMask, cells: readonly number[]): number {
  let sides = 0;
  for (const at of cells) for (const step of [1, -1, columns, -columns]) if (inside[at + step] === 0) sides++;
  return (sides * cell * Math.PI) / 4;
}
