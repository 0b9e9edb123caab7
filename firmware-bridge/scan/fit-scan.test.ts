import fc from "fast-check";
import { Value } from "typebox/value";
import { describe, expect, it } from "vitest";
import { DongleScan, type ScannedEcu } from "../../contract/payloads.ts";
import { TOPICS } from "../../contract/topics.ts";
import { fitScan } from "./fit-scan.ts";

const MOST = TOPICS.dongleScan.maxBytes;

function scanOf(ecus: ScannedEcu[]): DongleScan {
  return {
    messageId: "m-1" as DongleScan["messageId"],
    takenAt: 1,
    protocol: "x",
    vin: null,
    vinDoubts: [],
    ecus,
    readiness: null,
  };
}

function unit(index: number, codes: number, snapshotBytes: number): ScannedEcu {
  const snapshot = [{ did: "F190", data: "AB".repeat(Math.min(255, snapshotBytes)) }];
  const dtcs = Array.from({ length: codes }, (_, n) => ({
    code: `P${(n & 0xfff).toString(16).toUpperCase().padStart(4, "0")}-11`,
    status: "confirmed" as const,
    statusByte: 0x2f,
    ...(snapshotBytes === 0
      ? {}
      : { snapshot: Array.from({ length: Math.ceil(snapshotBytes / 255) }, () => snapshot[0]!) }),
  }));
  return { address: (0x700 + index).toString(16).toUpperCase(), dtcs, unanswered: [] };
}

const bytesOf = (scan: DongleScan) => Buffer.byteLength(JSON.stringify(scan));

describe("a scan that is larger than the broker takes", () => {
  it("leaves out the longest snapshots and says so, but no code", () => {
    const scan = scanOf(Array.from({ length: 60 }, (_, index) => unit(index, 8, index < 30 ? 1_000 : 100)));
    expect(bytesOf(scan)).toBeGreaterThan(MOST);
    const fitted = fitScan(scan, MOST);
    expect(bytesOf(fitted)).toBeLessThanOrEqual(MOST);
    expect(fitted.ecus.map(({ dtcs }) => dtcs.length)).toEqual(scan.ecus.map(({ dtcs }) => dtcs.length));
    const lost = fitted.ecus.filter(({ dtcs }) => dtcs.some(({ snapshot }) => snapshot === undefined));
    expect(lost.length).toBeGreaterThan(0);
    for (const { unanswered } of lost) expect(unanswered).toEqual([{ service: "snapshot", reason: "too-large" }]);
    expect(fitted.ecus.slice(30).every(({ unanswered }) => unanswered.length === 0)).toBe(true);
  });

  it("notes that a list of codes has lost its end", () => {
    const fitted = fitScan(scanOf(Array.from({ length: 64 }, (_, index) => unit(index, 500, 0))), MOST);
    expect(bytesOf(fitted)).toBeLessThanOrEqual(MOST);
    for (const { dtcs, unanswered } of fitted.ecus) expect(unanswered.length).toBe(dtcs.length === 500 ? 0 : 1);
  });

  it("fits whatever was found, stays a scan, and is the same where it fitted", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 60 }), fc.nat({ max: 600 })), { maxLength: 20 }),
        fc.integer({ min: 5_000, max: 200_000 }),
        (units, most) => {
          const scan = scanOf(units.map(([codes, snapshotBytes], index) => unit(index, codes, snapshotBytes)));
          const before = JSON.stringify(scan);
          const fitted = fitScan(scan, most);
          expect(bytesOf(fitted)).toBeLessThanOrEqual(most);
          expect(Value.Errors(DongleScan, fitted)).toEqual([]);
          expect(JSON.stringify(scan)).toBe(before);
          if (before.length <= most) expect(fitted).toBe(scan);
        },
      ),
      { numRuns: 40 },
    );
  });
});
