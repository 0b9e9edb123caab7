import { addCandidate, type Candidates, type DecodeFamily, type NetworkSize } from "./candidates.ts";

/**
 * RF-DETR, as its makers export it.
 *
 * Two float32 outputs, N queries: `dets` `[1, N, 4]`, centre x, centre y, width and height as parts of the network's width and height, and `labels`
 * `[1, N, C]`, logits. Each class is judged by itself (sigmoid). The card names every column; one that stands for nothing (RF-DETR has one more than
 * it was trained on) gets a name and the threshold 1. A transformer names each thing once: there is no NMS.
 */
export const rfDetr: DecodeFamily = {
  nmsIou: 1,
  coarsestStride: 1,
  outputs: (_size, classes) => [
    { name: "dets", shape: [1, "N", 4] },
    { name: "labels", shape: [1, "N", classes], classDimension: { index: 2, others: 0 } },
  ],
  decode([boxes, logits], size, floors, into) {
    if (boxes === undefined || logits === undefined) return;
    const classes = floors.length;
    for (let query = 0; query < boxes.length / 4; query++) {
      for (let label = 0; label < classes; label++) {
        const score = sigmoid(logits[query * classes + label]!);
        if (score >= floors[label]!) addRelative(into, label, score, boxes, query * 4, size, query);
      }
    }
  },
};

/**
 * RT-DETR, as Ultralytics exports it.
 *
 * Output `[1, N, 4 + C]` of float32, N queries: centre x, centre y, width and height as parts of the network's width and height, then a score per
 * class (sigmoid inside the graph). There is no NMS.
 */
export const rtDetr: DecodeFamily = {
  nmsIou: 1,
  coarsestStride: 1,
  outputs: (_size, classes) => [{ shape: [1, "N", 4 + classes], classDimension: { index: 2, others: 4 } }],
  decode(outputs, size, floors, into) {
    const output = outputs[0]!;
    const rowLength = 4 + floors.length;
    for (let at = 0; at < output.length; at += rowLength) {
      for (let label = 0; label < floors.length; label++) {
        const score = output[at + 4 + label]!;
        if (score >= floors[label]!) addRelative(into, label, score, output, at, size, at / rowLength);
      }
    }
  },
};

/**
 * RT-DETR and D-FINE with their own last step in the graph, as their makers export them.
 *
 * A second input `orig_target_sizes` `[1, 2]` of int64, width and height that the boxes shall be for: they get the network's. Outputs, N queries, each
 * with its best class: `labels` `[1, N]` int64, `boxes` `[1, N, 4]` float32, corners x1, y1, x2, y2 in network pixels, `scores` `[1, N]` float32.
 */
export const rtDetrSized: DecodeFamily = {
  nmsIou: 1,
  coarsestStride: 1,
  sizeInput: "orig_target_sizes",
  outputs: () => [
    { name: "labels", shape: [1, "N"], type: "int64" },
    { name: "boxes", shape: [1, "N", 4] },
    { name: "scores", shape: [1, "N"] },
  ],
  decode([labels, boxes, scores], _size, floors, into) {
    if (labels === undefined || boxes === undefined || scores === undefined) return;
    for (const [query, score] of scores.entries()) {
      const label = labels[query]!;
      const floor = floors[label];
      if (floor === undefined || !(score >= floor)) continue;
      const x1 = boxes[query * 4]!;
      const y1 = boxes[query * 4 + 1]!;
      const x2 = boxes[query * 4 + 2]!;
      const y2 = boxes[query * 4 + 3]!;
      addCandidate(into, label, score, (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1, query);
    }
  },
};

function addRelative(
  into: Candidates,
  label: number,
  score: number,
  values: Float32Array,
  at: number,
  { width, height }: NetworkSize,
  row: number,
): void {
  const cx = values[at]! * width;
  const cy = values[at + 1]! * height;
  addCandidate(into, label, score, cx, cy, values[at + 2]! * width, values[at + 3]! * height, row);
}

/** A score between 0 and 1 from a logit. */
export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
