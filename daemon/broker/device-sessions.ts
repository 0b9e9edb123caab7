import { randomUUID } from "node:crypto";
import type { AedesPublishPacket, AuthenticateError, Client, ConnectPacket, PublishPacket, Subscription } from "aedes";
import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { type DeviceCredentials, userNameOf } from "./credentials.ts";
import { GuardedConnection } from "./guarded-connection.ts";
import type { IncomingMessages } from "./incoming.ts";
import { Login, REFUSALS, type Will } from "./login.ts";
import type { DeviceRights, Principal } from "./rights.ts";
import { type BrokerStatistics, countUnder } from "./statistics.ts";

/** A connection that has logged in. */
export interface Connection {
  readonly principal: Principal;
  readonly address: string;
  readonly since: number;
  readonly bytesReceived: number;
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

/** Firmware with a wrong topic in its settings may stay, so that the rest of it works; a flood may not. */
const MAX_DENIED = 100;
/** Of a publish without right; small, so that it is dropped with a log line that names it instead of a cut connection. */
const DENIED_BYTES = 1024;
/** Nobody can subscribe here: what is acknowledged but goes to no one goes here. */
const NOWHERE_TOPIC = "$SYS/baygate/nowhere";
const EMPTY = Buffer.alloc(0);

export interface DeviceSessionsOptions {
  readonly configuration: Configuration;
  readonly credentials: DeviceCredentials;
  readonly clock: Clock;
  readonly log: Logger;
  readonly incoming: IncomingMessages;
  readonly statistics: BrokerStatistics;
  readonly onBegin: (principal: Principal) => void;
  readonly onEnd: (principal: Principal, reason: string) => void;
}

/** Who is connected and what each may do: the answers to every question that aedes asks about a client. */
export class DeviceSessions {
  readonly #options: DeviceSessionsOptions;
  readonly #login: Login;
  readonly #sessions = new Map<Client, Session>();
  readonly #wills = new WeakMap<Client, Will>();

  constructor(options: DeviceSessionsOptions) {
    this.#options = options;
    this.#login = new Login(options);
  }

  connections(): readonly Connection[] {
    return [...this.#sessions.values()].map(({ principal, connection, since }) => ({
      principal,
      address: connection.address,
      since,
      bytesReceived: connection.bytesRead,
    }));
  }

  principalOn(connection: GuardedConnection): Principal | undefined {
    return this.#on(connection)?.principal;
  }

  /** The first reason that is known for the end of a session is the one that is told. */
  noteEndOn(connection: GuardedConnection, reason: string): void {
    const session = this.#on(connection);
    if (session !== undefined) session.endReason ??= reason;
  }

  noteEndOfAll(reason: string): void {
    for (const session of this.#sessions.values()) session.endReason ??= reason;
  }

  preConnect(client: Client, packet: ConnectPacket, done: (error: Error | null, successful: boolean) => void): void {
    // An offline queue of a persistent session grows without bound in the broker; every device gets a clean one (the CONNACK says "no session present").
    if (packet.clean === false) {
      this.#options.statistics.sessionsDowngraded++;
      packet.clean = true;
    }
    if (packet.will !== undefined) this.#wills.set(client, packet.will);
    packet.clientId = sessionName(packet);
    done(null, true);
  }

  async authenticate(
    client: Client,
    userName: string | undefined,
    password: Buffer | undefined,
    done: (error: AuthenticateError | null, success: boolean | null) => void,
  ): Promise<void> {
    const connection = client.conn;
    try {
      if (!(connection instanceof GuardedConnection)) throw new Error("a connection came round the packet guard");
      const will = this.#wills.get(client);
      const result = await this.#login.decide({ address: connection.address, userName, password, will });
      if (!result.ok) {
        countUnder(this.#options.statistics.loginsRefused, result.refusal);
        done(Object.assign(new Error(result.refusal), { returnCode: REFUSALS[result.refusal] }), false);
        return;
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
      this.#options.log.error({ err: error }, "a login could not be decided");
      done(Object.assign(new Error("login undecided"), { returnCode: 3 as const }), false);
    }
  }

  ready(client: Client): void {
    const session = this.#sessions.get(client);
    if (session === undefined) return;
    const { rights, connection, principal } = session;
    connection.admit((topic) => rights.publishes(topic)?.row.maxBytes ?? DENIED_BYTES);
    this.#options.onBegin(principal);
    this.#options.log.info({ user: userNameOf(principal), address: connection.address }, "device connected");
  }

  gone(client: Client): void {
    const session = this.#sessions.get(client);
    if (session === undefined) return;
    this.#sessions.delete(client);
    const { principal, endReason = "closed" } = session;
    this.#options.log.info({ user: userNameOf(principal), reason: endReason }, "device disconnected");
    this.#options.onEnd(principal, endReason);
  }

  authorizePublish(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const session = client === null ? undefined : this.#sessions.get(client);
    if (session === undefined) {
      done(new Error("not logged in"));
      return;
    }
    const match = session.rights.publishes(packet.topic);
    if (match === undefined) {
      this.#deny(session, packet, done);
      return;
    }
    const { row } = match;
    if (packet.retain && !row.retain) {
      this.#options.statistics.retainsStripped++;
      packet.retain = false;
    }
    // In our own rows the table says what is retained: a will that forgot the flag would leave an old "online" standing.
    if (row.retain && row.payload !== "native") packet.retain = true;
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
    const finish = (outcome: "forward" | "drop"): void => {
      if (outcome === "drop") sendNowhere(packet);
      done(null);
    };
    const outcome = this.#options.incoming.handle({
      topic: packet.topic,
      match,
      payload,
      qos: packet.qos,
      from: session.principal,
    });
    if (typeof outcome === "string") finish(outcome);
    else {
      outcome.then(finish, (error: unknown) => {
        session.endReason ??= "storage failed";
        done(error instanceof Error ? error : new Error(String(error)));
      });
    }
  }

  /** MQTT 3.1.1 §3.3.5 lets a server acknowledge what it will not pass on; without that a QoS 1 client would send it again for ever. */
  #deny(session: Session, packet: PublishPacket, done: (error?: Error | null) => void): void {
    this.#options.statistics.publishesDenied++;
    const user = userNameOf(session.principal);
    if (session.denied++ === 0)
      this.#options.log.warn({ user, topic: packet.topic }, "a device publishes where it has no right to; dropped");
    if (session.denied > MAX_DENIED) {
      session.endReason ??= "too many publishes without right";
      done(new Error("too many publishes without right"));
    } else {
      sendNowhere(packet);
      done(null);
    }
  }

  authorizeSubscribe(
    client: Client,
    subscription: Subscription,
    done: (error: Error | null, subscription?: Subscription | null) => void,
  ): void {
    const session = this.#sessions.get(client);
    if (session?.rights.subscribes(subscription.topic)) {
      done(null, subscription);
      return;
    }
    this.#options.statistics.subscriptionsDenied++;
    this.#options.log.warn(
      {
        user: session === undefined ? undefined : userNameOf(session.principal),
        filter: subscription.topic.slice(0, 200),
      },
      "a subscription was refused",
    );
    done(null, null);
  }

  authorizeForward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    return this.#sessions.get(client)?.rights.reads(packet.topic) ? packet : null;
  }

  /** Ends sessions whose secret has changed, and gives up those that aedes forgot (closed while their login was being decided). */
  async look(): Promise<void> {
    const { credentials, log } = this.#options;
    for (const [client, session] of this.#sessions) {
      if (!session.connection.destroyed) continue;
      if (session.doomed) this.gone(client);
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

  noteEnd(client: Client, reason: string): void {
    const session = this.#sessions.get(client);
    if (session !== undefined) session.endReason ??= reason;
  }

  #on(connection: GuardedConnection): Session | undefined {
    for (const session of this.#sessions.values()) if (session.connection === connection) return session;
    return undefined;
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
