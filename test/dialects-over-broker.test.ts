import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeviceStatus, DongleFrames, DongleResponse, DongleSignals, SignalSample } from "../contract/payloads.ts";
import { BrokerUnderTest, configurationOf, until } from "../daemon/broker/broker.fixture.ts";
import { bridgeConfigOf } from "../daemon/gateway/bridge-config.ts";
import { Bridge } from "../firmware-bridge/bridge.ts";
import { DIALECTS } from "../firmware-bridge/dialects.ts";
import { SystemClock } from "../machine/clock.ts";
import { createLog } from "../machine/log.ts";

const MAC = "a1b2c3d4e5f6";
const VIN = "LSVAB2BR2HN000017";
/** A pack whose cells have a topic each: more than one packet of MQTT may hold here. */
const CELLS = Array.from({ length: 300 }, (_, n) => ({
  topic: `battery/pack-of-the-van/cell/${n + 1}/voltage`,
  n: n + 1,
}));
const SHOP = `
shop: { name: Test, gateway: test-1, timeZone: Asia/Shanghai }
cameras: { north: {} }
dongles:
  car: { dialect: ovms, nativeId: DEMO }
  van: { dialect: autopi, nativeId: van-1 }
  esp: { dialect: obd2-mqtt, nativeId: obd2mqtt-1 }
  meter: { dialect: generic, nativeId: meter, options: { values: [{ topic: meter/volts, name: pack-voltage, scale: 0.1 }] } }
  track: { dialect: teltonika, nativeId: "350000000000001" }
  text: { dialect: freematics, nativeId: ABC12345 }
  plain: { dialect: wican, nativeId: "${MAC}", options: { alertTopic: CAR1/voltage } }
  pack: { dialect: generic, nativeId: pack, options: ${JSON.stringify({ values: CELLS.map(({ topic, n }) => ({ topic, name: `cell-voltage.${n}` })) })} }
  last: { dialect: generic, nativeId: last, options: { values: [{ topic: last/value, name: x }] } }
bays:
  bay-1: { cameras: { north: { zone: [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]] } }, dongle: plain }
broker: { listeners: [{ address: 127.0.0.1, port: 0, tls: false }] }
`;

let broker: BrokerUnderTest;
let bridge: Bridge;

beforeEach(async () => {
  broker = await BrokerUnderTest.start({}, SHOP);
  await broker.broker.publish("bridgeConfig", "main", bridgeConfigOf(await configurationOf(SHOP), "main", true));
  await startBridge();
});

/** Starts a bridge, and waits until it listens to the last of its devices. */
async function startBridge(): Promise<void> {
  bridge = new Bridge({
    id: "main",
    brokerUrl: `mqtt://127.0.0.1:${broker.port}`,
    password: await broker.passwordOf({ role: "bridge", id: "main" }),
    dialects: DIALECTS,
    clock: new SystemClock({ scale: 1, originMs: 0 }),
    log: createLog("test"),
    newId: randomUUID,
    random: () => 0,
  });
  bridge.start();
  const last = await broker.connect({ role: "dongle", id: "last" });
  const resend = setInterval(() => last.publish("last/value", "1", { qos: 1 }), 20);
  await until(() => signalsOf("last").size > 0);
  clearInterval(resend);
  await last.endAsync();
}

afterEach(async () => {
  await bridge.stop();
  await broker.stop();
});

function signalsOf(id: string): Map<string, SignalSample> {
  const all = broker.heard.filter((each) => each.what === "signals" && each.id === id);
  return new Map(all.flatMap(({ value }) => (value as DongleSignals).signals.map((sample) => [sample.name, sample])));
}

const values = (id: string) => Object.fromEntries([...signalsOf(id)].map(([name, { value }]) => [name, value]));
const statesOf = (id: string) =>
  broker.heard
    .filter((each) => each.what === "dongle status" && each.id === id)
    .map(({ value }) => (value as DeviceStatus).state);

describe("devices of every kind, through the broker with the rights that they have there", () => {
  it("tell what their firmware tells", async () => {
    const say: Record<string, readonly (readonly [topic: string, payload: string])[]> = {
      car: [
        ["ovms/baygate/DEMO/metric/v/b/soc", "96.3"],
        ["ovms/baygate/DEMO/event", "vehicle.on"],
      ],
      van: [["autopi/van-1/rpm", '{"_type":"rpm","value":1165,"unit":"rpm"}']],
      esp: [
        [`obd2mqtt-1/${VIN}_speed`, "12"],
        [`homeassistant/sensor/obd2mqtt-1/${VIN}_speed/config`, "{}"],
      ],
      meter: [["meter/volts", "3982"]],
      track: [["teltonika/350000000000001/data", '{"state":{"reported":{"66":12640}}}']],
      text: [["freematics/ABC12345/data", "ABC12345#10C:900*5F"]],
      plain: [
        [`wican/${MAC}/can/rx`, '{"SOC":63.5}'],
        ["CAR1/voltage", '{"alert": "low_battery", "battery_voltage": 11.4}'],
      ],
    };
    for (const [id, messages] of Object.entries(say)) {
      const device = await broker.connect({ role: "dongle", id });
      for (const [topic, payload] of messages) await device.publishAsync(topic, payload, { retain: true, qos: 1 });
    }
    await until(() => Object.keys(say).every((id) => signalsOf(id).size > 0) && signalsOf("plain").size === 2);
    expect(values("car")).toEqual({ "state-of-charge": 96.3 });
    expect(values("van")).toEqual({ "engine-speed": 1165 });
    expect(values("esp")).toEqual({ "vehicle-speed": 12 });
    expect(values("meter")["pack-voltage"]).toBeCloseTo(398.2, 6);
    expect(values("track")).toEqual({ "low-voltage-battery": 12.64 });
    expect(values("text")).toEqual({ "engine-speed": 900 });
    expect(values("plain")).toEqual({ "state-of-charge": 63.5, "low-voltage-battery": 11.4 });
    expect(broker.broker.statistics().publishesDenied).toBe(0);
    for (const id of Object.keys(say)) expect(statesOf(id)).toEqual(["online"]);
  });

  it("may have more topics than one packet holds, and all are heard", async () => {
    const pack = await broker.connect({ role: "dongle", id: "pack" });
    for (const { topic } of CELLS) await pack.publishAsync(topic, "3.9", { qos: 1 });
    await until(() => signalsOf("pack").size === CELLS.length);
  });

  it("do not come back to life in what the broker remembers of them", async () => {
    const car = await broker.connect({ role: "dongle", id: "car" });
    await car.publishAsync("ovms/baygate/DEMO/metric/v/b/soc", "50", { retain: true, qos: 1 });
    await until(() => signalsOf("car").size > 0);
    await bridge.stop();
    broker.heard.length = 0;
    await startBridge();
    await until(() => signalsOf("car").size > 0);
    expect(signalsOf("car").get("state-of-charge")).toMatchObject({ value: 50, stale: true });
    expect(statesOf("car")).toEqual([]);
  });

  it("cannot speak as one another", async () => {
    const van = await broker.connect({ role: "dongle", id: "van" });
    await van.publishAsync("ovms/baygate/DEMO/metric/v/b/soc", "1", { qos: 1 });
    await van.publishAsync("meter/volts", "1", { qos: 1 });
    await van.publishAsync("autopi/van-1/rpm", '{"_type":"rpm","value":1}', { qos: 1 });
    await until(() => signalsOf("van").size > 0);
    expect(signalsOf("car").size + signalsOf("meter").size).toBe(0);
    expect(broker.broker.statistics().publishesDenied).toBe(2);
  });

  it("hear that somebody looks, and nothing of their shell", async () => {
    const heard: string[] = [];
    const car = await broker.connect({ role: "dongle", id: "car" });
    car.on("message", (topic, payload) => heard.push(`${topic} ${payload}`));
    await car.subscribeAsync("ovms/baygate/DEMO/client/+/active", { qos: 1 });
    await car.subscribeAsync("ovms/baygate/DEMO/client/+/request/+", { qos: 1 });
    await car.publishAsync("ovms/baygate/DEMO/metric/v/b/soc", "50", { qos: 1 });
    await until(() => signalsOf("car").size > 0);
    await broker.broker.publish("dongleRequest", "car", { transaction: "t1", kind: "scan", deadlineMs: 1000 });
    await broker.broker.publish("dongleRequest", "car", {
      transaction: "t2",
      kind: "live",
      commands: [{ key: "k", request: "010D", address: { requestId: 0x7e0, extended: false } }],
      everyMs: 100,
      leaseMs: 2000,
    });
    await until(() => heard.length === 2);
    expect(heard.sort()).toEqual([
      "ovms/baygate/DEMO/client/baygate/active 1",
      "ovms/baygate/DEMO/client/baygate/request/metric v.*",
    ]);
    const answers = broker.heard.filter((each) => each.what === "response").map(({ value }) => value as DongleResponse);
    expect(answers.map(({ transaction, error }) => `${transaction} ${error?.code}`).sort()).toEqual([
      "t1 reports-only",
      "t2 reports-only",
    ]);
  });

  it("are listened to on the bus only where and for as long as it is wished", async () => {
    const plain = await broker.connect({ role: "dongle", id: "plain" });
    const frame = (id: number) => ({ id, dlc: 2, rtr: false, extd: false, data: [1, 2, 0, 0, 0, 0, 0, 0] });
    const batch = JSON.stringify({ bus: "0", type: "rx", ts: 1, frame: [frame(0x123), frame(0x124), frame(0x123)] });
    const frames = () =>
      broker.heard.filter((each) => each.what === "frames").flatMap(({ value }) => (value as DongleFrames).frames);
    await plain.publishAsync(`wican/${MAC}/can/rx`, batch, { qos: 1 });
    await broker.broker.publish("dongleRequest", "plain", {
      transaction: "l",
      kind: "listen",
      ids: [{ id: 0x123, extended: false }],
      leaseMs: 20_000,
    });
    await until(() => broker.heard.some((each) => each.what === "response"));
    await plain.publishAsync(`wican/${MAC}/can/rx`, batch, { qos: 1 });
    await until(() => frames().length > 0);
    expect(frames()).toMatchObject([
      { id: 0x123, extended: false, data: "0102" },
      { id: 0x123, extended: false, data: "0102" },
    ]);
  });
});

describe("a device that the bridge cannot serve", () => {
  it.each([
    ["unknown-dialect", { dialect: "telepathy" }],
    ["options-invalid", { dialect: "generic", options: { values: "none" } }],
  ])("is a fault with its reason: %s", async (detail, wrong) => {
    const config = bridgeConfigOf(await configurationOf(SHOP), "main", true);
    const [first, ...rest] = config.dongles;
    if (first === undefined) throw new Error("no dongle");
    const { options: _, ...bare } = first;
    await broker.broker.publish("bridgeConfig", "main", { ...config, dongles: [{ ...bare, ...wrong }, ...rest] });
    await until(() =>
      broker.heard.some(
        ({ what, id, value }) => what === "dongle status" && id === "car" && (value as DeviceStatus).detail === detail,
      ),
    );
    const van = await broker.connect({ role: "dongle", id: "van" });
    await van.publishAsync("autopi/van-1/rpm", '{"_type":"rpm","value":1}', { qos: 1 });
    await until(() => signalsOf("van").size > 0);
  });
});
