import { addCandidate, type DecodeFamily } from "./candidates.ts";
import { leastRectangle } from "./least-rectangle.ts";

/** Probability above which a pixel is text, shortest side that counts, and how far a box grows back (the network learns shrunken text); PP-OCR's own. */
const INK = 0.3;
const SHORTEST_PX = 3;
const UNCLIP_RATIO = 1.5;

/**
 * PP-OCR text detection (differentiable binarization, Liao et al. 2020, arXiv 1911.08947).
 *
 * Output `[1, 1, H, W]` of float32: per pixel the probability that it belongs to text. A box is a patch of neighbouring pixels (eight ways) above 0.3,
 * its score their mean, and it grows on each side by area · 1.5 / perimeter. Boxes are upright; the outline of a patch is the rectangle of least area
 * around it, at the text's own slant and grown in the same way: four corners from the top left. One class.
 */
export const ppocrDet: DecodeFamily = {
  nmsIou: 1,
  outputs: ({ width, height }, classes) => [
    { shape: [1, classes, height, width], classDimension: { index: 1, others: 0 } },
  ],
  decode([map], { width, height }, floors, into) {
    if (map === undefined) return;
    const seen = new Uint8Array(map.length);
    for (let start = 0; start < map.length; start++) {
      if (seen[start] === 1 || !(map[start]! > INK)) continue;
      const { left, top, right, bottom, mean } = patchFrom(start, map, width, height, seen);
      const [w, h] = [right - left, bottom - top];
      if (Math.min(w, h) < SHORTEST_PX || !(mean >= floors[0]!)) continue;
      const grown = growth(w, h);
      addCandidate(into, 0, mean, left + w / 2, top + h / 2, w + 2 * grown, h + 2 * grown, start);
    }
  },
  outline([map], { width, height }, start) {
    if (map === undefined) return [];
    const { pixels } = patchFrom(start, map, width, height, new Uint8Array(map.length));
    const quad = leastRectangle(cornersOfRows(pixels, width), growth);
    return quad === undefined ? [] : [[...quad]];
  },
};

/** How far a box of shrunken text grows on each side. */
function growth(width: number, height: number): number {
  return (width * height * UNCLIP_RATIO) / (2 * (width + height));
}

/** The corners of the first and the last pixel of each row: no other pixel reaches further. */
function cornersOfRows(pixels: readonly number[], width: number): [x: number, y: number][] {
  const rows = new Map<number, [left: number, right: number]>();
  for (const at of pixels) {
    const x = at % width;
    const y = Math.floor(at / width);
    const [left, right] = rows.get(y) ?? [x, x + 1];
    rows.set(y, [Math.min(left, x), Math.max(right, x + 1)]);
  }
  return [...rows].flatMap(([y, ends]) =>
    ends.flatMap((x): [number, number][] => [
      [x, y],
      [x, y + 1],
    ]),
  );
}

/** The patch that holds a pixel: its edges (right and bottom are those of the last pixels) and its mean probability. Marks its pixels as seen. */
function patchFrom(start: number, map: Float32Array, width: number, height: number, seen: Uint8Array) {
  const waiting = [start];
  seen[start] = 1;
  let [left, top, right, bottom] = [width, height, 0, 0];
  let sum = 0;
  const pixels: number[] = [];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const x = at % width;
    const y = Math.floor(at / width);
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + 1);
    bottom = Math.max(bottom, y + 1);
    sum += map[at]!;
    pixels.push(at);
    for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
      for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
        const next = ny * width + nx;
        if (seen[next] === 1 || !(map[next]! > INK)) continue;
        seen[next] = 1;
        waiting.push(next);
      }
    }
  }
  return { left, top, right, bottom, pixels, mean: sum / pixels.length };
}
