import type { Candidates } from "./candidates.ts";

/**
 * Exact non-maximum suppression, class by class: in falling order of score, a box is kept unless one of its own class that is kept already
 * overlaps it by more than `iouThreshold`. Equal scores keep the network's order, so that the same picture gives the same answer.
 * @param limit most boxes that are kept, the best first
 * @returns indexes into `candidates`, best score first
 */
export function keepBest(candidates: Candidates, iouThreshold: number, limit: number): number[] {
  const { corners, scores, labelIndexes, count } = candidates;
  const order = Array.from({ length: count }, (_, index) => index).sort((a, b) => scores[b]! - scores[a]! || a - b);
  const kept: number[] = [];
  for (const index of order) {
    if (kept.length >= limit) break;
    const label = labelIndexes[index]!;
    if (!kept.some((other) => labelIndexes[other] === label && overlap(corners, index, other) > iouThreshold))
      kept.push(index);
  }
  return kept;
}

/** Intersection over union of two boxes in a flat array of corners. */
function overlap(corners: Float32Array, a: number, b: number): number {
  const ax1 = corners[a * 4]!;
  const ay1 = corners[a * 4 + 1]!;
  const ax2 = corners[a * 4 + 2]!;
  const ay2 = corners[a * 4 + 3]!;
  const bx1 = corners[b * 4]!;
  const by1 = corners[b * 4 + 1]!;
  const bx2 = corners[b * 4 + 2]!;
  const by2 = corners[b * 4 + 3]!;
  const width = Math.min(ax2, bx2) - Math.max(ax1, bx1);
  const height = Math.min(ay2, by2) - Math.max(ay1, by1);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / ((ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - shared);
}
