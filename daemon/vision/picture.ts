import sharp from "sharp";
import { GatewayError } from "../../contract/errors.ts";
import { MAX_PICTURE_PIXELS, type PictureHeader, readPictureHeader } from "../cameras/index.ts";
import { type Letterbox, letterboxFor } from "./letterbox.ts";
import type { ModelInput } from "./registry/manifest.ts";

// Pictures come from devices that may be hostile: only three loaders exist for this process, and nothing is kept between pictures.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({ operation: ["VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp"] });
sharp.cache(false);
// One thread per picture: the other cores belong to inference and to the rest of the house.
sharp.concurrency(1);

/** A picture decoded to the size that the network needs: RGB, three bytes a pixel, `contentWidth × contentHeight` of its letterbox. */
export interface DecodedPicture {
  readonly header: PictureHeader;
  readonly letterbox: Letterbox;
  readonly rgb: Buffer;
}

/**
 * Decodes a picture once, upright, in sRGB, at the network's scale. Motion gate, network and thumbnail all work on this one decode.
 * sharp's own reduced decode and its linear kernel (an area filter when it shrinks) cost less here than any decode followed by a resize in
 * JavaScript; its letterbox costs a millisecond more than padding in our own buffer.
 * @throws GatewayError PICTURE_* from the header check, PICTURE_UNREADABLE when the content is damaged
 */
export async function decodePicture(bytes: Buffer, input: ModelInput): Promise<DecodedPicture> {
  const header = readPictureHeader(bytes);
  const letterbox = letterboxFor(header, input);
  const { contentWidth: width, contentHeight: height } = letterbox;
  // A warning of the decoder means missing or damaged rows: half a picture would say "empty bay" where a car stands.
  const image = sharp(bytes, { failOn: "warning", limitInputPixels: MAX_PICTURE_PIXELS, pages: 1 });
  if (header.orientation !== 1) image.autoOrient();
  // Transparent parts of a PNG or WebP become grey, as the padding is.
  if (header.format !== "jpeg")
    image.flatten({ background: { r: input.letterbox.pad, g: input.letterbox.pad, b: input.letterbox.pad } });
  try {
    const { data, info } = await image
      .resize(width, height, { fit: "fill", kernel: "linear" })
      .toColourspace("srgb")
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.width !== width || info.height !== height)
      throw new Error(`decoded ${info.width} × ${info.height}, wanted ${width} × ${height}`);
    return { header, letterbox, rgb: threeChannels(data, info.channels, width * height) };
  } catch (error) {
    throw new GatewayError("PICTURE_UNREADABLE", {
      detail: error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error),
      cause: error,
    });
  }
}

function threeChannels(data: Buffer, channels: number, pixels: number): Buffer {
  if (channels === 3) return data;
  if (channels !== 1 && channels !== 4 && channels !== 2) throw new Error(`${channels} channels`);
  const colour = channels === 4;
  const rgb = Buffer.allocUnsafe(pixels * 3);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const from = pixel * channels;
    rgb[pixel * 3] = data[from]!;
    rgb[pixel * 3 + 1] = data[colour ? from + 1 : from]!;
    rgb[pixel * 3 + 2] = data[colour ? from + 2 : from]!;
  }
  return rgb;
}
