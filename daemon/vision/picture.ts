import sharp from "sharp";
import { GatewayError } from "../../contract/errors.ts";
import { MAX_PICTURE_PIXELS, type PictureHeader, readPictureHeader } from "../cameras/index.ts";
import { JpegReducer } from "./jpeg/reducer.ts";
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

/** A decoder for JPEG at a reduced size, `undefined` for a picture that it does not take. */
export interface ReducedDecoder {
  reduce(
    jpeg: Buffer,
    source: PictureHeader,
    width: number,
    height: number,
  ): Buffer | undefined | Promise<Buffer | undefined>;
}

const ownReducer: ReducedDecoder = new JpegReducer();

/**
 * Decodes a picture once, upright, in sRGB, at the network's scale. Motion gate, network and thumbnail all work on this one decode. What a camera
 * sends goes through our own reduced decoder; every other picture, and every damaged one, through sharp: its reduced decode and its linear
 * kernel (an area filter when it shrinks) cost less than any decode followed by a resize in JavaScript.
 * @param reducer where the reduced decoder runs, when not here
 * @throws GatewayError PICTURE_* from the header check, PICTURE_UNREADABLE when the content is damaged
 */
export async function decodePicture(
  bytes: Buffer,
  input: ModelInput,
  reducer: ReducedDecoder = ownReducer,
): Promise<DecodedPicture> {
  const header = readPictureHeader(bytes);
  if (header.format === "jpeg" && header.orientation === 1) {
    const letterbox = letterboxFor(header, input, "whole");
    const rgb = await reducer.reduce(bytes, header, letterbox.contentWidth, letterbox.contentHeight);
    if (rgb !== undefined) return { header, letterbox, rgb };
  }
  return decodeWithSharp(bytes, header, letterboxFor(header, input), input.letterbox.pad);
}

async function decodeWithSharp(
  bytes: Buffer,
  header: PictureHeader,
  letterbox: Letterbox,
  pad: number,
): Promise<DecodedPicture> {
  const { contentWidth: width, contentHeight: height } = letterbox;
  // A warning of the decoder means missing or damaged rows: half a picture would say "empty bay" where a car stands.
  const image = sharp(bytes, { failOn: "warning", limitInputPixels: MAX_PICTURE_PIXELS, pages: 1 });
  if (header.orientation !== 1) image.autoOrient();
  // Transparent parts of a PNG or WebP become grey, as the padding is.
  if (header.format !== "jpeg") image.flatten({ background: { r: pad, g: pad, b: pad } });
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
