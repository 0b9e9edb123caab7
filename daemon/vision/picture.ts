import sharp, { type Sharp } from "sharp";
import { GatewayError } from "../../contract/errors.ts";
import { MAX_PICTURE_PIXELS, type PictureHeader, readPictureHeader, SEQUENTIAL_SCAN } from "../cameras/index.ts";
import { JpegReducer, type Reducer } from "./jpeg/reducer.ts";
import { type Letterbox, letterboxFor } from "./letterbox.ts";
import { isStill, type SceneSignature, signatureOf } from "./motion-gate.ts";
import type { ModelInput } from "./registry/manifest.ts";

// Pictures come from devices that may be hostile: only three loaders exist for this process, and nothing is kept between pictures.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({ operation: ["VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp"] });
sharp.cache(false);
// One thread per picture: the other cores belong to inference and to the rest of the house.
sharp.concurrency(1);

/** A picture decoded to the size that the network needs: RGB, three bytes a pixel, `contentWidth × contentHeight` of its letterbox. */
export interface DecodedPicture {
  readonly letterbox: Letterbox;
  readonly signature: SceneSignature;
  readonly rgb: Buffer;
}

/** A picture in which nothing has moved since the reference: only its signature was decoded. */
export interface StillPicture {
  readonly letterbox: Letterbox;
  readonly signature: SceneSignature;
  readonly rgb: undefined;
}

const ownReducer = new JpegReducer();

/**
 * Decodes a picture once, upright, in sRGB, at the network's scale. Motion gate, network and thumbnail all work on this one decode. What a camera
 * sends goes through our own reduced decoder; every other picture, and every damaged one, through sharp: its reduced decode and its linear
 * kernel (an area filter when it shrinks) cost less than any decode followed by a resize in JavaScript.
 * @throws GatewayError PICTURE_* from the header check, PICTURE_UNREADABLE when the content is damaged
 */
export async function decodePicture(bytes: Buffer, input: ModelInput): Promise<DecodedPicture> {
  const picture = await lookAtPicture(bytes, input, { reducer: ownReducer });
  if (picture.rgb === undefined) throw new TypeError("without a reference no picture is still");
  return picture;
}

/**
 * The same, but stops at the signature where the scene is as it was at the reference.
 * @param options.reducer where the reduced decoder runs
 */
export async function lookAtPicture(
  bytes: Buffer,
  input: ModelInput,
  { reducer, reference }: { readonly reducer: Reducer; readonly reference?: SceneSignature },
): Promise<DecodedPicture | StillPicture> {
  const header = readPictureHeader(bytes);
  if (header.format === "jpeg" && header.orientation === 1) {
    const letterbox = letterboxFor(header, input, "whole");
    const { contentWidth: width, contentHeight: height } = letterbox;
    const reduced = await reducer.reduce({
      jpeg: bytes,
      source: header,
      width,
      height,
      ...(reference === undefined ? {} : { reference }),
    });
    if (reduced !== undefined)
      return reduced.rgb === undefined
        ? { letterbox, signature: reduced.signature, rgb: undefined }
        : { letterbox, signature: reduced.signature, rgb: reduced.rgb };
  }
  const picture = await decodeWithSharp(bytes, header, letterboxFor(header, input), input.letterbox.pad);
  const { signature, letterbox } = picture;
  return reference !== undefined && isStill(reference, signature) ? { letterbox, signature, rgb: undefined } : picture;
}

async function decodeWithSharp(
  bytes: Buffer,
  header: PictureHeader,
  letterbox: Letterbox,
  pad: number,
): Promise<DecodedPicture> {
  return resized(upright(bytes, header, pad), letterbox);
}

async function resized(image: Sharp, letterbox: Letterbox): Promise<DecodedPicture> {
  const { contentWidth: width, contentHeight: height } = letterbox;
  const rgb = await pixelsOf(image.resize(width, height, { fit: "fill", kernel: "linear" }), width, height);
  return { letterbox, signature: signatureOf({ rgb, letterbox }), rgb };
}

/**
 * Decodes a whole picture, upright, in sRGB, every pixel of it; of an animation the first picture. Nothing but pixels comes out: no EXIF, no profile.
 * @throws GatewayError PICTURE_*
 */
export async function decodeFully(bytes: Buffer): Promise<Pixels> {
  const header = readPictureHeader(bytes);
  const turned = header.orientation >= 5;
  const width = turned ? header.height : header.width;
  const height = turned ? header.width : header.height;
  return { rgb: await pixelsOf(upright(bytes, header, PAD), width, height), width, height };
}

/** Pixels of a whole picture: sRGB, three bytes each, row after row. */
export interface Pixels {
  readonly rgb: Buffer;
  readonly width: number;
  readonly height: number;
}

/** A picture in a network's input, from its file or from pixels that are decoded already. */
export async function fitted(picture: Buffer | Pixels, input: ModelInput): Promise<DecodedPicture> {
  if (Buffer.isBuffer(picture)) return decodePicture(picture, input);
  const { rgb, width, height } = picture;
  const letterbox = letterboxFor({ format: "png", width, height, orientation: 1 }, input);
  const image = sharp(rgb, { raw: { width, height, channels: 3 }, limitInputPixels: MAX_PICTURE_PIXELS });
  return resized(image, letterbox);
}

/** What transparent parts become where no network's card says so. */
const PAD = 114;

function upright(bytes: Buffer, header: PictureHeader, pad: number): Sharp {
  // A warning of the decoder means missing or damaged rows: half a picture would say "empty bay" where a car stands.
  // Memory that another thread shares is not sharp's to read.
  const whole = withoutOddScan(bytes, header);
  const image = sharp(whole.buffer instanceof SharedArrayBuffer ? Buffer.from(whole) : whole, {
    failOn: "warning",
    limitInputPixels: MAX_PICTURE_PIXELS,
    pages: 1,
  });
  if (header.orientation !== 1) image.autoOrient();
  // Transparent parts of a PNG or WebP become grey, as the padding is.
  if (header.format !== "jpeg") image.flatten({ background: { r: pad, g: pad, b: pad } });
  return image;
}

/** A JPEG whose first scan has the parameters that it must have; another one as it is. */
function withoutOddScan(bytes: Buffer, { oddScanAt }: PictureHeader): Buffer {
  if (oddScanAt === undefined) return bytes;
  const mended = Buffer.from(bytes);
  mended.set(SEQUENTIAL_SCAN, oddScanAt);
  return mended;
}

/** Pixels in sRGB, three bytes each. */
async function pixelsOf(image: Sharp, width: number, height: number): Promise<Buffer> {
  try {
    const { data, info } = await image.toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
    if (info.width !== width || info.height !== height)
      throw new Error(`decoded ${info.width} × ${info.height}, wanted ${width} × ${height}`);
    return threeChannels(data, info.channels, width * height);
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
