import sharp from "sharp";
import type { PhotoFinding } from "../../contract/photos.ts";
import type { RecordBody } from "../../contract/records.ts";
import type { RelativeBox } from "../scene/index.ts";
import type { TakenAtCar } from "../shop/shop-life.ts";

/** A photo as it was taken, with the picture that the page gives out of it. */
export interface PhotoEvidence extends Omit<TakenAtCar, "jpeg"> {
  /** Share of the true plates' and faces' pixels that are one flat colour in the stored picture; null where none is stored. */
  readonly flatShare: number | null;
}

export interface PhotoLine {
  readonly ok: boolean;
  readonly jobNumber: string;
  readonly checkpoint: string;
  /** Codes of refusals before it could be kept. */
  readonly refusals: readonly string[];
  /** On record at headquarters. */
  readonly recorded: boolean;
  readonly plates: { readonly truth: number; readonly covered: number };
  readonly faces: { readonly truth: number; readonly covered: number };
  readonly flatShare: number | null;
  /** Covers altogether: low thresholds cover a lamp rather than miss a plate. */
  readonly covers: number;
  readonly damages: readonly {
    readonly truth: string;
    /** What lies on it best; null where nothing does. */
    readonly found: Pick<PhotoFinding, "label" | "probability" | "tier"> | null;
    readonly iou: number;
  }[];
  readonly otherFindings: number;
}

/** Of a plate or face; the rest is its rim. */
const COVERED_ENOUGH = 0.95;
/** Damage has no sharp edge. */
const LEAST_IOU = 0.3;

/** Compares what headquarters knows of a photo with what was on it. @param record of this photo; undefined where there is none */
export function judgePhoto(
  jobNumber: string,
  photo: PhotoEvidence,
  record: RecordBody<"photo.looked-at"> | undefined,
): PhotoLine {
  const { truth, flatShare } = photo;
  const covers = (record?.covered ?? []).map(({ box }) => box);
  const coveredOf = (boxes: readonly RelativeBox[]) => ({
    truth: boxes.length,
    covered: boxes.filter((box) => coveredShare(box, covers) >= COVERED_ENOUGH).length,
  });
  const [plates, faces] = [coveredOf(truth.plates), coveredOf(truth.faces)];
  const findings = record?.findings ?? [];
  const damages = truth.damages.map(({ label, box }) => {
    const best = findings.toSorted((a, b) => iouOf(b.box, box) - iouOf(a.box, box))[0];
    const iou = best === undefined ? 0 : Math.round(iouOf(best.box, box) * 100) / 100;
    const { label: seenAs = "", probability = null, tier = "person-decides" } = best ?? {};
    return { truth: label, found: iou < LEAST_IOU ? null : { label: seenAs, probability, tier }, iou };
  });
  const isRecorded = record !== undefined;
  return {
    ok:
      isRecorded &&
      plates.covered === plates.truth &&
      faces.covered === faces.truth &&
      flatShare !== null &&
      flatShare >= COVERED_ENOUGH &&
      damages.every(({ found }) => found !== null),
    jobNumber,
    checkpoint: photo.checkpoint,
    refusals: photo.refusals,
    recorded: isRecorded,
    plates,
    faces,
    flatShare,
    covers: covers.length,
    damages,
    otherFindings: findings.filter(({ box }) => truth.damages.every((damage) => iouOf(box, damage.box) < LEAST_IOU))
      .length,
  };
}

/** JPEG blurs a flat colour by a step or two. */
const FLAT_STEPS = 6;

/** How much of the boxes shows nothing but one colour. @returns 0 to 1; 1 where there are no boxes */
export async function flatShareOf(jpeg: Buffer, boxes: readonly RelativeBox[]): Promise<number> {
  const { data, info } = await sharp(jpeg).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let [flat, all] = [0, 0];
  for (const [x1, y1, x2, y2] of boxes) {
    const pixels: (readonly number[])[] = [];
    for (let y = Math.ceil(y1 * info.height); y < y2 * info.height; y++)
      for (let x = Math.ceil(x1 * info.width); x < x2 * info.width; x++) {
        const at = (y * info.width + x) * 3;
        pixels.push([...data.subarray(at, at + 3)]);
      }
    const middle = [0, 1, 2].map((channel) => median(pixels.map((pixel) => pixel[channel] ?? 0)));
    const isFlat = (pixel: readonly number[]) =>
      pixel.every((value, channel) => Math.abs(value - (middle[channel] ?? 0)) <= FLAT_STEPS);
    flat += pixels.filter(isFlat).length;
    all += pixels.length;
  }
  return all === 0 ? 1 : Math.round((flat / all) * 1000) / 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const POINTS_ALONG = 40;

/** Share of a box that lies under any of the covers, by points on a grid. */
function coveredShare([x1, y1, x2, y2]: RelativeBox, covers: readonly RelativeBox[]): number {
  let covered = 0;
  for (let row = 0; row < POINTS_ALONG; row++)
    for (let column = 0; column < POINTS_ALONG; column++) {
      const x = x1 + ((x2 - x1) * (column + 0.5)) / POINTS_ALONG;
      const y = y1 + ((y2 - y1) * (row + 0.5)) / POINTS_ALONG;
      if (covers.some((cover) => x >= cover[0] && x <= cover[2] && y >= cover[1] && y <= cover[3])) covered += 1;
    }
  return covered / POINTS_ALONG ** 2;
}

function iouOf(a: RelativeBox, b: RelativeBox): number {
  const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const area = (box: RelativeBox) => (box[2] - box[0]) * (box[3] - box[1]);
  const shared = width * height;
  return shared === 0 ? 0 : shared / (area(a) + area(b) - shared);
}
