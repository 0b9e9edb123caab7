import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClearAuthority } from "../../contract/payloads.ts";
import {
  addressWithByte,
  type CanFrame,
  DiagnosticExchange,
  fromHex,
  normalAddress,
  normalFixedAddress,
} from "../../vehicle-protocols/index.ts";
import { EgressGate, type Question } from "./approvals.ts";
import { EgressRefusal } from "./refusal.ts";

const EVERYBODY = { kind: "functional", idBits: 11 } as const;
const ENGINE = { kind: "physical", address: normalAddress(0x7e0, 0x7e8) } as const;
const NOW = 1_800_000_000_000;

const frame = (id: number, data: string, extended = false): CanFrame => ({ id, extended, data: fromHex(data) });
const ask = (request: string, target: Question["target"] = EVERYBODY): Question => ({
  target,
  request: fromHex(request),
});

function gateFor(question: Question): EgressGate {
  const gate = new EgressGate(() => NOW);
  gate.approve(question);
  return gate;
}

function authority(grantedAt: number): ClearAuthority {
  const given = { jobId: "job-1", technicianId: "person-1", preScan: "message-1", grantedAt };
  return given as ClearAuthority;
}

const READING = [
  "0100",
  "020C00",
  "03",
  "0600",
  "07",
  "0902",
  "0A",
  "1001",
  "1003",
  "3E00",
  "3E80",
  "1902FF",
  "22F190",
];
const FORBIDDEN = [
  "05",
  "08",
  "1002",
  "1101",
  "2701",
  "2EF19000",
  "2F0001",
  "3101FF00",
  "3400",
  "3601",
  "85",
  "28",
  "1087",
  "030000",
  "22F1",
  "",
];

describe("what may be asked of a car", () => {
  it.each(READING)("%s reads", (request) => {
    expect(() => gateFor(ask(request, ENGINE))).not.toThrow();
  });

  it.each(FORBIDDEN)("%s does not", (request) => {
    expect(() => gateFor(ask(request, ENGINE))).toThrow(EgressRefusal);
  });

  it("goes to identifiers that testers use, never to the car's own traffic", () => {
    const to = (id: number, extended = false) =>
      ({ kind: "physical", address: normalAddress(id, 0x7e8, extended) }) as const;
    for (const id of [0x7e0, 0x7e4, 0x7a0, 0x750, 0x6f1]) expect(() => gateFor(ask("22F190", to(id)))).not.toThrow();
    for (const id of [0x18da10f1, 0x17fc007b]) expect(() => gateFor(ask("22F190", to(id, true)))).not.toThrow();
    for (const id of [0x000, 0x123, 0x5ff, 0x7df]) expect(() => gateFor(ask("22F190", to(id)))).toThrow(EgressRefusal);
    for (const id of [0x7df, 0x18db33f1, 0x18eafff9, 0x0cf00400, 0x18da1000])
      expect(() => gateFor(ask("22F190", to(id, true)))).toThrow(EgressRefusal);
  });
});

describe("a frame on its way to a car", () => {
  it("passes when it is the approved question, and no other does", () => {
    const gate = gateFor(ask("03"));
    gate.passFrame(frame(0x7df, "0103CCCCCCCCCCCC"));
    for (const data of ["0107", "0104", "020300", "00", "", "1014490201314434", "2101"])
      expect(() => gate.passFrame(frame(0x7df, data))).toThrow(EgressRefusal);
    for (const id of [0x123, 0x7e8, 0x6f1]) expect(() => gate.passFrame(frame(id, "0103"))).toThrow(EgressRefusal);
    expect(() => gate.passFrame(frame(0x7df, "0103", true))).toThrow(EgressRefusal);
  });

  it("passes to one unit alone that was busy when all were asked", () => {
    expect(() => gateFor(ask("03")).passFrame(frame(0x7e2, "0103"))).not.toThrow();
  });

  it("is flow control to the unit that answers, never to all", () => {
    const gate = gateFor(ask("0902"));
    gate.passFrame(frame(0x7e0, "300000CCCCCCCCCC"));
    for (const id of [0x7df, 0x7e8, 0x123]) expect(() => gate.passFrame(frame(id, "300000"))).toThrow(EgressRefusal);
    expect(() => gate.passFrame(frame(0x7e0, "3F0000"))).toThrow(EgressRefusal);
    const fixed = gateFor(ask("22F190", { kind: "physical", address: normalFixedAddress(0x10) }));
    fixed.passFrame(frame(0x18da10f1, "300000", true));
    expect(() => fixed.passFrame(frame(0x18da11f1, "300000", true))).toThrow(EgressRefusal);
  });

  it("is a segment in its place of a request that was approved whole", () => {
    const long = ask("22F190F18CF197F187", ENGINE);
    const gate = gateFor(long);
    expect(() => gate.passFrame(frame(0x7e0, "2197F187CCCCCCCC"))).toThrow(EgressRefusal);
    gate.passFrame(frame(0x7e0, "100922F190F18CF1"));
    expect(() => gate.passFrame(frame(0x7e0, "2297F187CCCCCCCC"))).toThrow(EgressRefusal);
    expect(() => gate.passFrame(frame(0x7e0, "2197F188CCCCCCCC"))).toThrow(EgressRefusal);
    gate.passFrame(frame(0x7e0, "2197F187CCCCCCCC"));
    expect(() => gate.passFrame(frame(0x7e0, "2297F187CCCCCCCC"))).toThrow(EgressRefusal);
    expect(() => gate.passFrame(frame(0x7e0, "10092EF190F18CF1"))).toThrow(EgressRefusal);
    // Repeated after "busy", from the beginning.
    gate.passFrame(frame(0x7e0, "100922F190F18CF1"));
  });

  it("carries the address byte of its unit with extended addressing", () => {
    const address = addressWithByte(normalAddress(0x6f1, 0x607), 0x07, 0xf1);
    const gate = gateFor(ask("22DDBC", { kind: "physical", address }));
    gate.passFrame(frame(0x6f1, "070322DDBC"));
    gate.passFrame(frame(0x6f1, "07300000"));
    expect(() => gate.passFrame(frame(0x6f1, "120322DDBC"))).toThrow(EgressRefusal);
  });

  it("does not pass once the question is over", () => {
    const gate = gateFor(ask("03"));
    gate.withdraw();
    expect(() => gate.passFrame(frame(0x7df, "0103"))).toThrow(EgressRefusal);
    expect(() => gate.passRequest(fromHex("03"))).toThrow(EgressRefusal);
  });

  it("may be anything that an exchange sends for an approved question", () => {
    const target = fc.constantFrom<Question["target"]>(EVERYBODY, ENGINE, {
      kind: "physical",
      address: addressWithByte(normalAddress(0x750, 0x758), 0x2a, 0x2a),
    });
    const answer = fc.record({
      id: fc.constantFrom(0x7e8, 0x7e9, 0x758),
      extended: fc.constant(false),
      data: fc
        .constantFrom("037F0321", "1014490201314434", "300000", "2A10144902013144", "2A300000", "037F2221")
        .map(fromHex),
    });
    fc.assert(
      fc.property(
        target,
        fc.constantFrom("03", "22F190", "22F190F18CF197F187"),
        fc.array(answer),
        (to, request, list) => {
          if (to.kind === "functional" && request.length > 14) return;
          const question = ask(request, to);
          const gate = gateFor(question);
          const exchange = new DiagnosticExchange(question);
          let now = 0;
          let step = exchange.start(now);
          for (const next of list) {
            for (const sent of step.send) gate.passFrame(sent);
            now += 150;
            step = exchange.receive(next, now);
          }
          for (const sent of step.send) gate.passFrame(sent);
        },
      ),
    );
  });

  it("never says anything but what was approved, whatever the bytes", () => {
    const anything = fc.record({
      id: fc.oneof(fc.constantFrom(0x7df, 0x7e0, 0x7e1, 0x18db33f1), fc.integer({ min: 0, max: 0x1fffffff })),
      extended: fc.boolean(),
      data: fc.uint8Array({ maxLength: 8 }),
    });
    fc.assert(
      fc.property(anything, (sent) => {
        const gate = gateFor(ask("0902"));
        try {
          gate.passFrame(sent);
        } catch (error) {
          expect(error).toBeInstanceOf(EgressRefusal);
          return;
        }
        const [pci = 0] = sent.data;
        if (pci >> 4 === 3) expect(sent.id).not.toBe(0x7df);
        else expect([...sent.data.subarray(0, 3)]).toEqual([2, 0x09, 0x02]);
        expect(sent.extended).toBe(false);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("clearing codes", () => {
  it("needs the authority of a technician", () => {
    const gate = new EgressGate(() => NOW);
    expect(() => gate.approve(ask("04"))).toThrow(EgressRefusal);
    expect(() => gate.approve(ask("14FFFFFF", ENGINE))).toThrow(EgressRefusal);
    const close = gate.openClearing("t1", authority(NOW - 1000));
    gate.approve(ask("04"));
    gate.passFrame(frame(0x7df, "0104CCCCCCCCCCCC"));
    gate.approve(ask("14FFFFFF", ENGINE));
    gate.passRequest(fromHex("14FFFFFF"));
    close();
    expect(() => gate.passRequest(fromHex("14FFFFFF"))).toThrow(EgressRefusal);
    expect(() => gate.approve(ask("04"))).toThrow(EgressRefusal);
  });

  it("refuses an authority that is stale, from the future, or spent", () => {
    const gate = new EgressGate(() => NOW);
    expect(() => gate.openClearing("t1", authority(NOW - 120_001))).toThrow(/old/);
    expect(() => gate.openClearing("t1", authority(NOW + 31_000))).toThrow(EgressRefusal);
    gate.openClearing("t1", authority(NOW))();
    expect(() => gate.openClearing("t1", authority(NOW))).toThrow(/before/);
  });

  it("ends when the authority grows old meanwhile", () => {
    let now = NOW;
    const gate = new EgressGate(() => now);
    gate.openClearing("t1", authority(NOW));
    gate.approve(ask("04"));
    now += 120_001;
    expect(() => gate.passFrame(frame(0x7df, "0104"))).toThrow(EgressRefusal);
    expect(() => gate.passRequest(fromHex("04"))).toThrow(EgressRefusal);
  });

  it("means all codes: a part of them is not asked for", () => {
    const gate = new EgressGate(() => NOW);
    gate.openClearing("t1", authority(NOW));
    expect(() => gate.approve(ask("14000100", ENGINE))).toThrow(EgressRefusal);
  });
});
