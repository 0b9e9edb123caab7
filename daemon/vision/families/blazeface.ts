import { addCandidate, type DecodeFamily } from "./candidates.ts";
import { sigmoid } from "./detr.ts";

/**
 * BlazeFace (Bazarevsky et al. 2019, arXiv 1907.05047), the front (128 × 128) and the back model (256 × 256), with one output per grid.
 *
 * A grid of 16 × 16 cells with 2 anchors each, and one of 8 × 8 with 6; anchors stand in the middle of their cell. Float32, row by row, anchor by
 * anchor: `Identity:0` `[1, 512, 1]` and `Identity_1:0` `[1, 384, 1]`, logits; `Identity_2:0` `[1, 512, 16]` and `Identity_3:0` `[1, 384, 16]`:
 * centre from the anchor, width and height in network pixels, then six landmarks, which nothing here needs. One class.
 */
export const blazeface: DecodeFamily = {
  nmsIou: 0.3,
  outputs: (_size, classes) => [
    ...GRIDS.map(({ side, anchors }, at) => ({
      name: nameOf(at),
      shape: [1, side * side * anchors, classes],
      classDimension: { index: 2, others: 0 },
    })),
    ...GRIDS.map(({ side, anchors }, at) => ({
      name: nameOf(GRIDS.length + at),
      shape: [1, side * side * anchors, REGRESSIONS],
    })),
  ],
  decode(outputs, { width, height }, floors, into) {
    for (const [at, { side, anchors }] of GRIDS.entries()) {
      const [logits, boxes] = [outputs[at], outputs[GRIDS.length + at]];
      if (logits === undefined || boxes === undefined) continue;
      for (let anchor = 0; anchor < logits.length; anchor++) {
        const score = sigmoid(logits[anchor]!);
        if (!(score >= floors[0]!)) continue;
        const cell = Math.floor(anchor / anchors);
        const box = anchor * REGRESSIONS;
        addCandidate(
          into,
          0,
          score,
          (((cell % side) + 0.5) * width) / side + boxes[box]!,
          ((Math.floor(cell / side) + 0.5) * height) / side + boxes[box + 1]!,
          boxes[box + 2]!,
          boxes[box + 3]!,
        );
      }
    }
  },
};

const REGRESSIONS = 16;
const GRIDS = [
  { side: 16, anchors: 2 },
  { side: 8, anchors: 6 },
] as const;

function nameOf(output: number): string {
  return output === 0 ? "Identity:0" : `Identity_${output}:0`;
}
