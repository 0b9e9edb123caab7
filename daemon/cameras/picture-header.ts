import { GatewayError } from "../../contract/errors.ts";
import { behindExifPrefix, exifOrientation, type Orientation } from "./exif-orientation.ts";
import { readJpegHeader } from "./jpeg-header.ts";

export type { Orientation } from "./exif-orientation.ts";

/** What a picture says about itself before it is decoded. Width and height are as stored, before the orientation is applied. */
export interface PictureHeader {
  readonly format: "jpeg" | "png" | "webp";
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  /**
   * Where a sequential JPEG's first scan holds its three parameters, if they are others than such a scan may have: cameras' firmware (Samsung's) writes
   * them so. They decide nothing, but a decoder warns of them as it does of damage.
   */
  readonly oddScanAt?: number;
}

/** Largest picture that is ever decoded: 25 megapixels is beyond any bay camera, and 75 MB of pixels. */
export const MAX_PICTURE_PIXELS = 25_000_000;
/** A side longer than this is no camera's, whatever the area. */
const MAX_SIDE = 16_384;

const PNG_CHECKSUM_BYTES = 4;
const WEBP_HAS_EXIF = 0x08;
const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * Reads a picture's header without decoding anything.
 * @throws GatewayError PICTURE_NOT_AN_IMAGE neither JPEG, PNG nor WebP
 * @throws GatewayError PICTURE_TRUNCATED the end is missing
 * @throws GatewayError PICTURE_UNSUPPORTED a coding that no camera here needs
 * @throws GatewayError PICTURE_TOO_LARGE more pixels or a longer side than we decode
 */
export function readPictureHeader(bytes: Buffer): PictureHeader {
  const header = readByFormat(bytes);
  const pixels = header.width * header.height;
  if (pixels === 0) throw new GatewayError("PICTURE_UNSUPPORTED", { detail: "a picture without width or height" });
  if (pixels > MAX_PICTURE_PIXELS || header.width > MAX_SIDE || header.height > MAX_SIDE) {
    throw new GatewayError("PICTURE_TOO_LARGE", {
      detail: `${header.width} × ${header.height}`,
      details: { width: header.width, height: header.height },
    });
  }
  return header;
}

function readByFormat(bytes: Buffer): PictureHeader {
  if (bytes.length >= 3 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return readJpegHeader(bytes);
  if (bytes.subarray(0, 8).equals(PNG_SIGNATURE)) return readPngHeader(bytes);
  if (bytes.length >= 12 && bytes.toString("latin1", 0, 4) === "RIFF" && bytes.toString("latin1", 8, 12) === "WEBP")
    return readWebpHeader(bytes);
  // ISO base media file (ISO/IEC 14496-12): what phones write as HEIC or AVIF. The brand says which.
  if (bytes.length >= 12 && bytes.toString("latin1", 4, 8) === "ftyp")
    throw new GatewayError("PICTURE_UNSUPPORTED", { detail: `"${bytes.toString("latin1", 8, 12).trim()}" container` });
  throw new GatewayError("PICTURE_NOT_AN_IMAGE", { details: { bytes: bytes.length } });
}

/** PNG (ISO/IEC 15948): IHDR is the first chunk, IEND the last. */
function readPngHeader(bytes: Buffer): PictureHeader {
  if (bytes.length < 33 || bytes.toString("latin1", 12, 16) !== "IHDR")
    throw new GatewayError("PICTURE_TRUNCATED", { detail: "PNG without header" });
  if (bytes.lastIndexOf("IEND", undefined, "latin1") < 33)
    throw new GatewayError("PICTURE_TRUNCATED", { detail: "PNG without end" });
  return {
    format: "png",
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
    orientation: pngOrientation(bytes) ?? 1,
  };
}

/** The chunk `eXIf` (PNG, third edition, 11.3.4.1), where it stands before the pixels: behind them the decoder does not look for it either. */
function pngOrientation(bytes: Buffer): Orientation | undefined {
  for (let at = PNG_SIGNATURE.length; at + 8 <= bytes.length; ) {
    const name = bytes.toString("latin1", at + 4, at + 8);
    const end = at + 8 + bytes.readUInt32BE(at);
    if (name === "IDAT" || end > bytes.length) return undefined;
    if (name === "eXIf") return exifOrientation(bytes.subarray(at + 8, end));
    at = end + PNG_CHECKSUM_BYTES;
  }
  return undefined;
}

/** WebP container (RFC 9649): the first chunk names the coding and holds the size. */
function readWebpHeader(bytes: Buffer): PictureHeader {
  if (bytes.length < 30 || bytes.readUInt32LE(4) + 8 > bytes.length)
    throw new GatewayError("PICTURE_TRUNCATED", { detail: "WebP shorter than it says" });
  const coding = bytes.toString("latin1", 12, 16);
  if (coding === "VP8X") return webp(bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1, webpOrientation(bytes));
  if (coding === "VP8L") {
    const bits = bytes.readUInt32LE(21);
    return webp((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
  }
  if (coding === "VP8 ") return webp(bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff);
  throw new GatewayError("PICTURE_UNSUPPORTED", { detail: `WebP coding "${coding}"` });
}

/** The chunk `EXIF`, where the header says that there is one. */
function webpOrientation(bytes: Buffer): Orientation | undefined {
  if ((bytes[20]! & WEBP_HAS_EXIF) === 0) return undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    if (bytes.toString("latin1", at, at + 4) === "EXIF") {
      const body = bytes.subarray(at + 8, at + 8 + length);
      return exifOrientation(behindExifPrefix(body) ?? body);
    }
    at += 8 + length + (length % 2);
  }
  return undefined;
}

function webp(width: number, height: number, orientation: Orientation = 1): PictureHeader {
  return { format: "webp", width, height, orientation };
}
