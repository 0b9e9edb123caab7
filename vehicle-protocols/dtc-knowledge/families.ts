/** What is concerned, for people who do not read codes. */
export const DTC_SYSTEMS = {
  engine: { en: "engine", zh: "发动机" },
  "fuel-air": { en: "fuel and air", zh: "燃油与进气" },
  ignition: { en: "ignition and misfire", zh: "点火与失火" },
  emissions: { en: "emissions", zh: "排放" },
  cooling: { en: "cooling", zh: "冷却" },
  electrical: { en: "12 V supply and starting", zh: "12 V 供电与起动" },
  "control-unit": { en: "control unit", zh: "控制单元" },
  transmission: { en: "transmission", zh: "变速器与传动" },
  "high-voltage": { en: "high voltage: battery and drive", zh: "高压系统(电池与电驱)" },
  brakes: { en: "brakes", zh: "制动" },
  steering: { en: "steering", zh: "转向" },
  chassis: { en: "chassis and stability", zh: "底盘与车身稳定" },
  body: { en: "body and comfort", zh: "车身与舒适" },
  restraint: { en: "airbags and belts", zh: "安全气囊与安全带" },
  network: { en: "network", zh: "车载网络" },
} as const;
export type DtcSystem = keyof typeof DTC_SYSTEMS;

/**
 * `low`: comfort or monitoring only. `medium`: emissions, consumption or reduced power. `high`: driving or a safety function is affected.
 * `critical`: danger, or damage that grows with every kilometre.
 */
export type DtcSeverity = "low" | "medium" | "high" | "critical";

/** Whether the car may be driven with a code. `not-known` is the answer wherever we have no judgement; it never means "drive". */
export type DriveAdvice = "drive" | "drive-with-care" | "do-not-drive" | "not-known";

interface Judgement {
  readonly system: DtcSystem;
  readonly severity: DtcSeverity;
  readonly advice: DriveAdvice;
}

const drive = "drive";
const care = "drive-with-care";
const stop = "do-not-drive";

function judge(system: DtcSystem, severity: DtcSeverity, advice: DriveAdvice): Judgement {
  return { system, severity, advice };
}

/** Codes that are judged alike. What to look at first stands in `hints.ts`. */
export const FAMILIES = {
  // Fuel and air
  "air-flow": judge("fuel-air", "medium", care),
  "air-temperature": judge("fuel-air", "low", drive),
  throttle: judge("fuel-air", "high", care),
  "throttle-stuck": judge("fuel-air", "critical", stop),
  mixture: judge("fuel-air", "medium", care),
  "fuel-pressure": judge("fuel-air", "high", care),
  "fuel-leak": judge("fuel-air", "critical", stop),
  "fuel-pump": judge("fuel-air", "high", care),
  "fuel-level": judge("fuel-air", "low", drive),
  "fuel-quality": judge("fuel-air", "high", care),
  injector: judge("fuel-air", "high", care),
  turbo: judge("fuel-air", "high", care),
  "charge-cooling": judge("fuel-air", "low", drive),
  "intake-flap": judge("fuel-air", "medium", drive),
  idle: judge("fuel-air", "medium", care),
  // Ignition and engine
  misfire: judge("ignition", "high", care),
  ignition: judge("ignition", "high", care),
  knock: judge("ignition", "medium", care),
  "crank-cam-sensor": judge("engine", "high", care),
  "valve-timing": judge("engine", "high", care),
  "cylinder-cut-off": judge("engine", "medium", care),
  "glow-plug": judge("engine", "low", drive),
  "oil-pressure": judge("engine", "high", care),
  "oil-pressure-lost": judge("engine", "critical", stop),
  "oil-level": judge("engine", "high", care),
  "crankcase-ventilation": judge("engine", "medium", drive),
  overspeed: judge("engine", "high", care),
  "vehicle-speed": judge("engine", "medium", care),
  cruise: judge("engine", "low", drive),
  immobiliser: judge("electrical", "medium", drive),
  // Emissions
  "oxygen-sensor": judge("emissions", "low", drive),
  "oxygen-heater": judge("emissions", "low", drive),
  catalyst: judge("emissions", "medium", drive),
  "exhaust-too-hot": judge("emissions", "critical", stop),
  "exhaust-temperature": judge("emissions", "medium", care),
  evap: judge("emissions", "low", drive),
  egr: judge("emissions", "medium", drive),
  "secondary-air": judge("emissions", "low", drive),
  "particulate-filter": judge("emissions", "high", care),
  reductant: judge("emissions", "high", care),
  "nox-sensor": judge("emissions", "medium", care),
  // Cooling and climate
  "coolant-temperature": judge("cooling", "medium", care),
  thermostat: judge("cooling", "low", drive),
  overheating: judge("cooling", "critical", stop),
  "coolant-pump": judge("cooling", "high", care),
  "cooling-fan": judge("cooling", "high", care),
  "air-conditioning": judge("body", "low", drive),
  // 12 V and control units
  "supply-voltage": judge("electrical", "high", care),
  generator: judge("electrical", "high", care),
  starter: judge("electrical", "medium", drive),
  "warning-lamp": judge("electrical", "low", drive),
  "safety-lamp": judge("electrical", "medium", care),
  "control-unit": judge("control-unit", "high", care),
  coding: judge("control-unit", "medium", care),
  "sensor-supply": judge("control-unit", "high", care),
  output: judge("control-unit", "low", drive),
  // Transmission
  "transmission-sensor": judge("transmission", "medium", care),
  "transmission-valve": judge("transmission", "high", care),
  "transmission-slip": judge("transmission", "high", care),
  "transmission-hot": judge("transmission", "critical", stop),
  "transmission-fluid": judge("transmission", "high", care),
  "gear-position": judge("transmission", "high", care),
  clutch: judge("transmission", "high", care),
  "four-wheel-drive": judge("transmission", "medium", care),
  "transmission-control": judge("transmission", "high", care),
  // High voltage
  "hv-isolation": judge("high-voltage", "critical", stop),
  "hv-interlock": judge("high-voltage", "critical", stop),
  "hv-contactor": judge("high-voltage", "critical", stop),
  "hv-battery": judge("high-voltage", "high", care),
  "hv-battery-sensor": judge("high-voltage", "high", care),
  "hv-battery-hot": judge("high-voltage", "critical", stop),
  "hv-cooling": judge("high-voltage", "high", care),
  "drive-motor": judge("high-voltage", "high", care),
  "drive-motor-hot": judge("high-voltage", "critical", stop),
  "dc-dc": judge("high-voltage", "high", care),
  // Chassis
  "wheel-speed": judge("brakes", "high", care),
  abs: judge("brakes", "high", care),
  "brake-system": judge("brakes", "critical", stop),
  "brake-wear": judge("brakes", "high", care),
  "brake-switch": judge("brakes", "high", care),
  stability: judge("chassis", "high", care),
  steering: judge("steering", "high", care),
  "tyre-pressure": judge("chassis", "high", care),
  // Restraint
  airbag: judge("restraint", "high", care),
  "occupant-sensing": judge("restraint", "high", care),
  // Network
  bus: judge("network", "high", care),
  "lost-drive": judge("network", "high", care),
  "lost-safety": judge("network", "high", care),
  "lost-comfort": judge("network", "low", drive),
  "bad-data": judge("network", "medium", care),
} as const satisfies Record<string, Judgement>;

export type FamilyName = keyof typeof FAMILIES;
