import { describe, expect, it } from "vitest";
import type { ClearedEcu } from "../../contract/payloads.ts";
import { shop } from "../shop/shop.ts";
import { scanCandidates } from "../shop/views.ts";
import { advisor, bay1, bay2, dongle1, li, minutes, POLICY } from "../shop/workshop.fixture.ts";
import { scansOf } from "./scans.ts";
import { Visit } from "./visit.fixture.ts";

const unit = (address: string, outcome: ClearedEcu["outcome"]): ClearedEcu => ({ address, outcome });
const done = (...cleared: ClearedEcu[]) => ({ status: "done" as const, cleared });
const ALL_CLEARED = done(unit("7E8", "cleared"), unit("7E9", "cleared"));

describe("clearing codes", () => {
  it("is asked for by a named technician on the strength of the scan before it", () => {
    const visit = new Visit();
    const preScan = visit.scan();
    visit.clock.advance(minutes(10));
    expect(visit.clear().kind).toBe("accepted");
    expect(visit.records("codes.clear-requested")).toMatchObject([
      { jobId: visit.jobId, dongleId: "dongle-1", technicianId: li, preScan, by: { kind: "person", id: li } },
    ]);
  });

  it("ends with what each unit answered, and a departure scan is due until it came", () => {
    const visit = new Visit();
    visit.scan();
    visit.clear();
    visit.answer(ALL_CLEARED);
    expect(visit.records("codes.cleared")).toMatchObject([
      { outcome: "cleared", code: null, ecus: ALL_CLEARED.cleared },
    ]);
    const due = () => scansOf(visit.state.diagnostics, visit.jobId).departureDue;
    expect(due()).toBe(true);
    visit.askForScan();
    visit.scan();
    expect(due()).toBe(false);
    expect(visit.records("scan.compared")).toMatchObject([{ difference: { cleared: "by-us" } }]);
  });

  it.each([
    ["no scan at all", () => {}],
    [
      "a scan that is half an hour old",
      (visit: Visit) => {
        visit.scan();
        visit.clock.advance(minutes(30));
      },
    ],
    [
      "a scan before the last clearing",
      (visit: Visit) => {
        visit.scan();
        visit.clear();
        visit.answer(ALL_CLEARED);
      },
    ],
    [
      "a scan from before a power cut, by a clock that cannot be trusted",
      (visit: Visit) => {
        visit.scan();
        visit.reboot(minutes(1));
        visit.clock.jumpWall(0, false);
      },
    ],
  ])("is refused after %s", (_what, prepare) => {
    const visit = new Visit();
    prepare(visit);
    expect(visit.clear()).toMatchObject({ kind: "refused", code: "CLEAR_NEEDS_SCAN" });
  });

  it("may rest on a scan from before a short power cut", () => {
    const visit = new Visit();
    visit.scan();
    visit.reboot(minutes(2));
    expect(visit.clear().kind).toBe("accepted");
  });

  it("rests on a scan through this very dongle: a car that was moved to another bay is scanned again", () => {
    const visit = new Visit();
    visit.policy = {
      ...POLICY,
      dongles: {
        ...POLICY.dongles,
        [bay2]: { dongleId: "dongle-2" as typeof dongle1, bridgeId: "main", askable: true },
      },
    };
    visit.scan();
    visit.do({ kind: "assign-job", jobId: visit.jobId, bayId: bay2, by: advisor });
    expect(visit.clear()).toMatchObject({ code: "CLEAR_NEEDS_SCAN" });
  });

  it("is refused on another car than the repair order's", () => {
    const visit = new Visit("WVWZZZ1JZXW000001");
    visit.scan();
    expect(visit.clear()).toMatchObject({ code: "CLEAR_WRONG_CAR" });
  });

  it("is refused on a closed job, a job that stands nowhere, a bay without a dongle, a dongle that only reports or is away", () => {
    const visit = new Visit();
    visit.scan();
    const { policy } = visit;
    visit.policy = { ...policy, dongles: { [bay1]: { dongleId: dongle1, bridgeId: "main", askable: false } } };
    expect(visit.clear()).toMatchObject({ code: "DONGLE_REPORTS_ONLY" });
    visit.policy = policy;
    for (const [device, deviceId] of [
      ["dongle", "dongle-1"],
      ["bridge", "main"],
    ] as const) {
      visit.do({ kind: "device-changed", device, deviceId, state: "offline" });
      expect(visit.clear()).toMatchObject({ code: "DONGLE_AWAY" });
      visit.do({ kind: "device-changed", device, deviceId, state: "online" });
    }
    visit.do({ kind: "assign-job", jobId: visit.jobId, bayId: bay2, by: advisor });
    expect(visit.clear()).toMatchObject({ code: "DONGLE_NONE" });
    visit.do({ kind: "assign-job", jobId: visit.jobId, bayId: null, by: advisor });
    expect(visit.clear()).toMatchObject({ code: "SCAN_NO_BAY" });
    visit.do({ kind: "close-job", jobId: visit.jobId, by: advisor });
    expect(visit.clear()).toMatchObject({ code: "JOB_CLOSED" });
    expect(visit.records("codes.clear-requested")).toEqual([]);
  });

  it("runs once at a time, and nothing else asks the car meanwhile", () => {
    const visit = new Visit();
    visit.scan();
    visit.clear();
    expect(visit.clear()).toMatchObject({ code: "DONGLE_BUSY" });
    expect(scanCandidates(visit.state, visit.policy, () => true)).toMatchObject([{ askable: false }]);
    visit.answer(ALL_CLEARED);
    expect(scanCandidates(visit.state, visit.policy, () => true)).toMatchObject([{ askable: true }]);
  });

  it.each([
    [done(unit("7E8", "cleared"), unit("7E9", "refused")), "partly"],
    [done(unit("7E8", "refused"), unit("7E9", "no-answer")), "refused CLEAR_REFUSED"],
    [done(unit("7E8", "no-answer")), "unknown CLEAR_NO_ANSWER"],
    [done(), "unknown CLEAR_NO_ANSWER"],
    [{ status: "refused", error: { code: "battery-low" } } as const, "refused CAR_BATTERY_LOW"],
    [{ status: "failed", error: { code: "car-silent" } } as const, "failed CAR_SILENT"],
    [{ status: "failed", error: { code: "link-lost" } } as const, "unknown DONGLE_LINK_LOST"],
    [{ status: "failed", error: { code: "something-new" } } as const, "failed something-new"],
    [{ status: "failed" } as const, "failed failed"],
  ])("that ends with %j is %s", (response, ending) => {
    const visit = new Visit();
    visit.scan();
    visit.clear();
    visit.answer(response);
    expect(visit.endings).toEqual([ending]);
  });

  it("that the car refused may be tried again at once, since nothing was cleared", () => {
    const visit = new Visit();
    visit.scan();
    visit.clear();
    visit.answer(done(unit("7E8", "refused")));
    expect(visit.clear().kind).toBe("accepted");
  });

  it("without an answer is unknown, never tried again, and needs another scan", () => {
    const visit = new Visit();
    visit.scan();
    visit.clear();
    const { lastTransaction: transaction } = visit;
    visit.do({ kind: "clear-unanswered", dongleId: dongle1, transaction });
    visit.do({ kind: "clear-unanswered", dongleId: dongle1, transaction });
    expect(visit.endings).toEqual(["unknown CLEAR_NO_ANSWER"]);
    expect(visit.clear()).toMatchObject({ code: "CLEAR_NEEDS_SCAN" });
  });

  it("that a restart interrupted is closed as unknown by the start, once", () => {
    const visit = new Visit();
    visit.scan();
    visit.clear();
    visit.killAndRestart();
    visit.killAndRestart();
    expect(visit.endings).toEqual(["unknown CLEAR_INTERRUPTED"]);
  });

  it("is known after all when the answer comes late, once, and also when the job was closed meanwhile", () => {
    const visit = new Visit();
    visit.scan();
    visit.clear();
    visit.do({ kind: "close-job", jobId: visit.jobId, by: advisor });
    visit.killAndRestart();
    visit.answer(ALL_CLEARED);
    visit.answer(ALL_CLEARED);
    expect(visit.endings).toEqual(["unknown CLEAR_INTERRUPTED", "cleared"]);
  });

  it("takes no answer that nobody asked for", () => {
    const visit = new Visit();
    visit.scan();
    expect(visit.answer(ALL_CLEARED, "clear.unknown").drafts).toEqual([]);
    visit.clear();
    expect(visit.answer(ALL_CLEARED, "clear.other").drafts).toEqual([]);
  });

  it("leaves the same state behind whether it was lived through or replayed", () => {
    const visit = new Visit();
    visit.scan();
    visit.clear();
    visit.answer(done(unit("7E8", "cleared"), unit("7E9", "no-answer")));
    visit.askForScan();
    visit.scan();
    expect(visit.replayed()).toEqual(visit.state);
  });
});

describe("polling", () => {
  const switchTo = (visit: Visit, enabled: boolean) => visit.do({ kind: "switch-polling", enabled, by: advisor });

  it("off asks nothing of any car, and says so to whoever wants something", () => {
    const visit = new Visit();
    visit.scan();
    expect(switchTo(visit, false).drafts).toHaveLength(1);
    expect(switchTo(visit, false).drafts).toHaveLength(0);
    expect(scanCandidates(visit.state, visit.policy, () => true)).toMatchObject([{ askable: false }]);
    expect(visit.askForScan()).toMatchObject({ code: "POLLING_OFF" });
    expect(visit.clear()).toMatchObject({ code: "POLLING_OFF" });
    visit.killAndRestart();
    expect(visit.clear()).toMatchObject({ code: "POLLING_OFF" });
    switchTo(visit, true);
    expect(visit.clear().kind).toBe("accepted");
  });

  it("that the configuration forbids cannot be switched on by anybody", () => {
    const visit = new Visit();
    visit.policy = { ...visit.policy, polling: false };
    expect(switchTo(visit, true)).toMatchObject({ code: "POLLING_OFF_BY_CONFIGURATION" });
    expect(visit.askForScan()).toMatchObject({ code: "POLLING_OFF_BY_CONFIGURATION" });
  });
});

describe("a checkpoint of an earlier version", () => {
  it("is read as a shop in which nothing has happened that it did not know", () => {
    const visit = new Visit();
    visit.scan();
    const { jobs, labour, bays, operations, diagnostics } = structuredClone(visit.state);
    const { polling: _polling, ...olderOperations } = operations;
    const older = {
      jobs,
      labour,
      bays,
      operations: olderOperations,
      diagnostics: { jobs: { ...diagnostics.jobs }, vins: {} },
    };
    for (const [jobId, scans] of Object.entries(diagnostics.jobs)) {
      const { arrivalAt, departureAt, failures, lastFailure, dtcs, vinMismatch } = scans;
      Object.assign(older.diagnostics.jobs, {
        [jobId]: { arrivalAt, departureAt, failures, lastFailure, dtcs, vinMismatch },
      });
    }
    // What an earlier version wrote, as the executor gets it back from the disk.
    visit.state = shop(visit.policy).upgrade?.(JSON.parse(JSON.stringify(older))) ?? visit.state;
    expect(visit.clear()).toMatchObject({ code: "CLEAR_NEEDS_SCAN" });
    visit.askForScan();
    visit.scan();
    expect(visit.records("scan.recorded").at(-1)).toMatchObject({ purpose: "departure" });
    expect(visit.records("scan.compared")).toEqual([]);
    visit.do({ kind: "close-job", jobId: visit.jobId, by: advisor });
  });
});
