// SAE J1979, service 06: what the monitor (OBDMID) and test (TID) identifiers stand for, as codes that a page can translate.

const MONITORS: ReadonlyMap<number, string> = new Map([
  ...bankSensors(0x01, "oxygen-sensor"),
  [0x11, "oxygen-sensor-bank-1-sensor-5"],
  [0x12, "oxygen-sensor-bank-2-sensor-5"],
  ...banks(0x21, 4, "catalyst"),
  ...banks(0x31, 4, "egr"),
  ...banks(0x35, 4, "vvt"),
  [0x39, "evap-cap-off"],
  [0x3a, "evap-large-leak"],
  [0x3b, "evap-small-leak"],
  [0x3c, "evap-very-small-leak"],
  [0x3d, "evap-purge-flow"],
  ...bankSensors(0x41, "oxygen-sensor-heater"),
  [0x51, "oxygen-sensor-heater-bank-1-sensor-5"],
  [0x52, "oxygen-sensor-heater-bank-2-sensor-5"],
  ...banks(0x61, 4, "heated-catalyst"),
  ...numbered(0x71, 4, "secondary-air"),
  ...banks(0x81, 4, "fuel-system"),
  ...banks(0x85, 2, "boost-pressure"),
  ...banks(0x90, 2, "nox-adsorber"),
  ...banks(0x98, 2, "nox-catalyst"),
  [0xa1, "misfire"],
  ...numbered(0xa2, 16, "misfire-cylinder"),
  ...banks(0xb2, 2, "particulate-filter"),
]);

const TESTS: ReadonlyMap<number, string> = new Map([
  [0x01, "rich-to-lean-threshold-voltage"],
  [0x02, "lean-to-rich-threshold-voltage"],
  [0x03, "low-voltage-for-switch-time"],
  [0x04, "high-voltage-for-switch-time"],
  [0x05, "rich-to-lean-switch-time"],
  [0x06, "lean-to-rich-switch-time"],
  [0x07, "minimum-voltage"],
  [0x08, "maximum-voltage"],
  [0x09, "time-between-transitions"],
  [0x0a, "period"],
  [0x0b, "average-misfires-last-10-cycles"],
  [0x0c, "misfires-current-or-last-cycle"],
]);

/** `catalyst-bank-1` and the like; E1 to FF belong to the maker. */
export function monitorName(id: number): string {
  return MONITORS.get(id) ?? `${id >= 0xe1 ? "maker" : "unknown"}-${hex(id)}`;
}

/** Tests from 80 to FE are the maker's own. */
export function testName(id: number): string {
  return TESTS.get(id) ?? `${id >= 0x80 && id !== 0xff ? "maker" : "unknown"}-${hex(id)}`;
}

function bankSensors(first: number, name: string): [number, string][] {
  return [1, 2, 3, 4].flatMap((bank) =>
    [1, 2, 3, 4].map((sensor): [number, string] => [
      first + 4 * (bank - 1) + sensor - 1,
      `${name}-bank-${bank}-sensor-${sensor}`,
    ]),
  );
}

function banks(first: number, count: number, name: string): [number, string][] {
  return numbered(first, count, `${name}-bank`);
}

function numbered(first: number, count: number, name: string): [number, string][] {
  return Array.from({ length: count }, (_, n) => [first + n, `${name}-${n + 1}`]);
}

function hex(id: number): string {
  return id.toString(16).padStart(2, "0").toUpperCase();
}
