/** One byte a pixel, row by row from the top left. */
export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Brightness between the pixels' middles, bilinear; beyond the picture that of its edge. */
export function brightnessAt({ width, height, pixels }: GreyPicture, x: number, y: number): number {
  const column = Math.min(Math.max(x - 0.5, 0), width - 1);
  const row = Math.min(Math.max(y - 0.5, 0), height - 1);
  const left = Math.min(Math.floor(column), Math.max(0, width - 2));
  const top = Math.min(Math.floor(row), Math.max(0, height - 2));
  const right = width > 1 ? 1 : 0;
  const below = height > 1 ? width : 0;
  const at = top * width + left;
  const across = column - left;
  const down = row - top;
  const upper = pixels[at]! * (1 - across) + pixels[at + right]! * across;
  const lower = pixels[at + below]! * (1 - across) + pixels[at + below + right]! * across;
  return upper * (1 - down) + lower * down;
}

/** Half as wide and high: each pixel the mean of four. An odd last column or row is left out. */
export function halved({ width, height, pixels }: GreyPicture): GreyPicture {
  const halfWidth = width >> 1;
  const halfHeight = height >> 1;
  const half = new Uint8Array(halfWidth * halfHeight);
  for (let row = 0; row < halfHeight; row++) {
    let from = row * 2 * width;
    for (let at = row * halfWidth; at < (row + 1) * halfWidth; at++, from += 2)
      half[at] = (pixels[from]! + pixels[from + 1]! + pixels[from + width]! + pixels[from + width + 1]! + 2) >> 2;
  }
  return { width: halfWidth, height: halfHeight, pixels: half };
}
