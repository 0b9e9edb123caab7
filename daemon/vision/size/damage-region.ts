import { GatewayError } from "../../../contract/errors.ts";
import type { RelativeBox } from "../detections.ts";
import { Detector } from "../detector.ts";
import { decodePicture } from "../picture.ts";
import { loadBundle } from "../registry/bundle.ts";
import { lookCarefully, wantsTiles } from "../tiles.ts";
import type { OutlineSigma } from "./estimate.ts";
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
  readonly sigma: OutlineSigma;
}

/** Surroundings that the network gets to see, as a share of the box's longer side: damage is damage by what is around it. */
const SURROUNDINGS = 0.3;
/** Where somebody has drawn a box a weaker look counts as well: this share of the card's threshold. */
const WEAKER = 0.5;
/**
 * How much the shipped model's outlines differ from a person's beside all edges: standard deviation of the logarithm over 44 scratches of the
 * development photos, each in a box drawn around the person's outline (length 1.06 times, area 1.38 times in the mean).
 */
const MODEL_SIGMA = { length: 0.2, width: 0.4, area: 0.5 };
/** Other outlines of the same kind count where this share of their box lies in the given one. */
const MOSTLY = 0.7;
/** A mask cell is four network pixels wide; its edge is known to about half of that. */
const EDGE_NETWORK_PX = 2;

/**
 * Looks for damage in a box by running the damage model on the full picture's piece around it, so that what is thin there is still seen.
 * @param label which kind of damage is meant, one of the card's labels; any where absent
 * @returns undefined where nothing is found inside the box
 * @throws GatewayError SIZE_OPTION_INVALID a label that the card does not have; MODEL_* a bad bundle
 */
export async function damageIn(
  picture: FullPicture,
  box: PixelBox,
  bundleFolder: string,
  label?: string,
): Promise<DamageRegion | undefined> {
  const bundle = await loadBundle(bundleFolder);
  const { manifest } = bundle;
  if (label !== undefined && !manifest.labels.includes(label))
    throw new GatewayError("SIZE_OPTION_INVALID", {
      detail: `--label ${label}; known are ${manifest.labels.join(", ")}`,
    });
  const lowest = Math.min(...Object.values(manifest.thresholds)) * WEAKER;
  const detector = await Detector.open(bundle, { providers: ["tensorrt", "cuda", "cpu"], floor: lowest });
  try {
    const piece = widened(box, SURROUNDINGS * Math.max(box[2], box[3]), picture);
    const bytes = await asPng(cutOut(picture, piece));
    const whole = await decodePicture(bytes, manifest.input);
    const tiles = wantsTiles(manifest.tiles, whole.letterbox) ? manifest.tiles : undefined;
    const seen = await lookCarefully(detector, bytes, whole, manifest, tiles);
    const found = seen
      .map((one) => detector.judge(one, true).detection)
      .filter((one) => label === undefined || one.label === label)
      .map((one) => ({
        label: one.label,
        score: one.score,
        likeness: one.score * overlapOf(boxIn(one.box, piece), box),
        inside: insideOf(boxIn(one.box, piece), box),
        polygons: (one.outline ?? []).map((polygon) => inPicture(polygon, piece)),
      }))
      .filter(({ polygons, likeness }) => polygons.length > 0 && likeness > 0)
      .sort((a, b) => b.likeness - a.likeness);
    const best = found[0];
    if (best === undefined) return undefined;
    // What the box is drawn around, and what else of its kind lies in the box: the pieces of a broken scratch.
    const taken = found.filter((one) => one === best || (one.label === best.label && one.inside >= MOSTLY));
    return {
      source: "model",
      polygons: taken.flatMap(({ polygons }) => polygons),
      label: best.label,
      score: best.score,
      sigma: { ...MODEL_SIGMA, edgePx: EDGE_NETWORK_PX / whole.letterbox.scaleX },
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

function boxIn([x1, y1, x2, y2]: RelativeBox, [left, top, width, height]: PixelBox): PixelBox {
  return [left + x1 * width, top + y1 * height, (x2 - x1) * width, (y2 - y1) * height];
}

function shared(a: PixelBox, b: PixelBox): number {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  return Math.max(0, width) * Math.max(0, height);
}

/** Intersection over union. */
function overlapOf(a: PixelBox, b: PixelBox): number {
  return shared(a, b) / (a[2] * a[3] + b[2] * b[3] - shared(a, b));
}

/** Share of a box that lies in another. */
function insideOf(inner: PixelBox, outer: PixelBox): number {
  return shared(inner, outer) / (inner[2] * inner[3]);
}
