import { layoutOf } from "./layout.ts";
import type { DbcSignal, ExactNumber } from "./model.ts";

// How the bits of a signal become a number. All paths but WIDE stay within doubles and allocate nothing.
const UNSIGNED_4_BYTES = 0;
const SIGNED_4_BYTES = 1;
const UNSIGNED_8_BYTES = 2;
const SIGNED_8_BYTES = 3;
const FLOAT = 4;
const WIDE = 5;

/** Integers of up to this many bits are exact in a double. */
const DOUBLE_BITS = 53;

const scratch = new DataView(new ArrayBuffer(8));

/** Reads the raw value of one signal out of data. Its fields are numbers of one shape for every signal: this is the hot path. */
export class Extraction {
  readonly bytesNeeded: number;
  readonly #kind: number;
  readonly #first: number;
  readonly #step: number;
  readonly #count: number;
  readonly #shift: number;
  readonly #bits: number;
  readonly #signed: boolean;
  readonly #float: boolean;

  constructor(signal: DbcSignal) {
    const { firstByte, step, byteCount, shift, bytesNeeded } = layoutOf(signal);
    this.bytesNeeded = bytesNeeded;
    this.#first = firstByte;
    this.#step = step;
    this.#count = byteCount;
    this.#shift = shift;
    this.#bits = signal.bitLength;
    this.#signed = signal.signed;
    this.#float = signal.encoding === "float";
    this.#kind = this.#float
      ? FLOAT
      : signal.bitLength > DOUBLE_BITS
        ? WIDE
        : byteCount <= 4
          ? signal.signed
            ? SIGNED_4_BYTES
            : UNSIGNED_4_BYTES
          : signal.signed
            ? SIGNED_8_BYTES
            : UNSIGNED_8_BYTES;
  }

  /** Whether `read` gives every digit; if not, `readExact` does. */
  get exact(): boolean {
    return this.#kind !== WIDE;
  }

  /** The raw value as a double. `data` must hold `bytesNeeded` bytes. */
  read(data: Uint8Array): number {
    switch (this.#kind) {
      case UNSIGNED_4_BYTES:
        return (this.#word(data, this.#first, this.#count) << (32 - this.#shift - this.#bits)) >>> (32 - this.#bits);
      case SIGNED_4_BYTES:
        return (this.#word(data, this.#first, this.#count) << (32 - this.#shift - this.#bits)) >> (32 - this.#bits);
      case UNSIGNED_8_BYTES:
        return this.#readLong(data, false);
      case SIGNED_8_BYTES:
        return this.#readLong(data, true);
      case FLOAT:
        return this.#readFloat(data);
      default:
        return Number(this.#readWide(data));
    }
  }

  /** The raw value with every digit. `data` must hold `bytesNeeded` bytes. */
  readExact(data: Uint8Array): ExactNumber {
    if (this.#kind !== WIDE) return this.read(data);
    const value = this.#readWide(data);
    return isSafe(value) ? Number(value) : value;
  }

  /** Up to four bytes from `at` on, in the order of weight, in the low end of 32 bits. */
  #word(data: Uint8Array, at: number, count: number): number {
    const step = this.#step;
    let word = data[at]!;
    if (count > 1) word = (word << 8) | data[at + step]!;
    if (count > 2) word = (word << 8) | data[at + 2 * step]!;
    if (count > 3) word = (word << 8) | data[at + 3 * step]!;
    return word;
  }

  /** Five to eight bytes, up to 53 bits. */
  #readLong(data: Uint8Array, signed: boolean): number {
    const highBytes = this.#count - 4;
    const shift = this.#shift;
    const high = this.#word(data, this.#first, highBytes);
    const low = this.#word(data, this.#first + highBytes * this.#step, 4);
    const lowBits = shift === 0 ? low : (low >>> shift) | (high << (32 - shift));
    if (this.#bits <= 32) {
      const top = lowBits << (32 - this.#bits);
      return signed ? top >> (32 - this.#bits) : top >>> (32 - this.#bits);
    }
    const unused = 64 - this.#bits;
    const top = (high >>> shift) << unused;
    return (signed ? top >> unused : top >>> unused) * 4294967296 + (lowBits >>> 0);
  }

  #readFloat(data: Uint8Array): number {
    if (this.#shift !== 0) scratch.setBigUint64(0, this.#bitsOf(data));
    else {
      const highBytes = Math.max(0, this.#count - 4);
      if (highBytes > 0) scratch.setInt32(0, this.#word(data, this.#first, highBytes));
      scratch.setInt32(4, this.#word(data, this.#first + highBytes * this.#step, this.#count - highBytes));
    }
    if (this.#bits === 64) return scratch.getFloat64(0);
    return this.#bits === 32 ? scratch.getFloat32(4) : halfPrecision(scratch.getUint16(6));
  }

  #readWide(data: Uint8Array): bigint {
    const bits = this.#bitsOf(data);
    return this.#signed ? BigInt.asIntN(this.#bits, bits) : bits;
  }

  #bitsOf(data: Uint8Array): bigint {
    let value = 0n;
    for (let n = 0; n < this.#count; n++) value = (value << 8n) | BigInt(data[this.#first + n * this.#step]!);
    return BigInt.asUintN(this.#bits, value >> BigInt(this.#shift));
  }
}

/** IEEE 754 binary16. */
function halfPrecision(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Whether a number of JavaScript holds this value exactly. */
export function isSafe(value: bigint): boolean {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
}
