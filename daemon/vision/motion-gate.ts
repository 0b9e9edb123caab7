import type { DecodedPicture } from "./picture.ts";

/**
 * A picture's brightness in a coarse grid: `[columns, rows, cells…]`, one byte each. Small enough to travel with every frame, so that workers
 * keep no state and a worker's death forgets nothing.
 */
export type SceneSignature = Uint8Array;

const COLUMNS = 32;
/** A cell that differs by this many grey levels after light has been allowed for has changed; sensor noise of a cell's mean is about 1.5. */
const CHANGED = 7;
/** One cell that differs this much is enough: a distant person covers little more. */
const CHANGED_ALONE = 14;
/** Mains flicker seen through a rolling shutter makes bands along rows of a few grey levels; a car makes more. */
const BAND_LIMIT = 6;
/** Beyond this the light was switched, and everything may look different: look again. */
const GAIN_LIMIT = 1.3;

/** Mean brightness per cell, from every second pixel of every second row of RGB. */
export function signatureOf(picture: Pick<DecodedPicture, "rgb" | "letterbox">): SceneSignature {
  const { rgb } = picture;
  const { contentWidth: width, contentHeight: height } = picture.letterbox;
  const { columns, rows, columnOf, sums, counts } = gridOver(width, height);
  for (let y = 0; y < height; y += 2) {
    const row = Math.floor((y * rows) / height) * columns;
    for (let x = 0, at = y * width * 3; x < width; x += 2, at += 6) {
      const cell = row + columnOf[x]!;
      // Rec. 601 weights in 1/256.
      sums[cell] = sums[cell]! + ((77 * rgb[at]! + 150 * rgb[at + 1]! + 29 * rgb[at + 2]!) >> 8);
      counts[cell] = counts[cell]! + 1;
    }
  }
  return signatureFrom(columns, rows, sums, counts);
}

/** The same from a plane of brightness, `stride` bytes a row. */
export function signatureOfPlane(plane: Uint8Array, stride: number, width: number, height: number): SceneSignature {
  const { columns, rows, columnOf, sums, counts } = gridOver(width, height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * rows) / height) * columns;
    for (let x = 0, at = y * stride; x < width; x++, at++) {
      const cell = row + columnOf[x]!;
      sums[cell] = sums[cell]! + plane[at]!;
      counts[cell] = counts[cell]! + 1;
    }
  }
  return signatureFrom(columns, rows, sums, counts);
}

function gridOver(width: number, height: number) {
  const columns = Math.min(COLUMNS, Math.max(1, width >> 1));
  const rows = Math.min(64, Math.max(1, Math.min(height >> 1, Math.round((columns * height) / width))));
  return {
    columns,
    rows,
    columnOf: Uint16Array.from({ length: width }, (_, x) => Math.floor((x * columns) / width)),
    sums: new Uint32Array(columns * rows),
    counts: new Uint32Array(columns * rows),
  };
}

function signatureFrom(columns: number, rows: number, sums: Uint32Array, counts: Uint32Array): SceneSignature {
  const signature = new Uint8Array(2 + columns * rows);
  signature[0] = columns;
  signature[1] = rows;
  for (let cell = 0; cell < sums.length; cell++)
    signature[2 + cell] = Math.round(sums[cell]! / Math.max(1, counts[cell]!));
  return signature;
}

/**
 * Whether nothing has moved since `reference`. A common gain (clouds, a camera's exposure) and faint bands along rows (flicker) are allowed for.
 * When in doubt it says no: that costs one look, whereas a wrong yes hides a car until the next look that is due anyway.
 */
export function isStill(reference: SceneSignature, current: SceneSignature): boolean {
  const columns = current[0] ?? 0;
  const rows = current[1] ?? 0;
  if (
    reference.length !== current.length ||
    reference[0] !== columns ||
    reference[1] !== rows ||
    current.length !== 2 + columns * rows
  )
    return false;
  const gain = commonGain(reference, current);
  if (gain > GAIN_LIMIT || gain < 1 / GAIN_LIMIT) return false;
  let changed = 0;
  const differences = new Float32Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = 2 + row * columns + column;
      differences[column] = current[at]! - Math.min(255, reference[at]! * gain);
    }
    const band = Math.max(-BAND_LIMIT, Math.min(BAND_LIMIT, median(differences.slice())));
    for (const difference of differences) {
      const size = Math.abs(difference - band);
      if (size > CHANGED_ALONE) return false;
      if (size > CHANGED && ++changed >= 2) return false;
    }
  }
  return true;
}

/** The ratio that half of the cells lie above and half below: a car that covers less than half of the picture does not move it. */
function commonGain(reference: SceneSignature, current: SceneSignature): number {
  const ratios = new Float32Array(current.length - 2);
  let count = 0;
  for (let at = 2; at < current.length; at++) if (reference[at]! >= 16) ratios[count++] = current[at]! / reference[at]!;
  // In the dark a ratio is noise.
  return count < ratios.length / 4 ? 1 : median(ratios.subarray(0, count));
}

/** Sorts what it is given. */
function median(values: Float32Array): number {
  values.sort();
  return values[values.length >> 1] ?? 0;
}
