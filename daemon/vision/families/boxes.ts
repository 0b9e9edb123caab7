import { addCandidate, type DecodeFamily } from "./candidates.ts";

/**
 * Boxes that the graph has decoded already, whatever network they come from.
 *
 * Two float32 outputs: `boxes` `[1, N, 4]`, corners x1, y1, x2, y2 in network pixels, and `scores` `[1, N, C]`, final scores from 0 to 1. N is the file's choice.
 */
export const boxes: DecodeFamily = {
  outputs: (_size, classes) => [
    { name: "boxes", shape: [1, "N", 4] },
    { name: "scores", shape: [1, "N", classes], classDimension: { index: 2, others: 0 } },
  ],
  decode([corners, scores], _size, floors, into) {
    if (corners === undefined || scores === undefined) return;
    const classes = floors.length;
    for (let row = 0; row < corners.length / 4; row++) {
      for (let label = 0; label < classes; label++) {
        const score = scores[row * classes + label]!;
        if (!(score >= floors[label]!)) continue;
        const x1 = corners[row * 4]!;
        const y1 = corners[row * 4 + 1]!;
        const x2 = corners[row * 4 + 2]!;
        const y2 = corners[row * 4 + 3]!;
        addCandidate(into, label, score, (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1, row);
      }
    }
  },
};
