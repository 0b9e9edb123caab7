import type { RelativeBox } from "../detections.ts";
import type { Detector } from "../detector.ts";
import { fitted, type Pixels } from "../picture.ts";
import type { ModelManifest, ModelTiles } from "../registry/manifest.ts";
import { lookCarefully, wantsTiles } from "../tiles.ts";

/** One model of redaction, open. */
export interface Eye {
  readonly detector: Detector;
  readonly manifest: ModelManifest;
}

/** How a look is taken. */
export interface Way {
  /** Size of the picture in the network's input; the rest is padding. */
  readonly scale: number;
  /** Tiles along the longer side, in place of the card's; empty: none. */
  readonly along?: readonly number[];
}

/** A thing that one of the two passes saw. */
export interface Candidate {
  readonly box: RelativeBox;
  readonly score: number;
  /** Best score of the same thing in the other pass, 0 where that one saw nothing. */
  readonly otherScore: number;
}

/** Boxes of two passes that overlap this much are one thing: networks frame small faces loosely. */
const SAME_IOU = 0.3;

/**
 * Looks at a picture as it is and in the mirror, each time as a whole and in tiles. A face or plate is one in the mirror too; much of what a network
 * takes for one (a reflection, a dent, a badge) is not, so that agreement tells them apart at scores where a single look could not.
 * @returns what either pass saw of `label`, in the picture's own orientation, best score first
 */
export async function lookBothWays(
  eye: Eye,
  pixels: Pixels,
  mirroredPixels: Pixels,
  label: string,
  way: Way,
): Promise<Candidate[]> {
  const straight = await onePass(eye, pixels, label, way);
  const mirrored = (await onePass(eye, mirroredPixels, label, way)).map(({ box, score }) => ({
    score,
    box: unmirrored(box),
  }));
  return [...withOther(straight, mirrored), ...withOther(mirrored, straight)].sort((a, b) => b.score - a.score);
}

interface Sight {
  readonly box: RelativeBox;
  readonly score: number;
}

async function onePass({ detector, manifest }: Eye, pixels: Pixels, label: string, way: Way): Promise<Sight[]> {
  const { input } = manifest;
  const size = { width: Math.round(input.width * way.scale), height: Math.round(input.height * way.scale) };
  const whole = await fitted(pixels, { ...input, ...size });
  const tiles: ModelTiles | undefined = manifest.tiles && {
    ...manifest.tiles,
    along: [...(way.along ?? manifest.tiles.along)],
  };
  const used = wantsTiles(tiles, whole.letterbox) ? tiles : undefined;
  const seen = await lookCarefully(detector, pixels, whole, { ...manifest, mirrored: false }, used);
  return seen.map((one) => detector.judge(one).detection).filter((detection) => detection.label === label);
}

function withOther(own: readonly Sight[], other: readonly Sight[]): Candidate[] {
  return own.map(({ box, score }) => {
    const same = other.filter((one) => intersectionOverUnion(box, one.box) >= SAME_IOU);
    return { box, score, otherScore: Math.max(0, ...same.map((one) => one.score)) };
  });
}

/** How much two boxes are one: shared area by the area of both together. */
export function intersectionOverUnion(a: RelativeBox, b: RelativeBox): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared);
}

function unmirrored([x1, y1, x2, y2]: RelativeBox): RelativeBox {
  return [1 - x2, y1, 1 - x1, y2];
}

/** A copy, left and right exchanged. */
export function mirror({ rgb, width, height }: Pixels): Pixels {
  const mirrored = Buffer.allocUnsafe(rgb.length);
  const rowBytes = width * 3;
  for (let row = 0; row < rgb.length; row += rowBytes) {
    for (let from = row, to = row + rowBytes - 3; from < row + rowBytes; from += 3, to -= 3) {
      mirrored[to] = rgb[from]!;
      mirrored[to + 1] = rgb[from + 1]!;
      mirrored[to + 2] = rgb[from + 2]!;
    }
  }
  return { rgb: mirrored, width, height };
}
