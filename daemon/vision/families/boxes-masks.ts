import { boxes } from "./boxes.ts";
import type { DecodeFamily, NetworkSize } from "./candidates.ts";
import { contours } from "./contours.ts";

/**
 * Decoded boxes with instance masks made of prototypes (the idea of YOLACT, Bolya et al. 2019, arXiv 1904.02689).
 *
 * Four float32 outputs, N boxes and K prototypes, both the file's choice:
 * - `boxes` `[1, N, 4]` and `scores` `[1, N, C]` as in the family `boxes`;
 * - `coefs` `[1, N, K]` and `protos` `[1, K, H/4, W/4]`: the mask's logit at a cell is the sum of coefficient times prototype; cell (row, column)
 *   stands for the point (4·column + 2, 4·row + 2). Positive is inside. A mask ends at its box.
 */
export const boxesMasks: DecodeFamily = {
  outputs: (size, classes) => [
    ...boxes.outputs(size, classes),
    { name: "coefs", shape: [1, "N", "K"] },
    { name: "protos", shape: [1, "K", cellsAlong(size.height), cellsAlong(size.width)] },
  ],
  decode: boxes.decode,
  outline([, , coefs, protos], size, row, corners) {
    if (coefs === undefined || protos === undefined) return [];
    const x1 = Math.max(0, corners[0]);
    const y1 = Math.max(0, corners[1]);
    const x2 = Math.min(size.width, corners[2]);
    const y2 = Math.min(size.height, corners[3]);
    if (!(x2 > x1 && y2 > y1)) return [];
    return contours(samples(x1, x2), samples(y1, y2), maskLogits(coefs, protos, size, row));
  },
};

/** Network pixels along one side of a mask cell. */
const CELL_PX = 4;
/** Two samples per cell: bilinear between cells, and fine enough for a box's edge to cut a cell. */
const SAMPLE_PX = 2;

function cellsAlong(pixels: number): number {
  return Math.floor(pixels / CELL_PX);
}

/** The logit of one anchor's mask at any cell, computed where it is asked for and kept: a box seldom covers the whole picture. */
function maskLogits(coefs: Float32Array, protos: Float32Array, size: NetworkSize, row: number) {
  const columns = cellsAlong(size.width);
  const rows = cellsAlong(size.height);
  const cells = columns * rows;
  const prototypes = protos.length / cells;
  const known = new Float32Array(cells).fill(Number.NaN);
  const cell = (x: number, y: number): number => {
    const at = Math.min(Math.max(y, 0), rows - 1) * columns + Math.min(Math.max(x, 0), columns - 1);
    let logit = known[at]!;
    if (Number.isNaN(logit)) {
      logit = 0;
      for (let k = 0; k < prototypes; k++) logit += coefs[row * prototypes + k]! * protos[k * cells + at]!;
      known[at] = logit;
    }
    return logit;
  };
  /** Bilinear between the cells' centres, `x` and `y` in network pixels. */
  return (x: number, y: number): number => {
    const cx = x / CELL_PX - 0.5;
    const cy = y / CELL_PX - 0.5;
    const left = Math.floor(cx);
    const top = Math.floor(cy);
    const right = cx - left;
    const down = cy - top;
    return (
      (cell(left, top) * (1 - right) + cell(left + 1, top) * right) * (1 - down) +
      (cell(left, top + 1) * (1 - right) + cell(left + 1, top + 1) * right) * down
    );
  };
}

/** Both ends, and points between them no further apart than SAMPLE_PX. */
function samples(from: number, to: number): Float64Array {
  const steps = Math.max(1, Math.ceil((to - from) / SAMPLE_PX));
  return Float64Array.from({ length: steps + 1 }, (_, step) => from + ((to - from) * step) / steps);
}
