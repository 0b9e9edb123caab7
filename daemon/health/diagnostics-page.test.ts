import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { Compile } from "typebox/compile";
import { expect, test } from "vitest";
import { JobDiagnosticsView, LiveUpdate, SignalChoicesView } from "../../contract/diagnostics-api.ts";
import type { JobId } from "../../contract/ids.ts";
import type { DongleRequest, DongleScan } from "../../contract/payloads.ts";
import type { Http } from "../http/http.ts";
import { BAY_1, MINUTE, OBD_1, openJob, request, type TestShop, testShop } from "./shop-page.fixture.ts";

const VIN = "1M8GDM9AXKP042788";
const wholeView = Compile(JobDiagnosticsView);
const wholeChoices = Compile(SignalChoicesView);
const wholeUpdate = Compile(LiveUpdate);

function scanOf(overrides: Partial<DongleScan>): DongleScan {
  return {
    messageId: "scan-1",
    takenAt: 1,
    protocol: "iso15765-4-11bit",
    vin: VIN,
    vinDoubts: [],
    ecus: [
      {
        address: "7E8",
        name: "ECM",
        dtcs: [
          { code: "P0420", status: "pending" },
          { code: "P0420", status: "confirmed", freezeFrame: { RPM: 2150, ECT: 88 } },
        ],
        unanswered: [],
      },
      { address: "7E9", reach: "secure-gateway", dtcs: [], unanswered: [] },
    ],
    readiness: { milOn: true, confirmedDtcCount: 1, ignition: "spark", monitors: { catalyst: "complete" } },
    ...overrides,
  };
}

/** The bridge's side of the broker. */
function bridgeOf({ said, dongles, clock, executor }: TestShop) {
  const requests = <K extends DongleRequest["kind"]>(kind: K) =>
    said.flatMap(({ name, payload }) =>
      name === "dongleRequest" && "kind" in payload && payload.kind === kind
        ? [payload as Extract<DongleRequest, { kind: K }>]
        : [],
    );
  return {
    requests,
    answer: (response: Parameters<typeof dongles.answered>[1]) => dongles.answered(OBD_1, response, clock.stamp()),
    scan: async (overrides: Partial<DongleScan>) => {
      const scan = scanOf(overrides);
      dongles.scanCame(scan.transaction);
      const origin = { source: "dongle/obd-1", messageId: scan.messageId };
      await executor.execute({ kind: "scan", dongleId: OBD_1, bayId: BAY_1, scan }, origin);
    },
    config: () => said.findLast(({ name }) => name === "bridgeConfig")?.payload,
    bayIs: async (to: "occupied") => {
      const at = clock.stamp();
      const change = { bayId: BAY_1, to, cause: "test", people: 0, since: at, at };
      await executor.execute({ kind: "observe-bay", bayId: BAY_1, change }, { source: "test" });
    },
  };
}

async function withHttp(each: TestShop, work: (http: Http) => Promise<void>): Promise<void> {
  const http = await each.http();
  try {
    await work(http);
  } finally {
    await http.stop();
  }
}

async function caller(each: TestShop, http: Http, login: string) {
  const headers = await each.signIn(http, login);
  return {
    headers,
    get: async (url: string) => (await http.inject({ url, headers })).json(),
    post: async (url: string, payload: object = {}) => {
      const response = await http.inject({
        method: "POST",
        url,
        headers,
        payload: { requestId: request(), ...payload },
      });
      return { status: response.statusCode, ...response.json() };
    },
  };
}

const viewOf = async (person: Awaited<ReturnType<typeof caller>>, jobId: JobId): Promise<JobDiagnosticsView> => {
  const view = await person.get(`/api/jobs/${jobId}/diagnostics`);
  expect(wholeView.Errors(view)).toEqual([]);
  return view;
};

test("a visit goes from the arrival scan over clearing to the departure scan, and the page follows it", async () => {
  await using each = await testShop();
  const bridge = bridgeOf(each);
  await withHttp(each, async (http) => {
    const jobId = await openJob(each);
    const technician = await caller(each, http, "wang");
    const advisor = await caller(each, http, "li");
    expect(await viewOf(technician, jobId)).toMatchObject({
      scans: [],
      difference: null,
      scanNow: { possible: true, running: false },
      clearNow: { possible: false, code: "CLEAR_NEEDS_SCAN" },
    });

    await bridge.bayIs("occupied");
    const [arrival] = bridge.requests("scan");
    expect(await viewOf(technician, jobId)).toMatchObject({ scanNow: { possible: false, running: true } });
    await bridge.scan({ messageId: "arrival", transaction: arrival?.transaction ?? "" });
    const scanned = await viewOf(technician, jobId);
    expect(scanned).toMatchObject({
      scans: [
        {
          messageId: "arrival",
          purpose: "arrival",
          dongleId: "obd-1",
          vinMatchesJob: true,
          ecus: [
            {
              dtcs: [
                {
                  code: "P0420",
                  statuses: ["confirmed", "pending"],
                  freezeFrame: [
                    { name: "engine-speed", value: 2150, unit: "rpm", label: { "zh-CN": "发动机转速" } },
                    { name: "coolant-temperature", value: 88 },
                  ],
                },
              ],
            },
            { address: "7E9", reach: "secure-gateway" },
          ],
        },
      ],
      explanations: { P0420: { code: "P0420", text: expect.anything() } },
      clearNow: { possible: true, code: null },
    });

    expect(await advisor.post(`/api/jobs/${jobId}/clear-codes`)).toMatchObject({ status: 403 });
    expect(await technician.post(`/api/jobs/${jobId}/clear-codes`)).toMatchObject({ status: 200, committed: true });
    const [clear] = bridge.requests("clear-codes");
    expect(clear).toMatchObject({
      authority: { jobId, technicianId: each.wang.id, preScan: "arrival", grantedAt: each.clock.now() },
    });
    const clearing = await viewOf(technician, jobId);
    expect(clearing).toMatchObject({
      clearings: [{ outcome: "running", technician: { name: "王伟" } }],
      clearNow: { possible: false, code: "DONGLE_BUSY", running: true },
    });
    expect(clearing.version).not.toBe(scanned.version);
    bridge.answer({
      transaction: clear?.transaction ?? "",
      status: "done",
      cleared: [{ address: "7E8", outcome: "cleared" }],
    });
    await expect.poll(() => each.journal.query("diagnostics.of-job", { jobId }).length).toBe(2);
    expect(await viewOf(technician, jobId)).toMatchObject({
      clearings: [{ outcome: "cleared", ecus: [{ address: "7E8" }] }],
      departureScanDue: true,
      clearNow: { code: "CLEAR_NEEDS_SCAN" },
    });
    expect(bridge.requests("clear-codes")).toHaveLength(1);

    expect(await advisor.post(`/api/jobs/${jobId}/scan`)).toMatchObject({ committed: true });
    const departure = bridge.requests("scan").at(-1);
    await bridge.scan({
      messageId: "departure",
      transaction: departure?.transaction ?? "",
      ecus: [{ address: "7E8", dtcs: [], unanswered: [] }],
    });
    const left = await viewOf(advisor, jobId);
    expect(left).toMatchObject({
      departureScanDue: false,
      difference: {
        arrival: "arrival",
        departure: "departure",
        found: {
          cleared: "by-us",
          codes: [{ code: "P0420", ecu: "7E8", outcome: "fixed" }],
          unreadable: [{ ecu: "7E9", reason: "no-answer" }],
        },
      },
    });
    const today = await advisor.get("/api/today");
    expect(today.jobs[0].diagnosticsVersion).toBe(left.version);

    await advisor.post(`/api/jobs/${jobId}/close`);
    expect(await viewOf(advisor, jobId)).toMatchObject({
      job: { state: "closed", work: "刹车片" },
      difference: { departure: "departure" },
      scanNow: { possible: false, code: "JOB_CLOSED" },
    });
    expect(await advisor.get("/api/jobs/no-such-job/diagnostics")).toMatchObject({ code: "JOB_UNKNOWN" });
  });
});

test("a clearing that is not answered is unknown after its deadline, and a second press changes nothing", async () => {
  await using each = await testShop({ clearDeadlineMs: 0 });
  const bridge = bridgeOf(each);
  const jobId = await openJob(each);
  await bridge.scan({});
  const press = { person: each.wang, requestId: request(), action: { kind: "clear-codes", jobId } } as const;
  expect(await each.page.execute(press)).toMatchObject({ duplicate: false });
  expect(await each.page.execute(press)).toMatchObject({ duplicate: true });
  const outcomes = () => each.diagnostics.diagnostics(jobId).clearings.map(({ outcome, code }) => [outcome, code]);
  await expect.poll(outcomes, { timeout: 20_000 }).toEqual([["unknown", "CLEAR_NO_ANSWER"]]);
  expect(bridge.requests("clear-codes")).toHaveLength(1);
});

test("whoever sees harm stops all asking; only manager and installer begin again, and the bridges hear of both", async () => {
  await using each = await testShop();
  const bridge = bridgeOf(each);
  await withHttp(each, async (http) => {
    const jobId = await openJob(each);
    const technician = await caller(each, http, "wang");
    const manager = await caller(each, http, "sun");
    expect(await technician.post("/api/polling", { enabled: false })).toMatchObject({ status: 200 });
    await expect.poll(bridge.config).toMatchObject({ pollingEnabled: false });
    await bridge.bayIs("occupied");
    each.clock.advance(10_000);
    each.dongles.plan();
    expect(bridge.requests("scan")).toEqual([]);
    expect(await technician.post(`/api/jobs/${jobId}/scan`)).toMatchObject({ status: 409, code: "POLLING_OFF" });
    expect(await viewOf(technician, jobId)).toMatchObject({ pollingEnabled: false, scanNow: { code: "POLLING_OFF" } });
    each.page.look();
    const today = await manager.get("/api/today");
    expect(today.box.polling).toBe(false);
    expect(today.attention).toContainEqual(
      expect.objectContaining({ kind: "polling-off", values: { person: "王伟" }, code: "POLLING_OFF" }),
    );
    expect(await technician.post("/api/polling", { enabled: true })).toMatchObject({ status: 403 });
    expect(await manager.post("/api/polling", { enabled: true })).toMatchObject({ status: 200 });
    await expect.poll(bridge.config).toMatchObject({ pollingEnabled: true });
    expect(bridge.requests("scan")).toHaveLength(1);
  });
});

test("a traction battery is shown as the dongle tells it, its limits raise a card, and the readings are written down", async () => {
  await using each = await testShop();
  const { dongles, clock, page, executor } = each;
  const jobId = await openJob(each);
  const tell = (probes: readonly number[]) => {
    const signals = probes.map((value, n) => ({ name: `probe-temperature.${n + 1}`, value, at: clock.now() }));
    dongles.values.signals(
      OBD_1,
      { signals: [...signals, { name: "pack-voltage", value: 381.1, at: clock.now() }] },
      clock.stamp(),
    );
    clock.advance(2_000);
  };
  for (let n = 0; n < 10; n += 1) tell([21, 22, 26]);
  await expect.poll(() => executor.state.diagnostics.jobs[jobId]?.alerts["probe-spread"]).toBeDefined();
  const view = each.diagnostics.diagnostics(jobId);
  expect(wholeView.Errors(view)).toEqual([]);
  expect(view).toMatchObject({
    electric: { source: "live", stale: false, probeTemperaturesC: [21, 22, 26] },
    alerts: [{ alert: "probe-spread", value: 5, limit: 3, unit: "°C" }],
  });
  expect(view.electric?.history.columns["pack-voltage"]?.at(-1)).toBe(381.1);
  page.look();
  expect(page.attention()).toContainEqual(
    expect.objectContaining({
      kind: "battery-probe-spread",
      values: { job: "RO-1", bay: "bay-1", value: 5, limit: 3 },
      target: jobId,
    }),
  );
  const [alerted] = each.journal.read("diagnostics", 0, 10).filter(({ type }) => type === "battery.alerted");
  expect(alerted).toMatchObject({ body: { readings: [{ name: "probe-temperature-spread", value: 5 }, {}, {}] } });
  for (let n = 0; n < 30; n += 1) tell([21, 22, 22]);
  await expect.poll(() => executor.state.diagnostics.jobs[jobId]?.alerts["probe-spread"]).toBeUndefined();
  page.look();
  expect(page.attention().map(({ kind }) => kind)).not.toContain("battery-probe-spread");
});

test("a battery that only a scan has measured is shown as old as the scan", async () => {
  await using each = await testShop();
  const bridge = bridgeOf(each);
  const jobId = await openJob(each);
  const at = each.clock.now();
  await bridge.scan({ takenAt: at, signals: [{ name: "state-of-health", value: 91.5, unit: "%", at }] });
  expect(each.diagnostics.electric(jobId)).toMatchObject({ electric: { source: "live", values: [{ value: 91.5 }] } });
  await each.page.execute({ person: each.li, requestId: request(), action: { kind: "close-job", jobId } });
  expect(each.diagnostics.electric(jobId)).toMatchObject({
    electric: { source: "scan", stale: true, asOf: at, values: [{ name: "state-of-health", value: 91.5 }] },
  });
  expect(() => each.diagnostics.electric("no-such-job" as JobId)).toThrow(
    expect.objectContaining({ code: "JOB_UNKNOWN" }),
  );
});

/** Reads a live stream as a browser does. */
class Stream {
  readonly updates: LiveUpdate[] = [];
  readonly response: IncomingMessage;
  #text = "";

  constructor(response: IncomingMessage) {
    this.response = response;
    response.on("error", () => undefined);
    response.setEncoding("utf8").on("data", (chunk: string) => {
      this.#text += chunk;
      const blocks = this.#text.split("\n\n");
      this.#text = blocks.pop() ?? "";
      for (const block of blocks) {
        const data: unknown = JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "null");
        if (!block.startsWith("event: signals")) continue;
        expect(wholeUpdate.Errors(data)).toEqual([]);
        if (wholeUpdate.Check(data)) this.updates.push(data);
      }
    });
  }

  async until(fits: (update: LiveUpdate) => boolean): Promise<LiveUpdate> {
    for (;;) {
      const last = this.updates.at(-1);
      if (last !== undefined && fits(last)) return last;
      await once(this.response, "data");
    }
  }
}

async function look(http: Http, headers: Record<string, string>, jobId: JobId, signals: string): Promise<Stream> {
  const url = `${http.address()?.url}/api/jobs/${jobId}/live?${new URLSearchParams({ signals })}`;
  const [response] = await once(get(url, { headers }), "response");
  return new Stream(response);
}

/** Answers as a car whose engine knows load, coolant, speed and the next map with its voltage. */
function answerReads(each: TestShop): void {
  const maps: Readonly<Record<string, string>> = {
    "0100": "410008180001",
    "0120": "412000000001",
    "0140": "414040000000",
  };
  const bridge = bridgeOf(each);
  const answered = new Set<string>();
  const timer = setInterval(() => {
    for (const { transaction, commands } of bridge.requests("read")) {
      if (answered.has(transaction)) continue;
      answered.add(transaction);
      const readings = commands.map(({ key, request: asked }) => ({
        key,
        at: each.clock.now(),
        answers: maps[asked] === undefined ? [] : [{ ecu: "7E8", payload: maps[asked] }],
      }));
      each.dongles.values.readings(OBD_1, { transaction, readings });
      bridge.answer({ transaction, status: "done" });
    }
  }, 5);
  timer.unref();
}

test("live values are asked for while somebody looks, shared by all who do, and recorded to the job on request", async () => {
  await using each = await testShop();
  const bridge = bridgeOf(each);
  answerReads(each);
  const jobId = await openJob(each);
  await bridge.scan({});
  await withHttp(each, async (http) => {
    await http.start();
    const technician = await caller(each, http, "wang");
    const advisor = await caller(each, http, "li");
    each.dongles.values.signals(OBD_1, { signals: [{ name: "gear", value: "P", at: 1 }] }, each.clock.stamp());
    const choices = await technician.get(`/api/jobs/${jobId}/signals`);
    expect(wholeChoices.Errors(choices)).toEqual([]);
    expect(choices.code).toBeNull();
    expect(choices.signals.map(({ name, source }: { name: string; source: string }) => `${name} ${source}`)).toEqual(
      expect.arrayContaining([
        "coolant-temperature asked",
        "engine-speed asked",
        "vehicle-speed asked",
        "low-voltage-battery asked",
        "gear told",
      ]),
    );

    const first = await look(http, technician.headers, jobId, "engine-speed,coolant-temperature");
    await expect.poll(() => bridge.requests("live").length).toBeGreaterThan(0);
    const lease = bridge.requests("live").at(-1);
    expect(lease).toMatchObject({
      everyMs: 100,
      leaseMs: 10_000,
      commands: [{ request: "01050C", address: { requestId: 0x7e0 } }],
    });
    const measure = (rpm: number) => {
      const command = bridge.requests("live").at(-1)?.commands[0];
      const hex = (rpm * 4).toString(16).toUpperCase().padStart(4, "0");
      each.dongles.values.readings(OBD_1, {
        transaction: lease?.transaction ?? "",
        readings: [
          { key: command?.key ?? "", at: each.clock.now(), answers: [{ ecu: "7E8", payload: `4105800C${hex}` }] },
        ],
      });
      each.clock.advance(100);
    };
    measure(800);
    const update = await first.until(({ signals }) => signals[0]?.value === 800);
    expect(update).toMatchObject({
      paused: null,
      recordingSince: null,
      signals: [
        { name: "engine-speed", value: 800, unit: "rpm", stale: false },
        { name: "coolant-temperature", value: 88 },
      ],
    });

    const second = await look(http, advisor.headers, jobId, "engine-speed");
    await second.until(({ signals }) => signals[0]?.value === 800);
    expect(new Set(bridge.requests("live").map(({ transaction }) => transaction)).size).toBe(1);

    expect(await technician.post(`/api/jobs/${jobId}/recording`, { action: "start" })).toMatchObject({
      since: each.clock.now(),
      recording: null,
    });
    expect(await advisor.post(`/api/jobs/${jobId}/recording`, { action: "start" })).toMatchObject({
      code: "RECORDING_RUNNING",
    });
    for (const rpm of [1_000, 3_000, 900]) measure(rpm);
    await second.until(({ recordingSince, signals }) => recordingSince !== null && signals[0]?.value === 900);
    const stop = { requestId: request(), action: "stop" };
    const stopped = await technician.post(`/api/jobs/${jobId}/recording`, stop);
    expect(stopped).toMatchObject({ since: null, recording: expect.any(String) });
    expect(await technician.post(`/api/jobs/${jobId}/recording`, stop)).toEqual(stopped);
    expect(await viewOf(technician, jobId)).toMatchObject({
      recordings: [
        {
          id: stopped.recording,
          by: "王伟",
          series: [{ name: "engine-speed", minimum: 900, maximum: 3_000, count: 3 }, {}],
        },
      ],
    });
    const recording = await technician.get(`/api/jobs/${jobId}/recordings/${stopped.recording}`);
    expect(recording).toMatchObject({
      series: [
        {
          name: "engine-speed",
          points: [
            [0, 1_000],
            [100, 3_000],
            [200, 900],
          ],
        },
        {},
      ],
    });
    expect(await technician.get(`/api/jobs/${jobId}/recordings/nonsense`)).toMatchObject({ code: "RECORDING_UNKNOWN" });

    first.response.destroy();
    second.response.destroy();
    await expect.poll(() => bridge.requests("live").at(-1)?.commands).toEqual([]);
  });
});

test("a live view says why nothing comes, and goes on by itself when it may", async () => {
  await using each = await testShop();
  const bridge = bridgeOf(each);
  answerReads(each);
  const jobId = await openJob(each);
  await bridge.scan({});
  await withHttp(each, async (http) => {
    await http.start();
    const { headers, post, get: fetched } = await caller(each, http, "sun");
    const stream = await look(http, headers, jobId, "engine-speed");
    await expect.poll(() => bridge.requests("live").length).toBeGreaterThan(0);
    const { transaction } = bridge.requests("live").at(-1) ?? { transaction: "" };
    bridge.answer({ transaction, status: "refused", error: { code: "battery-low" }, batteryVolts: 11.2 });
    await stream.until(({ paused }) => paused === "CAR_BATTERY_LOW");
    expect(each.dongles.values.telemetry.board.reading(OBD_1, "low-voltage-battery")?.value).toBe(11.2);

    await post("/api/polling", { enabled: false });
    await stream.until(({ paused }) => paused === "POLLING_OFF");
    expect(bridge.requests("live").at(-1)?.commands).toEqual([]);
    await post("/api/polling", { enabled: true });
    await stream.until(({ paused }) => paused === null);
    expect(bridge.requests("live").at(-1)?.commands).toHaveLength(1);

    const device = { kind: "device-changed", device: "dongle", deviceId: "obd-1", state: "silent" } as const;
    await each.executor.execute(device, { source: "test" });
    await stream.until(({ paused }) => paused === "DONGLE_AWAY");
    await post(`/api/jobs/${jobId}/close`);
    await stream.until(({ paused }) => paused === "JOB_CLOSED");
    expect(await fetched(`/api/jobs/${jobId}/live?signals=engine-speed`)).toMatchObject({ code: "JOB_CLOSED" });
    stream.response.destroy();
  });
});

test("only what a car can tell is looked at, and only what is looked at is recorded", async () => {
  await using each = await testShop();
  await withHttp(each, async (http) => {
    const jobId = await openJob(each);
    const { get: fetched, post } = await caller(each, http, "wang");
    expect(await fetched(`/api/jobs/${jobId}/live?signals=whisky-level`)).toMatchObject({ code: "SIGNAL_UNKNOWN" });
    expect(await fetched(`/api/jobs/${jobId}/live?signals=`)).toMatchObject({ code: "HTTP_REQUEST_INVALID" });
    expect(await fetched(`/api/jobs/${jobId}/live?signals=${"a,".repeat(40)}b`)).toMatchObject({
      code: "SIGNAL_UNKNOWN",
    });
    const many = Array.from({ length: 33 }, (_, n) => `x${n}`).join(",");
    expect(await fetched(`/api/jobs/${jobId}/live?signals=${many}`)).toMatchObject({ code: "HTTP_REQUEST_INVALID" });
    expect(await post(`/api/jobs/${jobId}/recording`, { action: "start" })).toMatchObject({
      code: "RECORDING_NEEDS_VIEWER",
    });
    expect(await post(`/api/jobs/${jobId}/recording`, { action: "stop" })).toMatchObject({
      since: null,
      recording: null,
    });
  });
});

test("a recording that nobody stops is written down when the gateway stops", async () => {
  await using each = await testShop();
  const jobId = await openJob(each);
  const tell = (value: number) =>
    each.dongles.values.signals(
      OBD_1,
      { signals: [{ name: "engine-speed", value, at: each.clock.now() }] },
      each.clock.stamp(),
    );
  tell(800);
  const { close } = await each.diagnostics.look(jobId, ["engine-speed"], undefined, () => undefined);
  const by = { id: each.wang.id, name: "王伟", role: "technician" } as const;
  await each.diagnostics.record({ person: by, jobId, requestId: request(), action: "start" });
  each.clock.advance(MINUTE);
  tell(1_200);
  await each.dongles.stop();
  close();
  expect(each.diagnostics.diagnostics(jobId).recordings).toMatchObject([{ series: [{ last: 1_200, count: 1 }] }]);
});
