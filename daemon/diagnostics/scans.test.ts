import { describe, expect, it } from "vitest";
import { advisor, minutes } from "../shop/workshop.fixture.ts";
import { scansOf } from "./scans.ts";
import { Visit } from "./visit.fixture.ts";

const RIGHT = "LSVAA4187E2184847";
const OTHER = "1M8GDM9AXKP042788";

const purposes = (visit: Visit) => visit.records("scan.recorded").map(({ purpose }) => purpose);
const engine = (...codes: string[]) => [
  { address: "7E8", dtcs: codes.map((code) => ({ code, status: "confirmed" as const })), unanswered: [] },
];

describe("the difference of arrival and departure scan", () => {
  it("is written with the departure scan, in one go", () => {
    const visit = new Visit();
    const arrival = visit.scan({ ecus: engine("P0301", "P0420") });
    visit.askForScan();
    const before = visit.journal.length;
    const departure = visit.scan({ ecus: engine("P0420") });
    expect(visit.journal.slice(before).map(({ type }) => type)).toEqual(["scan.recorded", "scan.compared"]);
    expect(visit.records("scan.compared")).toMatchObject([
      {
        jobId: visit.jobId,
        arrival,
        departure,
        difference: {
          codes: [
            { code: "P0301", outcome: "cleared-not-proven" },
            { code: "P0420", outcome: "still-there" },
          ],
        },
      },
    ]);
  });

  it("is made again with every further departure scan, against the same arrival", () => {
    const visit = new Visit();
    const arrival = visit.scan({ ecus: engine("P0301") });
    for (const codes of [["P0301"], []]) {
      visit.askForScan();
      visit.clock.advance(minutes(20));
      visit.scan({ ecus: engine(...codes) });
    }
    expect(
      visit.records("scan.compared").map(({ arrival: of, difference }) => [of, difference.codes[0]?.outcome]),
    ).toEqual([
      [arrival, "still-there"],
      [arrival, "cleared-not-proven"],
    ]);
  });

  it("is made by a gateway that was restarted in between, and for a job that was closed before the scan came", () => {
    const visit = new Visit();
    visit.scan({ ecus: engine("P0301") });
    visit.askForScan();
    visit.killAndRestart();
    visit.do({ kind: "close-job", jobId: visit.jobId, by: advisor });
    visit.scan({ ecus: engine(), transaction: `departure.1.${visit.jobId}` });
    expect(visit.records("scan.compared")).toHaveLength(1);
  });

  it("is not made with a scan that nobody asked for", () => {
    const visit = new Visit();
    visit.scan();
    visit.scan();
    expect(purposes(visit)).toEqual(["arrival", "other"]);
    expect(visit.records("scan.compared")).toEqual([]);
  });
});

describe("asking for a scan", () => {
  it("means the arrival scan as long as there is none, and it is asked for at once again", () => {
    const visit = new Visit();
    visit.askForScan();
    expect(visit.records("scan.requested")).toMatchObject([{ purpose: "arrival" }]);
    visit.scan();
    expect(purposes(visit)).toEqual(["arrival"]);
    expect(scansOf(visit.state.diagnostics, visit.jobId).wanted).toBeNull();
  });

  it("means the arrival scan again after another car was scanned by mistake", () => {
    const visit = new Visit(RIGHT);
    visit.scan({ vin: OTHER });
    expect(scansOf(visit.state.diagnostics, visit.jobId).vinMismatch).toMatchObject({ expected: RIGHT, found: OTHER });
    visit.askForScan();
    const arrival = visit.scan({ ecus: engine("P0301") });
    visit.askForScan();
    visit.scan({ ecus: engine("P0301") });
    expect(purposes(visit)).toEqual(["arrival", "arrival", "departure"]);
    expect(visit.records("scan.compared")).toMatchObject([{ arrival, difference: { sameVin: true } }]);
  });
});

describe("the car's number", () => {
  it("of the right car makes its first scan the arrival scan, though another one was scanned before", () => {
    const visit = new Visit(RIGHT);
    visit.scan({ vin: OTHER });
    visit.scan({ vin: OTHER });
    visit.scan({ vin: RIGHT });
    expect(purposes(visit)).toEqual(["arrival", "other", "arrival"]);
  });

  it("that another car shows at departure is a mismatch and leaves nothing proven", () => {
    const visit = new Visit(RIGHT);
    visit.scan({ ecus: engine("P0301") });
    visit.askForScan();
    visit.scan({ vin: OTHER, ecus: engine() });
    expect(visit.records("scan.compared")).toMatchObject([
      { difference: { sameVin: false, codes: [{ code: "P0301", outcome: "not-checked" }] } },
    ]);
    expect(scansOf(visit.state.diagnostics, visit.jobId).vinMismatch).toMatchObject({ found: OTHER });
  });
});
