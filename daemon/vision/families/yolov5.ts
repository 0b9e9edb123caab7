import { addCandidate, type DecodeFamily, gridAnchors } from "./candidates.ts";

const ANCHORS_PER_CELL = 3;

/**
 * YOLOv5 (and YOLOv7) detect, as their makers export them with the grid decoded.
 *
 * Output `[1, N, 5 + C]` of float32, N = 3 · Σ (W/s)·(H/s) over the strides 8, 16, 32. Each row holds centre x, centre y, width and height in
 * network pixels, objectness, class 0 … class C−1, all probabilities already. Score = objectness · class.
 */
export const yolov5: DecodeFamily = {
  outputs: (size, classes) => [
    {
      shape: [1, ANCHORS_PER_CELL * gridAnchors(size), 5 + classes],
      classDimension: { index: 2, others: 5 },
    },
  ],
  decode(outputs, _size, floors, into) {
    const output = outputs[0]!;
    const classes = floors.length;
    const rowLength = 5 + classes;
    for (let at = 0; at < output.length; at += rowLength) {
      const objectness = output[at + 4]!;
      if (!(objectness > 0)) continue;
      for (let label = 0; label < classes; label++) {
        const score = objectness * output[at + 5 + label]!;
        if (!(score >= floors[label]!)) continue;
        addCandidate(into, label, score, output[at]!, output[at + 1]!, output[at + 2]!, output[at + 3]!);
      }
    }
  },
};
