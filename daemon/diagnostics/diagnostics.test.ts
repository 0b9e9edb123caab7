import { describe, expect, it } from "vitest";
import type { BayStateWord } from "../../contract/payloads.ts";
import { concerns, scanCandidates } from "../shop/views.ts";
import { advisor, bay1, dongle1, minutes, scanOf, Workshop } from "../shop/workshop.fixture.ts";
import { NOTHING_ASKED, planScans, type ScanDesk, type ScanRequest, settleScan } from "./polling.ts";
import { parseScanTransaction, scanTransaction } from "./scans.ts";

/** The shop, its one dongle, and the desk that asks it. */
class Desk extends Workshop {
  desk: ScanDesk = NOTHING_ASKED;
  readonly asked: ScanRequest[] = [];

  bayIs(to: BayStateWord): void {
    const at = this.clock.stamp();
    const change = { bayId: bay1, to, cause: "test", people: 0, since: at, at };
    this.do({ kind: "observe-bay", bayId: bay1, change });
  }

  /** Whether a camera looks at the bays. */
  isWatched = true;

  plan(): readonly ScanRequest[] {
    const candidates = scanCandidates(this.state, this.policy, () => this.isWatched);
    const { desk, requests, expired } = planScans(this.desk, candidates, this.clock.stamp());
    this.desk = desk;
    this.asked.push(...requests);
    for (const { dongleId, transaction, bayId } of expired)
      this.do({ kind: "scan-failed", dongleId, transaction, bayId, code: "SCAN_NO_ANSWER" });
    return requests;
  }

  answer(transaction: string): void {
    this.desk = settleScan(this.desk, transaction);
    const scan = scanOf({ messageId: transaction, transaction });
    this.do({ kind: "scan", dongleId: dongle1, bayId: bay1, scan });
  }
}

describe("an arrival scan", () => {
  it("is asked for once a car stands at the bay of an open job, and only once", () => {
    const shop = new Desk();
    const jobId = shop.openJob("RO-1");
    expect(shop.plan()).toEqual([]);
    shop.bayIs("arriving");
    expect(shop.plan()).toEqual([]);
    shop.bayIs("occupied");
    expect(shop.plan()).toMatchObject([{ jobId, dongleId: "dongle-1", purpose: "arrival", deadlineMs: 120_000 }]);
    shop.clock.advance(10_000);
    expect(shop.plan()).toEqual([]);
    shop.answer(shop.asked[0]!.transaction);
    expect(shop.plan()).toEqual([]);
    expect(shop.records("scan.recorded")).toMatchObject([{ jobId, purpose: "arrival" }]);
  });

  it("is asked of no bay without a job, no bay without a dongle, and no dongle that is known to be away", () => {
    const shop = new Desk();
    shop.bayIs("working");
    expect(shop.plan()).toEqual([]);
    shop.openJob("RO-1");
    shop.do({ kind: "device-changed", device: "dongle", deviceId: "dongle-1", state: "silent" });
    expect(shop.plan()).toEqual([]);
    shop.do({ kind: "device-changed", device: "dongle", deviceId: "dongle-1", state: "online" });
    expect(shop.plan()).toHaveLength(1);
  });

  it("is asked for as soon as the job stands at a bay that no camera looks at", () => {
    const shop = new Desk();
    shop.isWatched = false;
    shop.openJob("RO-1", null);
    expect(shop.plan()).toEqual([]);
    shop.openJob("RO-2");
    expect(shop.plan()).toMatchObject([{ purpose: "arrival" }]);
  });

  it("is asked for when a person wants it, whatever the cameras see", () => {
    const shop = new Desk();
    const jobId = shop.openJob("RO-1");
    shop.bayIs("empty");
    expect(shop.plan()).toEqual([]);
    shop.do({ kind: "request-scan", jobId, by: advisor });
    expect(shop.plan()).toMatchObject([{ purpose: "arrival" }]);
  });

  it("is asked for at once when a person tries again, and no other scan follows it", () => {
    const shop = new Desk();
    const jobId = shop.openJob("RO-1");
    shop.bayIs("occupied");
    const [first] = shop.plan();
    shop.desk = settleScan(shop.desk, first!.transaction);
    const failed = { kind: "scan-failed", dongleId: dongle1, bayId: bay1, code: "CAR_SILENT" } as const;
    shop.do({ ...failed, transaction: first!.transaction });
    expect(shop.plan()).toEqual([]);
    shop.do({ kind: "request-scan", jobId, by: advisor });
    const [again] = shop.plan();
    shop.answer(again!.transaction);
    expect(shop.plan()).toEqual([]);
    expect(shop.records("scan.recorded")).toMatchObject([{ purpose: "arrival" }]);
  });

  it("is not tried again and again of firmware that only reports, but once more when a person asks", () => {
    const shop = new Desk();
    const jobId = shop.openJob("RO-1");
    shop.bayIs("occupied");
    const [request] = shop.plan();
    shop.desk = settleScan(shop.desk, request!.transaction);
    const failed = { kind: "scan-failed", dongleId: dongle1, bayId: bay1, code: "DONGLE_REPORTS_ONLY" } as const;
    shop.do({ ...failed, transaction: request!.transaction });
    shop.clock.advance(minutes(60));
    expect(shop.plan()).toEqual([]);
    shop.do({ kind: "request-scan", jobId, by: advisor });
    expect(shop.plan()).toHaveLength(1);
  });

  it("that is not answered is recorded as failed and tried again after longer and longer pauses", () => {
    const shop = new Desk();
    const jobId = shop.openJob("RO-1");
    shop.bayIs("occupied");
    const times: number[] = [];
    const start = shop.clock.monotonicMs();
    for (let second = 0; second < 3_600; second += 1) {
      if (shop.plan().length > 0) times.push((shop.clock.monotonicMs() - start) / 1000);
      shop.clock.advance(1_000);
    }
    const pauses = times.slice(1).map((time, index) => time - times[index]!);
    expect(pauses.slice(0, 5)).toEqual([151, 181, 241, 361, 601]);
    expect(shop.records("scan.failed")[0]).toMatchObject({ jobId, code: "SCAN_NO_ANSWER", dongleId: "dongle-1" });
    expect(concerns(shop.state, shop.clock.stamp(), { lowCoverage: 0.7 })).toMatchObject([{ kind: "scan-failing" }]);
    shop.answer(scanTransaction("arrival", jobId, 1));
    expect(concerns(shop.state, shop.clock.stamp(), { lowCoverage: 0.7 })).toEqual([]);
  });

  it("that the bridge reports as failed waits its pause", () => {
    const shop = new Desk();
    shop.openJob("RO-1");
    shop.bayIs("occupied");
    const [request] = shop.plan();
    shop.desk = settleScan(shop.desk, request!.transaction);
    shop.do({
      kind: "scan-failed",
      dongleId: dongle1,
      transaction: request!.transaction,
      bayId: bay1,
      code: "NO_IGNITION",
    });
    shop.clock.advance(29_000);
    expect(shop.plan()).toEqual([]);
    shop.clock.advance(1_000);
    expect(shop.plan()).toHaveLength(1);
  });

  it("is asked for again after a restart, and a late answer to the first still finds its job", () => {
    const shop = new Desk();
    const jobId = shop.openJob("RO-1");
    shop.bayIs("occupied");
    shop.plan();
    shop.desk = NOTHING_ASKED;
    shop.clock.advance(minutes(1));
    expect(shop.plan()).toHaveLength(1);
    shop.answer(shop.asked[0]!.transaction);
    expect(shop.records("scan.recorded")).toMatchObject([{ jobId, purpose: "arrival" }]);
  });
});

describe("a scan that was asked for by a job that nobody remembers", () => {
  it("is not taken for one of the car that stands at the bay now", () => {
    const shop = new Desk();
    const jobId = shop.openJob("RO-1");
    shop.answer("departure.7.job-of-long-ago");
    expect(shop.records("scan.recorded")).toMatchObject([{ jobId: null, purpose: "other" }]);
    const failed = { kind: "scan-failed", dongleId: dongle1, bayId: bay1, code: "CAR_SILENT" } as const;
    shop.do({ ...failed, transaction: "arrival.8.job-of-long-ago" });
    expect(shop.records("scan.failed")).toMatchObject([{ jobId: null }]);
    shop.bayIs("occupied");
    expect(shop.plan()).toMatchObject([{ jobId, purpose: "arrival" }]);
  });
});

describe("a departure scan", () => {
  it("is asked for when a person wants it and the arrival scan is there", () => {
    const shop = new Desk();
    const jobId = shop.openJob("RO-1");
    shop.bayIs("occupied");
    shop.answer(shop.plan()[0]!.transaction);
    shop.do({ kind: "request-scan", jobId, by: advisor });
    const [request] = shop.plan();
    expect(request).toMatchObject({ purpose: "departure", jobId });
    shop.answer(request!.transaction);
    expect(shop.records("scan.recorded").map(({ purpose }) => purpose)).toEqual(["arrival", "departure"]);
    expect(shop.plan()).toEqual([]);
  });

  it("cannot be asked of a job that stands nowhere", () => {
    const shop = new Desk();
    const jobId = shop.openJob("RO-1", null);
    const command = { kind: "request-scan", jobId, by: advisor } as const;
    expect(shop.do(command)).toMatchObject({ code: "SCAN_NO_BAY" });
  });
});

describe("the name of a request", () => {
  it("says what it is for, and foreign names say nothing", () => {
    const shop = new Desk();
    const jobId = shop.openJob("RO-1");
    expect(parseScanTransaction(scanTransaction("departure", jobId, 12))).toEqual({ purpose: "departure", jobId });
    for (const foreign of [undefined, "", "x", "arrival.x.y", "other.1.abc", "arrival.1."])
      expect(parseScanTransaction(foreign)).toBeUndefined();
  });
});
