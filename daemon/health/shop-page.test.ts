import { Compile } from "typebox/compile";
import { expect, test } from "vitest";
import { MyJobView, TodayView } from "../../contract/http-api.ts";
import type { CameraId, PersonId } from "../../contract/ids.ts";
import type { DongleScan } from "../../contract/payloads.ts";
import { BAY_1, MINUTE, OBD_1, openJob, request, testShop } from "./shop-page.fixture.ts";

const today = Compile(TodayView);
const mine = Compile(MyJobView);

test("an empty shop has whole and valid views", async () => {
  await using each = await testShop();
  expect([...today.Errors(each.page.today())]).toEqual([]);
  expect([...mine.Errors(each.page.myJob(each.wang.id))]).toEqual([]);
  expect(each.page.today()).toMatchObject({
    bays: [
      {
        id: "bay-1",
        name: { en: "Bay 1", "zh-CN": "1 号工位" },
        state: "unknown",
        job: null,
        liftRaised: null,
        thumbnail: { url: expect.stringMatching(/^\/api\/cameras\/north\/thumbnail\?at=\d+$/) },
      },
      { id: "bay-2", name: { en: "bay-2", "zh-CN": "bay-2" }, thumbnail: null },
    ],
    headquarters: { state: "not-configured" },
    box: {
      cameras: { live: 2, configured: 2 },
      dongles: { live: 0, configured: 1 },
      vision: { provider: "cpu", refused: [{ provider: "cuda" }] },
    },
    safeMode: null,
  });
});

test("a day's work is seen by manager and technician: running, closed, its scans, its risk", async () => {
  await using each = await testShop();
  const { page, wang, li, clock, executor } = each;
  const jobId = await openJob(each);
  await page.execute({ person: wang, requestId: request(), action: { kind: "clock-on", jobId } });
  clock.advance(40 * MINUTE);
  const scan: DongleScan = {
    messageId: "scan-1",
    takenAt: clock.now(),
    protocol: "iso15765",
    vin: "1M8GDM9AXKP042788",
    vinDoubts: [],
    ecus: [
      {
        address: "7E8",
        name: "engine",
        dtcs: [{ code: "P0420", status: "confirmed" }],
        unanswered: [{ service: "0A", reason: "timeout" }],
      },
    ],
    readiness: {
      milOn: true,
      confirmedDtcCount: 1,
      ignition: "spark",
      monitors: { catalyst: "incomplete", egr: "complete" },
    },
  };
  await executor.execute(
    { kind: "scan", dongleId: OBD_1, bayId: BAY_1, scan },
    { source: "dongle/obd-1", messageId: "scan-1" },
  );
  page.look();
  const view = page.today();
  expect([...today.Errors(view)]).toEqual([]);
  expect(view.bays[0]).toMatchObject({
    job: { number: "RO-1", plateMasked: "•••345" },
    technicians: [{ technician: { name: "王伟" }, elapsedMs: 40 * MINUTE }],
  });
  expect(view.jobs[0]).toMatchObject({
    labourMs: 40 * MINUTE,
    risk: "none",
    steps: [
      { step: "arrival-scan", state: "done" },
      { step: "repair", state: "active" },
      { step: "departure-scan", state: "missing" },
    ],
  });
  expect(view.attention).toMatchObject([
    { kind: "dtc-found", values: { job: "RO-1", count: 1, codes: "P0420" }, target: jobId },
  ]);
  expect(JSON.stringify(view)).not.toContain("A12345");

  await page.execute({ person: wang, requestId: request(), action: { kind: "clock-off" } });
  const own = page.myJob(wang.id);
  expect([...mine.Errors(own)]).toEqual([]);
  expect(own).toMatchObject({
    running: null,
    current: { number: "RO-1", labourMs: 40 * MINUTE },
    scans: [
      {
        dongleId: "obd-1",
        purpose: "arrival",
        dtcs: [{ code: "P0420", ecu: "engine" }],
        unanswered: ["engine 0A: timeout"],
        milOn: true,
        incompleteMonitors: ["catalyst"],
      },
    ],
    today: [{ jobNumber: "RO-1", interval: { durationMs: 40 * MINUTE } }],
    todayMs: 40 * MINUTE,
  });
  clock.advance(40 * MINUTE);
  page.look();
  const promise = () => page.attention().find((item) => item.key === `promise:${jobId}`);
  expect(promise()).toMatchObject({ kind: "promise-at-risk", urgency: "soon", action: "open-job" });
  expect(page.attention().map((item) => item.kind)).toContain("labour-flagged");
  clock.advance(20 * MINUTE);
  page.look();
  expect(promise()).toMatchObject({ kind: "promise-late", urgency: "now" });
  expect(page.attention()[0]).toEqual(promise());
  await page.execute({ person: li, requestId: request(), action: { kind: "close-job", jobId } });
  expect(page.today()).toMatchObject({
    jobs: [],
    todaySoFar: { jobsClosed: 1, labourMs: 40 * MINUTE, promised: 1, onTime: 0 },
  });
  expect(page.myJob(wang.id).today[0]?.jobNumber).toBe("RO-1");
});

test("a repeated request is the same request, a refusal is the domain's code, and listeners hear of commits", async () => {
  await using each = await testShop();
  const { page, wang } = each;
  const jobId = await openJob(each);
  let heard = 0;
  const unsubscribe = page.subscribe(() => {
    heard += 1;
  });
  const before = page.today().revision;
  const on = { person: wang, requestId: request(), action: { kind: "clock-on", jobId } } as const;
  expect(await page.execute(on)).toMatchObject({ duplicate: false, ids: { interval: expect.any(String) } });
  expect(await page.execute(on)).toEqual({ committed: true, duplicate: true, ids: {} });
  expect(heard).toBe(1);
  expect(page.today().revision).toBeGreaterThan(before);
  unsubscribe();
  await page.execute({ person: wang, requestId: request(), action: { kind: "clock-off" } });
  expect(heard).toBe(1);
  await expect(
    page.execute({ person: wang, requestId: request(), action: { kind: "clock-off" } }),
  ).rejects.toMatchObject({ code: "LABOUR_NOT_CLOCKED_ON" });
});

test("a technician cannot pause a colleague's job, an advisor can, and nobody gives a job to a stranger", async () => {
  await using each = await testShop();
  const { page, zhao, wang, li } = each;
  const jobId = await openJob(each);
  const pause = { kind: "pause-job", jobId, reason: "parts" } as const;
  await expect(page.execute({ person: zhao, requestId: request(), action: pause })).rejects.toMatchObject({
    code: "PERMISSION_DENIED",
  });
  await expect(page.execute({ person: wang, requestId: request(), action: pause })).resolves.toMatchObject({
    committed: true,
  });
  await expect(
    page.execute({ person: li, requestId: request(), action: { kind: "resume-job", jobId } }),
  ).resolves.toBeDefined();
  const stranger = { kind: "assign-job", jobId, to: { bay: BAY_1, technicianId: "nobody" as PersonId } } as const;
  await expect(page.execute({ person: li, requestId: request(), action: stranger })).rejects.toMatchObject({
    code: "PEOPLE_UNKNOWN",
  });
});

test("a lost camera is one card after its patience, all cameras lost are one card, and a bridge explains its dongles", async () => {
  await using each = await testShop();
  const { page, cameras, clock, executor } = each;
  const lose = (id: string, frozen = false) =>
    cameras.set(id as CameraId, { state: "silent", frozen, lastFrameAt: clock.stamp() });
  const cards = () => page.attention().map((item) => item.key);
  const wait = () => {
    page.look();
    clock.advance(31_000);
    page.look();
  };
  lose("north");
  page.look();
  expect(cards()).toEqual([]);
  wait();
  expect(cards()).toEqual(["camera-silent:north"]);
  expect(page.attention()[0]?.values).toEqual({ camera: "north", bay: "bay-1" });
  expect(page.today().bays[0]).toMatchObject({ pictureLost: true });
  lose("south");
  wait();
  expect(cards()).toEqual(["camera-silent:all"]);
  // What still sends is not cut off.
  lose("south", true);
  wait();
  expect(cards().toSorted()).toEqual(["camera-frozen:south", "camera-silent:north"]);
  const device = { kind: "device-changed", state: "offline" } as const;
  await executor.execute({ ...device, device: "dongle", deviceId: "obd-1" }, { source: "x" });
  wait();
  expect(cards()).toContain("dongle-silent:obd-1");
  await executor.execute({ ...device, device: "bridge", deviceId: "main" }, { source: "x" });
  wait();
  expect(cards()).toContain("bridge-offline:main");
  expect(cards()).not.toContain("dongle-silent:obd-1");
});

test("over HTTP a technician clocks on to the real shop and sees it", async () => {
  await using each = await testShop();
  const jobId = await openJob(each);
  const http = await each.http();
  try {
    const headers = await each.signIn(http, "wang");
    const on = await http.inject({
      method: "POST",
      url: "/api/labour/on",
      headers,
      payload: { requestId: request(), jobId },
    });
    expect(on.json()).toMatchObject({ committed: true });
    expect((await http.inject({ url: "/api/my-job", headers })).json()).toMatchObject({
      running: { jobId },
      current: { number: "RO-1" },
    });
    expect((await http.inject({ url: "/api/today", headers })).json()).toMatchObject({
      bays: [{ technicians: [{ technician: { name: "王伟" } }] }, {}],
    });
    const unknown = await http.inject({
      method: "POST",
      url: "/api/labour/on",
      headers,
      payload: { requestId: request(), jobId: "no-such-job" },
    });
    expect(unknown.json()).toMatchObject({ code: "JOB_UNKNOWN" });
  } finally {
    await http.stop();
  }
});
