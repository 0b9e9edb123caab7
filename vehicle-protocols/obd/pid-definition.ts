export type PidUnit =
  | "%"
  | "°C"
  | "kPa"
  | "Pa"
  | "rpm"
  | "km/h"
  | "°"
  | "g/s"
  | "V"
  | "mA"
  | "A"
  | "s"
  | "min"
  | "h"
  | "km"
  | "Nm"
  | "L/h"
  | "kg/h"
  | "mg/stroke"
  | "mg/m³"
  | "ppm"
  /** A bare number: ratio or count. */
  | "1"
  /** The value is one of a list of words. */
  | "word";

/** value = raw × multiply ÷ divide + add, in this order, so that round figures stay round. */
export type Scale = { readonly multiply: number; readonly divide: number; readonly add: number };

export type SignalDefinition = {
  /** SAE J1979 acronym where the standard has one. Unique in the table. */
  readonly id: string;
  readonly name: string;
  /** First data byte, counted from 0. */
  readonly byte: number;
  /** Data bytes, most significant first. */
  readonly bytes: 1 | 2 | 4;
  readonly signed?: true;
  readonly scale: Scale;
  readonly unit: PidUnit;
  /** Bit of data byte A that says whether the car fills this signal. */
  readonly supportBit?: number;
  /** Only these bits of the raw value count, shifted down. */
  readonly bits?: { readonly shift: number; readonly mask: number };
  /** Raw value that means "not used". */
  readonly absent?: number;
  /** Words for raw values; others read "unknown-N". */
  readonly words?: ReadonlyMap<number, string>;
};

export type PidDefinition = {
  readonly pid: number;
  /** Data bytes after the PID. */
  readonly length: number;
  /** Some PIDs carry a second byte for banks 3 and 4 where the engine has them. */
  readonly longLength?: number;
  readonly signals: readonly SignalDefinition[];
};

export const AS_IS: Scale = { multiply: 1, divide: 1, add: 0 };
export const PERCENT: Scale = { multiply: 100, divide: 255, add: 0 };
export const TRIM: Scale = { multiply: 100, divide: 128, add: -100 };
export const CELSIUS: Scale = { multiply: 1, divide: 1, add: -40 };
export const CELSIUS_TENTHS: Scale = { multiply: 1, divide: 10, add: -40 };
export const TORQUE: Scale = { multiply: 1, divide: 1, add: -125 };
export const LAMBDA: Scale = { multiply: 2, divide: 65536, add: 0 };

/** Raw value times this. */
export function times(multiply: number): Scale {
  return { multiply, divide: 1, add: 0 };
}

/** Raw value over `divide`, plus `add`. */
export function over(divide: number, add = 0): Scale {
  return { multiply: 1, divide, add };
}

type Extra = Pick<SignalDefinition, "signed" | "supportBit" | "bits" | "absent" | "words">;

/** One byte. */
export function u8(
  id: string,
  name: string,
  byte: number,
  scale: Scale,
  unit: PidUnit,
  extra: Extra = {},
): SignalDefinition {
  return { id, name, byte, bytes: 1, scale, unit, ...extra };
}

/** Two bytes, most significant first. */
export function u16(
  id: string,
  name: string,
  byte: number,
  scale: Scale,
  unit: PidUnit,
  extra: Extra = {},
): SignalDefinition {
  return { id, name, byte, bytes: 2, scale, unit, ...extra };
}

/** Four bytes, most significant first. */
export function u32(
  id: string,
  name: string,
  byte: number,
  scale: Scale,
  unit: PidUnit,
  extra: Extra = {},
): SignalDefinition {
  return { id, name, byte, bytes: 4, scale, unit, ...extra };
}

/** Some bits of one byte, read as one of a list of words. */
export function bits(
  id: string,
  name: string,
  byte: number,
  { shift, width }: { readonly shift: number; readonly width: number },
  words: ReadonlyMap<number, string>,
  supportBit?: number,
): SignalDefinition {
  const extra = { words, bits: { shift, mask: (1 << width) - 1 } };
  return u8(id, name, byte, AS_IS, "word", supportBit === undefined ? extra : { ...extra, supportBit });
}

/**
 * Neighbouring signals of one width and scale behind byte A, whose bits say which of them the car fills:
 * the first signal is announced by bit `firstBit`, the next by the bit above it.
 */
export function row(
  width: 1 | 2 | 4,
  scale: Scale,
  unit: PidUnit,
  names: readonly (readonly [id: string, name: string])[],
  firstBit = 0,
): SignalDefinition[] {
  return names.map(([id, name], n) => ({
    id,
    name,
    byte: 1 + (firstBit + n) * width,
    bytes: width,
    scale,
    unit,
    supportBit: firstBit + n,
  }));
}

/** A PID with one signal that fills it. */
export function one(pid: number, signal: SignalDefinition): PidDefinition {
  return { pid, length: signal.bytes, signals: [signal] };
}

/** A PID with several signals, or one that does not fill it. */
export function many(pid: number, length: number, signals: readonly SignalDefinition[]): PidDefinition {
  return { pid, length, signals };
}
