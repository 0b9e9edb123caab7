import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import {
  Aedes,
  type AedesPublishPacket,
  type AuthenticateError,
  type Client,
  type ConnectPacket,
  type PublishPacket,
  type Subscription,
} from "aedes";
import { Compile } from "typebox/compile";
import { GatewayError } from "../../contract/errors.ts";
import { TOPICS, topicOf } from "../../contract/topics.ts";
import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { Addresses } from "./addresses.ts";
import { type BrokerCertificate, loadBrokerCertificate } from "./certificate.ts";
import { type DeviceCredentials, userNameOf } from "./credentials.ts";
import { GuardedConnection } from "./guarded-connection.ts";
import { IncomingMessages } from "./incoming.ts";
import { type ListenerState, Listeners } from "./listeners.ts";
import { Login, REFUSALS, type Will } from "./login.ts";
import type { BrokerOutlets, GatewayMessages, Presence } from "./messages.ts";
import { MAX_TOPIC_LEVELS } from "./packet-guard.ts";
import type { DeviceRights, Principal } from "./rights.ts";
import { type BrokerStatistics, countUnder, emptyStatistics } from "./statistics.ts";

export type { BrokerCertificate } from "./certificate.ts";
export { DEVICE_ROLES, type DeviceCredential, DeviceCredentials, principalOf, userNameOf } from "./credentials.ts";
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

/** A connection that has logged in. */
export interface Connection {
  readonly principal: Principal;
  readonly address: string;
  readonly since: number;
  readonly bytesReceived: number;
}

export interface Broker {
  /** @throws GatewayError BROKER_LISTEN_FAILED, BROKER_CERTIFICATE_UNUSABLE */
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

interface Session {
  readonly principal: Principal;
  readonly rights: DeviceRights;
  readonly connection: GuardedConnection;
  readonly since: number;
  /** The secret that opened it; when the device gets another one, the session ends. */
  readonly fingerprint: string;
  denied: number;
  endReason: string | undefined;
  /** The connection was found closed at the last look; found so again, the session is given up. */
  doomed: boolean;
}

/** Machine deadlines, in real time. */
const CONNECT_MS = 10_000;
/** The broker's default of a minute lets one frozen reader hold up everybody else for that long. */
const DRAIN_MS = 3_000;
/** Longest keepalive granted: a half-open connection is noticed after one and a half times this. Zero ("never") is refused. */
const KEEPALIVE_LIMIT_S = 300;
const LOOK_MS = 2_000;
const SETTLE_MS = 5_000;
/** Firmware with a wrong topic in its settings may stay, so that the rest of it works; a flood may not. */
const MAX_DENIED = 100;
/** Nobody can subscribe here: what is acknowledged but goes to no one goes here. */
const NOWHERE_TOPIC = "$SYS/baygate/nowhere";
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
  readonly #login: Login;
  readonly #statistics = emptyStatistics();
  readonly #sessions = new Map<Client, Session>();
  readonly #wills = new WeakMap<Client, Will>();
  readonly #aedes: Aedes;
  #listeners: Listeners | undefined;
  #certificate: BrokerCertificate | undefined;
  #lookTimer: NodeJS.Timeout | undefined;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#addresses = new Addresses(options.configuration.broker);
    this.#login = new Login(options);
    this.#incoming = new IncomingMessages({ ...options, outlets: options, statistics: this.#statistics });
    this.#aedes = new Aedes({
      connectTimeout: CONNECT_MS,
      drainTimeout: DRAIN_MS,
      keepaliveLimit: KEEPALIVE_LIMIT_S,
      maxTopicLevels: MAX_TOPIC_LEVELS,
      // Client ids are ours and longer than MQTT 3.1 allows a client to send.
      maxClientsIdLength: 256,
      preConnect: (client, packet, done) => this.#preConnect(client, packet, done),
      authenticate: (client, userName, password, done) => void this.#authenticate(client, userName, password, done),
      authorizePublish: (client, packet, done) => this.#authorizePublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => this.#authorizeSubscribe(client, subscription, done),
      authorizeForward: (client, packet) => this.#authorizeForward(client, packet),
    });
    this.#aedes.on("clientReady", (client) => this.#ready(client));
    this.#aedes.on("clientDisconnect", (client) => this.#gone(client));
    this.#aedes.on("keepaliveTimeout", (client) => this.#noteEnd(client, "keepalive"));
    this.#aedes.on("clientError", (client, error) => this.#noteEnd(client, error.message));
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
    this.#lookTimer = setInterval(() => void this.#look(), LOOK_MS).unref();
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
    for (const session of this.#sessions.values()) session.endReason ??= "gateway stopped";
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
    return [...this.#sessions.values()].map(({ principal, connection, since }) => ({
      principal,
      address: connection.address,
      since,
      bytesReceived: connection.bytesRead,
    }));
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
        const client = this.#clientOf(connection);
        if (client !== undefined) this.#noteEnd(client, `guard ${violation}`);
        this.#options.log.warn(
          { address, violation, user: client === undefined ? undefined : this.#nameOf(client) },
          "a connection was cut by the packet guard",
        );
      },
    });
    this.#aedes.handle(connection);
  }

  #preConnect(client: Client, packet: ConnectPacket, done: (error: Error | null, successful: boolean) => void): void {
    // An offline queue of a persistent session grows without bound in the broker; every device gets a clean one (the CONNACK says "no session present").
    if (packet.clean === false) {
      this.#statistics.sessionsDowngraded++;
      packet.clean = true;
    }
    if (packet.will !== undefined) this.#wills.set(client, packet.will);
    packet.clientId = sessionName(packet);
    done(null, true);
  }

  async #authenticate(
    client: Client,
    userName: string | undefined,
    password: Buffer | undefined,
    done: (error: AuthenticateError | null, success: boolean | null) => void,
  ): Promise<void> {
    const connection = client.conn;
    if (!(connection instanceof GuardedConnection)) return done(null, false);
    try {
      const result = await this.#login.decide({
        address: connection.address,
        userName,
        password,
        will: this.#wills.get(client),
      });
      if (!result.ok) {
        countUnder(this.#statistics.loginsRefused, result.refusal);
        return done(Object.assign(new Error(result.refusal), { returnCode: REFUSALS[result.refusal] }), false);
      }
      const { principal, rights, fingerprint } = result;
      for (const [other, session] of this.#sessions) if (other.id === client.id) session.endReason ??= "taken-over";
      this.#sessions.set(client, {
        principal,
        rights,
        connection,
        since: this.#options.clock.now(),
        fingerprint,
        denied: 0,
        endReason: undefined,
        doomed: false,
      });
      done(null, true);
    } catch (error) {
      this.#options.log.error({ err: error }, "CREDENTIALS_UNREADABLE");
      done(Object.assign(new Error("credentials unreadable"), { returnCode: 3 as const }), false);
    }
  }

  #ready(client: Client): void {
    const session = this.#sessions.get(client);
    if (session === undefined) return;
    const { rights, connection, principal } = session;
    // A topic without right gets through the guard only when it is small: then it is dropped with a log line that names it.
    connection.admit((topic) => rights.publishes(topic)?.row.maxBytes ?? 1024);
    this.#presence({ principal, state: "connected", reason: "login", at: this.#options.clock.stamp() });
    this.#options.log.info({ user: userNameOf(principal), address: connection.address }, "device connected");
  }

  #gone(client: Client): void {
    const session = this.#sessions.get(client);
    if (session === undefined) return;
    this.#sessions.delete(client);
    const { principal, endReason = "closed" } = session;
    this.#presence({ principal, state: "disconnected", reason: endReason, at: this.#options.clock.stamp() });
    this.#options.log.info({ user: userNameOf(principal), reason: endReason }, "device disconnected");
    if (endReason !== "taken-over") this.#sayOffline(principal, endReason);
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
    this.#options.onStatus?.(kind, principal.id, status, at);
    this.#say(topic, Buffer.from(JSON.stringify(status)), row).catch((error: unknown) =>
      this.#options.log.error({ err: error, topic }, "a status could not be told"),
    );
  }

  #authorizePublish(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const session = client === null ? undefined : this.#sessions.get(client);
    if (session === undefined) return done(new Error("not logged in"));
    const match = session.rights.publishes(packet.topic);
    if (match === undefined) return this.#deny(session, packet, done);
    const { row } = match;
    if (packet.retain && !row.retain) {
      this.#statistics.retainsStripped++;
      packet.retain = false;
    }
    // In our own rows the table says what is retained: a will that forgot the flag would leave an old "online" standing.
    if (row.retain && row.payload !== "native") packet.retain = true;
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
    const finish = (outcome: "forward" | "drop"): void => {
      if (outcome === "drop") sendNowhere(packet);
      done(null);
    };
    const outcome = this.#incoming.handle({
      topic: packet.topic,
      match,
      payload,
      qos: packet.qos,
      from: session.principal,
    });
    if (typeof outcome === "string") return finish(outcome);
    outcome.then(finish, (error: unknown) => {
      session.endReason ??= "storage failed";
      done(error instanceof Error ? error : new Error(String(error)));
    });
  }

  /** MQTT 3.1.1 §3.3.5 lets a server acknowledge what it will not pass on; without that a QoS 1 client would send it again for ever. */
  #deny(session: Session, packet: PublishPacket, done: (error?: Error | null) => void): void {
    this.#statistics.publishesDenied++;
    const user = userNameOf(session.principal);
    if (session.denied++ === 0)
      this.#options.log.warn({ user, topic: packet.topic }, "a device publishes where it has no right to; dropped");
    if (session.denied > MAX_DENIED) {
      session.endReason ??= "too many publishes without right";
      return done(new Error("too many publishes without right"));
    }
    sendNowhere(packet);
    done(null);
  }

  #authorizeSubscribe(
    client: Client,
    subscription: Subscription,
    done: (error: Error | null, subscription?: Subscription | null) => void,
  ): void {
    const session = this.#sessions.get(client);
    if (session?.rights.subscribes(subscription.topic)) return done(null, subscription);
    this.#statistics.subscriptionsDenied++;
    this.#options.log.warn(
      {
        user: session === undefined ? undefined : userNameOf(session.principal),
        filter: subscription.topic.slice(0, 200),
      },
      "a subscription was refused",
    );
    done(null, null);
  }

  #authorizeForward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    return this.#sessions.get(client)?.rights.reads(packet.topic) ? packet : null;
  }

  /** Ends sessions whose secret has changed, and gives up those that aedes forgot (closed while their login was being decided). */
  async #look(): Promise<void> {
    const { credentials, log } = this.#options;
    for (const [client, session] of this.#sessions) {
      if (!session.connection.destroyed) continue;
      if (session.doomed) this.#gone(client);
      session.doomed = true;
    }
    try {
      await credentials.refresh();
    } catch (error) {
      log.error({ err: error }, "CREDENTIALS_UNREADABLE");
      return;
    }
    for (const session of this.#sessions.values()) {
      if (credentials.fingerprint(session.principal) === session.fingerprint) continue;
      session.endReason ??= "credential changed";
      session.connection.destroy();
    }
  }

  #say(topic: string, payload: Buffer, row: { readonly qos: 0 | 1; readonly retain: boolean }): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#aedes.publish({ cmd: "publish", topic, payload, qos: row.qos, retain: row.retain, dup: false }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  #presence(presence: Presence): void {
    try {
      this.#options.onPresence?.(presence);
    } catch (error) {
      this.#options.log.error({ err: error }, "a listener of the broker threw");
    }
  }

  #noteEnd(client: Client, reason: string): void {
    const session = this.#sessions.get(client);
    if (session !== undefined) session.endReason ??= reason;
  }

  #clientOf(connection: GuardedConnection): Client | undefined {
    for (const [client, session] of this.#sessions) if (session.connection === connection) return client;
    return undefined;
  }

  #nameOf(client: Client): string | undefined {
    const session = this.#sessions.get(client);
    return session === undefined ? undefined : userNameOf(session.principal);
  }
}

/**
 * The name of a session inside the broker. Firmware chooses its client id as it likes, so it is not believed: a device's session bears its user
 * name, and a new connection with the same credential ends the old, half-open one. Only observers may be there several times.
 */
function sessionName(packet: ConnectPacket): string {
  const userName = packet.username ?? "";
  if (userName === "") return `stranger#${randomUUID()}`;
  return userName.startsWith("observer/") ? `${userName}#${packet.clientId || randomUUID()}` : userName;
}

function sendNowhere(packet: PublishPacket): void {
  packet.topic = NOWHERE_TOPIC;
  packet.payload = EMPTY;
  packet.retain = false;
}
