// SAE J1979 lists of words. The codes are ours to translate on the page.

function words(table: Record<number, string>): ReadonlyMap<number, string> {
  return new Map(Object.entries(table).map(([raw, word]) => [Number(raw), word]));
}

/** PID 03, one bit each. */
export const FUEL_SYSTEM = words({
  0: "off",
  1: "open-loop-cold",
  2: "closed-loop",
  4: "open-loop-driving",
  8: "open-loop-fault",
  16: "closed-loop-fault",
});

/** PID 12, one bit each. */
export const SECONDARY_AIR = words({ 1: "upstream", 2: "downstream", 4: "off", 8: "on-for-diagnosis" });

/** PID 1C. */
export const OBD_STANDARD = words({
  1: "obd-ii-carb",
  2: "obd-epa",
  3: "obd-and-obd-ii",
  4: "obd-i",
  5: "none",
  6: "eobd",
  7: "eobd-and-obd-ii",
  8: "eobd-and-obd",
  9: "eobd-obd-and-obd-ii",
  10: "jobd",
  11: "jobd-and-obd-ii",
  12: "jobd-and-eobd",
  13: "jobd-eobd-and-obd-ii",
  17: "emd",
  18: "emd-plus",
  19: "hd-obd-child",
  20: "hd-obd",
  21: "wwh-obd",
  23: "hd-eobd-i",
  24: "hd-eobd-i-nox",
  25: "hd-eobd-ii",
  26: "hd-eobd-ii-nox",
  28: "obdbr-1",
  29: "obdbr-2",
  30: "kobd",
  31: "iobd-i",
  32: "iobd-ii",
  33: "hd-eobd-vi",
});

/** PID 51. */
export const FUEL_TYPE = words({
  0: "not-available",
  1: "gasoline",
  2: "methanol",
  3: "ethanol",
  4: "diesel",
  5: "lpg",
  6: "cng",
  7: "propane",
  8: "electric",
  9: "bifuel-gasoline",
  10: "bifuel-methanol",
  11: "bifuel-ethanol",
  12: "bifuel-lpg",
  13: "bifuel-cng",
  14: "bifuel-propane",
  15: "bifuel-electric",
  16: "bifuel-electric-and-combustion",
  17: "hybrid-gasoline",
  18: "hybrid-ethanol",
  19: "hybrid-diesel",
  20: "hybrid-electric",
  21: "hybrid-electric-and-combustion",
  22: "hybrid-regenerative",
  23: "bifuel-diesel",
});

/** PID 1E and other single bits. */
export const OFF_ON = words({ 0: "off", 1: "on" });

/** PID 70, two bits per turbocharger. */
export const LOOP = words({ 0: "reserved", 1: "open-loop", 2: "closed-loop", 3: "fault" });

/** PID 9A, one bit: what the hybrid system does with its battery. */
export const CHARGE_MODE = words({ 0: "charge-sustaining", 1: "charge-depleting" });
