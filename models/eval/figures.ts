import {
  type AveragePrecision,
  averagePrecision,
  BOXES,
  type ComparedPicture,
  type FoundThing,
  MASKS,
  type SizeRange,
} from "../../daemon/vision/accuracy/average-precision.ts";
import { compare } from "../../daemon/vision/accuracy/compare.ts";
import type { LabelledPicture } from "../../daemon/vision/accuracy/labelled-pictures.ts";
import { judge, score } from "../../daemon/vision/accuracy/scoring.ts";
import { loadBundle } from "../../daemon/vision/registry/bundle.ts";
import { type LengthFigures, lengthFigures } from "./lengths.ts";
import { anyDamagePixels, calibrationError, type PixelFigures, presenceAveragePrecision } from "./picture-level.ts";

/** Boxes below this are seen by nobody, and would be nearly all of the calibration's weight. */
export const CALIBRATED_FROM = 0.05;

const LOOSE_IOU = 0.3;
/** What is measured by its length, because it is thin. */
const THIN = "scratch";

/** On the original picture's scale. */
const SIZES: Readonly<Record<string, SizeRange>> = {
  "small, under 128²": { from: 0, to: 128 ** 2 },
  "medium, under 256²": { from: 128 ** 2, to: 256 ** 2 },
  large: { from: 256 ** 2, to: Number.POSITIVE_INFINITY },
};

export interface LabelFigures {
  readonly box: AveragePrecision;
  readonly mask: AveragePrecision | undefined;
  readonly presence: number | undefined;
  /** At the shipped threshold and IoU 0.5. */
  readonly recall: number | undefined;
  readonly precision: number | undefined;
  /** Recall at IoU 0.3: where it is seen, not how exactly it is framed. */
  readonly looseRecall: number | undefined;
}

export interface DetectorFigures {
  readonly pictures: number;
  readonly labels: Readonly<Record<string, LabelFigures>>;
  /** Box AP50 by the truth's area, over all labels. */
  readonly sizes: Readonly<Record<string, number | undefined>>;
  /** Where there are outlines. */
  readonly pixels: PixelFigures | undefined;
  /** Of scratches, at the shipped threshold. */
  readonly lengths: LengthFigures | undefined;
  /** Where the card brings calibration tables. */
  readonly calibrationError: number | undefined;
  /** Boxes at the shipped threshold that match nothing, per picture. */
  readonly falseAlarms: number;
  /** Pictures per second in this run, decoding included: an impression, not a benchmark. */
  readonly picturesPerSecond: number;
}

/** All figures that a card tells about one set of pictures. */
export async function figuresOf(pictures: readonly LabelledPicture[], bundleFolder: string): Promise<DetectorFigures> {
  const { manifest } = await loadBundle(bundleFolder);
  const began = performance.now();
  const compared = await compare(pictures, bundleFolder);
  const seconds = (performance.now() - began) / 1000;
  const hasMasks = compared.some(({ truth }) => truth.some(({ mask }) => mask !== undefined));
  const threshold = (label: string) => manifest.thresholds[label] ?? 1;
  const counts = (thing: FoundThing) => thing.score >= threshold(thing.label);
  const labels = Object.fromEntries(
    manifest.labels.map((label): [string, LabelFigures] => {
      const { recall, precision } = score(compared, label, threshold(label));
      return [
        label,
        {
          box: averagePrecision(compared, label, BOXES),
          mask: hasMasks ? averagePrecision(compared, label, MASKS) : undefined,
          presence: presenceAveragePrecision(compared, label),
          recall,
          precision,
          looseRecall: score(compared, label, threshold(label), LOOSE_IOU).recall,
        },
      ];
    }),
  );
  const sizes = Object.fromEntries(
    Object.entries(SIZES).map(([name, range]) => [
      name,
      mean(manifest.labels.map((label) => averagePrecision(compared, label, BOXES, range).ap50)),
    ]),
  );
  return {
    pictures: pictures.length,
    labels,
    sizes,
    pixels: hasMasks ? anyDamagePixels(compared, counts) : undefined,
    lengths: hasMasks && manifest.labels.includes(THIN) ? lengthFigures(compared, THIN, counts) : undefined,
    calibrationError:
      manifest.calibration === undefined ? undefined : calibrationError(compared, manifest.labels, CALIBRATED_FROM),
    falseAlarms: falseAlarms(compared, manifest.labels, threshold) / pictures.length,
    picturesPerSecond: pictures.length / seconds,
  };
}

function falseAlarms(
  pictures: readonly ComparedPicture[],
  labels: readonly string[],
  threshold: (label: string) => number,
): number {
  const wrong = (picture: ComparedPicture, label: string) =>
    judge(picture, label, 0.5).filter(({ hit, score: value }) => !hit && value >= threshold(label)).length;
  return pictures.flatMap((picture) => labels.map((label) => wrong(picture, label))).reduce((sum, n) => sum + n, 0);
}

/** Mean of what there is a figure for. */
export function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
}
