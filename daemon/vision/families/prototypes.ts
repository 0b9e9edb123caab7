import { bilinear } from "./bilinear.ts";
import type { NetworkSize } from "./candidates.ts";
import { contours } from "./contours.ts";

/** Network pixels along one side of a mask cell. */
const CELL_PX = 4;
/** Two samples per cell: bilinear between cells, and fine enough for a box's edge to cut a cell. */
const SAMPLE_PX = 2;

/** Mask cells along a side of the network. */
export function cellsAlong(pixels: number): number {
  return Math.floor(pixels / CELL_PX);
}

/** How many prototypes `[K, H/4, W/4]` holds. */
export function prototypesIn(protos: Float32Array, size: NetworkSize): number {
  return protos.length / (cellsAlong(size.width) * cellsAlong(size.height));
}

/**
 * The outline of a mask that is a sum of prototypes (Bolya et al. 2019, arXiv 1904.02689), inside its box.
 * @param coefs one per prototype
 * @param protos `[K, H/4, W/4]`; cell (row, column) stands for the point (4·column + 2, 4·row + 2)
 * @param corners in network pixels
 * @returns polygons in network pixels, the largest first
 */
export function prototypeOutline(
  coefs: Float32Array,
  protos: Float32Array,
  size: NetworkSize,
  corners: readonly [x1: number, y1: number, x2: number, y2: number],
): number[][] {
  const x1 = Math.max(0, corners[0]);
  const y1 = Math.max(0, corners[1]);
  const x2 = Math.min(size.width, corners[2]);
  const y2 = Math.min(size.height, corners[3]);
  if (!(x2 > x1 && y2 > y1)) return [];
  return contours(samples(x1, x2), samples(y1, y2), maskLogits(coefs, protos, size));
}

/** The mask's logit at any point in network pixels. Cells are computed where they are asked for and kept: a box seldom covers the whole picture. */
function maskLogits(coefs: Float32Array, protos: Float32Array, size: NetworkSize) {
  const columns = cellsAlong(size.width);
  const rows = cellsAlong(size.height);
  const cells = columns * rows;
  const known = new Float32Array(cells).fill(Number.NaN);
  const cell = (x: number, y: number): number => {
    const at = Math.min(Math.max(y, 0), rows - 1) * columns + Math.min(Math.max(x, 0), columns - 1);
    let logit = known[at]!;
    if (Number.isNaN(logit)) {
      logit = 0;
      for (let k = 0; k < coefs.length; k++) logit += coefs[k]! * protos[k * cells + at]!;
      known[at] = logit;
    }
    return logit;
  };
  /** Cells stand for their centres. */
  return (x: number, y: number): number => bilinear(cell, x / CELL_PX - 0.5, y / CELL_PX - 0.5);
}

/** Both ends, and points between them no further apart than SAMPLE_PX. */
function samples(from: number, to: number): Float64Array {
  const steps = Math.max(1, Math.ceil((to - from) / SAMPLE_PX));
  return Float64Array.from({ length: steps + 1 }, (_, step) => from + ((to - from) * step) / steps);
}
