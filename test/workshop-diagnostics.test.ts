import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Compile } from "typebox/compile";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JobDiagnosticsView, LiveUpdate } from "../contract/diagnostics-api.ts";
import { DeviceCredentials } from "../daemon/broker/broker.ts";
import { placesIn } from "../daemon/gateway/places.ts";
import { verifyJournal } from "../daemon/journal/index.ts";
import { type Gateway, startGateway } from "../daemon/main.ts";
import { openPeople } from "../daemon/people/index.ts";
import { Bridge } from "../firmware-bridge/bridge.ts";
import { DIALECTS } from "../firmware-bridge/dialects.ts";
import { systemClock } from "../machine/clock.ts";
import { createLog } from "../machine/log.ts";
import { createUuidV7 } from "../machine/uuid.ts";
import { CarOnBus, type SimulatedCar } from "../simulator/dongle/car.ts";
import { WicanDongle } from "../simulator/dongle/wican.ts";

const SHOP = `
shop: { name: Corner Garage, gateway: shop-0042, timeZone: Asia/Shanghai }
bays: { bay1: { cameras: {}, dongle: obd1 } }
cameras: {}
dongles: { obd1: { dialect: wican, nativeId: a1b2c3d4e5f6 } }
broker: { listeners: [{ address: 127.0.0.1, port: 0, tls: false }] }
http: { address: 127.0.0.1, port: 0 }
`;
const PASSWORD = randomBytes(12).toString("base64url");
const NATIVE_ID = "a1b2c3d4e5f6";
const ENGINE_ID = 0x7e0;
const CAR: SimulatedCar = {
  vin: "LSVAB2BR2HN000017",
  ecus: [
    {
      requestId: ENGINE_ID,
      name: "ECM-EngineControl",
      confirmed: ["P0420", "P0301"],
      pending: ["P0171"],
      permanent: ["P0420"],
      freezeFrame: { loadPercent: 40, coolantC: 88, rpm: 2150, kmh: 61 },
      monitorBytes: [0x07, 0x65, 0x00],
      live: { 5: [123], 12: [0x1a, 0xf8], 48: [55] },
    },
  ],
};
const isView = Compile(JobDiagnosticsView);
const isUpdate = Compile(LiveUpdate);

let folder: string;
let gateways: Gateway[];
let bridge: Bridge | undefined;
let dongle: WicanDongle | undefined;
/** Of the devices; made once for a house. */
let passwords: { readonly bridge: string; readonly dongle: string } | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-diagnostics-"));
  gateways = [];
  passwords = undefined;
  await writeFile(join(folder, "shop.yaml"), SHOP);
});

afterEach(async () => {
  await Promise.all([bridge?.stop(), dongle?.stop()]);
  for (const gateway of gateways) await gateway.stop("test");
  await rm(folder, { recursive: true, force: true });
});

/** The whole house: gateway, bridge, and a dongle in the car. */
async function start(car: CarOnBus): Promise<Gateway> {
  const dataDirectory = join(folder, "data");
  const gateway = await startGateway({
    configurationFile: join(folder, "shop.yaml"),
    dataDirectory,
    version: "test",
    demo: true,
    print: () => undefined,
  });
  gateways.push(gateway);
  const clock = systemClock({ demo: true });
  passwords ??= await makePasswords(dataDirectory);
  const brokerUrl = `mqtt://127.0.0.1:${gateway.running.brokers[0]?.port}`;
  bridge = new Bridge({
    id: "main",
    brokerUrl,
    password: passwords.bridge,
    dialects: DIALECTS,
    clock,
    log: createLog("test"),
    newId: randomUUID,
    random: Math.random,
  });
  dongle = new WicanDongle({
    brokerUrl,
    username: "dongle/obd1",
    password: passwords.dongle,
    nativeId: NATIVE_ID,
  });
  dongle.plugInto(car);
  await dongle.start();
  bridge.start();
  return gateway;
}

async function makePasswords(dataDirectory: string) {
  const credentials = new DeviceCredentials(dataDirectory, Date.now);
  return { bridge: await credentials.add("bridge", "main"), dongle: await credentials.add("dongle", "obd1") };
}

async function preparePeople(): Promise<void> {
  const clock = systemClock({ demo: true });
  const directory = placesIn(join(folder, "data")).people;
  const people = await openPeople({ directory, clock, newId: createUuidV7(clock) });
  const by = { kind: "gateway", id: "test" } as const;
  await people.add({ login: "chen", name: "Chen", role: "manager", password: PASSWORD }, by);
  await people.add({ login: "wang", name: "Wang", role: "technician", password: PASSWORD }, by);
}

/** Somebody at the page. */
class Person {
  readonly #base: string;
  headers: Record<string, string> = {};

  constructor(gateway: Gateway) {
    this.#base = gateway.running.page;
  }

  async signIn(login: string): Promise<this> {
    const response = await fetch(`${this.#base}/api/session`, {
      method: "POST",
      headers: { origin: this.#base, "content-type": "application/json" },
      body: JSON.stringify({ login, password: PASSWORD }),
    });
    const { csrfToken } = (await response.json()) as { csrfToken: string };
    const cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    this.headers = { cookie, origin: this.#base, "x-csrf-token": csrfToken };
    return this;
  }

  async post(path: string, body: object = {}): Promise<Record<string, unknown> & { ids?: { job?: string } }> {
    const response = await fetch(this.#base + path, {
      method: "POST",
      headers: { ...this.headers, "content-type": "application/json" },
      body: JSON.stringify({ requestId: randomUUID(), ...body }),
    });
    return (await response.json()) as Record<string, unknown>;
  }

  async diagnostics(job: string): Promise<JobDiagnosticsView> {
    const view: unknown = await (
      await fetch(`${this.#base}/api/jobs/${job}/diagnostics`, { headers: this.headers })
    ).json();
    if (!isView.Check(view)) throw new Error(JSON.stringify(isView.Errors(view)[0] ?? view));
    return view;
  }

  /** Resolves with the first update that fits, and closes the live view. */
  async look(job: string, signals: string, fits: (update: LiveUpdate) => boolean): Promise<LiveUpdate> {
    const request = get(`${this.#base}/api/jobs/${job}/live?signals=${signals}`, { headers: this.headers });
    const [response] = await once(request, "response");
    let text = "";
    for await (const chunk of response.setEncoding("utf8")) {
      text += chunk;
      for (const [, data = ""] of text.matchAll(/^event: signals\ndata: (.*)\n\n/gm)) {
        const update: unknown = JSON.parse(data);
        if (isUpdate.Check(update) && fits(update)) {
          request.destroy();
          return update;
        }
      }
    }
    throw new Error("the live view ended");
  }
}

const WAIT = { timeout: 25_000, interval: 100 };

describe("diagnostics in the workshop, from the page to the car and back", () => {
  it("scans on arrival, shows live values, clears for a technician, and says at departure what has become of each code", async () => {
    const car = new CarOnBus(CAR);
    const gateway = await start(car);
    await preparePeople();
    const manager = await new Person(gateway).signIn("chen");
    const technician = await new Person(gateway).signIn("wang");
    const job = (await manager.post("/api/jobs", { number: "RO-1", work: "Check engine", bay: "bay1" })).ids?.job ?? "";
    const diagnostics = () => technician.diagnostics(job);

    await expect.poll(async () => (await diagnostics()).scans.length, WAIT).toBe(1);
    const arrived = await diagnostics();
    expect(arrived).toMatchObject({
      job: { vin: CAR.vin },
      scans: [
        {
          purpose: "arrival",
          milOn: true,
          values: expect.arrayContaining([expect.objectContaining({ name: "WARM_UPS", value: 55 })]),
        },
      ],
      clearNow: { possible: true },
    });

    const update = await technician.look(job, "engine-speed,coolant-temperature", ({ signals }) =>
      signals.every(({ value }) => value !== null),
    );
    expect(update.signals.map(({ value }) => value)).toEqual([1726, 83]);

    expect(await manager.post(`/api/jobs/${job}/clear-codes`)).toMatchObject({ code: "PERMISSION_DENIED" });
    await expect.poll(async () => (await diagnostics()).clearNow.possible, WAIT).toBe(true);
    expect(await technician.post(`/api/jobs/${job}/clear-codes`)).toMatchObject({ committed: true });
    await expect.poll(async () => (await diagnostics()).clearings[0]?.outcome, WAIT).toBe("cleared");
    expect(car.codesOf(ENGINE_ID)).toMatchObject({ confirmed: [], pending: [], permanent: ["P0420"] });

    // The misfire is repaired; the mixture is not, and is found again at once.
    const codes = car.codesOf(ENGINE_ID);
    if (codes !== undefined) codes.pending = ["P0171"];
    await technician.post(`/api/jobs/${job}/scan`);
    await expect.poll(async () => (await diagnostics()).difference, WAIT).not.toBeNull();
    const { difference, departureScanDue } = await diagnostics();
    expect(departureScanDue).toBe(false);
    expect(difference?.found.cleared).toBe("by-us");
    expect(difference?.found.codes.map(({ code, outcome }) => `${code} ${outcome}`).toSorted()).toEqual([
      "P0171 still-there",
      "P0301 cleared-not-proven",
      "P0420 permanent-left",
    ]);
    await gateway.stop("test");
    expect(verifyJournal(placesIn(join(folder, "data")).journal).ok).toBe(true);
  }, 120_000);

  it("asks nothing of the car while polling is off, also after a restart, and scans as soon as it is on again", async () => {
    const car = new CarOnBus(CAR);
    const first = await start(car);
    await preparePeople();
    const manager = await new Person(first).signIn("chen");
    await manager.post("/api/polling", { enabled: false });
    const job = (await manager.post("/api/jobs", { number: "RO-2", work: "Service", bay: "bay1" })).ids?.job ?? "";
    expect(await manager.post(`/api/jobs/${job}/scan`)).toMatchObject({ code: "POLLING_OFF" });
    await bridge?.stop();
    await dongle?.stop();
    await first.stop("test");

    const second = await start(car);
    const again = await new Person(second).signIn("chen");
    expect(await again.diagnostics(job)).toMatchObject({
      pollingEnabled: false,
      scans: [],
      scanNow: { code: "POLLING_OFF" },
    });
    await again.post("/api/polling", { enabled: true });
    await expect.poll(async () => (await again.diagnostics(job)).scans.length, WAIT).toBe(1);
  }, 120_000);
});
