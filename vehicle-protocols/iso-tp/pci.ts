/** Protocol data units of ISO 15765-2 on classic CAN (at most 8 data bytes per frame) and CAN FD (at most 64). */
export type IsoTpPdu =
  | { readonly kind: "single"; readonly payload: Uint8Array }
  | { readonly kind: "first"; readonly length: number; readonly payload: Uint8Array }
  | { readonly kind: "consecutive"; readonly sequence: number; readonly payload: Uint8Array }
  | {
      readonly kind: "flow-control";
      /** 0 continue to send, 1 wait, 2 overflow; everything else is reserved. */
      readonly flowStatus: number;
      /** Consecutive frames until the next flow control; 0 means none follows. */
      readonly blockSize: number;
      /** Least gap between consecutive frames, in milliseconds (fractions for the 100–900 µs steps). */
      readonly separationMs: number;
    };

/** TX_DL: data bytes of a frame that is filled. 8 is classic CAN; CAN FD knows these lengths above 8 and no others. */
export const FRAME_LENGTHS = [8, 12, 16, 20, 24, 32, 48, 64] as const;
export type FrameLength = (typeof FRAME_LENGTHS)[number];

export const CLASSIC_DATA_LENGTH = 8;

/** Longest length that the 12-bit field of a first frame can say; above it the 32-bit escape is used. */
export const MAX_12_BIT_LENGTH = 0xfff;

/**
 * STmin byte to milliseconds: 00–7F are milliseconds, F1–F9 are 100–900 µs, and reserved values
 * count as the longest gap (127 ms), as ISO 15765-2 demands.
 */
export function separationMsFromByte(byte: number): number {
  if (byte <= 0x7f) return byte;
  if (byte >= 0xf1 && byte <= 0xf9) return (byte - 0xf0) / 10;
  return 0x7f;
}

/** Milliseconds to the STmin byte, rounded up so that the peer is never faster than asked; capped at 127 ms. */
export function separationByteFromMs(ms: number): number {
  if (!(ms > 0)) return 0;
  if (ms <= 0.9) return 0xf0 + Math.ceil(ms * 10 - 1e-9);
  return Math.min(0x7f, Math.ceil(ms));
}

/** Most payload bytes of a single frame; `offset` bytes of address stand before the PCI. */
export function longestSingleFrame(frameLength: FrameLength, offset: number): number {
  return frameLength - offset - (frameLength === CLASSIC_DATA_LENGTH ? 1 : 2);
}

/** PCI and payload of a single frame; what does not fit a classic frame needs the length escape of CAN FD. */
export function singleFramePdu(payload: Uint8Array, offset: number): number[] {
  const isShort = payload.length <= longestSingleFrame(CLASSIC_DATA_LENGTH, offset);
  return isShort ? [payload.length, ...payload] : [0, payload.length, ...payload];
}

/** PCI of a first frame: a 12-bit length, or the escape with 32 bits. */
export function firstFrameHeader(length: number): number[] {
  if (length <= MAX_12_BIT_LENGTH) return [0x10 | (length >> 8), length & 0xff];
  return [0x10, 0x00, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff];
}

/**
 * Reads one PDU from the data bytes of a frame. More than eight bytes can only be a CAN FD frame.
 * @param data data bytes of the frame
 * @param offset bytes before the PCI: 0, or 1 with extended and mixed addressing
 * @returns undefined for what ISO 15765-2 tells a receiver to ignore: unknown PCI types, zero-length or over-long
 *   single frames, first frames that would fit into a single frame, and frames cut short.
 */
export function parsePdu(data: Uint8Array, offset: number): IsoTpPdu | undefined {
  const pci = data[offset];
  if (pci === undefined || data.length > 64) return undefined;
  const low = pci & 0x0f;
  switch (pci >> 4) {
    case 0:
      return parseSingle(data, offset, low);
    case 1:
      return parseFirst(data, offset, low);
    case 2:
      return { kind: "consecutive", sequence: low, payload: data.subarray(offset + 1) };
    case 3: {
      const blockSize = data[offset + 1];
      const separation = data[offset + 2];
      if (blockSize === undefined || separation === undefined) return undefined;
      return { kind: "flow-control", flowStatus: low, blockSize, separationMs: separationMsFromByte(separation) };
    }
    default:
      return undefined;
  }
}

// Up to eight bytes the length stands in the PCI byte; above, that must be zero and the length stands in the next byte. A length there that
// would have fitted a classic frame is taken too: it is against the standard, and unambiguous.
function parseSingle(data: Uint8Array, offset: number, low: number): IsoTpPdu | undefined {
  const isClassic = data.length <= CLASSIC_DATA_LENGTH;
  if (!isClassic && low !== 0) return undefined;
  const length = isClassic ? low : (data[offset + 1] ?? 0);
  const start = offset + (isClassic ? 1 : 2);
  if (length === 0 || start + length > data.length) return undefined;
  return { kind: "single", payload: data.subarray(start, start + length) };
}

function parseFirst(data: Uint8Array, offset: number, highNibble: number): IsoTpPdu | undefined {
  // A first frame always fills its CAN frame; one of another length is a torn frame.
  const frameLength = FRAME_LENGTHS.find((length) => length === data.length);
  if (frameLength === undefined) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const short = (highNibble << 8) | view.getUint8(offset + 1);
  if (short > 0) {
    if (short <= longestSingleFrame(frameLength, offset)) return undefined;
    return { kind: "first", length: short, payload: data.subarray(offset + 2) };
  }
  const long = view.getUint32(offset + 2);
  if (long <= MAX_12_BIT_LENGTH) return undefined;
  return { kind: "first", length: long, payload: data.subarray(offset + 6) };
}
