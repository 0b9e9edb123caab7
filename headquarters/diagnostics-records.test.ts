import { describe, expect, it } from "vitest";
import type { RecordType } from "../contract/records.ts";
import { checkRecord } from "./judgement.ts";
import { TestChain } from "./test-records.ts";

const at = { wallMs: 1, monoMs: 1, bootId: "b", trusted: true };
const by = { kind: "person", id: "li" };
const DIFFERENCE = {
  codes: [{ code: "P0420", ecu: "7E8", outcome: "cleared-not-proven", before: "confirmed", after: null }],
  incompleteMonitors: ["catalyst"],
  unreadable: [{ ecu: "7EC", reason: "secure-gateway" }],
  cleared: "by-us",
  sameVin: true,
};
const reading = { name: "probe-temperature-spread", value: 5, unit: "°C", at: 1 };

/** One of each record that diagnostics in the workshop makes. */
const BODIES: readonly (readonly [RecordType, Record<string, unknown>])[] = [
  ["scan.compared", { jobId: "j", arrival: "a", departure: "d", difference: DIFFERENCE, at }],
  [
    "codes.clear-requested",
    { jobId: "j", dongleId: "obd-1", technicianId: "li", preScan: "a", transaction: "clear.1", by, at },
  ],
  [
    "codes.cleared",
    {
      jobId: "j",
      dongleId: "obd-1",
      transaction: "clear.1",
      outcome: "partly",
      code: null,
      ecus: [{ address: "7E8", outcome: "cleared" }],
      at,
    },
  ],
  [
    "signals.recorded",
    {
      jobId: "j",
      dongleId: "obd-1",
      from: at,
      to: at,
      series: [
        { name: "engine-speed", unit: "rpm", minimum: 700, maximum: 900, last: 900, count: 2, points: [[0, 700]] },
      ],
      by,
      at,
    },
  ],
  [
    "battery.alerted",
    {
      jobId: "j",
      dongleId: "obd-1",
      alert: "probe-spread",
      state: "raised",
      value: 5,
      limit: 3,
      unit: "°C",
      readings: [reading],
      at,
    },
  ],
];

describe("headquarters takes what diagnostics in the workshop writes down", () => {
  it.each(BODIES)("%s as the contract has it, and not with a word more or less", (type, body) => {
    const chain = new TestChain("diagnostics");
    expect(() => checkRecord(chain.add(type, body), "diagnostics")).not.toThrow();
    const { at: _at, ...short } = body;
    for (const wrong of [short, { ...body, plate: "沪A12345" }])
      expect(() => checkRecord(chain.add(type, wrong), "diagnostics")).toThrow(
        expect.objectContaining({ code: "record-invalid" }),
      );
  });

  it("polling.switched among the operations", () => {
    const chain = new TestChain("operations");
    const record = chain.add("polling.switched", { enabled: false, by, at });
    expect(() => checkRecord(record, "operations")).not.toThrow();
    expect(() => checkRecord(record, "diagnostics")).toThrow(expect.objectContaining({ code: "record-invalid" }));
  });
});
