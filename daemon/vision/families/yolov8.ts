import { addCandidate, type DecodeFamily, gridAnchors } from "./candidates.ts";

/**
 * YOLOv8 and YOLO11 detect, as Ultralytics exports them without NMS.
 *
 * Output `[1, 4 + C, N]` of float32, N = Σ (W/s)·(H/s) over the strides 8, 16, 32. Row 0 to 3 hold centre x, centre y, width and height in
 * network pixels for all N, then one row of scores per class (sigmoid inside the graph). There is no objectness.
 */
export const yolov8: DecodeFamily = {
  outputs: (size, classes) => [{ shape: [1, 4 + classes, gridAnchors(size)], classDimension: { index: 1, others: 4 } }],
  decode(outputs, _size, floors, into) {
    const output = outputs[0]!;
    const classes = floors.length;
    const boxes = output.length / (4 + classes);
    for (let label = 0; label < classes; label++) {
      const floor = floors[label]!;
      const row = (4 + label) * boxes;
      for (let box = 0; box < boxes; box++) {
        const score = output[row + box]!;
        if (!(score >= floor)) continue;
        addCandidate(
          into,
          label,
          score,
          output[box]!,
          output[boxes + box]!,
          output[boxes * 2 + box]!,
          output[boxes * 3 + box]!,
        );
      }
    }
  },
};
