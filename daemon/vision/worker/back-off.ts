const FIRST_MS = 250;
const LONGEST_MS = 30_000;

/**
 * Pause before a start after `failures` failures in a row: doubling, capped, and jittered downwards by up to half, so that several
 * workers that died of one cause do not come back at one moment.
 * @param random 0 to 1
 */
export function pauseBeforeStart(failures: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return full * (1 - random / 2);
}
