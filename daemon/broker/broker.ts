import type { Socket } from "node:net";
import { Aedes } from "aedes";
import { Compile } from "typebox/compile";
import { GatewayError } from "../../contract/errors.ts";
import { TOPICS, topicOf } from "../../contract/topics.ts";
import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { Addresses } from "./addresses.ts";
import { type BrokerCertificate, loadBrokerCertificate } from "./certificate.ts";
import { type DeviceCredentials, userNameOf } from "./credentials.ts";
import { type Connection, DeviceSessions } from "./device-sessions.ts";
import { GuardedConnection } from "./guarded-connection.ts";
import { IncomingMessages } from "./incoming.ts";
import { type ListenerState, Listeners } from "./listeners.ts";
import type { BrokerOutlets, GatewayMessages, Presence } from "./messages.ts";
import { MAX_TOPIC_LEVELS } from "./packet-guard.ts";
import type { Principal } from "./rights.ts";
import { type BrokerStatistics, countUnder, emptyStatistics } from "./statistics.ts";

export type { BrokerCertificate } from "./certificate.ts";
export { DEVICE_ROLES, type DeviceCredential, DeviceCredentials, userNameOf } from "./credentials.ts";
export type { Connection } from "./device-sessions.ts";
export type { ListenerState } from "./listeners.ts";
export type {
  BrokerOutlets,
  DurableMessage,
  GatewayMessages,
  Presence,
  QuarantinedMessage,
  StatusKind,
} from "./messages.ts";
export type { DeviceRole, Principal } from "./rights.ts";
export type { BrokerStatistics } from "./statistics.ts";

export interface BrokerOptions extends BrokerOutlets {
  readonly configuration: Configuration;
  readonly credentials: DeviceCredentials;
  /** Where the self-signed certificate is kept. */
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Broker {
  /** A listener that cannot be opened is a state (`listeners()`), tried again for ever. @throws GatewayError BROKER_CERTIFICATE_UNUSABLE */
  start(): Promise<void>;
  /** Lets what is being committed settle, then closes every connection. */
  stop(): Promise<void>;
  /**
   * Says something in one of the gateway's own rows, retained where the table says so; null takes a retained message back.
   * @throws GatewayError BROKER_PAYLOAD_INVALID when the payload does not fit its schema
   */
  publish<Name extends keyof GatewayMessages>(
    name: Name,
    id: string,
    payload: GatewayMessages[Name] | null,
  ): Promise<void>;
  connections(): readonly Connection[];
  listeners(): readonly ListenerState[];
  /** SHA-256 of the TLS listeners' certificate; undefined where there is none. */
  certificateFingerprint(): string | undefined;
  statistics(): Readonly<BrokerStatistics>;
}

/** Machine deadlines, in real time. */
const CONNECT_MS = 10_000;
/** The broker's default of a minute lets one frozen reader hold up everybody else for that long. */
const DRAIN_MS = 3_000;
/** Longest keepalive granted: a half-open connection is noticed after one and a half times this. Zero ("never") is refused. */
const KEEPALIVE_LIMIT_S = 300;
const LOOK_MS = 2_000;
const SETTLE_MS = 5_000;
const EMPTY = Buffer.alloc(0);

const gatewayRows = {
  dongleRequest: TOPICS.dongleRequest,
  bridgeConfig: TOPICS.bridgeConfig,
  bayState: TOPICS.bayState,
  jobState: TOPICS.jobState,
  gatewayHealth: TOPICS.gatewayHealth,
  gatewayAttention: TOPICS.gatewayAttention,
} as const satisfies Record<keyof GatewayMessages, unknown>;

const gatewaySchemas = new Map(
  Object.entries(gatewayRows).flatMap(([name, row]) =>
    typeof row.payload === "string" ? [] : [[name, Compile(row.payload)] as const],
  ),
);

/** The embedded MQTT 3.1.1 broker: aedes behind a packet guard, with per-device credentials and rights from the topic table. */
export function createBroker(options: BrokerOptions): Broker {
  return new EmbeddedBroker(options);
}

class EmbeddedBroker implements Broker {
  readonly #options: BrokerOptions;
  readonly #addresses: Addresses;
  readonly #incoming: IncomingMessages;
  readonly #statistics = emptyStatistics();
  readonly #sessions: DeviceSessions;
  readonly #aedes: Aedes;
  #listeners: Listeners | undefined;
  #certificate: BrokerCertificate | undefined;
  #lookTimer: NodeJS.Timeout | undefined;
  /** Numbers what the gateway says itself. */
  #said = 0;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#addresses = new Addresses(options.configuration.broker);
    const statistics = this.#statistics;
    this.#incoming = new IncomingMessages({ ...options, outlets: options, statistics });
    this.#sessions = new DeviceSessions({
      ...options,
      incoming: this.#incoming,
      statistics,
      onBegin: (principal) => this.#presence(principal, "connected", "login"),
      onEnd: (principal, reason) => {
        this.#presence(principal, "disconnected", reason);
        // The device is there on its new connection and says so itself.
        if (reason !== "taken-over") this.#sayOffline(principal, reason);
      },
    });
    const sessions = this.#sessions;
    this.#aedes = new Aedes({
      connectTimeout: CONNECT_MS,
      drainTimeout: DRAIN_MS,
      keepaliveLimit: KEEPALIVE_LIMIT_S,
      maxTopicLevels: MAX_TOPIC_LEVELS,
      // Client ids are ours and longer than MQTT 3.1 allows a client to send.
      maxClientsIdLength: 256,
      preConnect: (client, packet, done) => sessions.preConnect(client, packet, done),
      authenticate: (client, userName, password, done) => void sessions.authenticate(client, userName, password, done),
      authorizePublish: (client, packet, done) => sessions.authorizePublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => sessions.authorizeSubscribe(client, subscription, done),
      authorizeForward: (client, packet) => sessions.authorizeForward(client, packet),
    });
    this.#aedes.on("clientReady", (client) => sessions.ready(client));
    this.#aedes.on("clientDisconnect", (client) => sessions.gone(client));
    this.#aedes.on("keepaliveTimeout", (client) => sessions.noteEnd(client, "keepalive"));
    this.#aedes.on("clientError", (client, error) => sessions.noteEnd(client, error.message));
  }

  async start(): Promise<void> {
    const { configuration, dataDirectory, credentials, log } = this.#options;
    const { listeners, tls } = configuration.broker;
    await credentials.refresh();
    const encrypted = listeners.filter((listener) => listener.tls).map((listener) => listener.address);
    if (encrypted.length > 0) this.#certificate = await loadBrokerCertificate(dataDirectory, encrypted, tls);
    await this.#aedes.listen();
    this.#listeners = new Listeners({
      configured: listeners,
      certificate: this.#certificate,
      addresses: this.#addresses,
      onSocket: (socket, address) => this.#accept(socket, address),
      onRefused: () => void this.#statistics.connectionsRefused++,
      log,
    });
    try {
      await this.#listeners.start();
    } catch (error) {
      await this.#closeAedes();
      throw error;
    }
    this.#lookTimer = setInterval(() => void this.#sessions.look(), LOOK_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#lookTimer);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise((resolve) => {
      timer = setTimeout(resolve, SETTLE_MS);
    });
    await Promise.race([this.#incoming.settled(), patience]);
    clearTimeout(timer);
    // Acknowledgements of what has just settled are written in the next turns.
    await new Promise((resolve) => setImmediate(resolve));
    this.#sessions.noteEndOfAll("gateway stopped");
    await this.#closeAedes();
    await this.#listeners?.stop();
  }

  #closeAedes(): Promise<void> {
    return new Promise((resolve) => (this.#aedes.closed ? resolve() : this.#aedes.close(() => resolve())));
  }

  publish<Name extends keyof GatewayMessages>(
    name: Name,
    id: string,
    payload: GatewayMessages[Name] | null,
  ): Promise<void> {
    const row = gatewayRows[name];
    const schema = gatewaySchemas.get(name);
    if (payload !== null && schema?.Check(payload) !== true) {
      const first = schema?.Errors(payload)[0];
      throw new GatewayError("BROKER_PAYLOAD_INVALID", {
        detail: `${name} ${first?.instancePath ?? ""} ${first?.message ?? ""}`,
      });
    }
    return this.#say(topicOf(row, id), payload === null ? EMPTY : Buffer.from(JSON.stringify(payload)), row);
  }

  connections(): readonly Connection[] {
    return this.#sessions.connections();
  }

  listeners(): readonly ListenerState[] {
    return this.#listeners?.states() ?? [];
  }

  certificateFingerprint(): string | undefined {
    return this.#certificate?.fingerprint;
  }

  statistics(): Readonly<BrokerStatistics> {
    return structuredClone(this.#statistics);
  }

  #accept(socket: Socket, address: string): void {
    this.#statistics.connectionsAccepted++;
    const connection = new GuardedConnection({
      socket,
      address,
      charge: (bytes) => {
        this.#statistics.bytesReceived += bytes;
        return this.#addresses.charge(address, bytes);
      },
      onViolation: (violation) => {
        countUnder(this.#statistics.guardKills, violation);
        const principal = this.#sessions.principalOn(connection);
        this.#sessions.noteEndOn(connection, `guard ${violation}`);
        const user = principal === undefined ? undefined : userNameOf(principal);
        this.#options.log.warn({ address, violation, user }, "a connection was cut by the packet guard");
      },
    });
    this.#aedes.handle(connection);
  }

  /** A device that leaves without a will must not stay "online" for everyone who asks later. */
  #sayOffline(principal: Principal, reason: string): void {
    const rows = {
      camera: TOPICS.cameraStatus,
      reader: TOPICS.readerStatus,
      equipment: TOPICS.equipmentStatus,
      bridge: TOPICS.bridgeStatus,
      dongle: undefined,
      observer: undefined,
    };
    const row = rows[principal.role];
    const kind = principal.role;
    if (row === undefined || kind === "observer" || this.#aedes.closed) return;
    const topic = topicOf(row, principal.id);
    if (!this.#incoming.claimsToBeThere(topic)) return;
    const at = this.#options.clock.stamp();
    const status = { state: "offline" as const, since: at.wallMs, detail: reason };
    this.#incoming.noteStatus(topic, "offline");
    this.#tell(() => this.#options.onStatus?.(kind, principal.id, status, at));
    this.#say(topic, Buffer.from(JSON.stringify(status)), row).catch((error: unknown) =>
      this.#options.log.error({ err: error, topic }, "a status could not be told"),
    );
  }

  /**
   * aedes takes a packet for a repetition when a later one of the same `brokerId` has reached the client before it, and one that is retained is overtaken by
   * one that is not: it would be lost. With an id for each kind of topic only such as go the same way are numbered together.
   */
  #say(
    topic: string,
    payload: Buffer,
    { qos, retain }: { readonly qos: 0 | 1; readonly retain: boolean },
  ): Promise<void> {
    const brokerId = `${this.#aedes.id}/${topic.split("/").at(-1)}`;
    this.#said++;
    const packet = {
      cmd: "publish" as const,
      topic,
      payload,
      qos,
      retain,
      dup: false,
      brokerId,
      brokerCounter: this.#said,
    };
    return new Promise((resolve, reject) => {
      this.#aedes.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  }

  #presence(principal: Principal, state: Presence["state"], reason: string): void {
    this.#tell(() => this.#options.onPresence?.({ principal, state, reason, at: this.#options.clock.stamp() }));
  }

  #tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#statistics.listenerErrors++;
      this.#options.log.error({ err: error }, "a listener of the broker threw");
    }
  }
}
