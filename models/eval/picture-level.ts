import type { ComparedPicture, FoundThing } from "../../daemon/vision/accuracy/average-precision.ts";
import { unionOf } from "../../daemon/vision/accuracy/raster.ts";
import { judge } from "../../daemon/vision/accuracy/scoring.ts";

/**
 * Average precision of "this picture shows the label somewhere", by the best score of the label in each picture: the mean, over the pictures that show
 * it, of the precision down to that picture.
 */
export function presenceAveragePrecision(pictures: readonly ComparedPicture[], label: string): number | undefined {
  const ranked = pictures
    .map(({ found, truth }) => ({
      score: found.reduce((best, thing) => (thing.label === label ? Math.max(best, thing.score) : best), 0),
      shows: truth.some((thing) => thing.label === label),
    }))
    .sort((a, b) => b.score - a.score || Number(a.shows) - Number(b.shows));
  let hits = 0;
  const precisions = ranked.flatMap(({ shows }, at) => {
    if (!shows) return [];
    hits += 1;
    return [hits / (at + 1)];
  });
  return precisions.length === 0 ? undefined : precisions.reduce((sum, value) => sum + value, 0) / precisions.length;
}

export interface PixelFigures {
  readonly iou: number | undefined;
  readonly precision: number | undefined;
  readonly recall: number | undefined;
}

/** Any damage at all, pixel by pixel over all pictures: the union of the outlines that `counts` lets through against the union of the true ones. */
export function anyDamagePixels(
  pictures: readonly ComparedPicture[],
  counts: (thing: FoundThing) => boolean,
): PixelFigures {
  let [shared, found, wanted] = [0, 0, 0];
  for (const picture of pictures) {
    const masksOf = (things: readonly { readonly mask?: FoundThing["mask"] }[]) =>
      unionOf(
        things.flatMap(({ mask }) => (mask === undefined ? [] : [mask])),
        picture.width,
        picture.height,
      );
    const ours = masksOf(picture.found.filter(counts));
    const theirs = masksOf(picture.truth);
    for (const [at, bit] of ours.entries()) {
      found += bit;
      wanted += theirs[at]!;
      shared += bit & theirs[at]!;
    }
  }
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : undefined);
  return {
    iou: share(shared, found + wanted - shared),
    precision: share(shared, found),
    recall: share(shared, wanted),
  };
}

const BINS = 10;

/**
 * Expected calibration error of the probabilities: over ten bins, the distance between the mean probability and the share of boxes that are right (IoU 0.5, each
 * truth once), weighted by the bins' boxes. Boxes below `fromScore` are not looked at: there are thousands and nobody sees them.
 */
export function calibrationError(
  pictures: readonly ComparedPicture[],
  labels: readonly string[],
  fromScore: number,
): number | undefined {
  const bins = Array.from({ length: BINS }, () => ({ count: 0, right: 0, probability: 0 }));
  for (const picture of pictures) {
    for (const label of labels) {
      const found = picture.found.filter((thing) => thing.score >= fromScore);
      for (const { hit, box } of judge({ truth: picture.truth, found }, label, 0.5)) {
        const probability = box.probability ?? box.score;
        const bin = bins[Math.min(BINS - 1, Math.floor(probability * BINS))]!;
        bin.count += 1;
        bin.right += Number(hit);
        bin.probability += probability;
      }
    }
  }
  const all = bins.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return undefined;
  return bins.reduce((sum, { right, probability }) => sum + Math.abs(right - probability), 0) / all;
}
