import fc from "fast-check";
import { Value } from "typebox/value";
import { describe, expect, it } from "vitest";
import type { DongleScan, ScannedDtc, ScannedEcu } from "../../contract/payloads.ts";
import { DTC_OUTCOMES, type DtcOutcome, ScanDifference } from "../../contract/records.ts";
import { scanOf } from "../shop/workshop.fixture.ts";
import { compareScans, type OwnClearing } from "./difference.ts";
import { digestOf } from "./digest.ts";

type Monitors = NonNullable<DongleScan["readiness"]>["monitors"];

const READY: Monitors = { misfire: "complete", catalyst: "complete", "evaporative-system": "complete" };
/** As a spark engine stands right after its codes were cleared. */
const JUST_CLEARED: Monitors = { misfire: "complete", catalyst: "incomplete", "evaporative-system": "incomplete" };

const codes = (status: ScannedDtc["status"], ...list: string[]): ScannedDtc[] => list.map((code) => ({ code, status }));

function engine(dtcs: ScannedDtc[], more: Partial<ScannedEcu> = {}): ScannedEcu {
  return { address: "7E8", dtcs, unanswered: [], ...more };
}

function scan(ecus: ScannedEcu[], monitors: Monitors | null = READY, more: Partial<DongleScan> = {}): DongleScan {
  const readiness =
    monitors === null ? null : { milOn: false, confirmedDtcCount: 0, ignition: "spark" as const, monitors };
  return scanOf({ ecus, readiness, ...more });
}

function compare(arrival: DongleScan, departure: DongleScan, own: OwnClearing = "no"): ScanDifference {
  const difference = compareScans(digestOf(arrival), digestOf(departure), own);
  expect(Value.Errors(ScanDifference, difference)).toEqual([]);
  return difference;
}

/** `{ P0301: "fixed" }`; with several units `{ "7E8 P0301": "fixed" }`. */
function outcomes(difference: ScanDifference): Record<string, DtcOutcome> {
  const several = new Set(difference.codes.map(({ ecu }) => ecu)).size > 1;
  return Object.fromEntries(
    difference.codes.map(({ ecu, code, outcome }) => [several ? `${ecu} ${code}` : code, outcome]),
  );
}

describe("a repaired car", () => {
  it("that was driven until its monitors had finished after clearing is fixed", () => {
    const difference = compare(scan([engine(codes("confirmed", "P0420"))]), scan([engine([])]), "yes");
    expect(difference).toMatchObject({ cleared: "by-us", incompleteMonitors: [], sameVin: true });
    expect(outcomes(difference)).toEqual({ P0420: "fixed" });
    expect(difference.codes[0]).toMatchObject({ before: "confirmed", after: null });
  });

  it("that has only been cleared is not proven where the code's own monitor has not finished", () => {
    const arrival = scan([engine(codes("confirmed", "P0301", "P0420", "U0100"))]);
    const difference = compare(arrival, scan([engine([])], JUST_CLEARED), "yes");
    expect(outcomes(difference)).toEqual({
      P0301: "fixed",
      P0420: "cleared-not-proven",
      // No monitor watches the network, so nothing proves it before all have finished.
      U0100: "cleared-not-proven",
    });
    expect(difference.incompleteMonitors).toEqual(["catalyst", "evaporative-system"]);
  });

  it("that tells no readiness proves nothing by a code that is gone", () => {
    const difference = compare(scan([engine(codes("confirmed", "P0A80"))], null), scan([engine([])], null), "yes");
    expect(outcomes(difference)).toEqual({ P0A80: "cleared-not-proven" });
  });

  it("keeps its permanent code until its own monitor has passed, and is fixed once it has dropped it", () => {
    const arrival = scan([engine([...codes("confirmed", "P0420"), ...codes("permanent", "P0420")])]);
    const cleared = scan([engine(codes("permanent", "P0420"))], JUST_CLEARED);
    expect(outcomes(compare(arrival, cleared, "yes"))).toEqual({ P0420: "permanent-left" });
    // No tool can clear a permanent code: that it is gone is the unit's own word, whatever the other monitors do.
    expect(outcomes(compare(arrival, scan([engine([])], JUST_CLEARED), "yes"))).toEqual({ P0420: "fixed" });
  });

  it("whose units tell by their status byte what they have tested is judged by that", () => {
    const arrival = scan([engine([{ code: "C0035-11", status: "confirmed", statusByte: 0x2f }])], null);
    const at = (statusByte: number) => scan([engine([{ code: "C0035-11", status: "stored", statusByte }])], null);
    expect(outcomes(compare(arrival, at(0x50), "yes"))).toEqual({ "C0035-11": "cleared-not-proven" });
    expect(outcomes(compare(arrival, at(0x40), "yes"))).toEqual({ "C0035-11": "fixed" });
  });
});

describe("a car that is not repaired", () => {
  it("still has its code, also when it is only pending again after clearing", () => {
    const arrival = scan([engine(codes("confirmed", "P0171", "P0420"))]);
    const departure = scan([engine([...codes("pending", "P0171"), ...codes("confirmed", "P0420")])], JUST_CLEARED);
    const difference = compare(arrival, departure, "yes");
    expect(outcomes(difference)).toEqual({ P0171: "still-there", P0420: "still-there" });
    expect(difference.codes[0]).toMatchObject({ before: "confirmed", after: "pending" });
  });

  it("shows what the repair has brought as new", () => {
    const departure = scan([engine(codes("confirmed", "P0102"))]);
    expect(outcomes(compare(scan([engine([])]), departure))).toEqual({ P0102: "new" });
  });

  it("keeps the same code of two units apart", () => {
    const brakes = (dtcs: ScannedDtc[]): ScannedEcu => ({ address: "7EA", dtcs, unanswered: [] });
    const arrival = scan([engine(codes("confirmed", "U0100")), brakes(codes("confirmed", "U0100"))]);
    const departure = scan([engine([]), brakes(codes("confirmed", "U0100"))]);
    expect(outcomes(compare(arrival, departure, "yes"))).toEqual({ "7E8 U0100": "fixed", "7EA U0100": "still-there" });
  });
});

describe("a unit that cannot be read", () => {
  const arrival = scan([
    engine(codes("confirmed", "P0301")),
    { ...engine(codes("confirmed", "B1000")), address: "7EC" },
  ]);

  it.each(["secure-gateway", "no-answer"] as const)("at departure (%s) has nothing fixed", (reach) => {
    const departure = scan([engine([]), { ...engine([], { reach }), address: "7EC" }]);
    const difference = compare(arrival, departure, "yes");
    expect(outcomes(difference)).toEqual({ "7E8 P0301": "fixed", "7EC B1000": "not-checked" });
    expect(difference.unreadable).toEqual([{ ecu: "7EC", reason: reach }]);
  });

  it("and is not even listed any more is one that does not answer", () => {
    const difference = compare(arrival, scan([engine([])]), "yes");
    expect(outcomes(difference)).toMatchObject({ "7EC B1000": "not-checked" });
    expect(difference.unreadable).toEqual([{ ecu: "7EC", reason: "no-answer" }]);
  });

  it("and refuses one list loses the codes of that list alone", () => {
    const before = scan([engine([...codes("confirmed", "P0301"), ...codes("pending", "P0171")])]);
    const departure = scan([engine([], { unanswered: [{ service: "03", reason: "no-answer" }] })]);
    const difference = compare(before, departure, "yes");
    expect(outcomes(difference)).toEqual({ P0171: "fixed", P0301: "not-checked" });
    expect(difference.unreadable).toEqual([{ ecu: "7E8", reason: "list-not-read" }]);
  });

  it("at arrival leaves open whether what it tells at departure is new", () => {
    const shut = scan([engine([]), { ...engine([], { reach: "secure-gateway" }), address: "7EC" }]);
    const open = scan([engine(codes("pending", "P0171")), { ...engine(codes("confirmed", "B1000")), address: "7EC" }]);
    expect(outcomes(compare(shut, open))).toEqual({ "7E8 P0171": "new", "7EC B1000": "not-checked-before" });
  });

  it("of a truck that never knew some of the lists has lost nothing, and is not read where it does not tell its active codes", () => {
    const silentOn = (...services: string[]) => services.map((service) => ({ service, reason: "no-answer" }));
    const truck = (dtcs: ScannedDtc[], ...services: string[]) =>
      scan([{ address: "00", dtcs, unanswered: silentOn(...services) }], null);
    const arrival = truck(codes("confirmed", "SPN110-FMI0"), "DM6", "DM28");
    expect(compare(arrival, truck([], "DM6", "DM28"), "yes").unreadable).toEqual([]);
    const shut = compare(arrival, truck([], "DM1", "DM6", "DM28"), "yes");
    expect(shut.unreadable).toEqual([{ ecu: "00", reason: "list-not-read" }]);
    expect(outcomes(shut)).toEqual({ "SPN110-FMI0": "not-checked" });
  });

  it("whose lists broke off proves nothing by a code that stands behind the break", () => {
    const broken = (reason: string, ...list: string[]) =>
      scan([engine(codes("confirmed", ...list), { unanswered: [{ service: "03", reason }] })]);
    const arrival = broken("list-incomplete", "P0301", "P0420");
    expect(outcomes(compare(arrival, broken("no-answer")))).toEqual({ P0301: "not-checked", P0420: "not-checked" });
    expect(outcomes(compare(arrival, broken("list-incomplete", "P0301")))).toEqual({
      P0301: "still-there",
      P0420: "not-checked",
    });
    expect(compare(arrival, broken("no-answer")).cleared).toBe("no");
    expect(outcomes(compare(broken("no-answer"), arrival))).toEqual({
      P0301: "not-checked-before",
      P0420: "not-checked-before",
    });
  });

  it("of a car that never knew permanent codes has lost nothing", () => {
    const unanswered = [{ service: "0A", reason: "serviceNotSupported" }];
    const old = (dtcs: ScannedDtc[]) => scan([engine(dtcs, { unanswered })]);
    const difference = compare(old(codes("confirmed", "P0301")), old([]), "yes");
    expect(difference.unreadable).toEqual([]);
    expect(outcomes(difference)).toEqual({ P0301: "fixed" });
  });
});

describe("clearing by somebody else", () => {
  const arrival = scan([engine(codes("pending", "P0420"))], READY, {
    signals: [{ name: "WARM_UPS", value: 55, at: 1 }],
  });

  it("is told by a counter that began anew", () => {
    const departure = scan(
      [engine([])],
      { ...READY, catalyst: "incomplete" },
      {
        signals: [{ name: "WARM_UPS", value: 0, at: 1 }],
      },
    );
    const difference = compare(arrival, departure);
    expect(difference.cleared).toBe("elsewhere");
    expect(outcomes(difference)).toEqual({ P0420: "cleared-not-proven" });
  });

  it("is told by a monitor that is incomplete again", () => {
    expect(compare(arrival, scan([engine([])], JUST_CLEARED)).cleared).toBe("elsewhere");
  });

  it("is told by a confirmed code that is gone, since that takes 40 warm-ups by itself", () => {
    const before = scan([engine(codes("confirmed", "P0420"))], JUST_CLEARED);
    const difference = compare(before, scan([engine([])], JUST_CLEARED));
    expect(difference.cleared).toBe("elsewhere");
    expect(outcomes(difference)).toEqual({ P0420: "cleared-not-proven" });
  });

  it("is not told by a pending code that a good drive has ended", () => {
    const difference = compare(arrival, scan([engine([])]));
    expect(difference.cleared).toBe("no");
    expect(outcomes(difference)).toEqual({ P0420: "fixed" });
  });

  it("is ours after all when nobody knew whether our request had reached the car", () => {
    expect(compare(arrival, scan([engine([])], JUST_CLEARED), "maybe").cleared).toBe("by-us");
    expect(compare(arrival, scan([engine(codes("pending", "P0420"))]), "maybe").cleared).toBe("no");
  });
});

describe("codes with a failure type", () => {
  it("are different faults where the type differs", () => {
    const difference = compare(
      scan([engine(codes("confirmed", "U0405-81"))]),
      scan([engine(codes("confirmed", "U0405-82"))]),
      "yes",
    );
    expect(outcomes(difference)).toEqual({ "U0405-81": "fixed", "U0405-82": "new" });
  });

  it("are met again by their number where the other scan gives no type", () => {
    const typed = scan([engine(codes("confirmed", "P0420-11"))]);
    const plain = scan([engine(codes("confirmed", "P0420"))]);
    expect(outcomes(compare(typed, plain))).toEqual({ "P0420-11": "still-there" });
    expect(outcomes(compare(plain, typed))).toEqual({ "P0420-11": "still-there" });
  });

  it("and the bare number beside them are one fault, which only its permanent code may outlive", () => {
    const arrival = scan([engine([...codes("confirmed", "P0420-11", "P0420"), ...codes("permanent", "P0420")])]);
    const departure = scan([engine(codes("permanent", "P0420"))], JUST_CLEARED);
    expect(outcomes(compare(arrival, arrival))).toEqual({ "P0420-11": "still-there" });
    expect(outcomes(compare(arrival, departure, "yes"))).toEqual({ "P0420-11": "permanent-left" });
  });

  it("of a truck are codes of their own", () => {
    const difference = compare(
      scan([engine(codes("confirmed", "SPN110-FMI0"))], null),
      scan([engine(codes("confirmed", "SPN110-FMI3"))], null),
      "yes",
    );
    expect(outcomes(difference)).toEqual({ "SPN110-FMI0": "cleared-not-proven", "SPN110-FMI3": "new" });
  });
});

describe("two scans of different cars", () => {
  it("prove nothing, and no code of the other car is called new", () => {
    const arrival = scan([engine(codes("confirmed", "P0301"))]);
    const departure = scan([engine(codes("confirmed", "P0420"))], READY, { vin: "1M8GDM9AXKP042788" });
    const difference = compare(arrival, departure, "yes");
    expect(difference.sameVin).toBe(false);
    expect(outcomes(difference)).toEqual({ P0301: "not-checked" });
  });

  it("are not suspected where one of them could not read the number", () => {
    const arrival = scan([engine(codes("confirmed", "P0301"))], READY, { vin: null });
    expect(compare(arrival, scan([engine([])]))).toMatchObject({ sameVin: null });
    const doubtful = scan([engine([])], READY, { vin: "1M8GDM9AXKP042788", vinDoubts: ["units-disagree"] });
    expect(compare(scan([engine([])]), doubtful)).toMatchObject({ sameVin: null });
  });
});

const status = fc.constantFrom<ScannedDtc["status"]>("confirmed", "pending", "permanent", "stored");
const dtc: fc.Arbitrary<ScannedDtc> = fc
  .record({
    code: fc.constantFrom("P0301", "P0420", "P0420-11", "P0420-12", "U0100", "B1000-81", "SPN110-FMI0"),
    status,
    statusByte: fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined }),
  })
  .map(({ statusByte, ...rest }) => (statusByte === undefined ? rest : { ...rest, statusByte }));
const ecu: fc.Arbitrary<ScannedEcu> = fc.record({
  address: fc.constantFrom("7E8", "7E9", "18DAF110"),
  reach: fc.constantFrom("answered", "answered", "secure-gateway", "no-answer"),
  dtcs: fc.array(dtc, { maxLength: 8 }),
  unanswered: fc.array(
    fc.record({ service: fc.constantFrom("03", "07", "0A", "19", "09"), reason: fc.constant("no-answer") }),
    { maxLength: 3 },
  ),
});
const monitors: fc.Arbitrary<Monitors> = fc.dictionary(
  fc.constantFrom("misfire", "catalyst", "evaporative-system"),
  fc.constantFrom("complete", "incomplete", "unsupported"),
);
const anyScan = fc
  .record({ ecus: fc.array(ecu, { maxLength: 4 }), monitors, vin: fc.constantFrom(null, "LSVAA4187E2184847") })
  .map(({ ecus, monitors: states, vin }) => scan(ecus, states, { vin }));
const ownClearing = fc.constantFrom<OwnClearing>("no", "yes", "maybe");

describe("any two scans", () => {
  it("can be compared, name each code of each unit at most once, and none that neither has", () => {
    fc.assert(
      fc.property(anyScan, anyScan, ownClearing, (arrival, departure, own) => {
        const difference = compare(arrival, departure, own);
        const names = difference.codes.map(({ ecu: address, code }) => `${address} ${code}`);
        expect(new Set(names).size).toBe(names.length);
        const known = [arrival, departure].flatMap(({ ecus }) =>
          ecus.flatMap(({ address, dtcs }) => dtcs.map(({ code }) => `${address} ${code}`)),
        );
        expect(names.filter((name) => !known.includes(name))).toEqual([]);
        for (const { before, after } of difference.codes) expect([before, after]).not.toEqual([null, null]);
      }),
    );
  });

  it("say nothing of a unit that could not be read at departure but that it was not checked", () => {
    fc.assert(
      fc.property(anyScan, anyScan, ownClearing, (arrival, departure, own) => {
        const answered = new Set(departure.ecus.map(({ address }) => address));
        for (const { address, reach } of departure.ecus) if (reach !== "answered") answered.delete(address);
        for (const line of compare(arrival, departure, own).codes)
          if (!answered.has(line.ecu) && line.after === null) expect(line.outcome).toBe("not-checked");
      }),
    );
  });

  it("never call fixed what is still listed as failing, nor new what arrival had", () => {
    fc.assert(
      fc.property(anyScan, anyScan, ownClearing, (arrival, departure, own) => {
        for (const { outcome, before, after } of compare(arrival, departure, own).codes) {
          expect(DTC_OUTCOMES).toContain(outcome);
          if (outcome === "fixed") expect(["confirmed", "pending", "permanent"]).not.toContain(after);
          if (outcome === "new") expect(before).toBeNull();
          if (outcome === "still-there") expect([before, after]).not.toContain(null);
        }
      }),
    );
  });

  it("are the same scan twice when nothing has changed: nothing fixed, nothing new", () => {
    fc.assert(
      fc.property(anyScan, (once) => {
        const found = new Set(compare(once, once).codes.map(({ outcome }) => outcome));
        expect(found).not.toContain("fixed");
        expect(found).not.toContain("new");
        expect(found).not.toContain("cleared-not-proven");
      }),
    );
  });

  it("compare alike in whatever order units and codes come", () => {
    fc.assert(
      fc.property(anyScan, anyScan, ownClearing, (arrival, departure, own) => {
        const turned = (each: DongleScan): DongleScan => ({
          ...each,
          ecus: each.ecus.toReversed().map((unit) => ({ ...unit, dtcs: unit.dtcs.toReversed() })),
        });
        expect(compare(turned(arrival), turned(departure), own)).toEqual(compare(arrival, departure, own));
      }),
    );
  });

  it("of more codes than any car has still fit their record", () => {
    const full = (offset: number) =>
      scan(
        Array.from({ length: 6 }, (_, unit) => ({
          address: (0x700 + unit).toString(16).toUpperCase(),
          dtcs: Array.from({ length: 500 }, (_, n) => ({
            code: `P0${(offset + n).toString(16).toUpperCase().padStart(3, "0")}`,
            status: "confirmed" as const,
          })),
          unanswered: [],
        })),
      );
    expect(compare(full(0), full(500)).codes).toHaveLength(2_000);
  });
});
