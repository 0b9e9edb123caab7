/** A bit field, worked out once so that reading it is a handful of additions. */
export type BitReader = {
  readonly bits: number;
  /** The data must be at least this long, or the field is not there. */
  readonly leastBytes: number;
  readonly firstByte: number;
  /** Bytes from `firstByte` that the field touches. */
  readonly byteCount: number;
  /** Takes away the bits before the field in its first byte. */
  readonly firstMask: number;
  /** Bits behind the field in its last byte. */
  readonly shift: number;
  /** Bytes from `firstByte` that stand in reverse order; 0 for the usual order. */
  readonly reversed: number;
};

/**
 * Works out where a field lies. Bit 0 is the most significant bit of the first byte. With `leastSignificantByteFirst` the
 * bytes that hold the field are turned round first, and the field is then read as if they had stood so.
 */
export function bitReader(firstBit: number, bits: number, leastSignificantByteFirst: boolean): BitReader {
  const firstByte = Math.floor(firstBit / 8);
  const leastBytes = Math.ceil((firstBit + bits) / 8);
  return {
    bits,
    leastBytes,
    firstByte,
    byteCount: leastBytes - firstByte,
    firstMask: 0xff >> (firstBit % 8),
    shift: leastBytes * 8 - firstBit - bits,
    reversed: leastSignificantByteFirst && bits > 8 ? Math.ceil(bits / 8) : 0,
  };
}

/**
 * The raw, unsigned value; undefined if the data ends before the field does. Exact up to 53 bits, rounded above, as
 * JavaScript numbers are.
 */
export function readUnsigned(reader: BitReader, data: Uint8Array): number | undefined {
  if (data.length < reader.leastBytes) return undefined;
  const { firstByte, byteCount, shift, reversed } = reader;
  if (reversed > 0) return readReversed(reader, data);
  let value = data[firstByte]! & reader.firstMask;
  if (byteCount === 1) return value >> shift;
  const last = firstByte + byteCount - 1;
  for (let at = firstByte + 1; at < last; at++) value = value * 256 + data[at]!;
  return value * (256 >> shift) + (data[last]! >> shift);
}

function readReversed(reader: BitReader, data: Uint8Array): number {
  const { firstByte, byteCount, shift, reversed } = reader;
  const turned = (index: number) =>
    index < reversed ? data[firstByte + reversed - 1 - index]! : data[firstByte + index]!;
  let value = turned(0) & reader.firstMask;
  for (let index = 1; index < byteCount - 1; index++) value = value * 256 + turned(index);
  return value * (256 >> shift) + (turned(byteCount - 1) >> shift);
}

/** Two's complement over the field's own width. */
export function asSigned(value: number, bits: number): number {
  return value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
}
