import { Detector } from "../detector.ts";
import { decodePicture } from "../picture.ts";
import { loadBundle } from "../registry/bundle.ts";
import { lookCarefully, wantsTiles } from "../tiles.ts";
import { asPng, cutOut, type FullPicture, widened } from "./full-picture.ts";
import type { Point } from "./geometry.ts";
import type { PixelBox } from "./mask.ts";

/** Where the damage is, by outlines in pixels of the upright picture. */
export interface DamageRegion {
  readonly source: "model" | "outline";
  readonly polygons: readonly (readonly Point[])[];
  /** What the model calls it, with its score; absent for an outline drawn by hand. */
  readonly label?: string;
  readonly score?: number;
  /** Standard deviation of the edge, pixels. */
  readonly sigmaEdgePx: number;
}

/** Surroundings that the network gets to see, as a share of the box's longer side: damage is damage by what is around it. */
const SURROUNDINGS = 0.3;
/** Where somebody has drawn a box a weaker look counts as well: this share of the card's threshold. */
const WEAKER = 0.5;
/** A mask cell is four network pixels wide; its edge is known to about half of that. */
const EDGE_NETWORK_PX = 2;

/**
 * Looks for damage in a box by running the damage model on the full picture's piece around it, so that what is thin there is still seen.
 * @returns undefined where nothing is found inside the box
 * @throws GatewayError MODEL_*, where the bundle is bad
 */
export async function damageIn(
  picture: FullPicture,
  box: PixelBox,
  bundleFolder: string,
): Promise<DamageRegion | undefined> {
  const bundle = await loadBundle(bundleFolder);
  const { manifest } = bundle;
  const lowest = Math.min(...Object.values(manifest.thresholds)) * WEAKER;
  const detector = await Detector.open(bundle, { providers: ["tensorrt", "cuda", "cpu"], floor: lowest });
  try {
    const piece = widened(box, SURROUNDINGS * Math.max(box[2], box[3]), picture);
    const bytes = await asPng(cutOut(picture, piece));
    const whole = await decodePicture(bytes, manifest.input);
    const tiles = wantsTiles(manifest.tiles, whole.letterbox) ? manifest.tiles : undefined;
    const seen = await lookCarefully(detector, bytes, whole, manifest, tiles);
    const found = seen
      .map((one) => detector.judge(one, true))
      .map(({ detection, counts }) => ({
        label: detection.label,
        score: detection.score,
        counts,
        polygons: (detection.outline ?? [])
          .map((polygon) => inPicture(polygon, piece))
          .filter((polygon) => touches(polygon, box)),
      }))
      .filter(({ polygons }) => polygons.length > 0);
    const best = found[0];
    if (best === undefined) return undefined;
    // Best first. What counts is joined; where nothing does, the best alone.
    const taken = best.counts ? found.filter(({ counts }) => counts) : [best];
    return {
      source: "model",
      polygons: taken.flatMap(({ polygons }) => polygons),
      label: best.label,
      score: best.score,
      sigmaEdgePx: EDGE_NETWORK_PX / whole.letterbox.scaleX,
    };
  } finally {
    await detector.close();
  }
}

function inPicture(polygon: readonly number[], [left, top, width, height]: PixelBox): Point[] {
  const points: Point[] = [];
  for (let at = 0; at + 1 < polygon.length; at += 2)
    points.push([left + polygon[at]! * width, top + polygon[at + 1]! * height]);
  return points;
}

/** By upright boxes: an outline that only passes near is cut away by the mask. */
function touches(polygon: readonly Point[], [x, y, width, height]: PixelBox): boolean {
  const xs = polygon.map(([px]) => px);
  const ys = polygon.map(([, py]) => py);
  return Math.max(...xs) > x && Math.min(...xs) < x + width && Math.max(...ys) > y && Math.min(...ys) < y + height;
}
