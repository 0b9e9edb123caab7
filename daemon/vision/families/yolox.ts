import { addCandidate, type DecodeFamily, gridAnchors, STRIDES } from "./candidates.ts";

/**
 * YOLOX with raw grid output (Ge et al. 2021, arXiv 2107.08430; exported without `decode_in_inference`).
 *
 * Output `[1, N, 5 + C]` of float32, N = Σ (W/s)·(H/s) over the strides s = 8, 16, 32, row by row within each stride. Each row holds
 * `tx, ty, tw, th, objectness, class 0 … class C−1`; objectness and classes are probabilities already (sigmoid inside the graph).
 * Centre = (t + cell) · s, size = exp(t) · s, score = objectness · class.
 */
export const yolox: DecodeFamily = {
  outputs: (size, classes) => [{ shape: [1, gridAnchors(size), 5 + classes], classDimension: { index: 2, others: 5 } }],
  decode(outputs, { width, height }, floors, into) {
    const output = outputs[0]!;
    const classes = floors.length;
    const rowLength = 5 + classes;
    let lowest = 1;
    for (const floor of floors) lowest = Math.min(lowest, floor);
    let at = 0;
    for (const stride of STRIDES) {
      const columns = Math.floor(width / stride);
      const rows = Math.floor(height / stride);
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++, at += rowLength) {
          const objectness = output[at + 4]!;
          // No class can lift a score above its objectness: nearly every cell ends here.
          if (!(objectness >= lowest)) continue;
          for (let label = 0; label < classes; label++) {
            const score = objectness * output[at + 5 + label]!;
            if (!(score >= floors[label]!)) continue;
            addCandidate(
              into,
              label,
              score,
              (output[at]! + column) * stride,
              (output[at + 1]! + row) * stride,
              Math.exp(output[at + 2]!) * stride,
              Math.exp(output[at + 3]!) * stride,
            );
          }
        }
      }
    }
  },
};
