/** Protocol data units of ISO 15765-2 on classic CAN (at most 8 data bytes per frame). */
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

/**
 * Reads one PDU from the data bytes of a frame.
 * @param data data bytes of the frame
 * @param offset bytes before the PCI: 0, or 1 with extended and mixed addressing
 * @returns undefined for what ISO 15765-2 tells a receiver to ignore: unknown PCI types, zero-length or over-long
 *   single frames, first frames that would fit into a single frame, and frames cut short.
 */
export function parsePdu(data: Uint8Array, offset: number): IsoTpPdu | undefined {
  const pci = data[offset];
  if (pci === undefined || data.length > CLASSIC_DATA_LENGTH) return undefined;
  const low = pci & 0x0f;
  switch (pci >> 4) {
    case 0: {
      const start = offset + 1;
      if (low === 0 || start + low > data.length) return undefined;
      return { kind: "single", payload: data.subarray(start, start + low) };
    }
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

function parseFirst(data: Uint8Array, offset: number, highNibble: number): IsoTpPdu | undefined {
  // A first frame always fills its CAN frame; a shorter one is a torn frame.
  if (data.length < CLASSIC_DATA_LENGTH) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const short = (highNibble << 8) | view.getUint8(offset + 1);
  if (short > 0) {
    const longestSingle = CLASSIC_DATA_LENGTH - 1 - offset;
    if (short <= longestSingle) return undefined;
    return { kind: "first", length: short, payload: data.subarray(offset + 2) };
  }
  const long = view.getUint32(offset + 2);
  if (long <= MAX_12_BIT_LENGTH) return undefined;
  return { kind: "first", length: long, payload: data.subarray(offset + 6) };
}
