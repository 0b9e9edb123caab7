import { GatewayError } from "../../contract/errors.ts";
import { behindExifPrefix, exifOrientation, type Orientation } from "./exif-orientation.ts";
import type { PictureHeader } from "./picture-header.ts";

// Marker codes of ITU-T T.81, table B.1.
const SOF_BASELINE = 0xc0;
const SOF_EXTENDED = 0xc1;
const SOF_PROGRESSIVE = 0xc2;
const DHT = 0xc4;
const JPG = 0xc8;
const DAC = 0xcc;
const EOI = 0xd9;
const SOS = 0xda;
const APP1 = 0xe1;

/** What a sequential scan's parameters must be: first and last coefficient, and bit positions (ITU-T T.81, table B.3). */
export const SEQUENTIAL_SCAN = Uint8Array.of(0, 63, 0);

/** Ordinary progressive pictures have about ten scans; thousands of them over a large picture are an attack on the decoder's time. */
const MAX_SCANS = 64;

/**
 * Walks the marker segments up to the first scan, as a decoder would (the first frame header counts), and looks for the end of the picture.
 * Accepts 8-bit baseline, extended and progressive Huffman coding with one, three or four components.
 * @throws GatewayError PICTURE_TRUNCATED, PICTURE_UNSUPPORTED
 */
export function readJpegHeader(bytes: Buffer): PictureHeader {
  let orientation: Orientation = 1;
  let frame: { readonly width: number; readonly height: number; readonly progressive: boolean } | undefined;
  let at = 2;
  for (;;) {
    at = nextMarker(bytes, at);
    const marker = bytes[at - 1]!;
    if (marker === EOI) throw new GatewayError("PICTURE_TRUNCATED", { detail: "JPEG without content" });
    // RSTn and TEM stand alone; a decoder steps over them.
    if ((marker >= 0xd0 && marker <= 0xd8) || marker === 0x01) continue;
    if (at + 2 > bytes.length) throw cutOff();
    const length = bytes.readUInt16BE(at);
    const end = at + length;
    if (length < 2 || end > bytes.length) throw cutOff();
    const body = bytes.subarray(at + 2, end);
    if (marker === SOS) break;
    if (marker === APP1) {
      const tiff = behindExifPrefix(body);
      orientation = (tiff && exifOrientation(tiff)) ?? orientation;
    } else if (isFrameHeader(marker) && frame === undefined) frame = readFrameHeader(marker, body);
    at = end;
  }
  if (frame === undefined) throw new GatewayError("PICTURE_UNSUPPORTED", { detail: "JPEG without a frame header" });
  if (bytes.lastIndexOf(Buffer.from([0xff, EOI])) < at)
    throw new GatewayError("PICTURE_TRUNCATED", { detail: "JPEG without end" });
  if (frame.progressive && scanCount(bytes, at) > MAX_SCANS)
    throw new GatewayError("PICTURE_UNSUPPORTED", { detail: `more than ${MAX_SCANS} scans` });
  const oddScanAt = frame.progressive ? undefined : oddScan(bytes, at);
  const { width, height } = frame;
  return { format: "jpeg", width, height, orientation, ...(oddScanAt === undefined ? {} : { oddScanAt }) };
}

/** @param at of the scan header's length; its parameters are its last three bytes */
function oddScan(bytes: Buffer, at: number): number | undefined {
  const length = bytes.readUInt16BE(at);
  const parametersAt = at + length - SEQUENTIAL_SCAN.length;
  const isWhole = length === 6 + 2 * (bytes[at + 2] ?? 0);
  return isWhole && !bytes.subarray(parametersAt, at + length).equals(SEQUENTIAL_SCAN) ? parametersAt : undefined;
}

/** Position after the next marker's code; fill bytes (0xff) may stand before it. */
function nextMarker(bytes: Buffer, from: number): number {
  let at = from;
  if (bytes[at] !== 0xff) throw cutOff();
  while (bytes[at] === 0xff) at++;
  if (at >= bytes.length) throw cutOff();
  return at + 1;
}

function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== DHT && marker !== JPG && marker !== DAC;
}

function readFrameHeader(marker: number, body: Buffer) {
  if (marker !== SOF_BASELINE && marker !== SOF_EXTENDED && marker !== SOF_PROGRESSIVE) {
    throw new GatewayError("PICTURE_UNSUPPORTED", { detail: `JPEG coding 0x${marker.toString(16)}` });
  }
  if (body.length < 6) throw cutOff();
  const precision = body[0]!;
  const components = body[5]!;
  if (precision !== 8) throw new GatewayError("PICTURE_UNSUPPORTED", { detail: `${precision} bits per sample` });
  if (components !== 1 && components !== 3 && components !== 4)
    throw new GatewayError("PICTURE_UNSUPPORTED", { detail: `${components} components` });
  return { height: body.readUInt16BE(1), width: body.readUInt16BE(3), progressive: marker === SOF_PROGRESSIVE };
}

/** Entropy-coded data stuff a zero after each 0xff, so that `ff da` is always a scan. */
function scanCount(bytes: Buffer, from: number): number {
  const scan = Buffer.from([0xff, SOS]);
  let count = 1;
  for (let at = bytes.indexOf(scan, from); at !== -1 && count <= MAX_SCANS; at = bytes.indexOf(scan, at + 2)) count++;
  return count;
}

function cutOff(): GatewayError {
  return new GatewayError("PICTURE_TRUNCATED", { detail: "JPEG header is cut off" });
}
