import { mkdtemp, rm } from "node:fs/promises";
import { connect as connectSocket, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { pino } from "pino";
import { ManualClock } from "../../machine/manual-clock.ts";
import { type Configuration, checkConfiguration } from "../configuration/configuration.ts";
import {
  type Broker,
  type BrokerOptions,
  createBroker,
  DeviceCredentials,
  type DurableMessage,
  type Presence,
  type Principal,
  type QuarantinedMessage,
  userNameOf,
} from "./broker.ts";

/** A shop with two of everything, so that every right has a neighbour it must not reach. */
export const SHOP = `
shop: { name: Test, gateway: test-1, timeZone: Asia/Shanghai }
cameras: { north: {}, south: {} }
dongles:
  d1: { dialect: wican, nativeId: "a0b1c2d3e4f5" }
  d2: { dialect: wican, nativeId: "ffffc2d3e4f5" }
readers: { r1: {}, r2: {} }
equipment: { lift-1: { kind: lift }, lift-2: { kind: lift } }
bridges:
  main: { dongles: [d1], cameras: [north] }
  other: { dongles: [d2] }
bays:
  bay-1: { cameras: { north: { zone: [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]] } }, dongle: d1, lift: lift-1, readers: [r1] }
  bay-2: { cameras: { south: { zone: [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]] } }, dongle: d2, lift: lift-2, readers: [r2] }
broker: { listeners: [{ address: 127.0.0.1, port: 0, tls: false }] }
`;

export async function configurationOf(text: string): Promise<Configuration> {
  const result = await checkConfiguration(text, tmpdir());
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.configuration;
}

/** A broker on real sockets, with clients that are real MQTT.js; everything it hands on is written down. */
export class BrokerUnderTest {
  readonly directory: string;
  readonly clock = new ManualClock();
  readonly credentials: DeviceCredentials;
  readonly durable: DurableMessage[] = [];
  readonly quarantined: QuarantinedMessage[] = [];
  readonly presence: Presence[] = [];
  readonly heard: { readonly what: string; readonly id: string; readonly value: unknown }[] = [];
  broker: Broker;
  #passwords = new Map<string, string>();
  #clients: MqttClient[] = [];
  #sockets: Socket[] = [];
  readonly #configuration: Configuration;
  readonly #overrides: Partial<BrokerOptions>;

  private constructor(directory: string, configuration: Configuration, overrides: Partial<BrokerOptions>) {
    this.directory = directory;
    this.#configuration = configuration;
    this.#overrides = overrides;
    this.credentials = new DeviceCredentials(directory, () => this.clock.now());
    this.broker = this.#create();
  }

  static async start(overrides: Partial<BrokerOptions> = {}, shop: string = SHOP): Promise<BrokerUnderTest> {
    const directory = await mkdtemp(join(tmpdir(), "broker-"));
    const under = new BrokerUnderTest(directory, await configurationOf(shop), overrides);
    await under.broker.start();
    return under;
  }

  #create(): Broker {
    return createBroker({
      configuration: this.#configuration,
      credentials: this.credentials,
      dataDirectory: this.directory,
      clock: this.clock,
      log: pino({ level: "silent" }),
      intake: async (message) => {
        this.durable.push(message);
        return "accepted";
      },
      quarantine: async (message) => {
        this.quarantined.push(message);
      },
      onPresence: (presence) => this.presence.push(presence),
      onCameraFrame: (id, value) => this.heard.push({ what: "frame", id, value }),
      onStatus: (kind, id, value) => this.heard.push({ what: `${kind} status`, id, value }),
      onSignals: (id, value) => this.heard.push({ what: "signals", id, value }),
      onReadings: (id, value) => this.heard.push({ what: "readings", id, value }),
      onFrames: (id, value) => this.heard.push({ what: "frames", id, value }),
      onResponse: (id, value) => this.heard.push({ what: "response", id, value }),
      ...this.#overrides,
    });
  }

  /** As after a restart of the daemon: a new broker on the same data directory. */
  async restart(): Promise<void> {
    await this.broker.stop();
    this.broker = this.#create();
    await this.broker.start();
  }

  get port(): number {
    return this.broker.listeners()[0]?.port ?? 0;
  }

  async passwordOf(principal: Principal): Promise<string> {
    const name = userNameOf(principal);
    const password = this.#passwords.get(name) ?? (await this.credentials.add(principal.role, principal.id));
    this.#passwords.set(name, password);
    return password;
  }

  async connect(principal: Principal, options: IClientOptions = {}): Promise<MqttClient> {
    const login = { username: userNameOf(principal), password: await this.passwordOf(principal) };
    const client = await connectAsync(`mqtt://127.0.0.1:${this.port}`, {
      reconnectPeriod: 0,
      connectTimeout: 8_000,
      ...login,
      ...options,
    });
    client.on("error", () => client.end(true));
    this.#clients.push(client);
    return client;
  }

  /** A bare socket, for what no honest client would send. */
  async socket(): Promise<Socket> {
    const socket = connectSocket({ host: "127.0.0.1", port: this.port });
    socket.on("error", () => socket.destroy());
    this.#sockets.push(socket);
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    return socket;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.end(true);
    for (const socket of this.#sockets) socket.destroy();
    await this.broker.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Waits until something holds, looking often; fails with the test's own time-out. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Resolves when the other end has closed the socket. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => (socket.closed ? resolve() : socket.once("close", () => resolve())));
}
