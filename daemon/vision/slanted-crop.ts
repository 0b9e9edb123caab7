import type { Quad } from "./families/least-rectangle.ts";
import type { FullPicture } from "./size/full-picture.ts";

/** From here on, height to width, a line is taken to run downwards and is turned; PP-OCR's own figure. */
const UPRIGHT_FROM = 1.5;

/**
 * Cuts a slanted quadrilateral out and straightens it, by projection from the unit square (Heckbert 1989) and bilinear samples. What is taller than one
 * and a half times its width is turned by a quarter against the clock, so that text runs to the right.
 * @param quad in pixels of the picture, from its top left corner clockwise; beyond the picture its outermost pixels go on
 * @returns undefined where the quadrilateral is a line or a point, or does not go round once
 */
export function slantedCrop(picture: FullPicture, quad: Quad): FullPicture | undefined {
  const size = sizeOf(quad);
  if (size.height >= size.width * UPRIGHT_FROM) {
    const [x1, y1, ...rest] = quad;
    return straightened(picture, [...rest, x1, y1], size.height, size.width);
  }
  return straightened(picture, quad, size.width, size.height);
}

/** Of opposite sides the longer one, in whole pixels. */
function sizeOf([x1, y1, x2, y2, x3, y3, x4, y4]: Quad): { readonly width: number; readonly height: number } {
  const longer = (a: number, b: number) => Math.max(1, Math.trunc(Math.max(a, b)));
  return {
    width: longer(Math.hypot(x2 - x1, y2 - y1), Math.hypot(x3 - x4, y3 - y4)),
    height: longer(Math.hypot(x4 - x1, y4 - y1), Math.hypot(x3 - x2, y3 - y2)),
  };
}

function straightened(picture: FullPicture, quad: Quad, width: number, height: number): FullPicture | undefined {
  const [x1, y1, x2, y2, x3, y3, x4, y4] = quad;
  const [dx1, dx2, sx] = [x2 - x3, x4 - x3, x1 - x2 + x3 - x4];
  const [dy1, dy2, sy] = [y2 - y3, y4 - y3, y1 - y2 + y3 - y4];
  const area = dx1 * dy2 - dx2 * dy1;
  const g = (sx * dy2 - dx2 * sy) / area;
  const h = (dx1 * sy - sx * dy1) / area;
  // The unit square's far corners must not lie behind the eye.
  if (!(Number.isFinite(g) && Number.isFinite(h) && 1 + Math.min(0, g) + Math.min(0, h) > 0)) return undefined;
  const [a, b] = [x2 - x1 + g * x2, x4 - x1 + h * x4];
  const [d, e] = [y2 - y1 + g * y2, y4 - y1 + h * y4];
  const rgb = Buffer.allocUnsafe(width * height * 3);
  for (let row = 0, to = 0; row < height; row++) {
    const v = (row + 0.5) / height;
    for (let column = 0; column < width; column++, to += 3) {
      const u = (column + 0.5) / width;
      const depth = g * u + h * v + 1;
      sample(picture, (a * u + b * v + x1) / depth - 0.5, (d * u + e * v + y1) / depth - 0.5, rgb, to);
    }
  }
  return { rgb, width, height };
}

/** Writes the colour at a place, in pixel centres, into three bytes. */
function sample({ rgb, width, height }: FullPicture, x: number, y: number, into: Buffer, to: number): void {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const right = x - left;
  const down = y - top;
  const x0 = Math.min(Math.max(left, 0), width - 1) * 3;
  const x1 = Math.min(Math.max(left + 1, 0), width - 1) * 3;
  const y0 = Math.min(Math.max(top, 0), height - 1) * width * 3;
  const y1 = Math.min(Math.max(top + 1, 0), height - 1) * width * 3;
  for (let channel = 0; channel < 3; channel++) {
    const above = rgb[y0 + x0 + channel]! * (1 - right) + rgb[y0 + x1 + channel]! * right;
    const below = rgb[y1 + x0 + channel]! * (1 - right) + rgb[y1 + x1 + channel]! * right;
    into[to + channel] = Math.round(above * (1 - down) + below * down);
  }
}
