import type { Stamp } from "../../contract/records.ts";

/**
 * Milliseconds from one moment to a later one, by the kernel's monotonic clock; never negative.
 * Undefined when the machine was rebooted between them: then only bounds are known (see `outageMs`).
 */
export function elapsedMs(from: Stamp, to: Stamp): number | undefined {
  return from.bootId === to.bootId ? Math.max(0, to.monoMs - from.monoMs) : undefined;
}

/** Where no believable wall clock bounds an outage, it is taken to have lasted at most this long. */
export const LONGEST_UNMEASURED_OUTAGE_MS = 24 * 3_600_000;

/** A stretch within one boot. */
export interface Stretch {
  readonly from: Stamp;
  readonly to: Stamp;
}

/**
 * How long the machine was off between two stretches of life at most, in milliseconds, by the wall clock where each side has a moment at
 * which it was trusted (a clock that NTP mends after the boot is believed backwards from then on); otherwise undefined.
 */
export function outageMs(before: Stretch, after: Stretch): number | undefined {
  const wentDown = wallAt(before.to, [before.to, before.from]);
  const cameUp = wallAt(after.from, [after.to, after.from]);
  return wentDown === undefined || cameUp === undefined || cameUp < wentDown ? undefined : cameUp - wentDown;
}

/** Wall time of `moment`, reckoned from the first trusted stamp of the same boot. */
function wallAt(moment: Stamp, references: readonly Stamp[]): number | undefined {
  const reference = references.find((stamp) => stamp.trusted && stamp.bootId === moment.bootId);
  return reference === undefined ? undefined : reference.wallMs + (moment.monoMs - reference.monoMs);
}
