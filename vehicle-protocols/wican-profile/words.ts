/** WiCAN's parameter names → the word of BayGate's vocabulary, and the unit that WiCAN's list of parameters gives them. */
const WORDS: ReadonlyMap<string, readonly [word: string, unit: string]> = new Map<string, readonly [string, string]>([
  ["SPEED", ["vehicle-speed", "km/h"]],
  ["ODOMETER", ["odometer", "km"]],
  ["ODOMETER_MI", ["odometer", "mi"]],
  ["RANGE", ["range-left", "km"]],
  ["TMP_A", ["ambient-temperature", "°C"]],
  ["CHARGING", ["charging", ""]],
  ["GEAR", ["gear", ""]],
  ["SOC", ["state-of-charge", "%"]],
  ["SOH", ["state-of-health", "%"]],
  ["HV_V", ["pack-voltage", "V"]],
  ["HV_A", ["pack-current", "A"]],
  ["HV_W", ["pack-power", "W"]],
  ["HV_CAPACITY", ["pack-capacity", "Ah"]],
  ["KWH_CHARGED", ["charged-energy", "kWh"]],
  ["KWH_DISCHARGED", ["discharged-energy", "kWh"]],
  ["HV_C_V_MAX", ["cell-voltage-max", "V"]],
  ["HV_C_V_MIN", ["cell-voltage-min", "V"]],
  ["HV_C_V_MAX_NO", ["cell-voltage-max-number", ""]],
  ["HV_C_V_MIN_NO", ["cell-voltage-min-number", ""]],
  ["HV_T_MAX", ["probe-temperature-max", "°C"]],
  ["HV_T_MIN", ["probe-temperature-min", "°C"]],
  ["HV_T_I", ["coolant-inlet-temperature", "°C"]],
  ["LV_V", ["low-voltage-battery", "V"]],
  ["LV_A", ["low-voltage-current", "A"]],
  ["DM_F_RPM", ["motor-speed.1", "rpm"]],
  ["DM_R_RPM", ["motor-speed.2", "rpm"]],
  ["ENGINE_RPM", ["engine-speed", "rpm"]],
  ["COOLANT_TMP", ["coolant-temperature", "°C"]],
  ["INTAKE_AIR_TMP", ["intake-air-temperature", "°C"]],
  ["ENGINE_OIL_TEMP", ["oil-temperature", "°C"]],
  ["FUEL", ["fuel-level", "%"]],
  ["THROTTLE", ["throttle-position", "%"]],
  ["MAF", ["mass-air-flow", "g/s"]],
  ["STFT", ["short-term-fuel-trim", "%"]],
  ["TYRE_P_FL", ["tyre-pressure.front-left", "psi"]],
  ["TYRE_P_FR", ["tyre-pressure.front-right", "psi"]],
  ["TYRE_P_RL", ["tyre-pressure.rear-left", "psi"]],
  ["TYRE_P_RR", ["tyre-pressure.rear-right", "psi"]],
  ["TYRE_T_FL", ["tyre-temperature.front-left", "°C"]],
  ["TYRE_T_FR", ["tyre-temperature.front-right", "°C"]],
  ["TYRE_T_RL", ["tyre-temperature.rear-left", "°C"]],
  ["TYRE_T_RR", ["tyre-temperature.rear-right", "°C"]],
]);

export type WicanWord = {
  readonly word: string;
  /** The unit in which WiCAN gives it, unless a profile says another. */
  readonly unit: string;
};

/**
 * The vocabulary's word for one of WiCAN's parameters, for profiles and for what the dongle itself publishes: `HV_C_V_012`
 * is `cell-voltage.12`, `HV_T_3` is `probe-temperature.3`. A current keeps the sign that the profile gives it.
 * @returns undefined where the vocabulary has no word that means the same
 */
export function wicanWord(name: string): WicanWord | undefined {
  const known = WORDS.get(name);
  if (known !== undefined) return { word: known[0], unit: known[1] };
  const [, cell] = /^HV_C_V_(\d{1,4})$/.exec(name) ?? [];
  if (cell !== undefined && Number(cell) > 0) return { word: `cell-voltage.${Number(cell)}`, unit: "V" };
  const [, probe] = /^HV_T_(\d{1,3})$/.exec(name) ?? [];
  return probe !== undefined && Number(probe) > 0
    ? { word: `probe-temperature.${Number(probe)}`, unit: "°C" }
    : undefined;
}

/** Every word that `wicanWord` may give, with its unit. */
export function wicanWords(): readonly WicanWord[] {
  return [...WORDS.values()].map(([word, unit]) => ({ word, unit }));
}
