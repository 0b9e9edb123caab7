import type { DbcSignal } from "./model.ts";

/**
 * Where a signal's bits stand in the data. Bytes are read from the most to the least significant one: upwards for Motorola,
 * downwards for Intel; the lowest bit of the signal is `shift` bits up in the last byte read.
 */
export type BitLayout = {
  readonly firstByte: number;
  readonly step: 1 | -1;
  readonly byteCount: number;
  readonly shift: number;
  /** Data bytes that a frame must have for the signal to be in it. */
  readonly bytesNeeded: number;
};

/** @see DbcSignal for the numbering of `startBit` */
export function layoutOf({
  startBit,
  bitLength,
  byteOrder,
}: Pick<DbcSignal, "startBit" | "bitLength" | "byteOrder">): BitLayout {
  if (byteOrder === "intel") {
    const lowestByte = startBit >> 3;
    const firstByte = (startBit + bitLength - 1) >> 3;
    return {
      firstByte,
      step: -1,
      byteCount: firstByte - lowestByte + 1,
      shift: startBit & 7,
      bytesNeeded: firstByte + 1,
    };
  }
  // Bits counted in the order of transmission, where bit 7 of a byte comes first.
  const first = (startBit & ~7) + 7 - (startBit & 7);
  const last = first + bitLength - 1;
  const firstByte = first >> 3;
  const lastByte = last >> 3;
  return { firstByte, step: 1, byteCount: lastByte - firstByte + 1, shift: 7 - (last & 7), bytesNeeded: lastByte + 1 };
}

/** The bits of a signal as spans [from, to) of a count in which bit n is bit n % 8 of byte n / 8. */
export function bitSpans(
  signal: Pick<DbcSignal, "startBit" | "bitLength" | "byteOrder">,
): [from: number, to: number][] {
  const { startBit, bitLength, byteOrder } = signal;
  if (byteOrder === "intel") return [[startBit, startBit + bitLength]];
  // The rest of the first byte, whole bytes, and the top of the last one.
  const firstCount = Math.min(bitLength, (startBit & 7) + 1);
  const spans: [number, number][] = [[startBit - firstCount + 1, startBit + 1]];
  const wholeBits = (bitLength - firstCount) & ~7;
  const wholeFrom = (startBit | 7) + 1;
  if (wholeBits > 0) spans.push([wholeFrom, wholeFrom + wholeBits]);
  const lastBits = bitLength - firstCount - wholeBits;
  const lastTo = wholeFrom + wholeBits + 8;
  if (lastBits > 0) spans.push([lastTo - lastBits, lastTo]);
  return spans;
}
