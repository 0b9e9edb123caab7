/** SAE J1979 names of the monitors behind PID 01 and PID 41. */
export type MonitorName =
  | "misfire"
  | "fuel-system"
  | "comprehensive-components"
  | "catalyst"
  | "heated-catalyst"
  | "evaporative-system"
  | "secondary-air"
  | "oxygen-sensor"
  | "oxygen-sensor-heater"
  | "egr-vvt"
  | "nmhc-catalyst"
  | "nox-aftertreatment"
  | "boost-pressure"
  | "exhaust-gas-sensor"
  | "particulate-filter";

export type Monitor = {
  readonly name: MonitorName;
  /** PID 01: the car has this monitor. PID 41: it can run in this driving cycle. */
  readonly supported: boolean;
  /** Only meaningful where supported. */
  readonly complete: boolean;
};

export type MonitorStatus = {
  /** Malfunction indicator lamp commanded on. PID 01 only; false for PID 41. */
  readonly milOn: boolean;
  /** Confirmed emission-related codes in this ECU. PID 01 only; 0 for PID 41. */
  readonly dtcCount: number;
  readonly ignition: "spark" | "compression";
  /** Monitors that exist for this ignition type, in the order of the standard. */
  readonly monitors: readonly Monitor[];
};

const CONTINUOUS: readonly MonitorName[] = ["misfire", "fuel-system", "comprehensive-components"];

// Position = bit in bytes C (supported) and D (not complete); undefined = reserved. Bit 4 of petrol engines was the refrigerant of the air
// conditioning, which hardly any car monitored, and has become the particulate filter.
const SPARK: readonly MonitorName[] = [
  "catalyst",
  "heated-catalyst",
  "evaporative-system",
  "secondary-air",
  "particulate-filter",
  "oxygen-sensor",
  "oxygen-sensor-heater",
  "egr-vvt",
];
const COMPRESSION: readonly (MonitorName | undefined)[] = [
  "nmhc-catalyst",
  "nox-aftertreatment",
  undefined,
  "boost-pressure",
  undefined,
  "exhaust-gas-sensor",
  "particulate-filter",
  "egr-vvt",
];

/**
 * The four data bytes of PID 01 (since codes were cleared) or PID 41 (this driving cycle).
 * In both, a set bit in B6–B4 and D means NOT complete.
 */
export function decodeMonitorStatus(a: number, b: number, c: number, d: number): MonitorStatus {
  const compression = (b & 0x08) !== 0;
  const monitors: Monitor[] = CONTINUOUS.map((name, bit) => monitor(name, b, bit, b, bit + 4));
  for (const [bit, name] of (compression ? COMPRESSION : SPARK).entries()) {
    if (name !== undefined) monitors.push(monitor(name, c, bit, d, bit));
  }
  return {
    milOn: (a & 0x80) !== 0,
    dtcCount: a & 0x7f,
    ignition: compression ? "compression" : "spark",
    monitors,
  };
}

function monitor(
  name: MonitorName,
  supported: number,
  bit: number,
  incomplete: number,
  incompleteBit: number,
): Monitor {
  return { name, supported: ((supported >> bit) & 1) === 1, complete: ((incomplete >> incompleteBit) & 1) === 0 };
}
