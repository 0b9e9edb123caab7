import { Compile } from "typebox/compile";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type ClearAuthority,
  type DongleRequest,
  type DongleResponse,
  DongleScan,
  type ScannedEcu,
} from "../contract/payloads.ts";
import { AdapterUnderTest } from "../firmware-bridge/adapter.fixture.ts";
import { type CarRequest, CarService } from "../firmware-bridge/car-service.ts";
import type { Adapter, CarConversation, DongleSettings } from "../firmware-bridge/dialect.ts";
import { CarMemory } from "../firmware-bridge/scan/car-memory.ts";
import { wican } from "../firmware-bridge/wican/index.ts";
import { createLog } from "../machine/log.ts";
import { CarOnBus, type SimulatedCar, type SimulatedEcu } from "../simulator/dongle/car.ts";
import { fromHex, ProtocolError } from "../vehicle-protocols/index.ts";

const ID = "a1b2c3d4e5f6";
const VIN = "LSVAB2BR2HN000017";
const SCAN = Compile(DongleScan);
const ascii = (text: string) => [...Buffer.from(text)];

const ENGINE: SimulatedEcu = {
  requestId: 0x7e0,
  name: "ECM-EngineControl",
  confirmed: ["P0420", "P0299"],
  pending: ["P0171"],
  permanent: ["P0420"],
  freezeFrame: { loadPercent: 40, coolantC: 88, rpm: 2150, kmh: 61 },
  monitorBytes: [0x07, 0xe5, 0x01],
  live: { 48: [7], 49: [0x01, 0x2c], 166: [0, 0, 0x30, 0x39] },
  uds: {
    faults: [
      { code: "P0420-00", status: 0x2f },
      {
        code: "P0299-1C",
        status: 0x0f,
        snapshot: [
          { identifier: 0xf40c, data: [0x21, 0x98] },
          { identifier: 0xf405, data: [128] },
        ],
      },
      { code: "P0234-00", status: 0x20 },
      { code: "P2299-00", status: 0x50 },
    ],
    data: { 61831: ascii("06A906032"), 61833: ascii("0040"), 61836: ascii("SER1"), 61840: ascii(VIN) },
  },
};
const BRAKES: SimulatedEcu = {
  requestId: 0x760,
  responseId: 0x768,
  name: "ABS",
  confirmed: [],
  pending: [],
  permanent: [],
  monitorBytes: [0, 0, 0],
  uds: { only: true, faults: [{ code: "C0035-11", status: 0x09 }], data: { 61831: ascii("BRK-1") } },
};

/** A dongle, a car behind it, and the service that talks to it, on fake time; the dongle passes frames within milliseconds. */
class Workshop {
  readonly dongle: AdapterUnderTest;
  readonly service: CarService;
  readonly responses: DongleResponse[] = [];
  readonly scans: DongleScan[] = [];
  readonly asked: string[] = [];
  bus: CarOnBus | undefined;
  /** Frames of the car that do not get through, by their number. */
  lose: (count: number) => boolean = () => false;
  /** Somebody else on the bus. */
  onFrame: (id: number, data: readonly number[]) => void = () => undefined;
  #count = 0;

  constructor(car: SimulatedCar | undefined, options: Record<string, unknown> = {}, memory = new CarMemory()) {
    this.bus = car === undefined ? undefined : new CarOnBus(car);
    const settings: DongleSettings = {
      id: "d1" as DongleSettings["id"],
      dialect: "wican",
      nativeId: ID,
      minimumBatteryVolts: 11.8,
      silentAfterMs: 120_000,
      options,
    };
    this.dongle = new AdapterUnderTest(wican, settings);
    this.service = serviceOf(this, this.dongle.adapter, settings, memory);
    this.dongle.onPublish = (topic, payload) => this.#receive(topic, payload);
  }

  async ask(request: CarRequest, forMs = 90_000): Promise<DongleResponse | undefined> {
    void this.service.request(request);
    await vi.advanceTimersByTimeAsync(forMs);
    return this.responses.find(({ transaction }) => transaction === request.transaction);
  }

  async scan(request: Partial<Extract<DongleRequest, { kind: "scan" }>> = {}): Promise<DongleScan> {
    const transaction = `t${this.responses.length}`;
    const response = await this.ask({ transaction, kind: "scan", ...request });
    expect(response).toMatchObject({ status: "done" });
    const scan = this.scans.at(-1);
    if (scan === undefined) throw new Error("no scan came");
    expect([...SCAN.Errors(scan)]).toEqual([]);
    return scan;
  }

  say(id: number, extended: boolean, data: readonly number[]): void {
    const eight = [...data, ...Array.from({ length: 8 - data.length }, () => 0)];
    const frame = { id, dlc: data.length, rtr: false, extd: extended, data: eight };
    this.dongle.say(`wican/${ID}/can/rx`, JSON.stringify({ bus: "0", type: "rx", ts: 1, frame: [frame] }));
  }

  #receive(topic: string, payload: string): void {
    if (topic.endsWith("/cmd")) {
      setTimeout(() => this.dongle.say(`wican/${ID}/cmd`, '{"battery_voltage": 12.600000}'), 5);
      return;
    }
    const { frame } = JSON.parse(payload) as { frame: { id: number; data: number[] }[] };
    for (const { id, data } of frame) {
      this.asked.push(`${id.toString(16)}#${Buffer.from(data).toString("hex")}`);
      this.onFrame(id, data);
      for (const answer of this.bus?.receive({ id, data }) ?? [])
        if (!this.lose(++this.#count))
          setTimeout(() => this.say(answer.id, answer.id > 0x7ff, answer.data), 3 + answer.afterMs);
    }
  }
}

function serviceOf(
  sinks: { readonly responses: DongleResponse[]; readonly scans: DongleScan[]; readonly dongle?: AdapterUnderTest },
  adapter: Adapter,
  settings: DongleSettings,
  memory: CarMemory,
): CarService {
  return new CarService({
    settings,
    adapter,
    memory,
    clock: sinks.dongle?.clock ?? new AdapterUnderTest(wican, { nativeId: ID }).clock,
    log: createLog("test"),
    newId: () => `message-${sinks.scans.length}`,
    outlets: {
      respond: (response) => sinks.responses.push(response),
      scan: (scan) => sinks.scans.push(scan),
      readings: () => undefined,
      openClearing: (transaction, authority) => {
        if (sinks.dongle === undefined) throw new Error("no egress");
        return sinks.dongle.egress.openClearing(transaction, authority);
      },
    },
  });
}

/** What a scan of the car behind this conversation says. */
async function scanThrough(car: CarConversation, options: DongleSettings["options"] = {}) {
  const adapter: Adapter = {
    topics: [],
    car,
    fastestMs: 100,
    start: () => undefined,
    stop: () => undefined,
    receive: () => undefined,
    batteryVolts: async () => undefined,
  };
  const sinks = { responses: [] as DongleResponse[], scans: [] as DongleScan[] };
  const settings = {
    id: "d1" as DongleSettings["id"],
    dialect: "x",
    nativeId: "x",
    minimumBatteryVolts: 11.8,
    silentAfterMs: 1000,
    options,
  };
  await serviceOf(sinks, adapter, settings, new CarMemory()).request({ transaction: "t", kind: "scan" });
  const [scan] = sinks.scans;
  expect([...SCAN.Errors(scan)]).toEqual([]);
  return scan;
}

const codesOf = (ecu: ScannedEcu | undefined) => ecu?.dtcs.map(({ code, status }) => `${code} ${status}`).sort();

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a scan of a car that speaks OBD and UDS", () => {
  it("reads each fault once, with the finer of its two notations, and what was kept with it", async () => {
    const scan = await new Workshop({ vin: VIN, ecus: [ENGINE] }).scan();
    expect(scan).toMatchObject({
      vin: VIN,
      vinDoubts: [],
      standard: "obd",
      protocol: "iso15765-4-11bit",
      batteryVolts: 12.6,
    });
    const [engine] = scan.ecus;
    expect(codesOf(engine)).toEqual([
      "P0171 pending",
      "P0234 stored",
      "P0299-1C confirmed",
      "P0420 confirmed",
      "P0420 permanent",
    ]);
    const fault = (code: string) => engine?.dtcs.find((dtc) => dtc.code === code && dtc.status === "confirmed");
    expect(fault("P0420")).toMatchObject({ statusByte: 0x2f, freezeFrame: { RPM: 2150, ECT: 88 } });
    expect(fault("P0299-1C")).toMatchObject({ statusByte: 0x0f, freezeFrame: { RPM: 2150, ECT: 88 } });
    expect(engine).toMatchObject({
      address: "7E8",
      reach: "answered",
      identification: { "part-number": "06A906032", "software-version": "0040", "serial-number": "SER1", vin: VIN },
      unanswered: [],
    });
  });

  it("says since when the car has been driving without its codes, and how far it has gone", async () => {
    const { signals } = await new Workshop({ vin: VIN, ecus: [ENGINE] }).scan();
    expect(signals?.map(({ name, value, unit }) => `${name} ${value} ${unit}`).sort()).toEqual([
      "CLR_DIST 300 km",
      "WARM_UPS 7 undefined",
      "odometer 1234.5 km",
    ]);
  });

  it("reaches units that hear no question to all, where the car's signal set or the configuration names them", async () => {
    const car = { vin: VIN, ecus: [ENGINE, BRAKES] };
    expect((await new Workshop(car).scan()).ecus).toHaveLength(1);
    const address = { requestId: 0x760, responseId: 0x768, extended: false };
    for (const workshop of [new Workshop(car, { scan: { addresses: [address] } }), new Workshop(car)]) {
      const { ecus } = await workshop.scan({ addresses: [address, { requestId: 0x7a0, extended: false }] });
      expect(ecus.map((ecu) => ecu.address)).toEqual(["7E8", "768"]);
      expect(ecus[1]).toMatchObject({ identification: { "part-number": "BRK-1" } });
      expect(codesOf(ecus[1])).toEqual(["C0035-11 confirmed"]);
    }
  });

  it("finds them by itself where a sweep is wished", async () => {
    const { ecus } = await new Workshop({ vin: VIN, ecus: [ENGINE, BRAKES] }, { scan: { sweep: true } }).scan();
    expect(ecus.map((ecu) => ecu.address)).toEqual(["7E8", "768"]);
  });

  it("waits for units that announce their answer, and asks busy ones again", async () => {
    const slow = { ...ENGINE, uds: { faults: [{ code: "P0299-1C", status: 0x0f }], data: {}, announces: 3, busy: 1 } };
    const scan = await new Workshop({ vin: VIN, ecus: [slow] }).scan({ deadlineMs: 120_000 });
    expect(codesOf(scan.ecus[0])).toContain("P0299-1C confirmed");
  });

  it("asks again for a list that the radio lost, and never takes a lost one for an empty one", async () => {
    const workshop = new Workshop({ vin: VIN, ecus: [ENGINE] });
    workshop.lose = (count) => count % 4 === 0;
    const { ecus } = await workshop.scan();
    const unanswered = new Set(ecus[0]?.unanswered.map(({ service }) => service));
    const listed = new Set(ecus[0]?.dtcs.map(({ status }) => status));
    expect(listed.has("confirmed") || unanswered.has("03")).toBe(true);
    expect(listed.has("permanent") || unanswered.has("0A")).toBe(true);
  });
});

describe("a car that does not let itself be read", () => {
  it("answers behind its secure gateway, which is no empty list", async () => {
    const locked: SimulatedEcu = {
      ...BRAKES,
      requestId: 0x7e1,
      responseId: 0x7e9,
      uds: { only: true, locked: true, faults: [], data: {} },
    };
    const { ecus } = await new Workshop({ vin: VIN, ecus: [ENGINE, locked] }).scan({
      addresses: [{ requestId: 0x7e1, extended: false }],
    });
    expect(ecus[1]).toMatchObject({ address: "7E9", reach: "secure-gateway", dtcs: [] });
    expect(ecus[1]?.unanswered).toEqual([{ service: "19", reason: "authentication-required" }]);
  });

  it("is called silent, not free of faults", async () => {
    const response = await new Workshop(undefined).ask({ transaction: "t", kind: "scan" });
    expect(response).toMatchObject({ status: "failed", error: { code: "car-silent" } });
  });

  it("is remembered: a unit that answers no more is missed, and one that says only half of what it said is doubted", async () => {
    const memory = new CarMemory();
    const gearbox = { ...BRAKES, requestId: 0x7e1, responseId: 0x7e9 };
    const where = { addresses: [{ requestId: 0x7e1, extended: false }] };
    await new Workshop({ vin: VIN, ecus: [ENGINE, gearbox] }, {}, memory).scan(where);
    const { uds: _, ...obdOnly } = ENGINE;
    const later = await new Workshop({ vin: VIN, ecus: [obdOnly] }, {}, memory).scan(where);
    expect(later.ecus.map(({ address, reach }) => `${address} ${reach}`)).toEqual(["7E8 answered", "7E9 no-answer"]);
    expect(later.ecus[0]?.unanswered).toEqual([{ service: "19", reason: "no-answer" }]);
    const other = await new Workshop({ vin: "LSVAB2BR2HN000018", ecus: [obdOnly] }, {}, memory).scan(where);
    expect(other.ecus).toHaveLength(1);
  });

  it("and breaks off: what was read stays, the rest is named", async () => {
    const workshop = new Workshop({ vin: VIN, ecus: [ENGINE] });
    workshop.onFrame = (_id, [, service]) => {
      if (service === 0x0a) queueMicrotask(() => workshop.dongle.adapter.car?.close());
    };
    const { ecus } = await workshop.scan();
    expect(ecus[0]?.unanswered).toEqual([
      { service: "0A", reason: "link-lost" },
      { service: "19", reason: "link-lost" },
    ]);
    expect(codesOf(ecus[0])).toEqual(["P0171 pending", "P0299 confirmed", "P0420 confirmed"]);
  });

  it("and breaks off before any list was read: there is no scan", async () => {
    const workshop = new Workshop({ vin: VIN, ecus: [ENGINE] });
    workshop.onFrame = (_id, [, service]) => {
      if (service === 0x09) queueMicrotask(() => workshop.dongle.adapter.car?.close());
    };
    const response = await workshop.ask({ transaction: "t", kind: "scan" }, 5_000);
    expect(response).toMatchObject({ status: "failed", error: { code: "link-lost" } });
    expect(workshop.scans).toEqual([]);
  });

  it("and ends with the time that it was given", async () => {
    const slow = { ...ENGINE, uds: { faults: ENGINE.uds?.faults ?? [], data: {}, announces: 6 } };
    const workshop = new Workshop({ vin: VIN, ecus: [slow] });
    const response = await workshop.ask({ transaction: "t", kind: "scan", deadlineMs: 11_000 }, 11_500);
    expect(response).toMatchObject({ status: "done" });
    const reasons = workshop.scans[0]?.ecus[0]?.unanswered.map(({ service, reason }) => `${service} ${reason}`);
    expect(reasons).toEqual(expect.arrayContaining(["0A deadline-passed", "19 deadline-passed"]));
  });
});

describe("cars of other rules", () => {
  it("read by SAE J1979-2, which does not know the old services", async () => {
    const uds: SimulatedEcu = {
      ...ENGINE,
      uds: {
        only: true,
        faults: [
          { code: "P0420-00", status: 0x2f },
          { code: "P0171-00", status: 0x04 },
        ],
        data: {
          63504: [0x01],
          62492: [0x2d],
          63490: ascii(VIN),
          62465: [0x81, 0x07, 0xe5, 0x01],
          61840: ascii(VIN),
        },
      },
    };
    const scan = await new Workshop({ vin: VIN, ecus: [uds] }).scan();
    expect(scan).toMatchObject({ standard: "obd-on-uds", vin: VIN, readiness: { milOn: true } });
    expect(codesOf(scan.ecus[0])).toEqual(["P0171 pending", "P0420 confirmed"]);
    expect(scan.ecus[0]?.unanswered).toEqual([{ service: "1955", reason: "sub-function-not-supported" }]);
  });

  it("read by UDS alone on 29 bits, as electric cars are", async () => {
    const battery: SimulatedEcu = {
      ...BRAKES,
      requestId: 0x18da10f1,
      responseId: 0x18daf110,
      uds: { only: true, faults: [{ code: "P0A7F-00", status: 0x09 }], data: { 61840: ascii(VIN) } },
    };
    const scan = await new Workshop({ vin: VIN, ecus: [battery] }).scan();
    expect(scan).toMatchObject({ standard: "uds", vin: VIN, protocol: "iso15765-4-29bit", readiness: null });
    expect(scan.ecus[0]).toMatchObject({ address: "18DAF110" });
    expect(codesOf(scan.ecus[0])).toEqual(["P0A7F confirmed"]);
  });

  it("with units behind an address byte", async () => {
    const body: SimulatedEcu = {
      ...BRAKES,
      requestId: 0x6f1,
      responseId: 0x640,
      addressBytes: { request: 0x40, response: 0xf1 },
    };
    const { ecus } = await new Workshop({ vin: VIN, ecus: [ENGINE, body] }).scan({
      addresses: [{ requestId: 0x6f1, responseId: 0x640, extended: false, requestByte: 0x40, responseByte: 0xf1 }],
    });
    expect(codesOf(ecus[1])).toEqual(["C0035-11 confirmed"]);
  });

  it("with several units that answer from one id and are told apart by a byte", async () => {
    const unit = (byte: number, code: string): SimulatedEcu => ({
      ...BRAKES,
      requestId: 0x750,
      responseId: 0x758,
      addressBytes: { request: byte, response: byte },
      uds: { only: true, faults: [{ code, status: 0x2f }], data: {} },
    });
    const { ecus } = await new Workshop({
      vin: VIN,
      ecus: [ENGINE, unit(0x2a, "C0035-11"), unit(0x40, "C0036-11")],
    }).scan({
      addresses: [0x2a, 0x40].map((requestByte) => ({ requestId: 0x750, extended: false, requestByte })),
    });
    expect(ecus.slice(1).map((ecu) => [ecu.address, ...(codesOf(ecu) ?? [])])).toEqual([
      ["7582A", "C0035-11 confirmed"],
      ["75840", "C0036-11 confirmed"],
    ]);
  });

  it("that are trucks and tell their codes by themselves", async () => {
    const workshop = new Workshop(undefined);
    // DM1 of the engine each second: lamp on, SPN 110 FMI 0; DM2 in answer to a request.
    const every = setInterval(() => workshop.say(0x18feca00, true, [0x40, 0xff, 110, 0, 0, 1, 0xff, 0xff]), 1_000);
    workshop.onFrame = (id, data) => {
      if (id === 0x18eafff9 && data[0] === 0xcb && data[1] === 0xfe)
        setTimeout(() => workshop.say(0x18fecb00, true, [0, 0xff, 94, 0, 3, 2, 0xff, 0xff]), 20);
    };
    const scan = await workshop.scan();
    clearInterval(every);
    expect(scan).toMatchObject({ standard: "j1939", protocol: "j1939", vin: null });
    expect(scan.ecus).toMatchObject([{ address: "00", name: "Engine 1" }]);
    expect(codesOf(scan.ecus[0])).toEqual(["SPN110-FMI0 confirmed", "SPN94-FMI3 stored"]);
    expect(scan.ecus[0]?.unanswered).toEqual([
      { service: "DM6", reason: "no-answer" },
      { service: "DM28", reason: "no-answer" },
    ]);
  });

  it("on a K-line, whose lists have no count and come in several messages", async () => {
    const answers: Record<string, readonly string[]> = {
      "0100": ["4100BE1FA813"],
      "0101": ["410183076500"],
      "03": ["43010404200000", "43017100000000"],
      "07": ["47000000000000"],
    };
    const car: CarConversation = {
      findLine: async () => ({ protocol: "iso9141-2", idBits: 11, format: "legacy" }),
      close: () => undefined,
      ask: async ({ request }) => {
        const list = answers[Buffer.from(request).toString("hex").toUpperCase()];
        if (list === undefined) return { answers: [], error: new ProtocolError("no-answer", "") };
        return {
          format: "legacy",
          answers: list.map((hex) => ({ ecuId: 0x10, extended: false, kind: "positive", payload: fromHex(hex) })),
        };
      },
    };
    const scan = await scanThrough(car);
    expect(scan).toMatchObject({ protocol: "iso9141-2", vin: null, readiness: { milOn: true, confirmedDtcCount: 3 } });
    expect(scan?.ecus).toMatchObject([{ address: "10" }]);
    expect(codesOf(scan?.ecus[0])).toEqual(["P0104 confirmed", "P0171 confirmed", "P0420 confirmed"]);
    expect(scan?.ecus[0]?.unanswered).toEqual([{ service: "0A", reason: "no-answer" }]);
  });
});

it("a scan of a unit that tells more test results than a scan may hold is one all the same", async () => {
  const everything = [0x00, 0x20, 0x40, 0x60, 0x80, 0xa0].flatMap((map) => [map, 0xff, 0xff, 0xff, 0xff]);
  const eightTests = (monitor: number) =>
    Array.from({ length: 8 }, (_, n) => [monitor, 0x80 + n, 0x01, 0, n, 0, 0, 0xff, 0xff]);
  const answerTo = ([service = 0, id = 0]: Uint8Array): readonly number[] | undefined => {
    if (service === 0x01 && id === 0) return [0x41, 0x00, 0xbe, 0x1f, 0xa8, 0x10];
    if (service === 0x03) return [0x43, 0x00];
    if (service === 0x06) return [0x46, ...(id === 0 ? everything : eightTests(id).flat())];
    return undefined;
  };
  const car: CarConversation = {
    close: () => undefined,
    ask: async ({ request }) => {
      const payload = answerTo(request);
      if (payload === undefined) return { answers: [], error: new ProtocolError("no-answer", "") };
      return { answers: [{ ecuId: 0x7e8, extended: false, kind: "positive", payload: Uint8Array.from(payload) }] };
    },
  };
  const scan = await scanThrough(car, { scan: { monitorResults: true } });
  expect(scan?.signals).toHaveLength(1_000);
});

describe("clearing codes", () => {
  const authority = (grantedAt: number) =>
    ({ jobId: "job-1", technicianId: "person-1", preScan: "message-1", grantedAt }) as ClearAuthority;

  it("reaches every unit by the service that it knows, and says what became of each", async () => {
    const locked: SimulatedEcu = {
      ...BRAKES,
      requestId: 0x7e2,
      responseId: 0x7ea,
      uds: { only: true, locked: true, faults: [], data: {} },
    };
    const { uds: _, ...gearbox } = { ...ENGINE, requestId: 0x7e1 };
    const address = (requestId: number) => ({ requestId, extended: false });
    const workshop = new Workshop(
      { vin: VIN, ecus: [ENGINE, gearbox, locked] },
      { scan: { addresses: [address(0x7e2)] } },
    );
    const response = await workshop.ask({
      transaction: "c",
      kind: "clear-codes",
      authority: authority(workshop.dongle.clock.now()),
    });
    expect(response).toMatchObject({
      status: "done",
      cleared: [
        { address: "7E8", outcome: "cleared" },
        { address: "7E9", outcome: "cleared" },
        { address: "7EA", outcome: "refused", reason: "authentication-required" },
      ],
    });
    expect(workshop.bus?.codesOf(0x7e0)).toMatchObject({ confirmed: [], faults: [], permanent: ["P0420"] });
    const scan = await workshop.scan();
    expect(codesOf(scan.ecus[0])).toEqual(["P0420 permanent"]);
  });

  it("tells what was cleared when the authority runs out in the middle", async () => {
    const workshop = new Workshop({ vin: VIN, ecus: [ENGINE] });
    const { clock } = workshop.dongle;
    workshop.onFrame = (_id, [, service]) => {
      if (service === 0x04) clock.advance(130_000);
    };
    const response = await workshop.ask({ transaction: "c", kind: "clear-codes", authority: authority(clock.now()) });
    expect(workshop.bus?.codesOf(0x7e0)).toMatchObject({ confirmed: [] });
    expect(response).toMatchObject({
      status: "done",
      cleared: [{ address: "7E8", outcome: "no-answer", reason: "not-authorised" }],
    });
  });

  it("passes over addresses that are meant for all units", async () => {
    const everybody = { requestId: 0x7df, extended: false, functional: true };
    const workshop = new Workshop({ vin: VIN, ecus: [ENGINE] }, { scan: { addresses: [everybody] } });
    const response = await workshop.ask({
      transaction: "c",
      kind: "clear-codes",
      authority: authority(workshop.dongle.clock.now()),
    });
    expect(response).toMatchObject({ status: "done", cleared: [{ address: "7E8", outcome: "cleared" }] });
  });

  it("says nothing to the car when the authority is stale", async () => {
    const workshop = new Workshop({ vin: VIN, ecus: [ENGINE] });
    const stale = authority(workshop.dongle.clock.now() - 200_000);
    expect(await workshop.ask({ transaction: "c", kind: "clear-codes", authority: stale })).toMatchObject({
      status: "refused",
      error: { code: "not-authorised" },
    });
    expect(workshop.asked).toEqual([]);
  });
});
