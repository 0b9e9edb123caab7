import type { ChildProcess } from "node:child_process";
import { tmpdir } from "node:os";
import { pino } from "pino";
import Value from "typebox/value";
import type { CameraId } from "../contract/ids.ts";
import { type Broker, createBroker, DeviceCredentials, type DurableMessage } from "../daemon/broker/broker.ts";
import { type Cameras, createCameras } from "../daemon/cameras/index.ts";
import { type Configuration, checkConfiguration } from "../daemon/configuration/configuration.ts";
import type { Journal } from "../daemon/journal/journal.ts";
import { systemClock } from "../machine/clock.ts";
import { SceneShown } from "./intake-load.ts";

/** Broker and camera intake of a gateway, in this process, before the given journal. */
export interface GatewayParts {
  readonly broker: Broker;
  readonly cameras: Cameras;
  readonly credentials: DeviceCredentials;
  readonly configuration: Configuration;
  refusedFrames(): number;
  stop(): Promise<void>;
}

export interface PartsOptions {
  readonly directory: string;
  readonly journal: Journal;
  readonly cameras: number;
  readonly machines: number;
  readonly framesPerSecond: number;
  readonly deliver: (cameraId: CameraId, jpeg: Buffer) => void;
}

export async function startGatewayParts(options: PartsOptions): Promise<GatewayParts> {
  const { directory, journal, framesPerSecond, deliver } = options;
  const clock = systemClock({ demo: false });
  const log = pino({ level: "silent" });
  const configuration = await shop(options);
  const credentials = new DeviceCredentials(directory, () => clock.now());
  const settings = new Map(
    Object.keys(configuration.cameras)
      .filter(isCameraOf(configuration))
      .map((id) => [id, { silentAfterMs: 45_000, maxFramesPerSecond: framesPerSecond }]),
  );
  const cameras = createCameras({
    cameras: settings,
    clock,
    log,
    deliver,
    onSilent: () => {},
    onBack: () => {},
  });
  let refused = 0;
  const broker: Broker = createBroker({
    configuration,
    credentials,
    dataDirectory: directory,
    clock,
    log,
    intake: async (message) => {
      if (message.kind !== "equipmentEvent") throw new Error(`this measurement sends no ${message.kind}`);
      return await commit(journal, message);
    },
    quarantine: (message) => journal.quarantine(message),
    onCameraFrame: (id, jpeg) => {
      if (cameras.receive(id, jpeg) !== undefined) refused++;
    },
  });
  cameras.start();
  await broker.start();
  return {
    broker,
    cameras,
    credentials,
    configuration,
    refusedFrames: () => refused,
    async stop() {
      cameras.stop();
      await broker.stop();
    },
  };
}

/** How often each durable message stands in the journal, by `equipment/<id> <messageId>`. */
export function committedMessages(journal: Journal): Map<string, number> {
  const counts = new Map<string, number>();
  for (let after = 0; ; ) {
    const records = journal.read("findings", after, 1000);
    for (const record of records) {
      const name = `${record.source} ${record.messageId}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      after = record.seq;
    }
    if (records.length === 0) return counts;
  }
}

type EquipmentMessage = Extract<DurableMessage, { kind: "equipmentEvent" }>;

/** Commits an equipment's event unless it is there already. */
export async function commit(
  journal: Journal,
  { source, device, payload, at }: Pick<EquipmentMessage, "source" | "device" | "payload" | "at">,
): Promise<"accepted" | "duplicate"> {
  const { messageId } = payload;
  if (journal.seen({ source, messageId })) return "duplicate";
  // Two copies in one group: the second is refused by the journal, and the broker takes that as a repeat.
  const body = { equipmentId: device, bayId: null, event: payload, at };
  await journal.append({ drafts: [{ type: "equipment.reported", body }], at, source, messageId });
  return "accepted";
}

function isCameraOf(configuration: Configuration): (id: string) => id is CameraId {
  return (id): id is CameraId => Object.hasOwn(configuration.cameras, id);
}

async function shop(options: PartsOptions): Promise<Configuration> {
  const cameras = Array.from({ length: options.cameras }, (_, index) => `camera-${index}: {}`).join(", ");
  const machines = Array.from({ length: options.machines }, (_, index) => `machine-${index}: { kind: tool }`).join(
    ", ",
  );
  const text = `
shop: { name: Bench, gateway: bench, timeZone: UTC }
cameras: { ${cameras} }
equipment: { ${machines} }
bays: {}
broker: { listeners: [{ address: 127.0.0.1, port: 0, tls: false }], maxBytesPerSecondPerAddress: 100000000 }
`;
  const checked = await checkConfiguration(text, tmpdir());
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return checked.configuration;
}

/** The next answer of a load process; word of a scene that a camera shows is none. */
export function answerOf(load: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const hear = (message: unknown) => {
      if (Value.Check(SceneShown, message)) return;
      load.off("message", hear);
      resolve(message);
    };
    load.on("message", hear);
    load.once("exit", (code) => reject(new Error(`the load ended with ${code}`)));
  });
}
