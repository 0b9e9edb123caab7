/** A filled outline as a bitmap over its own bounding box, in whole pixels of the picture. */
export interface Bitmap {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly bits: Uint8Array;
  readonly area: number;
}

/** Fills polygons (`x, y` after `x, y`, even-odd each, together their union): a pixel is inside when its centre is. */
export function rasterise(
  polygons: readonly (readonly number[])[],
  pictureWidth: number,
  pictureHeight: number,
): Bitmap {
  const xs = polygons.flatMap((polygon) => polygon.filter((_, at) => at % 2 === 0));
  const ys = polygons.flatMap((polygon) => polygon.filter((_, at) => at % 2 === 1));
  const left = Math.max(0, Math.floor(Math.min(...xs)));
  const top = Math.max(0, Math.floor(Math.min(...ys)));
  const width = Math.max(0, Math.min(pictureWidth, Math.ceil(Math.max(...xs))) - left);
  const height = Math.max(0, Math.min(pictureHeight, Math.ceil(Math.max(...ys))) - top);
  if (!(width > 0 && height > 0)) return { left: 0, top: 0, width: 0, height: 0, bits: new Uint8Array(), area: 0 };
  const bits = new Uint8Array(width * height);
  for (const polygon of polygons) {
    for (let row = 0; row < height; row++)
      fillRow(polygon, top + row + 0.5, left, bits.subarray(row * width, (row + 1) * width));
  }
  return { left, top, width, height, bits, area: bits.reduce((sum, bit) => sum + bit, 0) };
}

function fillRow(polygon: readonly number[], y: number, left: number, row: Uint8Array): void {
  const crossings: number[] = [];
  for (let at = 0; at < polygon.length; at += 2) {
    const after = (at + 2) % polygon.length;
    const y1 = polygon[at + 1]!;
    const y2 = polygon[after + 1]!;
    if (y1 > y === y2 > y) continue;
    crossings.push(polygon[at]! + ((polygon[after]! - polygon[at]!) * (y - y1)) / (y2 - y1));
  }
  crossings.sort((a, b) => a - b);
  for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
    const from = Math.max(0, Math.ceil(crossings[pair]! - left - 0.5));
    const to = Math.min(row.length, Math.ceil(crossings[pair + 1]! - left - 0.5));
    row.fill(1, from, Math.max(from, to));
  }
}

/** Pixels that both cover; 0 where they lie apart. */
export function sharedPixels(a: Bitmap, b: Bitmap): number {
  const x1 = Math.max(a.left, b.left);
  const y1 = Math.max(a.top, b.top);
  const x2 = Math.min(a.left + a.width, b.left + b.width);
  const y2 = Math.min(a.top + a.height, b.top + b.height);
  let shared = 0;
  for (let y = y1; y < y2; y++) {
    const rowA = (y - a.top) * a.width - a.left;
    const rowB = (y - b.top) * b.width - b.left;
    for (let x = x1; x < x2; x++) shared += a.bits[rowA + x]! & b.bits[rowB + x]!;
  }
  return shared;
}

/** Paints bitmaps over each other: what any of them covers. */
export function unionOf(bitmaps: readonly Bitmap[], width: number, height: number): Uint8Array {
  const all = new Uint8Array(width * height);
  for (const bitmap of bitmaps) {
    for (let row = 0; row < bitmap.height; row++) {
      const to = (bitmap.top + row) * width + bitmap.left;
      for (let column = 0; column < bitmap.width; column++)
        if (bitmap.bits[row * bitmap.width + column]) all[to + column] = 1;
    }
  }
  return all;
}
