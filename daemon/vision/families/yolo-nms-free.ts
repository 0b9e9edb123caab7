import { addCandidate, type DecodeFamily } from "./candidates.ts";

const ROW = 6;

/**
 * YOLO networks that need no NMS (YOLOv10, YOLO26) and Ultralytics exports with NMS inside the graph.
 *
 * Output `[1, N, 6]` of float32, N is the file's choice: corners x1, y1, x2, y2 in network pixels, score, class number; rows of zeros fill up.
 * A class number that the card does not name is not a detection: the shape tells nothing of the classes, the metadata `names` does and is compared.
 */
export const yoloNmsFree: DecodeFamily = {
  nmsIou: 1,
  outputs: () => [{ shape: [1, "N", ROW] }],
  decode(outputs, _size, floors, into) {
    const output = outputs[0]!;
    for (let at = 0; at + ROW <= output.length; at += ROW) {
      const score = output[at + 4]!;
      const label = output[at + 5]!;
      const floor = floors[label];
      if (floor === undefined || !(score >= floor)) continue;
      const x1 = output[at]!;
      const y1 = output[at + 1]!;
      const x2 = output[at + 2]!;
      const y2 = output[at + 3]!;
      addCandidate(into, label, score, (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1, at / ROW);
    }
  },
};
