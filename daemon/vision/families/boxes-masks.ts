import { boxes } from "./boxes.ts";
import type { DecodeFamily } from "./candidates.ts";
import { cellsAlong, prototypeOutline, prototypesIn } from "./prototypes.ts";

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
    const prototypes = prototypesIn(protos, size);
    return prototypeOutline(coefs.subarray(row * prototypes, (row + 1) * prototypes), protos, size, corners);
  },
};
