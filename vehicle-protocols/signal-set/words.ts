import type { SignalDefinition, SignalSet } from "./signal-set.ts";

/** OBDb's `suggestedMetric` → the word of BayGate's vocabulary that means the same. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ["speed", "vehicle-speed"],
  ["odometer", "odometer"],
  ["electricRange", "range-left"],
  ["isCharging", "charging"],
  ["stateOfCharge", "state-of-charge"],
  ["stateOfHealth", "state-of-health"],
  ["tractionBatteryVoltage", "pack-voltage"],
  ["tractionBatteryCurrent", "pack-current"],
  ["tractionBatteryCapacity", "pack-capacity"],
  ["starterBatteryVoltage", "low-voltage-battery"],
  ["engineCoolantTemperature", "coolant-temperature"],
  ["engineOilTemperature", "oil-temperature"],
  ["engineLoad", "engine-load"],
  ["throttlePosition", "throttle-position"],
  ["massAirFlow", "mass-air-flow"],
  ["shortTermFuelTrim", "short-term-fuel-trim"],
  ["fuelTankLevel", "fuel-level"],
  ["frontLeftTirePressure", "tyre-pressure.front-left"],
  ["frontRightTirePressure", "tyre-pressure.front-right"],
  ["rearLeftTirePressure", "tyre-pressure.rear-left"],
  ["rearRightTirePressure", "tyre-pressure.rear-right"],
  ["frontLeftTireTemperature", "tyre-temperature.front-left"],
  ["frontRightTireTemperature", "tyre-temperature.front-right"],
  ["rearLeftTireTemperature", "tyre-temperature.rear-left"],
  ["rearRightTireTemperature", "tyre-temperature.rear-right"],
]);

/** No cell of any chemistry has more; what a group calls a module may be several cells. */
const HIGHEST_CELL_VOLTS = 6;
const LONGEST_PATTERN = 120;
const MOST_REPEATS = 3;
/** Literal text, digits, one level of groups: enough for the patterns that occur, and nothing that can take long. */
const PLAIN_PATTERN =
  /^\^?(?:[A-Za-z0-9_-]|\((?:\?<[a-z]{1,20}>)?(?:[A-Za-z0-9_-]|\\d[+*]?|\\d\{\d(?:,\d)?\})*\)|\\d[+*]?|\\d\{\d(?:,\d)?\})*\$?$/;

/**
 * The vocabulary's word for each signal of a set that has one, by signal id: what its hint says, and `cell-voltage.<n>` for
 * the members of a group of battery voltages. A word that two signals claim goes to the first; the set's own order counts.
 */
export function signalWords(set: SignalSet): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  const taken = new Set<string>();
  const cells = set.groups
    .filter(({ suggestedMetricGroup }) => suggestedMetricGroup === "batteryModulesVoltage")
    .map(({ pattern }) => plainPattern(pattern))
    .filter((pattern) => pattern !== undefined);
  for (const { signals } of set.commands)
    for (const signal of signals) {
      const word = WORDS.get(signal.suggestedMetric ?? "") ?? cellWord(signal, cells);
      if (word === undefined || taken.has(word) || words.has(signal.id)) continue;
      words.set(signal.id, word);
      taken.add(word);
    }
  return words;
}

function cellWord({ id, format }: SignalDefinition, patterns: readonly RegExp[]): string | undefined {
  if (format.kind !== "number" || format.unit !== "volts" || format.max > HIGHEST_CELL_VOLTS) return undefined;
  for (const pattern of patterns) {
    const match = pattern.exec(id);
    const number = match === null ? undefined : /\d+/.exec(match[1] ?? match[0])?.[0];
    if (number !== undefined && Number(number) > 0) return `cell-voltage.${Number(number)}`;
  }
  return undefined;
}

/** A foreign file's pattern, if it is of the plain kind that cannot be made to run long. */
function plainPattern(text: string): RegExp | undefined {
  if (text.length > LONGEST_PATTERN || !PLAIN_PATTERN.test(text)) return undefined;
  if ((text.match(/[+*]/g)?.length ?? 0) > MOST_REPEATS) return undefined;
  return new RegExp(`^(?:${text.replace(/^\^|\$$/g, "")})$`);
}
