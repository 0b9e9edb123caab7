/** How the 16-bit values of a monitor's test are to be read (SAE J1979, Unit and Scaling Identification). */
export type UnitAndScaling = {
  readonly unit: MonitorUnit;
  /** value = raw × multiply + add. */
  readonly multiply: number;
  readonly add: number;
};

export type MonitorUnit =
  | "rpm"
  | "km/h"
  | "V"
  | "V/ms"
  | "mV/s"
  | "mA"
  | "A"
  | "µA"
  | "s"
  | "min"
  | "µs"
  | "Ω"
  | "kΩ"
  | "°C"
  | "kPa"
  | "Pa"
  | "Pa/s"
  | "°"
  | "Hz"
  | "kHz"
  | "km"
  | "g/s"
  | "kg/h"
  | "g"
  | "g/cylinder"
  | "mg/stroke"
  | "Nm"
  | "%"
  | "L"
  | "mm"
  | "mm²"
  | "ppm"
  | "kJ"
  | "g/kWh"
  /** Bare numbers: raw values, ratios, counts. */
  | "1"
  /** 0 is false, everything else true. */
  | "true-false";

type Row = readonly [id: number, multiply: number, unit: MonitorUnit, add?: number];

// Times in seconds, resistances in ohms, lengths in millimetres (the standard has inches): one unit for one quantity.
const ROWS: readonly Row[] = [
  [0x01, 1, "1"],
  [0x02, 0.1, "1"],
  [0x03, 0.01, "1"],
  [0x04, 0.001, "1"],
  [0x05, 0.0000305, "1"],
  [0x06, 0.000305, "1"],
  [0x07, 0.25, "rpm"],
  [0x08, 0.01, "km/h"],
  [0x09, 1, "km/h"],
  [0x0a, 0.000122, "V"],
  [0x0b, 0.001, "V"],
  [0x0c, 0.01, "V"],
  [0x0d, 0.00390625, "mA"],
  [0x0e, 0.001, "A"],
  [0x0f, 0.01, "A"],
  [0x10, 0.001, "s"],
  [0x11, 0.1, "s"],
  [0x12, 1, "s"],
  [0x13, 0.001, "Ω"],
  [0x14, 1, "Ω"],
  [0x15, 1, "kΩ"],
  [0x16, 0.1, "°C", -40],
  [0x17, 0.01, "kPa"],
  [0x18, 0.0117, "kPa"],
  [0x19, 0.079, "kPa"],
  [0x1a, 1, "kPa"],
  [0x1b, 10, "kPa"],
  [0x1c, 0.01, "°"],
  [0x1d, 0.5, "°"],
  [0x1e, 0.0000305, "1"],
  [0x1f, 0.05, "1"],
  [0x20, 0.00390625, "1"],
  [0x21, 0.001, "Hz"],
  [0x22, 1, "Hz"],
  [0x23, 1, "kHz"],
  [0x24, 1, "1"],
  [0x25, 1, "km"],
  [0x26, 0.0001, "V/ms"],
  [0x27, 0.01, "g/s"],
  [0x28, 1, "g/s"],
  [0x29, 0.25, "Pa/s"],
  [0x2a, 0.001, "kg/h"],
  [0x2b, 1, "1"],
  [0x2c, 0.01, "g/cylinder"],
  [0x2d, 0.01, "mg/stroke"],
  [0x2e, 1, "true-false"],
  [0x2f, 0.01, "%"],
  [0x30, 0.001526, "%"],
  [0x31, 0.001, "L"],
  [0x32, 0.0007747, "mm"],
  [0x33, 0.00024414, "1"],
  [0x34, 1, "min"],
  [0x35, 0.01, "s"],
  [0x36, 0.01, "g"],
  [0x37, 0.1, "g"],
  [0x38, 1, "g"],
  [0x39, 0.01, "%", -327.68],
  [0x3a, 0.001, "g"],
  [0x3b, 0.0001, "g"],
  [0x3c, 0.1, "µs"],
  [0x3d, 0.01, "mA"],
  [0x3e, 0.00006103516, "mm²"],
  [0x3f, 0.01, "L"],
  [0x40, 1, "ppm"],
  [0x41, 0.01, "µA"],
  [0x42, 0.1, "kJ"],
  [0x43, 0.00024414, "g/kWh"],
  [0x81, 1, "1"],
  [0x82, 0.1, "1"],
  [0x83, 0.01, "1"],
  [0x84, 0.001, "1"],
  [0x85, 0.0000305, "1"],
  [0x86, 0.000305, "1"],
  [0x87, 1, "ppm"],
  [0x8a, 0.000122, "V"],
  [0x8b, 0.001, "V"],
  [0x8c, 0.01, "V"],
  [0x8d, 0.00390625, "mA"],
  [0x8e, 0.001, "A"],
  [0x8f, 1, "µs"],
  [0x90, 0.001, "s"],
  [0x91, 0.1, "s"],
  [0x92, 0.1, "Nm"],
  [0x96, 0.1, "°C"],
  [0x97, 0.01, "°C"],
  [0x98, 1, "mg/stroke"],
  [0x99, 0.1, "kPa"],
  [0x9c, 0.01, "°"],
  [0x9d, 0.5, "°"],
  [0xa8, 1, "g/s"],
  [0xa9, 0.25, "Pa/s"],
  [0xad, 0.01, "mg/stroke"],
  [0xae, 0.1, "mg/stroke"],
  [0xaf, 0.01, "%"],
  [0xb0, 0.003052, "%"],
  [0xb1, 2, "mV/s"],
  [0xfb, 10, "kPa"],
  [0xfc, 0.01, "kPa"],
  [0xfd, 0.001, "kPa"],
  [0xfe, 0.25, "Pa"],
];

const BY_ID: ReadonlyMap<number, UnitAndScaling> = new Map(
  ROWS.map(([id, multiply, unit, add = 0]) => [id, { unit, multiply, add }]),
);

/** undefined for an identification outside the table. */
export function unitAndScaling(id: number): UnitAndScaling | undefined {
  return BY_ID.get(id);
}

/** Identifications 80 to FE hold signed values (two's complement), also those that the table does not know. */
export function isSignedScaling(id: number): boolean {
  return id >= 0x80;
}
