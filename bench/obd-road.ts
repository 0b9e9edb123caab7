import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import Type from "typebox";
import Value from "typebox/value";
import { DongleId } from "../contract/ids.ts";
import { createBroker, DeviceCredentials } from "../daemon/broker/broker.ts";
import { type Configuration, checkConfiguration } from "../daemon/configuration/configuration.ts";
import { Bridge } from "../firmware-bridge/bridge.ts";
import { DIALECTS } from "../firmware-bridge/dialects.ts";
import { systemClock } from "../machine/clock.ts";
import { type DbcDatabase, fromHex } from "../vehicle-protocols/index.ts";
import type { DongleOrder } from "./obd-road-load.ts";

const NATIVE_ID = "a1b2c3d4e5f6";
const DONGLE = Value.Parse(DongleId, "bay1");
const WARM_UP_MS = 2_000;
const MEASURED_MS = 6_000;
const LEASE_MS = 60_000;

export interface RoadFigures {
  /** Of one core, both sides of the bridge together, less what they cost when the dongle is quiet. */
  readonly share: number;
  readonly shareWhenNobodyListens: number;
  readonly framesPerSecond: number;
  readonly signalsPerSecond: number;
  readonly messagesPerSecond: number;
}

/**
 * The whole road of one dongle on a full bus: MQTT into the broker, through the bridge, MQTT back, frames decoded by the DBC file, as the live view does
 * it. Broker and bridge run in this process; the dongle is another one.
 */
export async function measureRoad(
  messages: readonly Buffer[],
  ids: readonly number[],
  database: DbcDatabase,
): Promise<RoadFigures> {
  const directory = await mkdtemp(join(tmpdir(), "baygate-bench-"));
  const clock = systemClock({ demo: false });
  const log = pino({ level: "silent" });
  const configuration = await shop();
  const credentials = new DeviceCredentials(directory, () => clock.now());
  let frames = 0;
  let signals = 0;
  const slots = new Float64Array(64);
  const broker = createBroker({
    configuration,
    credentials,
    dataDirectory: directory,
    clock,
    log,
    intake: () => Promise.reject(new Error("this measurement sends nothing durable")),
    quarantine: () => Promise.resolve(),
    onFrames: (_dongle, batch) => {
      for (const { id, extended, data } of batch.frames) {
        frames += 1;
        signals += database.find(id, extended)?.decodeInto(fromHex(data), slots) ?? 0;
      }
    },
  });
  await broker.start();
  const brokerUrl = `mqtt://127.0.0.1:${broker.listeners()[0]?.port ?? 0}`;
  const bridge = new Bridge({
    id: "main",
    brokerUrl,
    password: await credentials.add("bridge", "main"),
    dialects: DIALECTS,
    clock,
    log,
    newId: randomUUID,
    random: () => 0,
  });
  await broker.publish("bridgeConfig", "main", {
    version: 1,
    pollingEnabled: true,
    dongles: [{ id: DONGLE, dialect: "wican", nativeId: NATIVE_ID, minimumBatteryVolts: 0, silentAfterMs: 120_000 }],
  });
  bridge.start();
  const load = fork(new URL("./obd-road-load.ts", import.meta.url));
  try {
    await pause(WARM_UP_MS);
    const quiet = await processorShare();
    const order: DongleOrder = {
      brokerUrl,
      username: `dongle/${DONGLE}`,
      password: await credentials.add("dongle", DONGLE),
      nativeId: NATIVE_ID,
      messages: messages.map(String),
    };
    load.send(order);
    await once(load, "message");
    await pause(WARM_UP_MS);
    const unheard = await processorShare();
    await broker.publish("dongleRequest", DONGLE, {
      transaction: "road",
      kind: "listen",
      ids: ids.map((id) => ({ id, extended: false })),
      leaseMs: LEASE_MS,
    });
    await pause(WARM_UP_MS);
    const before = { frames, signals, sent: await sentBy(load) };
    const heard = await processorShare();
    const seconds = MEASURED_MS / 1000;
    return {
      share: heard - quiet,
      shareWhenNobodyListens: unheard - quiet,
      framesPerSecond: (frames - before.frames) / seconds,
      signalsPerSecond: (signals - before.signals) / seconds,
      messagesPerSecond: ((await sentBy(load)) - before.sent) / seconds,
    };
  } finally {
    load.kill();
    await bridge.stop();
    await broker.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Processor time of this process over the measured time, as a share of one core. */
async function processorShare(): Promise<number> {
  const before = process.cpuUsage();
  const beganMs = performance.now();
  await pause(MEASURED_MS);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (performance.now() - beganMs);
}

async function sentBy(load: ReturnType<typeof fork>): Promise<number> {
  const answer = once(load, "message");
  load.send("how many?");
  const [sent]: unknown[] = await answer;
  return Value.Parse(Type.Number(), sent);
}

async function shop(): Promise<Configuration> {
  const text = `
shop: { name: Bench, gateway: bench, timeZone: UTC }
bays: {}
cameras: {}
dongles: { ${DONGLE}: { dialect: wican, nativeId: ${NATIVE_ID} } }
broker: { listeners: [{ address: 127.0.0.1, port: 0, tls: false }] }
`;
  const checked = await checkConfiguration(text, tmpdir());
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return checked.configuration;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
