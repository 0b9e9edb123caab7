/** Position 10 of a VIN, 1980 first; the letters begin again after thirty years. I, O, Q, U, Z and 0 are not used. */
const CODES = "ABCDEFGHJKLMNPRSTVWXY123456789";
const FIRST_YEAR = 1980;
const CYCLE = CODES.length;

/**
 * Model year from a VIN.
 *
 * North America (first character 1–5, 49 CFR 565): position 7 tells the cycle, a digit for 1980–2009 and a letter for
 * 2010–2039. China (L, GB 16735): the year is there, and the cycle is the latest that has begun. Elsewhere makers may use
 * position 10 for anything, so nothing is told.
 * @param thisYear the year now; a model year may be the next one already
 */
export function modelYearOf(vin: string, thisYear: number): number | undefined {
  const code = CODES.indexOf(vin.charAt(9).toUpperCase());
  if (vin.length !== 17 || code < 0) return undefined;
  const first = FIRST_YEAR + code;
  if (/^[1-5]/.test(vin)) return /[0-9]/.test(vin.charAt(6)) ? first : first + CYCLE;
  if (!/^l/i.test(vin)) return undefined;
  const cycles = Math.floor((thisYear + 1 - first) / CYCLE);
  return cycles < 0 ? undefined : first + cycles * CYCLE;
}
