import { describe, expect, it } from "vitest";
import { concerns, viewBays, viewJobs, viewTechnician } from "./views.ts";
import { advisor, bay1, bay2, dongle1, hours, li, minutes, scanOf, tap, Workshop, wang } from "./workshop.fixture.ts";

describe("a technician clocks on and off", () => {
  it("measures the time between two taps by the monotonic clock", () => {
    const shop = new Workshop();
    const jobId = shop.openJob("RO-1");
    expect(shop.clockOn(li).kind).toBe("accepted");
    shop.clock.advance(minutes(42));
    shop.clockOff(li);
    expect(shop.intervals).toMatchObject([
      {
        technicianId: "li",
        jobId,
        bayId: "bay-1",
        durationMs: minutes(42),
        minimumMs: minutes(42),
        maximumMs: minutes(42),
      },
    ]);
    expect(shop.state.labour.running).toEqual({});
  });

  it("makes no second interval when the tap comes twice", () => {
    const shop = new Workshop();
    shop.openJob("RO-1");
    shop.clockOn(li);
    shop.clock.advance(minutes(5));
    const again = shop.clockOn(li);
    expect(again).toEqual({ kind: "accepted", drafts: [] });
    shop.clock.advance(minutes(5));
    shop.clockOff(li);
    expect(shop.intervals.map((interval) => interval.durationMs)).toEqual([minutes(10)]);
  });

  it("ends the first job in the same commit when he moves on to another", () => {
    const shop = new Workshop();
    const first = shop.openJob("RO-1", bay1);
    const second = shop.openJob("RO-2", bay2);
    shop.clockOn(li, first);
    shop.clock.advance(minutes(7));
    const decision = shop.clockOn(li, second);
    expect(decision.drafts.map((draft) => draft.type)).toEqual(["labour.clocked-off", "labour.clocked-on"]);
    expect(shop.records("labour.clocked-off")[0]).toMatchObject({ reason: "moved-to-other-job" });
    expect(shop.state.labour.running[li]?.jobId).toBe(second);
  });

  it("lets two technicians work on one job, each with his own time", () => {
    const shop = new Workshop();
    const jobId = shop.openJob("RO-1");
    shop.clockOn(li);
    shop.clock.advance(minutes(3));
    shop.clockOn(wang);
    shop.clock.advance(minutes(3));
    shop.do({ kind: "close-job", jobId, by: advisor });
    expect(shop.intervals.map(({ technicianId, durationMs }) => [technicianId, durationMs])).toEqual([
      ["li", minutes(6)],
      ["wang", minutes(3)],
    ]);
  });

  it("refuses off without on, on without a job, and a badge that nobody has, and leaves a trace without the badge", () => {
    const shop = new Workshop();
    expect(shop.clockOff(li)).toMatchObject({ kind: "refused", code: "LABOUR_NOT_CLOCKED_ON" });
    expect(shop.clockOn(li)).toMatchObject({ kind: "refused", code: "LABOUR_NO_JOB" });
    shop.openJob("RO-1");
    expect(shop.clockOn(undefined)).toMatchObject({ kind: "refused", code: "BADGE_UNKNOWN" });
    expect(shop.records("tap.refused").map(({ code, action, badgeHash }) => [code, action, badgeHash])).toEqual([
      ["LABOUR_NOT_CLOCKED_ON", "off", tap.badgeHash],
      ["LABOUR_NO_JOB", "on", tap.badgeHash],
      ["BADGE_UNKNOWN", "on", tap.badgeHash],
    ]);
    expect(shop.state.labour.running).toEqual({});
  });

  it("tells a closed job from one that never was", () => {
    const shop = new Workshop();
    const jobId = shop.openJob("RO-1");
    shop.do({ kind: "close-job", jobId, by: advisor });
    expect(shop.clockOn(li, jobId)).toMatchObject({ code: "JOB_CLOSED" });
    const byNumber = (number: string) =>
      shop.do({ kind: "clock-on", technicianId: li, target: { by: "number", number }, by: advisor });
    expect(byNumber("RO-1")).toMatchObject({ code: "JOB_CLOSED" });
    expect(byNumber("RO-9")).toMatchObject({ code: "JOB_UNKNOWN" });
    expect(shop.records("tap.refused")).toHaveLength(1);
  });
});

describe("a job", () => {
  it("holds its bay alone and its number alone until it is closed", () => {
    const shop = new Workshop();
    const first = shop.openJob("RO-1", bay1);
    const open = (number: string, bayId = bay1) => shop.do({ kind: "open-job", number, work: "", bayId, by: advisor });
    expect(open("RO-1", bay2)).toMatchObject({ code: "JOB_NUMBER_TAKEN" });
    expect(open("RO-2")).toMatchObject({ code: "BAY_TAKEN" });
    const second = shop.openJob("RO-3", bay2);
    expect(shop.do({ kind: "assign-job", jobId: second, bayId: bay1, by: advisor })).toMatchObject({
      code: "BAY_TAKEN",
    });
    shop.do({ kind: "close-job", jobId: first, by: advisor });
    expect(shop.do({ kind: "assign-job", jobId: second, bayId: bay1, by: advisor }).kind).toBe("accepted");
    expect(open("RO-1", bay2).kind).toBe("accepted");
  });

  it("ends its labour time when it has to wait, and the next clock-on ends the wait", () => {
    const shop = new Workshop();
    const jobId = shop.openJob("RO-1");
    shop.clockOn(li);
    shop.clock.advance(minutes(20));
    const paused = shop.do({ kind: "pause-job", jobId, reason: "parts", by: advisor });
    expect(paused.drafts.map((draft) => draft.type)).toEqual(["labour.clocked-off", "job.paused"]);
    expect(shop.records("labour.clocked-off")[0]?.reason).toBe("job-paused");
    expect(shop.do({ kind: "pause-job", jobId, reason: "parts", by: advisor }).drafts).toEqual([]);
    expect(viewJobs(shop.state, shop.clock.stamp())).toMatchObject([
      { state: "paused", waitReason: "parts", running: [] },
    ]);
    shop.clock.advance(minutes(90));
    expect(shop.clockOn(li).drafts.map((draft) => draft.type)).toEqual(["job.resumed", "labour.clocked-on"]);
    expect(viewJobs(shop.state, shop.clock.stamp())[0]?.state).toBe("open");
  });

  it("refuses an unknown bay, an unknown job and a closed one", () => {
    const shop = new Workshop();
    const jobId = shop.openJob("RO-1");
    const nowhere = shop.do({ kind: "assign-job", jobId, bayId: "bay-9" as never, by: advisor });
    expect(nowhere).toMatchObject({ code: "BAY_UNKNOWN" });
    shop.do({ kind: "close-job", jobId, by: advisor });
    expect(shop.do({ kind: "close-job", jobId, by: advisor })).toMatchObject({ code: "JOB_CLOSED" });
    const unknown = { kind: "resume-job", jobId: "nobody" as never, by: advisor } as const;
    expect(shop.do(unknown)).toMatchObject({ code: "JOB_UNKNOWN" });
  });
});

describe("the machine dies", () => {
  it("goes on measuring through kill -9, since the monotonic clock goes on", () => {
    const shop = new Workshop();
    shop.start();
    shop.openJob("RO-1");
    shop.clockOn(li);
    shop.clock.advance(minutes(10));
    shop.beat();
    shop.killAndRestart(minutes(1));
    shop.clock.advance(minutes(10));
    shop.clockOff(li);
    expect(shop.intervals[0]).toMatchObject({
      durationMs: minutes(21),
      minimumMs: minutes(21),
      maximumMs: minutes(21),
    });
    expect(shop.intervals[0]?.flags).not.toContain("spans-reboot");
  });

  it("bounds an interval across a reboot by the last sign of life before and the first after, and flags it", () => {
    const shop = new Workshop();
    shop.start();
    shop.openJob("RO-1");
    shop.clockOn(li);
    shop.clock.advance(minutes(30));
    shop.beat();
    shop.clock.advance(4_000);
    shop.reboot(minutes(2));
    expect(shop.records("labour.flagged")).toMatchObject([{ flag: "spans-reboot", technicianId: "li" }]);
    shop.clock.advance(minutes(15));
    shop.clockOff(li);
    expect(shop.intervals[0]).toMatchObject({
      durationMs: minutes(45),
      minimumMs: minutes(45),
      maximumMs: minutes(47) + 4_000,
      flags: ["spans-reboot", "no-evidence"],
    });
  });

  it("closes what was forgotten overnight at the bounds and says so", () => {
    const shop = new Workshop();
    shop.start();
    shop.openJob("RO-1");
    shop.clockOn(li);
    shop.clock.advance(minutes(30));
    shop.beat();
    shop.reboot(hours(13));
    expect(shop.records("labour.clocked-off")).toMatchObject([{ reason: "gateway", by: { kind: "gateway" } }]);
    expect(shop.intervals[0]).toMatchObject({ minimumMs: minutes(30), maximumMs: hours(13) + minutes(30) });
    expect(shop.intervals[0]?.flags).toEqual(
      expect.arrayContaining(["spans-reboot", "closed-by-gateway", "longer-than-shift"]),
    );
    expect(concerns(shop.state, shop.clock.stamp(), { lowCoverage: 0.7 })).toMatchObject([{ kind: "labour-flagged" }]);
  });

  it("changes no duration when the wall clock jumps by a day, and flags it where it is not trusted", () => {
    const shop = new Workshop();
    shop.openJob("RO-1");
    shop.clockOn(li);
    shop.clock.advance(minutes(10));
    shop.clock.jumpWall(-hours(24), false);
    shop.do({ kind: "clock-jumped", byMs: -hours(24), trusted: false });
    shop.clock.advance(minutes(10));
    shop.clockOff(li);
    expect(shop.intervals[0]).toMatchObject({
      durationMs: minutes(20),
      maximumMs: minutes(20),
      flags: ["clock-untrusted", "no-evidence"],
    });

    shop.clockOn(wang);
    shop.clock.jumpWall(hours(24), true);
    shop.do({ kind: "clock-jumped", byMs: hours(24), trusted: true });
    shop.clock.advance(minutes(1));
    shop.clockOff(wang);
    expect(shop.intervals[1]?.durationMs).toBe(minutes(1));
  });

  it("believes a clock that is mended after the boot backwards to the boot", () => {
    const shop = new Workshop();
    shop.start();
    shop.openJob("RO-1");
    shop.clockOn(li);
    shop.clock.advance(minutes(30));
    shop.beat();
    shop.clock.jumpWall(-hours(400), false);
    shop.reboot(minutes(3));
    shop.clock.advance(minutes(5));
    shop.clock.jumpWall(hours(400), true);
    shop.clockOff(li);
    expect(shop.intervals[0]).toMatchObject({ minimumMs: minutes(35), maximumMs: minutes(38) });
  });

  it("takes an outage that no believable clock measured for a day at most, and accuses nobody of it", () => {
    const shop = new Workshop();
    shop.clock.jumpWall(-hours(400), false);
    shop.start();
    shop.openJob("RO-1");
    shop.clockOn(li);
    shop.clock.advance(minutes(30));
    shop.beat();
    shop.reboot(minutes(3));
    shop.clock.advance(minutes(5));
    shop.do({ kind: "tick" });
    shop.clockOff(li);
    expect(shop.intervals[0]).toMatchObject({ minimumMs: minutes(35), maximumMs: minutes(35) + hours(24) });
    expect(shop.intervals[0]?.flags).toEqual(expect.arrayContaining(["clock-untrusted", "spans-reboot"]));
    expect(shop.intervals[0]?.flags).not.toContain("longer-than-shift");
    expect(shop.records("labour.clocked-off")[0]?.reason).toBe("tap");
  });

  it("flags running time that outlasts a shift once", () => {
    const shop = new Workshop();
    shop.openJob("RO-1");
    shop.clockOn(li);
    shop.clock.advance(hours(12) + 1);
    shop.do({ kind: "tick" });
    shop.do({ kind: "tick" });
    expect(shop.records("labour.flagged")).toMatchObject([{ flag: "longer-than-shift" }]);
    expect(viewTechnician(shop.state, li, shop.clock.stamp()).running?.flags).toEqual(["longer-than-shift"]);
  });

  it("shows every bay as unknown after a start, whatever the journal knew", () => {
    const shop = new Workshop();
    shop.start();
    const at = shop.clock.stamp();
    shop.do({
      kind: "observe-bay",
      bayId: bay1,
      change: { bayId: bay1, to: "occupied", cause: "car-seen", people: 0, since: at, at },
    });
    shop.clock.advance(minutes(5));
    shop.beat();
    shop.killAndRestart();
    const [first, second] = viewBays(shop.state, shop.clock.stamp(), [bay1, bay2]);
    expect([first?.state, second?.state]).toEqual(["unknown", "unknown"]);
    expect(shop.state.bays["bay-1"]?.before).toEqual({ state: "occupied", since: at });
    expect(shop.records("bay.changed").map(({ from, to }) => [from, to])).toEqual([
      ["unknown", "occupied"],
      ["occupied", "unknown"],
    ]);
  });
});

describe("scans", () => {
  const record = (shop: Workshop, overrides = {}) =>
    shop.do({ kind: "scan", dongleId: dongle1, bayId: bay1, scan: scanOf(overrides) });

  it("takes the first scan of a job as its arrival scan and notes a sound VIN on the job", () => {
    const shop = new Workshop();
    const jobId = shop.openJob("RO-1");
    record(shop);
    record(shop, { messageId: "m-2" });
    expect(shop.records("scan.recorded").map(({ purpose, jobId: of }) => [purpose, of])).toEqual([
      ["arrival", jobId],
      ["other", jobId],
    ]);
    const [job] = viewJobs(shop.state, shop.clock.stamp());
    expect(job).toMatchObject({ vin: "LSVAA4187E2184847", scans: { dtcs: ["P0420"], vinMismatch: null } });
  });

  it("notes no doubtful VIN", () => {
    const shop = new Workshop();
    shop.openJob("RO-1");
    record(shop, { vinDoubts: ["check-digit"] });
    expect(viewJobs(shop.state, shop.clock.stamp())[0]?.vin).toBeNull();
  });

  it("calls for a person when the car is not the one of the repair order, until a scan matches", () => {
    const shop = new Workshop();
    shop.openJob("RO-1", bay1, { vin: "WVWZZZ1JZXW000001" });
    record(shop);
    expect(concerns(shop.state, shop.clock.stamp(), { lowCoverage: 0.7 })).toMatchObject([
      { kind: "vin-mismatch", mismatch: { expected: "WVWZZZ1JZXW000001", found: "LSVAA4187E2184847" } },
    ]);
    record(shop, { messageId: "m-2", vin: "WVWZZZ1JZXW000001" });
    expect(concerns(shop.state, shop.clock.stamp(), { lowCoverage: 0.7 })).toEqual([]);
  });

  it("takes the scan that was asked for after the repair as the departure scan, also when the job was closed meanwhile", () => {
    const shop = new Workshop();
    const jobId = shop.openJob("RO-1");
    record(shop);
    expect(shop.do({ kind: "request-scan", jobId, by: advisor }).kind).toBe("accepted");
    expect(shop.do({ kind: "request-scan", jobId, by: advisor }).drafts).toEqual([]);
    shop.do({ kind: "close-job", jobId, by: advisor });
    record(shop, { messageId: "m-2", transaction: `departure.7.${jobId}` });
    expect(shop.records("scan.recorded").map(({ purpose, jobId: of }) => [purpose, of])).toEqual([
      ["arrival", jobId],
      ["departure", jobId],
    ]);
    expect(shop.do({ kind: "request-scan", jobId, by: advisor })).toMatchObject({ code: "JOB_CLOSED" });
  });

  it("keeps a scan that belongs to no job", () => {
    const shop = new Workshop();
    record(shop);
    expect(shop.records("scan.recorded")).toMatchObject([{ jobId: null, purpose: "other" }]);
  });
});

describe("devices", () => {
  it("records a device's state once, however often it says the same", () => {
    const shop = new Workshop();
    const online = { kind: "device-changed", device: "camera", deviceId: "bay1-north", state: "online" } as const;
    expect(shop.do(online).drafts).toHaveLength(1);
    expect(shop.do(online).drafts).toHaveLength(0);
    expect(shop.do({ ...online, state: "silent" }).drafts).toHaveLength(1);
  });
});
