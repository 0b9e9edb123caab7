import sharp from "sharp";
import type { Pixels } from "../picture.ts";
import { type Cover, paintCovers, scaledCover } from "./covers.ts";

/** Fine enough for scratches; a 12-megapixel photo at 2560 px becomes about 700 KB. */
const QUALITY = 88;

export interface RedactedPicture {
  /** JPEG of the redacted pixels and nothing else: no EXIF, GPS, thumbnail, XMP or profile. */
  readonly jpeg: Buffer;
  readonly width: number;
  readonly height: number;
  /** In pixels of the JPEG. */
  readonly covers: readonly Cover[];
}

/**
 * Encodes redacted pixels. Where the picture is made smaller, the covers are painted once more on the new block grid, which lies elsewhere.
 * @param maxSide longest side of the JPEG; absent: the picture's own size
 */
export async function encodeRedacted(
  pixels: Pixels,
  covers: readonly Cover[],
  maxSide?: number,
): Promise<RedactedPicture> {
  const fitted = await shrunk(pixels, maxSide);
  const moved =
    fitted === pixels ? covers : covers.map(({ what, box }) => ({ what, box: scaledCover(box, pixels, fitted) }));
  if (fitted !== pixels)
    paintCovers(
      fitted,
      moved.map(({ box }) => box),
    );
  const { rgb, width, height } = fitted;
  const jpeg = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: QUALITY })
    .toBuffer();
  return { jpeg, width, height, covers: moved };
}

async function shrunk(pixels: Pixels, maxSide: number | undefined): Promise<Pixels> {
  const { rgb, width, height } = pixels;
  if (maxSide === undefined || Math.max(width, height) <= maxSide) return pixels;
  const { data, info } = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .resize(maxSide, maxSide, { fit: "inside" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height };
}
