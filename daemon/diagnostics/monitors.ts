import type { Readiness } from "../../contract/payloads.ts";

/** A range of codes by their last three characters, and the readiness monitors that watch what they are about. */
interface Watched {
  readonly group: "P0" | "P2";
  readonly from: number;
  readonly to: number;
  /** SAE J1979 names, as readiness reports them. */
  readonly monitors: readonly string[];
}

const EVAP = ["evaporative-system"];
const AIR = ["secondary-air"];
const EGR = ["egr-vvt"];
const SENSOR = ["oxygen-sensor", "exhaust-gas-sensor"];
const HEATER = ["oxygen-sensor-heater"];
const FUEL = ["fuel-system"];
const CATALYST = ["catalyst", "heated-catalyst", "nmhc-catalyst"];
const FILTER = ["particulate-filter"];
const BOOST = ["boost-pressure"];
const NOX = ["nox-aftertreatment"];

/** SAE J2012 numbers codes by the part they belong to; SAE J1979 names one monitor for each part. */
const WATCHED: readonly Watched[] = [
  { group: "P0", from: 0x010, to: 0x015, monitors: EGR },
  { group: "P0", from: 0x020, to: 0x025, monitors: EGR },
  { group: "P0", from: 0x030, to: 0x032, monitors: HEATER },
  { group: "P0", from: 0x036, to: 0x064, monitors: HEATER },
  { group: "P0", from: 0x130, to: 0x167, monitors: [...SENSOR, ...HEATER] },
  { group: "P0", from: 0x170, to: 0x175, monitors: FUEL },
  { group: "P0", from: 0x234, to: 0x242, monitors: BOOST },
  { group: "P0", from: 0x299, to: 0x299, monitors: BOOST },
  { group: "P0", from: 0x300, to: 0x316, monitors: ["misfire"] },
  { group: "P0", from: 0x400, to: 0x409, monitors: EGR },
  { group: "P0", from: 0x410, to: 0x419, monitors: AIR },
  { group: "P0", from: 0x420, to: 0x439, monitors: CATALYST },
  { group: "P0", from: 0x440, to: 0x459, monitors: EVAP },
  { group: "P0", from: 0x486, to: 0x490, monitors: EGR },
  { group: "P0", from: 0x491, to: 0x492, monitors: AIR },
  { group: "P0", from: 0x496, to: 0x499, monitors: EVAP },
  { group: "P2", from: 0x002, to: 0x003, monitors: FILTER },
  { group: "P2", from: 0x096, to: 0x099, monitors: FUEL },
  { group: "P2", from: 0x0ee, to: 0x0ef, monitors: NOX },
  { group: "P2", from: 0x195, to: 0x198, monitors: SENSOR },
  { group: "P2", from: 0x200, to: 0x224, monitors: NOX },
  { group: "P2", from: 0x231, to: 0x256, monitors: SENSOR },
  { group: "P2", from: 0x270, to: 0x278, monitors: SENSOR },
  { group: "P2", from: 0x400, to: 0x422, monitors: EVAP },
  { group: "P2", from: 0x430, to: 0x448, monitors: AIR },
  { group: "P2", from: 0x452, to: 0x456, monitors: FILTER },
  { group: "P2", from: 0x458, to: 0x459, monitors: FILTER },
  { group: "P2", from: 0x463, to: 0x463, monitors: FILTER },
];

/**
 * Whether every monitor that would find this code again has finished. Where it is not known which one that is (other systems, other numbers, J1939), all
 * of them must have.
 * @param monitors by name as readiness tells them; empty where the car told none, which proves nothing
 */
export function isProven(code: string, monitors: Readiness["monitors"]): boolean {
  const supported = Object.entries(monitors).filter(([, state]) => state !== "unsupported");
  if (supported.length === 0) return false;
  const watching = watchers(code);
  const own = supported.filter(([name]) => watching.includes(name));
  return (own.length > 0 ? own : supported).every(([, state]) => state === "complete");
}

function watchers(code: string): readonly string[] {
  const group = code.slice(0, 2);
  const number = Number.parseInt(code.slice(2, 5), 16);
  return WATCHED.find((row) => row.group === group && number >= row.from && number <= row.to)?.monitors ?? [];
}
