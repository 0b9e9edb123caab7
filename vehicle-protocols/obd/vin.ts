import { vinRegion } from "./vin-makers.ts";

/** What is odd about a vehicle identification number. */
export type VinProblem = {
  readonly code: "length" | "illegal-character" | "check-digit";
  /** An error means: do not take it for this car's number. A warning means: look twice. */
  readonly severity: "error" | "warning";
};

export type VinCheck = {
  /** Upper case, without blanks at the ends. */
  readonly vin: string;
  /** No problem of severity "error". */
  readonly valid: boolean;
  readonly problems: readonly VinProblem[];
};

const LENGTH = 17;
const WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2] as const;
// ISO 3779 transliteration; I, O and Q do not exist in a VIN.
const LETTER_VALUES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    A: 1,
    B: 2,
    C: 3,
    D: 4,
    E: 5,
    F: 6,
    G: 7,
    H: 8,
    J: 1,
    K: 2,
    L: 3,
    M: 4,
    N: 5,
    P: 7,
    R: 9,
    S: 2,
    T: 3,
    U: 4,
    V: 5,
    W: 6,
    X: 7,
    Y: 8,
    Z: 9,
  }),
);

/**
 * Checks a VIN: length, alphabet and check digit. The check digit is law in North America and in China (GB 16735);
 * elsewhere makers may use position nine freely, so a wrong digit is only a warning.
 */
export function checkVin(text: string): VinCheck {
  const vin = text.trim().toUpperCase();
  const problems: VinProblem[] = [];
  if (vin.length !== LENGTH) problems.push({ code: "length", severity: "error" });
  if (!/^[A-HJ-NPR-Z0-9]*$/.test(vin)) problems.push({ code: "illegal-character", severity: "error" });
  if (problems.length === 0 && vin.charAt(8) !== vinCheckDigit(vin)) {
    problems.push({ code: "check-digit", severity: isCheckDigitLaw(vin) ? "error" : "warning" });
  }
  return { vin, valid: problems.every((problem) => problem.severity !== "error"), problems };
}

function isCheckDigitLaw(vin: string): boolean {
  const region = vinRegion(vin);
  return region === "north-america" || region === "china";
}

/**
 * The model year by position ten. Its letters repeat every 30 years; of the two or three years that fit, the latest one up to `latestYear`
 * is taken, but in North America a digit at position seven means a year before 2010.
 * @param latestYear the newest model year on sale: usually next year
 * @returns undefined outside North America and China, where makers may use position ten freely, and for a character that is no year
 */
export function vinModelYear(vin: string, latestYear: number): number | undefined {
  const position = YEAR_CODES.indexOf(vin.charAt(9));
  if (vin.length !== LENGTH || position < 0 || !isCheckDigitLaw(vin)) return undefined;
  const first = FIRST_YEAR + position;
  const year = first + YEAR_CODES.length * Math.floor((latestYear - first) / YEAR_CODES.length);
  const isOld = vinRegion(vin) === "north-america" && /[0-9]/.test(vin.charAt(6)) && year >= 2010;
  const result = isOld ? first : year;
  return result >= FIRST_YEAR && result <= latestYear ? result : undefined;
}

/** Year codes of 49 CFR 565 and GB 16735: I, O, Q, U, Z and 0 do not occur. */
const YEAR_CODES = "ABCDEFGHJKLMNPRSTVWXY123456789";
const FIRST_YEAR = 1980;

/** The digit (0–9 or X) that belongs at position nine of a 17-character VIN; undefined if a character has no value. */
export function vinCheckDigit(vin: string): string | undefined {
  if (vin.length !== LENGTH) return undefined;
  let sum = 0;
  for (const [position, weight] of WEIGHTS.entries()) {
    const character = vin.charAt(position);
    const value = /[0-9]/.test(character) ? Number(character) : LETTER_VALUES.get(character);
    if (value === undefined) return undefined;
    sum += value * weight;
  }
  const rest = sum % 11;
  return rest === 10 ? "X" : String(rest);
}
