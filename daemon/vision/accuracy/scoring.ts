/** Corners in any one unit: x1, y1, x2, y2. */
export type Corners = readonly [x1: number, y1: number, x2: number, y2: number];

export interface TrueBox {
  readonly label: string;
  readonly corners: Corners;
  /** Neither a hit nor a miss: what is too hidden or too uncertain to ask for. */
  readonly ignored?: boolean;
}

interface FoundBox {
  readonly label: string;
  readonly corners: Corners;
  readonly score: number;
  readonly probability?: number;
}

/** One picture's truth and what the model found in it, from a very low score on. */
export interface JudgedPicture {
  readonly truth: readonly TrueBox[];
  readonly found: readonly FoundBox[];
}

/** A hit or a false alarm of one label; detections that fall on ignored truth are left out. */
interface Judgement {
  readonly score: number;
  readonly hit: boolean;
  readonly box: FoundBox;
}

function area([x1, y1, x2, y2]: Corners): number {
  return Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
}

function intersection(a: Corners, b: Corners): number {
  return area([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);
}

/** Shared area over joint area, 0 to 1; 0 where both are empty. Corners in one unit, whichever. */
export function intersectionOverUnion(a: Corners, b: Corners): number {
  const shared = intersection(a, b);
  const union = area(a) + area(b) - shared;
  return union > 0 ? shared / union : 0;
}

/** Matches best score first, each truth once, as the COCO evaluation does. */
export function judge(picture: JudgedPicture, label: string, iou: number): Judgement[] {
  const truths = picture.truth.filter((truth) => truth.label === label);
  const taken = new Set<TrueBox>();
  const found = picture.found.filter((box) => box.label === label).sort((a, b) => b.score - a.score);
  return found.flatMap((box): Judgement[] => {
    let best: TrueBox | undefined;
    let bestIou = iou;
    for (const truth of truths) {
      if (truth.ignored || taken.has(truth)) continue;
      const overlap = intersectionOverUnion(box.corners, truth.corners);
      if (overlap >= bestIou) [best, bestIou] = [truth, overlap];
    }
    if (best !== undefined) {
      taken.add(best);
      return [{ score: box.score, hit: true, box }];
    }
    // As with COCO's crowds, a detection that lies mostly on an ignored region is nobody's fault.
    const excused = truths.some((t) => t.ignored && intersection(box.corners, t.corners) >= iou * area(box.corners));
    return excused ? [] : [{ score: box.score, hit: false, box }];
  });
}

export interface Figures {
  /** Boxes that had to be found. */
  readonly wanted: number;
  /** Average precision at the IoU, over 101 recall points (COCO); undefined where nothing was to be found. */
  readonly averagePrecision: number | undefined;
  /** At the threshold. */
  readonly recall: number | undefined;
  readonly precision: number | undefined;
}

/** Figures of one label over many pictures. `threshold` is the score from which a detection counts in daily work. */
export function score(pictures: readonly JudgedPicture[], label: string, threshold: number, iou = 0.5): Figures {
  const wanted = pictures.reduce(
    (sum, picture) => sum + picture.truth.filter((truth) => truth.label === label && !truth.ignored).length,
    0,
  );
  const judged = pictures.flatMap((picture) => judge(picture, label, iou));
  const daily = judged.filter((judgement) => judgement.score >= threshold);
  const hits = daily.filter((judgement) => judgement.hit).length;
  return {
    wanted,
    averagePrecision: wanted === 0 ? undefined : precisionOverRecall(judged, wanted),
    recall: wanted === 0 ? undefined : hits / wanted,
    precision: daily.length === 0 ? undefined : hits / daily.length,
  };
}

/** Mean precision over the recalls 0, 0.01 … 1, precision made to fall with recall (COCO). */
export function precisionOverRecall(
  judged: readonly { readonly score: number; readonly hit: boolean }[],
  wanted: number,
): number {
  let hits = 0;
  const curve = [...judged]
    .sort((a, b) => b.score - a.score)
    .map(({ hit }, i) => {
      if (hit) hits += 1;
      return { recall: hits / wanted, precision: hits / (i + 1) };
    });
  for (let i = curve.length - 2; i >= 0; i--) {
    curve[i]!.precision = Math.max(curve[i]!.precision, curve[i + 1]!.precision);
  }
  let sum = 0;
  let at = 0;
  for (let step = 0; step <= 100; step++) {
    while (at < curve.length && curve[at]!.recall < step / 100) at += 1;
    sum += curve[at]?.precision ?? 0;
  }
  return sum / 101;
}
