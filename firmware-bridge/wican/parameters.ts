import type { Meaning } from "../signals.ts";

/** A corner of the car as the firmware abbreviates it. */
const CORNERS: Readonly<Record<string, string>> = {
  FL: "front-left",
  FR: "front-right",
  RL: "rear-left",
  RR: "rear-right",
};

/** Parameter names whose unit the firmware's own list of names fixes (vehicle profiles, params.json). */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  SPEED: { name: "vehicle-speed" },
  ODOMETER: { name: "odometer" },
  TMP_A: { name: "ambient-temperature" },
  RANGE: { name: "range-left" },
  CHARGING: { name: "charging" },
  GEAR: { name: "gear" },
  SOC: { name: "state-of-charge" },
  SOH: { name: "state-of-health" },
  HV_V: { name: "pack-voltage" },
  HV_A: { name: "pack-current" },
  HV_W: { name: "pack-power", unit: "W" },
  HV_CAPACITY: { name: "pack-capacity" },
  KWH_CHARGED: { name: "charged-energy" },
  HV_C_V_MAX: { name: "cell-voltage-max" },
  HV_C_V_MIN: { name: "cell-voltage-min" },
  HV_C_V_MAX_NO: { name: "cell-voltage-max-number" },
  HV_C_V_MIN_NO: { name: "cell-voltage-min-number" },
  HV_T_MAX: { name: "probe-temperature-max" },
  HV_T_MIN: { name: "probe-temperature-min" },
  HV_T_I: { name: "coolant-inlet-temperature" },
  LV_V: { name: "low-voltage-battery" },
  ENGINE_RPM: { name: "engine-speed" },
  COOLANT_TMP: { name: "coolant-temperature" },
  INTAKE_AIR_TMP: { name: "intake-air-temperature" },
  ENGINE_OIL_TEMP: { name: "oil-temperature" },
  FUEL: { name: "fuel-level" },
  THROTTLE: { name: "throttle-position" },
  MAF: { name: "mass-air-flow" },
  STFT: { name: "short-term-fuel-trim" },
};

/** What a parameter of an AutoPID group means; undefined for a name outside the firmware's list. */
export function meaningOfParameter(parameter: string): Meaning | undefined {
  if (Object.hasOwn(MEANINGS, parameter)) return MEANINGS[parameter];
  const [, family, which = ""] = /^(HV_C_V|HV_T|TYRE_P|TYRE_T)_(\d{1,3}|FL|FR|RL|RR)$/.exec(parameter) ?? [];
  const number = Number(which);
  if (family === "HV_C_V" && number > 0) return { name: `cell-voltage.${number}` };
  if (family === "HV_T" && number > 0) return { name: `probe-temperature.${number}` };
  const corner = CORNERS[which];
  if (family === "TYRE_P" && corner !== undefined) return { name: `tyre-pressure.${corner}`, unit: "psi" };
  if (family === "TYRE_T" && corner !== undefined) return { name: `tyre-temperature.${corner}` };
  return undefined;
}

/** Binary sensors are words. */
export function valueOfParameter(value: number | string | boolean): number | string | boolean {
  return value === "on" ? true : value === "off" ? false : value;
}
