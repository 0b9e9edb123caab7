import sharp from "sharp";
import { readPictureHeader } from "../../cameras/index.ts";
import { decodePicture } from "../picture.ts";
import type { GreyPicture } from "./grey.ts";
import type { PixelBox } from "./mask.ts";

/** A whole upright picture in RGB, pixel for pixel as it was taken. */
export interface FullPicture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Buffer;
}

/**
 * Decodes a picture at its full resolution, turned upright by its EXIF orientation.
 * @throws GatewayError PICTURE_*
 */
export async function fullPicture(bytes: Buffer): Promise<FullPicture> {
  const header = readPictureHeader(bytes);
  const turned = header.orientation >= 5;
  const width = turned ? header.height : header.width;
  const height = turned ? header.width : header.height;
  // The same decoder as for the networks, with a "network" of the picture's own size.
  const { rgb } = await decodePicture(bytes, {
    name: "full",
    width,
    height,
    layout: "nhwc-uint8",
    channels: "rgb",
    letterbox: { anchor: "stretch", pad: 114 },
  });
  return { width, height, rgb };
}

/** Brightness as ITU-R BT.601 weighs the colours. */
export function greyOf({ width, height, rgb }: FullPicture): GreyPicture {
  return channelOf({ width, height, rgb }, (red, green, blue) => (red * 77 + green * 150 + blue * 29) >> 8);
}

/** One byte a pixel from three; what is beyond 0 to 255 is cut. */
export function channelOf(
  { width, height, rgb }: FullPicture,
  of: (red: number, green: number, blue: number) => number,
): GreyPicture {
  const pixels = new Uint8Array(width * height);
  for (let at = 0, from = 0; at < pixels.length; at++, from += 3) {
    const level = of(rgb[from]!, rgb[from + 1]!, rgb[from + 2]!);
    pixels[at] = level < 0 ? 0 : level > 255 ? 255 : level;
  }
  return { width, height, pixels };
}

/** A piece of a picture; the box must lie inside and have whole numbers. */
export function cutOut({ width, rgb }: FullPicture, [x, y, boxWidth, boxHeight]: PixelBox): FullPicture {
  const piece = Buffer.allocUnsafe(boxWidth * boxHeight * 3);
  for (let row = 0; row < boxHeight; row++) {
    const from = ((y + row) * width + x) * 3;
    rgb.copy(piece, row * boxWidth * 3, from, from + boxWidth * 3);
  }
  return { width: boxWidth, height: boxHeight, rgb: piece };
}

/** As a file, without loss, for those who decode files. */
export function asPng({ width, height, rgb }: FullPicture): Promise<Buffer> {
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

/** A box with some of its surroundings, in whole pixels, inside the picture. */
export function widened(
  [x, y, width, height]: PixelBox,
  by: number,
  picture: { readonly width: number; readonly height: number },
): PixelBox {
  const left = Math.max(0, Math.floor(x - by));
  const top = Math.max(0, Math.floor(y - by));
  const right = Math.min(picture.width, Math.ceil(x + width + by));
  const bottom = Math.min(picture.height, Math.ceil(y + height + by));
  return [left, top, right - left, bottom - top];
}
