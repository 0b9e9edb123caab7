import type { DongleScan, ScannedEcu } from "../../contract/payloads.ts";

/** Bound of the contract. */
const MOST_UNANSWERED = 32;

/**
 * The scan as it fits a message: a car full of codes that kept long snapshots with them tells more than the broker takes. The longest snapshots go first, then
 * what was measured, then the last codes of the longest lists; what a unit lost is noted with it, and never looks like an empty list.
 * @param mostBytes of its JSON
 */
export function fitScan(scan: DongleScan, mostBytes: number): DongleScan {
  if (bytesOf(scan) <= mostBytes) return scan;
  const fitted = structuredClone(scan);
  dropSnapshots(fitted, bytesOf(fitted) - mostBytes);
  while (bytesOf(fitted) > mostBytes && (fitted.signals?.length ?? 0) > 0)
    fitted.signals = fitted.signals?.slice(0, Math.floor(fitted.signals.length / 2)) ?? [];
  cutLists(fitted, bytesOf(fitted) - mostBytes);
  return fitted;
}

function dropSnapshots({ ecus }: DongleScan, excessBytes: number): void {
  let excess = excessBytes;
  const kept = ecus.flatMap((ecu) =>
    ecu.dtcs.flatMap((dtc) => (dtc.snapshot === undefined ? [] : [{ ecu, dtc, bytes: bytesOf(dtc.snapshot) }])),
  );
  for (const { ecu, dtc, bytes } of kept.toSorted((a, b) => b.bytes - a.bytes)) {
    if (excess <= 0) return;
    delete dtc.snapshot;
    excess += note(ecu, "snapshot", "too-large") - bytes;
  }
}

function cutLists({ ecus }: DongleScan, excessBytes: number): void {
  let excess = excessBytes;
  while (excess > 0) {
    const [longest] = ecus.toSorted((a, b) => b.dtcs.length - a.dtcs.length);
    if (longest === undefined || longest.dtcs.length === 0) return;
    const cut = longest.dtcs.splice(Math.floor(longest.dtcs.length / 2));
    // By this service codes of any status come, so that none is missed for gone.
    excess += note(longest, "19", "list-incomplete") - (bytesOf(cut) - "[]".length);
  }
}

/** @returns how many bytes the note takes */
function note({ unanswered }: ScannedEcu, service: string, reason: string): number {
  if (unanswered.some((entry) => entry.service === service && entry.reason === reason)) return 0;
  if (unanswered.length >= MOST_UNANSWERED) unanswered.pop();
  const entry = { service, reason };
  unanswered.push(entry);
  return bytesOf(entry) + 1;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
