import { addCandidate, type DecodeFamily, gridAnchors } from "./candidates.ts";
import { cellsAlong, prototypeOutline, prototypesIn } from "./prototypes.ts";

/**
 * YOLOv8 and YOLO11 segment, as Ultralytics exports them without NMS.
 *
 * Two float32 outputs, N = Σ (W/s)·(H/s) over the strides 8, 16, 32, and K prototypes (32 as a rule; the file says):
 * - `output0` `[1, 4 + C + K, N]`: centre x, centre y, width and height in network pixels, a row of scores per class, a row of coefficients per prototype;
 * - `output1` `[1, K, H/4, W/4]`: the prototypes. A mask's logit is the sum of coefficient times prototype; positive is inside, and it ends at its box.
 */
export const yolov8Seg: DecodeFamily = {
  outputs: (size, classes) => [
    { name: "output0", shape: [1, `K+${4 + classes}`, gridAnchors(size)] },
    { name: "output1", shape: [1, "K", cellsAlong(size.height), cellsAlong(size.width)] },
  ],
  decode([output], size, floors, into) {
    if (output === undefined) return;
    const boxes = gridAnchors(size);
    for (const [label, floor] of floors.entries()) {
      const scores = (4 + label) * boxes;
      for (let box = 0; box < boxes; box++) {
        const score = output[scores + box]!;
        if (!(score >= floor)) continue;
        addCandidate(
          into,
          label,
          score,
          output[box]!,
          output[boxes + box]!,
          output[boxes * 2 + box]!,
          output[boxes * 3 + box]!,
          box,
        );
      }
    }
  },
  outline([output, protos], size, box, corners) {
    if (output === undefined || protos === undefined) return [];
    const boxes = gridAnchors(size);
    const prototypes = prototypesIn(protos, size);
    const firstRow = output.length / boxes - prototypes;
    const coefs = Float32Array.from({ length: prototypes }, (_, k) => output[(firstRow + k) * boxes + box]!);
    return prototypeOutline(coefs, protos, size, corners);
  },
};
