import type { GreyPicture } from "../grey.ts";

/** Black and white with one pixel of white around it: 1 is dark. */
export interface DarkMask {
  /** With the frame. */
  readonly width: number;
  readonly height: number;
  readonly dark: Uint8Array;
}

/** Half the side of the neighbourhood. Wider than the cells of a small marker; larger markers are found in a smaller copy of the picture. */
const RADIUS_PX = 9;
/** Grey levels below the neighbourhood's mean from which on a pixel is dark: above the noise of a flat wall. */
const DARKER_BY = 6;

/** What is darker than its neighbourhood, whatever light falls on it (adaptive mean threshold, by sums over rectangles). */
export function darkerThanAround({ width, height, pixels }: GreyPicture): DarkMask {
  const stride = width + 1;
  // Sums wrap at 2^32; differences of them are right all the same.
  const sums = new Uint32Array(stride * (height + 1));
  for (let row = 0; row < height; row++) {
    let line = 0;
    const above = row * stride + 1;
    for (let column = 0; column < width; column++) {
      line += pixels[row * width + column]!;
      sums[above + stride + column] = sums[above + column]! + line;
    }
  }
  const framedWidth = width + 2;
  const dark = new Uint8Array(framedWidth * (height + 2));
  for (let row = 0; row < height; row++) {
    const top = Math.max(0, row - RADIUS_PX) * stride;
    const bottom = Math.min(height, row + RADIUS_PX + 1) * stride;
    const rows = (bottom - top) / stride;
    for (let column = 0; column < width; column++) {
      const left = column > RADIUS_PX ? column - RADIUS_PX : 0;
      const right = column + RADIUS_PX + 1 < width ? column + RADIUS_PX + 1 : width;
      const sum = (sums[bottom + right]! - sums[bottom + left]! - sums[top + right]! + sums[top + left]!) >>> 0;
      if ((pixels[row * width + column]! + DARKER_BY) * rows * (right - left) < sum)
        dark[(row + 1) * framedWidth + column + 1] = 1;
    }
  }
  return { width: framedWidth, height: height + 2, dark };
}
