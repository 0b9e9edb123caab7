import { isInside, middleOf, type Quad, sideLengths } from "../geometry.ts";
import { type GreyPicture, halved } from "../grey.ts";
import { refineQuad } from "./corners.ts";
import type { MarkerDictionaryName } from "./dictionaries.ts";
import { outerOutlines } from "./outlines.ts";
import { quadOf } from "./quads.ts";
import { type ReadMarker, readMarker } from "./read-cells.ts";
import { darkerThanAround } from "./threshold.ts";

/** A marker in a picture. */
export interface Marker {
  readonly dictionary: MarkerDictionaryName;
  readonly id: number;
  /** Outer corners of the black border in pixels (a pixel's middle is at .5), clockwise from the marker's own top left. */
  readonly corners: Quad;
  /** Standard deviation of a corner in pixels. */
  readonly sigmaPx: number;
  /** Cells that had to be corrected. */
  readonly wrongCells: number;
}

/** Shortest side of a marker, in pixels of the picture in which it is looked for: two pixels for each cell and a little. */
const SMALLEST_SIDE = 14;
/** Copies, each half of the one before, until the longer side is below this: what is large there is as large as the picture. */
const SMALLEST_COPY = 240;
/** More dark patches than this in one copy is noise, more four-sided ones a pattern. */
const MOST_OUTLINES = 20_000;
const MOST_QUADS = 3000;

/**
 * Finds square markers (ArUco and AprilTag) on a picture of full resolution: dark patches at every scale, those with four sides, sides drawn to a
 * fraction of a pixel on the picture itself, cells read through the perspective and looked up. Black on white only, not in a mirror.
 * @returns the largest first, each once
 */
export function detectMarkers(picture: GreyPicture): Marker[] {
  const found: Marker[] = [];
  let scale = 1;
  for (let copy = picture; ; copy = halved(copy), scale *= 2) {
    if (Math.min(copy.width, copy.height) < 2 * SMALLEST_SIDE) break;
    if (scale > 1 && Math.max(copy.width, copy.height) < SMALLEST_COPY) break;
    const outlines = outerOutlines(darkerThanAround(copy), { smallestSide: SMALLEST_SIDE, atMost: MOST_OUTLINES });
    const quads = outlines.map((outline) => quadOf(outline, SMALLEST_SIDE * 0.8)).filter((quad) => quad !== undefined);
    for (const quad of quads.slice(0, MOST_QUADS)) {
      const marker = markerIn(picture, atScale(quad, scale), scale);
      if (marker !== undefined) keepBetter(found, marker);
    }
  }
  return found.sort((a, b) => shortestSide(b.corners) - shortestSide(a.corners));
}

function markerIn(picture: GreyPicture, rough: Quad, scale: number): Marker | undefined {
  const cell = shortestSide(rough) / 8;
  const refined = refineQuad(picture, rough, Math.min(2.5 * scale, Math.max(1.2, cell * 0.7)));
  if (refined === undefined) return undefined;
  const read = readMarker(picture, refined.corners);
  if (read === undefined) return undefined;
  const { dictionary, id, turns, wrongCells } = read;
  return {
    dictionary: dictionary.name,
    id,
    corners: onwards(refined.corners, turns),
    sigmaPx: refined.sigmaPx,
    wrongCells,
  };
}

/** Pixel indices of a copy stand for the middles of its pixels. */
function atScale([a, b, c, d]: Quad, scale: number): Quad {
  const place = ([x, y]: Quad[number]): Quad[number] => [(x + 0.5) * scale, (y + 0.5) * scale];
  return [place(a), place(b), place(c), place(d)];
}

function onwards(corners: Quad, turns: ReadMarker["turns"]): Quad {
  const at = (index: number) => corners[(index + turns) % 4]!;
  return [at(0), at(1), at(2), at(3)];
}

/** One place holds one marker: the one with fewer corrections, then the sharper one. */
function keepBetter(found: Marker[], marker: Marker): void {
  const rival = found.findIndex((other) => overlap(other.corners, marker.corners));
  const known = found[rival];
  if (known === undefined) found.push(marker);
  else if (
    marker.wrongCells < known.wrongCells ||
    (marker.wrongCells === known.wrongCells && marker.sigmaPx < known.sigmaPx)
  )
    found[rival] = marker;
}

function overlap(a: Quad, b: Quad): boolean {
  return isInside(a, ...middleOf(b)) || isInside(b, ...middleOf(a));
}

function shortestSide(corners: Quad): number {
  return Math.min(...sideLengths(corners));
}
