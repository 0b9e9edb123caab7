import { addCandidate, type DecodeFamily } from "./candidates.ts";
import { contours } from "./contours.ts";

/** Probability from which a pixel is part of the thing, as torchvision's own paste takes it. */
const INSIDE = 0.5;

/**
 * Mask R-CNN, as torchvision exports it, with NMS in the graph; n is what the picture holds and may be nothing.
 *
 * - `boxes` `[n, 4]` float32, corners x1, y1, x2, y2 in network pixels;
 * - `labels` `[n]` int64, from 1: 0 is the background, and the card's first label is 1;
 * - `scores` `[n]` float32;
 * - `masks` `[n, 1, H, W]` float32, probabilities, pasted into a picture of the network's size.
 */
export const maskRcnn: DecodeFamily = {
  nmsIou: 1,
  coarsestStride: 1,
  outputs: ({ width, height }) => [
    { name: "boxes", shape: ["n", 4] },
    { name: "labels", shape: ["n"], type: "int64" },
    { name: "scores", shape: ["n"] },
    { name: "masks", shape: ["n", 1, height, width] },
  ],
  decode([boxes, labels, scores], _size, floors, into) {
    if (boxes === undefined || labels === undefined || scores === undefined) return;
    for (const [row, score] of scores.entries()) {
      const label = labels[row]! - 1;
      const floor = floors[label];
      if (floor === undefined || !(score >= floor)) continue;
      const x1 = boxes[row * 4]!;
      const y1 = boxes[row * 4 + 1]!;
      const x2 = boxes[row * 4 + 2]!;
      const y2 = boxes[row * 4 + 3]!;
      addCandidate(into, label, score, (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1, row);
    }
  },
  outline([, , , masks], { width, height }, row, corners) {
    if (masks === undefined) return [];
    const xs = pixelCentres(corners[0], corners[2], width);
    const ys = pixelCentres(corners[1], corners[3], height);
    if (xs.length < 2 || ys.length < 2) return [];
    const first = row * width * height;
    const at = (value: number, length: number) => Math.min(Math.floor(value), length - 1);
    return contours(xs, ys, (x, y) => masks[first + at(y, height) * width + at(x, width)]! - INSIDE);
  },
};

/** Both ends of a box's side, cut at the picture, and the middle of each pixel between them. */
function pixelCentres(from: number, to: number, length: number): Float64Array {
  const low = Math.max(0, from);
  const high = Math.min(length, to);
  if (!(high > low)) return new Float64Array();
  const centres: number[] = [low];
  for (let centre = Math.floor(low) + 0.5; centre < high; centre++) if (centre > low) centres.push(centre);
  return Float64Array.from([...centres, high]);
}
