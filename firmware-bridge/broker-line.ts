import { connect, type MqttClient } from "mqtt";
import { matchTopic, TOPIC_PREFIX, TOPICS, topicOf } from "../contract/topics.ts";
import type { Clock } from "../machine/clock.ts";
import type { Logger } from "../machine/log.ts";
import { packed } from "./packing.ts";

export interface BrokerLineOptions {
  readonly id: string;
  /** e.g. `mqtts://192.168.7.1:8883` */
  readonly brokerUrl: string;
  readonly password: string;
  /** Certificate authority of the broker's TLS listener, PEM; needed beyond a plain loopback listener. */
  readonly authority?: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** 0 to 1; for the jitter of reconnection. */
  readonly random: () => number;
}

export interface BrokerLineEvents {
  connected(): void;
  message(topic: string, payload: Uint8Array, retained: boolean): void;
}

/** Jittered pause between tries to reach the broker; forever. */
const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** What the broker has not acknowledged after this it will not. */
const LAST_WORDS_MS = 2_000;
/** The gateway's broker hangs up on a longer list of topics; a device may have hundreds. */
const MOST_FILTER_BYTES = 4 * 1024;

/** The bridge's one connection to the gateway's broker: tried for ever, with a will, and two ways to speak that are kept apart. */
export class BrokerLine {
  readonly #options: BrokerLineOptions;
  readonly #events: BrokerLineEvents;
  #client: MqttClient | undefined;
  #failedTries = 0;

  constructor(options: BrokerLineOptions, events: BrokerLineEvents) {
    this.#options = options;
    this.#events = events;
  }

  get isUp(): boolean {
    return this.#client?.connected === true;
  }

  start(): void {
    const { id, brokerUrl, password, authority, log } = this.#options;
    const statusTopic = topicOf(TOPICS.bridgeStatus, id);
    const client = connect(brokerUrl, {
      username: `bridge/${id}`,
      password,
      clientId: `bridge-${id}-${process.pid}`,
      clean: true,
      keepalive: 20,
      connectTimeout: 10_000,
      reconnectPeriod: SHORTEST_PAUSE_MS,
      // Otherwise the client gives up for good when it is refused once: by a broker that is still starting, or before this bridge has its password.
      reconnectOnConnackError: true,
      // What could not be sent is kept by us (scans) or is worthless late (everything else).
      queueQoSZero: false,
      resubscribe: false,
      will: { topic: statusTopic, payload: Buffer.from(JSON.stringify({ state: "offline" })), qos: 1, retain: true },
      ...(authority === undefined ? {} : { ca: authority }),
    });
    this.#client = client;
    client.on("connect", () => {
      if (this.#failedTries > 0) log.info("the line to the broker is back");
      this.#failedTries = 0;
      this.#events.connected();
      this.say(statusTopic, { state: "online", since: this.#options.clock.now() }, { retain: true });
    });
    client.on("message", (topic, payload, packet) => this.#events.message(topic, payload, packet.retain));
    client.on("close", () => {
      if (this.#failedTries === 0) log.warn("the line to the broker is down");
      this.#failedTries += 1;
      const ceiling = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** Math.min(this.#failedTries, 10));
      client.options.reconnectPeriod = SHORTEST_PAUSE_MS + this.#options.random() * ceiling;
    });
    client.on("error", (error) => log.debug({ err: error }, "broker connection"));
  }

  /** Ends the line once what was said has been acknowledged, or soon without that: a broker that is gone or cannot store acknowledges nothing any more. */
  async stop(): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    let patience: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      patience = setTimeout(resolve, LAST_WORDS_MS);
    });
    await Promise.race([client.endAsync(), enough]);
    clearTimeout(patience);
    client.stream.destroy();
  }

  subscribe(filters: readonly string[]): void {
    for (const some of packetsOf(filters)) this.#client?.subscribe(some, { qos: 1 });
  }

  unsubscribe(filters: readonly string[]): void {
    for (const some of packetsOf(filters)) this.#client?.unsubscribe(some);
  }

  /**
   * Says something to the gateway in a topic of the contract. What is larger than the topic takes is not said: the broker would hang up on all devices of
   * this bridge, and again as often as it were repeated.
   * @param done called once the broker has acknowledged, or with what went wrong; at once for what is too large to be said ever
   * @throws RangeError for any other topic: devices are spoken to through the egress only
   */
  say(
    topic: string,
    payload: object,
    { retain = false, qos = 1 }: { readonly retain?: boolean; readonly qos?: 0 | 1 } = {},
    done: (error?: Error | null) => void = () => undefined,
  ): void {
    const row = topic.startsWith(TOPIC_PREFIX) ? matchTopic(topic)?.row : undefined;
    if (row === undefined) throw new RangeError(`${topic} is no topic of the contract`);
    const text = JSON.stringify(payload);
    const bytes = Buffer.byteLength(text);
    if (bytes > row.maxBytes) {
      this.#options.log.error({ topic, bytes }, "what a device told is larger than the broker takes, and was left out");
      done();
      return;
    }
    this.#client?.publish(topic, text, { qos, retain }, done);
  }

  /** The road that the egress uses towards devices; nothing else may call it. */
  toDevice(topic: string, payload: string): void {
    this.#client?.publish(topic, payload, { qos: 0 });
  }
}

/** Filters in groups that fit one packet each (MQTT 3.1.1 §3.8.3): two bytes of length before each, its QoS behind it. */
function packetsOf(filters: readonly string[]): string[][] {
  return packed(filters, (filter) => Buffer.byteLength(filter) + 3, MOST_FILTER_BYTES);
}
