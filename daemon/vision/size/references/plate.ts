import type { PlateRegion } from "../../../../contract/configuration.ts";
import { channelOf, cutOut, type FullPicture, widened } from "../full-picture.ts";
import { type Point, type Quad, sideLengths, signedArea } from "../geometry.ts";
import type { GreyPicture } from "../grey.ts";
import { refineQuad } from "../markers/corners.ts";
import { outerOutlines } from "../markers/outlines.ts";
import { quadOf } from "../markers/quads.ts";
import type { DarkMask } from "../markers/threshold.ts";
import type { PixelBox } from "../mask.ts";
import { rectangle } from "./marker-card.ts";
import type { Reference } from "./reference.ts";

/** A kind of plate: its size, and how it stands out from what is around it. */
interface PlateKind {
  readonly name: string;
  readonly sizeMm: readonly [width: number, height: number];
  /** What of its width is seen in the middle of cases, where a band of another colour may be taken for the car. */
  readonly seenWidthMm?: number;
  /** High on the plate's ground, low beside it. */
  readonly channel: (red: number, green: number, blue: number) => number;
  /** Mean surplus of a colour over the others that the plate must have, grey levels. */
  readonly coloured?: (red: number, green: number, blue: number) => number;
}

const bluer = (red: number, green: number, blue: number) => 128 + blue - (red + green) / 2;
const greener = (red: number, green: number, blue: number) => 128 + green - (red + blue) / 2;
const yellower = (red: number, green: number, blue: number) => 128 + (red + green) / 2 - blue;
const lighter = (red: number, green: number, blue: number) => (red + green + blue) / 3;

/** Outer sizes: GA 36-2018 (China), 520 × 110 usual in the EU, 12 × 6 inches (USA), 330 × 165 (Japan). */
const KINDS: Readonly<Record<PlateRegion, readonly PlateKind[]>> = {
  cn: [
    { name: "CN blue", sizeMm: [440, 140], channel: bluer, coloured: bluer },
    { name: "CN new energy", sizeMm: [480, 140], channel: lighter, coloured: greener },
    { name: "CN new energy", sizeMm: [480, 140], channel: greener, coloured: greener },
    { name: "CN yellow", sizeMm: [440, 140], channel: yellower, coloured: yellower },
  ],
  eu: [{ name: "EU", sizeMm: [520, 110], seenWidthMm: 500, channel: lighter }],
  us: [{ name: "US", sizeMm: [305, 152], channel: lighter }],
  jp: [{ name: "JP", sizeMm: [330, 165], channel: lighter }],
};

const LEAST_COLOUR = 12;
/** A plate seen from the side is narrower than it is; one seen from above lower. */
const MOST_ASPECT_ERROR = 0.3;
/** The quadrilateral's area beside the detector's box. */
const LEAST_OF_BOX = 0.4;
const MOST_OF_BOX = 1.4;
/** Frames hide edges, and damage is seldom in the plate's plane: on the next panel it is nearer, farther or turned. */
const SIGMA_SCALE = 0.08;
const SIGMA_SCALE_PER_LENGTH = 0.03;
/** Corners are rounded and frames throw shadows. */
const LEAST_SIGMA_PX = 0.8;

/**
 * A number plate whose size its region tells, with its corners as they are in the picture.
 * @param box as the plate model gives it
 * @returns undefined where no kind of the region's plates can be made out
 */
export function plateReference(picture: FullPicture, box: PixelBox, region: PlateRegion): Reference | undefined {
  const around = widened(box, 0.2 * box[3] + 4, picture);
  const piece = cutOut(picture, around);
  for (const kind of KINDS[region]) {
    const found = cornersOf(piece, kind, box[2] * box[3]);
    if (found === undefined) continue;
    return {
      method: "plate",
      name: `${kind.name} ${kind.sizeMm.join(" × ")} mm`,
      picture: found.corners.map(([x, y]): Point => [x + around[0], y + around[1]]),
      plane: rectangle(kind.seenWidthMm ?? kind.sizeMm[0], kind.sizeMm[1]),
      sigmaPx: Math.hypot(found.sigmaPx, LEAST_SIGMA_PX),
      sigmaScale: SIGMA_SCALE,
      sigmaScalePerLength: SIGMA_SCALE_PER_LENGTH,
    };
  }
  return undefined;
}

interface PlateCorners {
  readonly corners: Quad;
  readonly sigmaPx: number;
  /** How far its shape is from the wanted one, relative. */
  readonly aspectError: number;
}

/** Light and shade fall on a plate as they like: several levels part it from the car, and the shape says which is right. */
const LEVELS = [0, -20, 20, -40, 40];

function cornersOf(piece: FullPicture, { channel, coloured, sizeMm }: PlateKind, boxPx2: number) {
  // What looks for markers wants dark on light.
  const dark = channelOf(piece, (red, green, blue) => 255 - channel(red, green, blue));
  const parting = partingLevel(dark);
  const candidates = LEVELS.flatMap((off) =>
    outerOutlines(darkerThan(dark, parting + off), { smallestSide: 8, atMost: 500 }),
  )
    .map((outline) => quadOf(outline, 6, 12))
    .filter((quad) => quad !== undefined)
    .map((quad) => plateCorners(dark, quad, boxPx2, sizeMm[0] / sizeMm[1]))
    .filter((found) => found !== undefined)
    .filter(
      ({ corners }) => coloured === undefined || meanOf(channelOf(piece, coloured), corners) >= 128 + LEAST_COLOUR,
    );
  return candidates.sort((a, b) => a.aspectError - b.aspectError)[0];
}

function plateCorners(dark: GreyPicture, rough: Quad, boxPx2: number, aspect: number): PlateCorners | undefined {
  const share = Math.abs(signedArea(rough)) / boxPx2;
  if (share < LEAST_OF_BOX || share > MOST_OF_BOX) return undefined;
  const refined = refineQuad(dark, middles(rough), 3);
  if (refined === undefined) return undefined;
  const corners = fromTopLeft(refined.corners);
  if (!looksRectangular(corners) || reachesEdge(corners, dark)) return undefined;
  const [top, right, bottom, left] = sideLengths(corners);
  const aspectError = Math.abs((top! + bottom!) / (left! + right!) / aspect - 1);
  return aspectError > MOST_ASPECT_ERROR ? undefined : { corners, sigmaPx: refined.sigmaPx, aspectError };
}

/** The level that parts the picture's grey levels best (Otsu 1979). */
function partingLevel({ pixels }: GreyPicture): number {
  const counts = new Float64Array(256);
  for (const level of pixels) counts[level]!++;
  const sum = counts.reduce((total, count, level) => total + count * level, 0);
  let [below, belowSum, best, parting] = [0, 0, -1, 0];
  for (let level = 0; level < 255; level++) {
    below += counts[level]!;
    belowSum += counts[level]! * level;
    const above = pixels.length - below;
    if (below === 0 || above === 0) continue;
    const between = below * above * ((sum - belowSum) / above - belowSum / below) ** 2;
    if (between > best) [best, parting] = [between, level];
  }
  return parting;
}

/** Framed as outlines want it. */
function darkerThan({ width, height, pixels }: GreyPicture, level: number): DarkMask {
  const dark = new Uint8Array((width + 2) * (height + 2));
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      if (pixels[row * width + column]! <= level) dark[(row + 1) * (width + 2) + column + 1] = 1;
  return { width: width + 2, height: height + 2, dark };
}

function middles([a, b, c, d]: Quad): Quad {
  const middle = ([x, y]: Point): Point => [x + 0.5, y + 0.5];
  return [middle(a), middle(b), middle(c), middle(d)];
}

/** Clockwise as they are, from the corner at the left end of the upper long side. */
function fromTopLeft(corners: Quad): Quad {
  const [first, second] = sideLengths(corners);
  const longFirst = first! >= second! ? 0 : 1;
  const at = (index: number) => corners[index % 4]!;
  // Of the two long sides the one that runs to the right.
  const start = at(longFirst + 1)[0] > at(longFirst)[0] ? longFirst : longFirst + 2;
  return [at(start), at(start + 1), at(start + 2), at(start + 3)];
}

/** No plate is seen so obliquely that its corners lean more than this. */
const MOST_LEAN = 0.44;

function looksRectangular(corners: Quad): boolean {
  return corners.every(([x, y], at) => {
    const [beforeX, beforeY] = corners[(at + 3) % 4]!;
    const [afterX, afterY] = corners[(at + 1) % 4]!;
    const turn = Math.atan2(afterY - y, afterX - x) - Math.atan2(y - beforeY, x - beforeX);
    const upright = Math.abs(Math.atan2(Math.sin(turn), Math.cos(turn)));
    return Math.abs(upright - Math.PI / 2) <= MOST_LEAN;
  });
}

/** What goes on beyond the piece was cut by it. */
function reachesEdge(corners: Quad, { width, height }: GreyPicture): boolean {
  return corners.some(([x, y]) => x < 2 || y < 2 || x > width - 2 || y > height - 2);
}

function meanOf({ width, height, pixels }: GreyPicture, corners: Quad): number {
  let [sum, count] = [0, 0];
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  for (let row = Math.max(0, Math.ceil(Math.min(...ys))); row < Math.min(height, Math.max(...ys)); row++)
    for (let column = Math.max(0, Math.ceil(Math.min(...xs))); column < Math.min(width, Math.max(...xs)); column++) {
      sum += pixels[row * width + column]!;
      count++;
    }
  return count === 0 ? 0 : sum / count;
}
