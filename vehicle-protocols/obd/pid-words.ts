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
  32: "open-loop-cold-bank-2",
  64: "open-loop-driving-bank-2",
  128: "open-loop-fault-bank-2",
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
  14: "heavy-duty-euro-iv-b1",
  15: "heavy-duty-euro-v-b2",
  16: "heavy-duty-euro-eev-c",
  17: "emd",
  18: "emd-plus",
  19: "hd-obd-child",
  20: "hd-obd",
  21: "wwh-obd",
  23: "hd-eobd-i",
  24: "hd-eobd-i-nox",
  25: "hd-eobd-ii",
  26: "hd-eobd-ii-nox",
  27: "hd-zev",
  28: "obdbr-1",
  29: "obdbr-2",
  30: "kobd",
  31: "iobd-i",
  32: "iobd-ii",
  33: "hd-eobd-vi",
  34: "obd-obd-ii-and-hd-obd",
  35: "obdbr-3",
  36: "motorcycle-eobd-i",
  37: "motorcycle-eobd-ii",
  38: "motorcycle-china-obd-i",
  39: "motorcycle-taiwan-obd-i",
  40: "motorcycle-jobd-i",
  41: "china-6",
  42: "obdbr-p7",
  43: "china-hd-vi",
  44: "india-bs6-obd-i",
  45: "india-bs6-obd-ii",
  46: "india-hd-bs6",
  47: "obdbr-p8",
  48: "hd-jobd-ii",
  49: "hd-kobd-ii",
  50: "china-off-road-iv",
  51: "zev-carb-acc-ii",
  52: "motorcycle-jobd-ii",
  53: "motorcycle-carb",
  54: "motorcycle-epa",
  55: "motorcycle-carb-and-epa",
  56: "hd-zev-carb",
  57: "zev-carb-acc-ii-and-epa-tier-4",
  58: "zev-epa-tier-4",
  59: "hd-epa",
});

/** PID 5F. */
export const EMISSION_STANDARD = words({
  14: "heavy-duty-euro-iv-b1",
  15: "heavy-duty-euro-v-b2",
  16: "heavy-duty-euro-eev-c",
  17: "heavy-duty-euro-vi",
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
  24: "bifuel-natural-gas",
  25: "bifuel-diesel",
  26: "natural-gas",
  27: "dual-fuel-diesel-and-cng",
  28: "dual-fuel-diesel-and-lng",
  29: "hydrogen-fuel-cell",
  30: "hydrogen-combustion",
  31: "kerosene",
  32: "heavy-fuel-oil",
});

/** PID 1E and other single bits. */
export const OFF_ON = words({ 0: "off", 1: "on" });

/** PID 65. */
export const GEAR_OR_NEUTRAL = words({ 0: "neutral", 1: "in-gear" });

/** PID 70 and 71, two bits per turbocharger. */
export const LOOP = words({ 0: "reserved", 1: "open-loop", 2: "closed-loop", 3: "fault" });

/** PID 8B: one bit each. */
export const REGENERATION = words({ 0: "not-regenerating", 1: "regenerating" });
export const REGENERATION_KIND = words({ 0: "passive", 1: "active" });

/** PID 90 and 91: how the malfunction indicator is lit (ISO 27145). */
export const INDICATOR_MODE = words({
  0: "off",
  1: "on-demand",
  2: "short",
  3: "continuous",
  14: "error",
  15: "not-available",
});
export const INDICATOR_STRATEGY = words({ 0: "non-discriminatory", 1: "discriminatory", 3: "not-available" });
export const READINESS = words({ 0: "complete", 1: "not-complete" });

/** PID 92. */
export const CLOSED_LOOP = words({ 0: "not-closed-loop", 1: "closed-loop" });

/** PID 94, two bits per level. */
export const INDUCEMENT = words({ 0: "inactive", 1: "enabled", 2: "active", 3: "not-supported" });

/** PID 9B: what is in the tank for exhaust fluid. */
export const EXHAUST_FLUID = words({ 0: "too-concentrated", 1: "too-dilute", 2: "diesel", 3: "proper" });

/** PID 9A, one bit: what the hybrid system does with its battery. */
export const CHARGE_MODE = words({ 0: "charge-sustaining", 1: "charge-depleting" });
export const ENHANCED_CHARGE_MODE = words({
  0: "charge-sustaining",
  1: "charge-depleting",
  2: "charge-increasing",
});
