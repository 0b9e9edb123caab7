import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { Aedes } from "aedes";
import { Compile } from "typebox/compile";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BridgeConfig, type DeviceStatus, type DongleResponse, DongleScan } from "../contract/payloads.ts";
import { TOPICS, type TopicRow, topicOf } from "../contract/topics.ts";
import { Bridge } from "../firmware-bridge/bridge.ts";
import { DIALECTS } from "../firmware-bridge/dialects.ts";
import { createLog } from "../machine/log.ts";
import { ManualClock } from "../machine/manual-clock.ts";
import type { SimulatedCar } from "../simulator/dongle/car.ts";
import { WicanDongle } from "../simulator/dongle/wican.ts";

const NATIVE_ID = "a1b2c3d4e5f6";
const CAR: SimulatedCar = {
  vin: "LSVAB2BR2HN000017",
  ecus: [
    {
      requestId: 0x7e0,
      name: "ECM-EngineControl",
      confirmed: ["P0299", "P0420", "P0301", "U0100"],
      pending: ["P0171"],
      permanent: ["P0420"],
      freezeFrame: { loadPercent: 40, coolantC: 88, rpm: 2150, kmh: 61 },
      monitorBytes: [0x07, 0xe5, 0x01],
    },
    {
      requestId: 0x7e1,
      name: "TCM-TransmisCtrl",
      confirmed: [],
      pending: [],
      permanent: [],
      monitorBytes: [0x04, 0, 0],
    },
  ],
};

let broker: Aedes;
let server: Server;
let brokerUrl: string;
let bridge: Bridge;
let dongle: WicanDongle;
const heard = new Map<string, unknown[]>();

beforeEach(async () => {
  heard.clear();
  broker = await Aedes.createBroker();
  server = createServer(broker.handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  brokerUrl = `mqtt://127.0.0.1:${address.port}`;
  broker.on("publish", (packet) => {
    if (!packet.topic.startsWith("baygate/")) return;
    const list = heard.get(packet.topic) ?? [];
    list.push(JSON.parse(packet.payload.toString()));
    heard.set(packet.topic, list);
  });
  dongle = new WicanDongle({ brokerUrl, username: "dongle/bay1", password: "x", nativeId: NATIVE_ID });
  bridge = new Bridge({
    id: "main",
    brokerUrl,
    password: "x",
    dialects: DIALECTS,
    clock: new ManualClock(),
    log: createLog("test"),
    newId: randomUUID,
    random: () => 0,
  });
});

afterEach(async () => {
  await Promise.all([bridge.stop(), dongle.stop()]);
  await new Promise<void>((resolve) => broker.close(resolve));
  server.close();
});

function publish(row: TopicRow, id: string, payload: object): void {
  broker.publish(
    {
      cmd: "publish",
      topic: topicOf(row, id),
      payload: Buffer.from(JSON.stringify(payload)),
      qos: 1,
      retain: row.retain,
      dup: false,
    },
    () => undefined,
  );
}

async function next<T>(row: TopicRow, id: string, accept: (payload: T) => boolean = () => true): Promise<T> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const found = (heard.get(topicOf(row, id)) as T[] | undefined)?.find(accept);
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`nothing came on ${topicOf(row, id)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Resolves once somebody has subscribed to a topic. */
function subscription(topic: string): Promise<void> {
  return new Promise((resolve) => {
    broker.on("subscribe", (subscriptions) => {
      if (subscriptions.some((each) => each.topic === topic)) resolve();
    });
  });
}

function configure(minimumBatteryVolts = 11.8, pollingEnabled = true): void {
  const config: BridgeConfig = {
    version: 1,
    pollingEnabled,
    dongles: [
      {
        id: "bay1" as BridgeConfig["dongles"][number]["id"],
        dialect: "wican",
        nativeId: NATIVE_ID,
        minimumBatteryVolts,
        silentAfterMs: 120_000,
      },
    ],
  };
  publish(TOPICS.bridgeConfig, "main", config);
}

describe("a scan through a WiCAN dongle", () => {
  it("reads two units' codes, the VIN, the freeze frame and readiness over ISO-TP", async () => {
    await dongle.start();
    dongle.plugInto(CAR);
    configure();
    bridge.start();
    await next<DeviceStatus>(TOPICS.dongleStatus, "bay1", (status) => status.state === "online");
    publish(TOPICS.dongleRequest, "bay1", { transaction: "t1", kind: "scan" });

    expect(await next<DongleResponse>(TOPICS.dongleResponse, "bay1")).toMatchObject({
      transaction: "t1",
      status: "done",
    });
    const scan = await next<DongleScan>(TOPICS.dongleScan, "bay1");
    expect([...Compile(DongleScan).Errors(scan)]).toEqual([]);
    expect(scan).toMatchObject({ transaction: "t1", vin: CAR.vin, protocol: "iso15765-4-11bit", batteryVolts: 12.6 });
    const [engine, gearbox] = scan.ecus;
    expect(engine?.address).toBe("7E8");
    expect(engine?.dtcs.map((dtc) => `${dtc.code} ${dtc.status}`)).toEqual([
      "P0299 confirmed",
      "P0420 confirmed",
      "P0301 confirmed",
      "U0100 confirmed",
      "P0171 pending",
      "P0420 permanent",
    ]);
    expect(engine?.dtcs[0]?.freezeFrame).toBeDefined();
    expect(Object.values(engine?.dtcs[0]?.freezeFrame ?? {})).toEqual(expect.arrayContaining([40, 88, 2150, 61]));
    expect(engine?.unanswered).toEqual([]);
    expect(gearbox).toMatchObject({ address: "7E9", dtcs: [] });
    expect(scan.readiness).toMatchObject({
      milOn: true,
      confirmedDtcCount: 4,
      monitors: { catalyst: "incomplete", "oxygen-sensor": "complete" },
    });
  });

  it("says that the car is silent instead of calling it free of faults", async () => {
    await dongle.start();
    configure();
    bridge.start();
    await next<DeviceStatus>(TOPICS.dongleStatus, "bay1");
    publish(TOPICS.dongleRequest, "bay1", { transaction: "t2", kind: "scan" });
    expect(await next<DongleResponse>(TOPICS.dongleResponse, "bay1")).toMatchObject({
      transaction: "t2",
      status: "failed",
      error: { code: "car-silent" },
    });
    expect(heard.get(topicOf(TOPICS.dongleScan, "bay1"))).toBeUndefined();
  });

  it("leaves a car with a weak battery alone", async () => {
    await dongle.start();
    dongle.plugInto(CAR);
    configure(12.9);
    bridge.start();
    await next<DeviceStatus>(TOPICS.dongleStatus, "bay1");
    publish(TOPICS.dongleRequest, "bay1", { transaction: "t3", kind: "scan" });
    expect(await next<DongleResponse>(TOPICS.dongleResponse, "bay1")).toMatchObject({
      status: "refused",
      error: { code: "battery-low" },
      batteryVolts: 12.6,
    });
  });

  it("asks nothing while polling is off", async () => {
    await dongle.start();
    dongle.plugInto(CAR);
    configure(11.8, false);
    bridge.start();
    await next<DeviceStatus>(TOPICS.dongleStatus, "bay1");
    publish(TOPICS.dongleRequest, "bay1", { transaction: "t4", kind: "scan" });
    expect(await next<DongleResponse>(TOPICS.dongleResponse, "bay1")).toMatchObject({
      status: "refused",
      error: { code: "polling-off" },
    });
  });

  it("reports a dongle that hangs as failed, not as a clean car", async () => {
    await dongle.start();
    dongle.fallSilent(true);
    configure();
    const listening = subscription(topicOf(TOPICS.dongleRequest, "bay1"));
    bridge.start();
    await listening;
    publish(TOPICS.dongleRequest, "bay1", { transaction: "t5", kind: "scan" });
    expect(await next<DongleResponse>(TOPICS.dongleResponse, "bay1")).toMatchObject({
      status: "failed",
      error: { code: "dongle-silent" },
    });
  });

  it("outlives broken words on its topics", async () => {
    await dongle.start();
    dongle.plugInto(CAR);
    configure();
    bridge.start();
    await next<DeviceStatus>(TOPICS.dongleStatus, "bay1", (status) => status.state === "online");
    for (const text of ['{"frame":]}', "[", '{"frame":[{}]}', "", '{"error": "Data length exceeds the data size"}']) {
      broker.publish(
        {
          cmd: "publish",
          topic: `wican/${NATIVE_ID}/can/rx`,
          payload: Buffer.from(text),
          qos: 0,
          retain: false,
          dup: false,
        },
        () => undefined,
      );
    }
    publish(TOPICS.bridgeConfig, "main", { nonsense: true });
    publish(TOPICS.dongleRequest, "bay1", { transaction: "t6", kind: "write-flash" });
    publish(TOPICS.dongleRequest, "bay1", { transaction: "t7", kind: "scan" });
    expect(
      await next<DongleResponse>(TOPICS.dongleResponse, "bay1", (response) => response.transaction === "t7"),
    ).toMatchObject({ status: "done" });
  });
});
