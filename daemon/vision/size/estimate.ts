import { areaScale, type Point } from "./geometry.ts";
import { seededRandom } from "./random.ts";
import {
  planeOf,
  planeOnce,
  type Reference,
  type ReferenceMethod,
  sees,
  sigmaScaleAt,
} from "./references/reference.ts";
import { measure, type Shape } from "./shape.ts";

/** A value and the bounds between which the true one lies in 95 of 100 cases, as far as the noise is what it is taken for. */
export interface Interval {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** How far an outline may be trusted, whatever it is measured by. */
export interface OutlineSigma {
  /** Standard deviation of the edge, outwards or inwards all around, pixels. */
  readonly edgePx: number;
  /** Relative standard deviations beyond that: where one damage ends and what still belongs to it. */
  readonly length: number;
  readonly width: number;
  readonly area: number;
}

export interface Size {
  readonly lengthCm: Interval;
  readonly widthCm: Interval;
  readonly areaCm2: Interval;
}

/** What one reference says of the damage. */
export interface Estimate extends Size {
  readonly method: ReferenceMethod;
  readonly reference: string;
}

const DRAWS = 400;
/** Same every time, so that a measurement repeated is the same measurement. */
const SEED = 20_211;
const TAIL = 0.02;
/** How well a path along cells follows a line, relative. */
const SIGMA_PATH = 0.012;
/** A length is never known better than to this share of a pixel at either end. */
const SIGMA_END_PX = 0.5;

/**
 * Measures a shape through a reference, and lets everything that is not certain vary together: the reference's points, its scale, where the damage's
 * edge was drawn (Monte Carlo, 400 draws).
 * @returns undefined where the damage lies beyond the plane's horizon
 */
export function estimate(shape: Shape, reference: Reference, outline: OutlineSigma): Estimate | undefined {
  const toPlane = planeOf(reference);
  const middle = shape.samples[shape.samples.length >> 1];
  if (toPlane === undefined || middle === undefined || !sees(toPlane, reference, shape.samples)) return undefined;
  const { lengthMm, widthMm, areaMm2 } = measure(shape, toPlane);
  // A path needs few points to tell how its length changes with the map; the samples likewise.
  const thinned = { ...shape, ...thin(shape) };
  const asThinned = measure(thinned, toPlane);
  const sigmaScale = sigmaScaleAt(reference, middle);
  const pxMm = Math.sqrt(areaScale(toPlane, ...middle));
  const random = seededRandom(SEED);
  const [lengths, widths, areas]: [number[], number[], number[]] = [[], [], []];
  for (let draw = 0; draw < DRAWS; draw++) {
    const map = planeOnce(reference, random);
    const scale = Math.exp(sigmaScale * random.normal());
    const edgeMm = outline.edgePx * random.normal() * pxMm;
    // An outline that takes in too much is too long, too wide and too large at once.
    const taste = random.normal();
    const path = 1 + SIGMA_PATH * random.normal();
    const endsMm = SIGMA_END_PX * random.normal() * pxMm * Math.SQRT2;
    if (map === undefined || !sees(map, reference, thinned.samples)) continue;
    const drawn = measure(thinned, map);
    const length = path * lengthMm * (drawn.lengthMm / asThinned.lengthMm || 1);
    lengths.push(scale * Math.exp(outline.length * taste) * (length + shape.pieces.length * 2 * edgeMm) + endsMm);
    const width = widthMm * (drawn.widthMm / asThinned.widthMm || 1);
    widths.push(scale * Math.exp(outline.width * taste) * (width + 2 * edgeMm) + endsMm);
    const area = areaMm2 * (drawn.areaMm2 / asThinned.areaMm2);
    areas.push(scale ** 2 * Math.exp(outline.area * taste) * (area + shape.edgePx * pxMm * edgeMm));
  }
  if (lengths.length < DRAWS / 2) return undefined;
  return {
    method: reference.method,
    reference: reference.name,
    lengthCm: interval(lengthMm, lengths, 10),
    widthCm: interval(widthMm, widths, 10),
    areaCm2: interval(areaMm2, areas, 100),
  };
}

function thin({ pieces, samples }: Shape): Pick<Shape, "pieces" | "samples"> {
  const some = (points: readonly Point[], most: number) => {
    const stride = Math.max(1, Math.floor(points.length / most));
    return points.filter((_, index) => index % stride === 0 || index === points.length - 1);
  };
  return { pieces: pieces.map(({ path }) => ({ path: some(path, 40) })), samples: some(samples, 200) };
}

/** Never below nothing, and the value is always inside. */
function interval(value: number, drawn: readonly number[], unit: number): Interval {
  const sorted = [...drawn].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return {
    value: thousandths(value / unit),
    lower: thousandths(Math.max(0, Math.min(value, at(TAIL))) / unit),
    upper: thousandths(Math.max(value, at(1 - TAIL)) / unit),
  };
}

/** A hundredth of a millimetre, or a tenth of a square millimetre, is finer than anything here. */
function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}
