import { type Bitmap, sharedPixels } from "./raster.ts";
import { type Corners, intersectionOverUnion, precisionOverRecall } from "./scoring.ts";

/** What was drawn by a person: a box, its outline where there is one, and its area in pixels (of the outline where there is one). */
export interface TrueThing {
  readonly label: string;
  readonly corners: Corners;
  readonly area: number;
  readonly mask?: Bitmap;
}

export interface FoundThing {
  readonly label: string;
  readonly score: number;
  readonly probability?: number;
  readonly corners: Corners;
  readonly mask?: Bitmap;
}

export interface ComparedPicture {
  readonly width: number;
  readonly height: number;
  readonly truth: readonly TrueThing[];
  readonly found: readonly FoundThing[];
}

/** Areas in square pixels: from, up to and without. */
export interface SizeRange {
  readonly from: number;
  readonly to: number;
}

export const ANY_SIZE: SizeRange = { from: 0, to: Number.POSITIVE_INFINITY };
/** 0.5, 0.55 … 0.95 */
const COCO_IOUS = Array.from({ length: 10 }, (_, step) => 0.5 + step * 0.05);
const MAX_FOUND_PER_PICTURE = 100;

export interface AveragePrecision {
  /** At IoU 0.5, and the mean from 0.5 to 0.95. */
  readonly ap50: number | undefined;
  readonly ap: number | undefined;
  readonly wanted: number;
}

/**
 * Average precision of one label as the COCO evaluation defines it (cocodataset.org; checked against pycocotools): best score first, each truth once,
 * 101 recall points, at most 100 detections a picture. Truth outside the size range is neither asked for nor held against a detection on it, and
 * a detection outside the range that matches nothing is no false alarm.
 */
export function averagePrecision(
  pictures: readonly ComparedPicture[],
  label: string,
  comparison: Comparison,
  range: SizeRange = ANY_SIZE,
): AveragePrecision {
  const tables = pictures.map((picture) => tableOf(picture, label, comparison, range));
  const wanted = tables.reduce((sum, table) => sum + table.ignored.filter((ignored) => !ignored).length, 0);
  if (wanted === 0) return { ap50: undefined, ap: undefined, wanted };
  const perIou = COCO_IOUS.map((iou) => precisionOverRecall(matched(tables, iou), wanted));
  return { ap50: perIou[0], ap: perIou.reduce((sum, value) => sum + value, 0) / perIou.length, wanted };
}

/** What is compared: intersection over union of a found and a true thing, and the found one's own size. */
export interface Comparison {
  overlap(found: FoundThing, truth: TrueThing): number;
  area(found: FoundThing): number;
}

export const BOXES: Comparison = {
  overlap: (found, truth) => intersectionOverUnion(found.corners, truth.corners),
  area: ({ corners: [x1, y1, x2, y2] }) => (x2 - x1) * (y2 - y1),
};

export const MASKS: Comparison = { overlap: maskOverlap, area: ({ mask }) => mask?.area ?? 0 };

function maskOverlap(found: FoundThing, truth: TrueThing): number {
  if (found.mask === undefined || truth.mask === undefined) return 0;
  const shared = sharedPixels(found.mask, truth.mask);
  const union = found.mask.area + truth.mask.area - shared;
  return union > 0 ? shared / union : 0;
}

/** One label in one picture: scores in falling order, overlaps with each truth, and who does not matter. */
interface Table {
  readonly scores: readonly number[];
  readonly outside: readonly boolean[];
  readonly ignored: readonly boolean[];
  readonly overlaps: readonly (readonly number[])[];
}

function tableOf(
  { found, truth }: ComparedPicture,
  label: string,
  { overlap, area }: Comparison,
  range: SizeRange,
): Table {
  const isIn = (size: number) => size >= range.from && size < range.to;
  const ours = found
    .filter((thing) => thing.label === label)
    .sort((a, b) => b.score - a.score)
    .slice(0, MAX_FOUND_PER_PICTURE);
  // What is asked for comes first: a detection prefers it to what is ignored.
  const theirs = truth
    .filter((thing) => thing.label === label)
    .sort((a, b) => Number(!isIn(a.area)) - Number(!isIn(b.area)));
  return {
    scores: ours.map(({ score }) => score),
    outside: ours.map((one) => !isIn(area(one))),
    ignored: theirs.map((one) => !isIn(one.area)),
    overlaps: ours.map((one) => theirs.map((other) => overlap(one, other))),
  };
}

function matched(tables: readonly Table[], iou: number): { readonly score: number; readonly hit: boolean }[] {
  return tables.flatMap((table) => {
    const taken = new Set<number>();
    return table.overlaps.flatMap((overlaps, at): { score: number; hit: boolean }[] => {
      const truth = bestTruth(overlaps, table.ignored, taken, iou);
      if (truth !== undefined) taken.add(truth);
      const score = table.scores[at] ?? 0;
      if (truth === undefined) return table.outside[at] ? [] : [{ score, hit: false }];
      return table.ignored[truth] ? [] : [{ score, hit: true }];
    });
  });
}

/** The free truth that overlaps most, at least by `iou`; one that is ignored only where no other does. */
function bestTruth(
  overlaps: readonly number[],
  ignored: readonly boolean[],
  taken: ReadonlySet<number>,
  iou: number,
): number | undefined {
  let best: number | undefined;
  let most = Math.min(iou, 1 - 1e-10);
  for (const [truth, overlap] of overlaps.entries()) {
    if (taken.has(truth)) continue;
    if (best !== undefined && ignored[best] === false && ignored[truth]) break;
    if (overlap < most) continue;
    most = overlap;
    best = truth;
  }
  return best;
}
