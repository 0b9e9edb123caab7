import { connect, type MqttClient } from "mqtt";

/** What one device has to say, and how fast. */
export interface Feed {
  /** As the journal will name it, e.g. `equipment/press`. */
  readonly source: string;
  readonly username: string;
  readonly password: string;
  readonly topic: string;
  /** Messages under way at once; 1 where the order matters. */
  readonly window: number;
  readonly everyMs: number;
  /** The message without its id; `count` begins at 0. */
  readonly body: (count: number) => object;
}

/**
 * A device that reports durable messages and keeps account: what it has sent, and what the gateway acknowledged. What was not acknowledged is sent again,
 * with the same message id, after each new connection. It makes nothing new while too much is unacknowledged.
 */
export class DurablePublisher {
  readonly #feed: Feed;
  readonly #newMessageId: () => string;
  /** Message id → payload, in the order in which they were made. */
  readonly #unacknowledged = new Map<string, string>();
  readonly #sent = new Set<string>();
  readonly #acknowledged = new Set<string>();
  readonly #underWay = new Set<string>();
  #acknowledgementMs: number[] = [];
  #client: MqttClient | undefined;
  #timer: NodeJS.Timeout | undefined;
  #made = 0;

  constructor(feed: Feed, newMessageId: () => string) {
    this.#feed = feed;
    this.#newMessageId = newMessageId;
  }

  get source(): string {
    return this.#feed.source;
  }

  /** Message ids that have left for the gateway at least once. */
  get sent(): ReadonlySet<string> {
    return this.#sent;
  }

  /** Message ids whose PUBACK came. */
  get acknowledged(): ReadonlySet<string> {
    return this.#acknowledged;
  }

  get waiting(): number {
    return this.#unacknowledged.size;
  }

  /** Milliseconds from the first sending to the acknowledgement, of everything acknowledged since the last call. */
  takeAcknowledgementMs(): readonly number[] {
    const taken = this.#acknowledgementMs;
    this.#acknowledgementMs = [];
    return taken;
  }

  /** From now on there is something new to say again and again. */
  speak(): void {
    this.#timer ??= setInterval(() => this.#make(), this.#feed.everyMs);
  }

  /** Nothing new any more; what is unacknowledged is still sent. */
  hush(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Connects to a gateway that has (again) begun to listen, and sends what it has not acknowledged. */
  connectTo(port: number): void {
    this.disconnect();
    const { username, password } = this.#feed;
    const client = connect(`mqtt://127.0.0.1:${port}`, {
      clientId: username.replace("/", "-"),
      username,
      password,
      clean: true,
      // The gateway comes back on another port: whoever restarts it says where.
      reconnectPeriod: 0,
    });
    this.#client = client;
    // The gateway is killed under it; the next life brings a new connection.
    client.on("error", () => undefined);
    client.on("connect", () => this.#sendWaiting());
    client.on("close", () => {
      if (this.#client === client) this.disconnect();
    });
  }

  disconnect(): void {
    const client = this.#client;
    this.#client = undefined;
    this.#underWay.clear();
    client?.end(true);
  }

  #make(): void {
    if (this.#client?.connected !== true || this.#unacknowledged.size >= this.#feed.window) return;
    const messageId = this.#newMessageId();
    this.#unacknowledged.set(messageId, JSON.stringify({ messageId, ...this.#feed.body(this.#made) }));
    this.#made += 1;
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    const client = this.#client;
    if (client?.connected !== true) return;
    for (const [messageId, payload] of this.#unacknowledged) {
      if (this.#underWay.size >= this.#feed.window) return;
      if (!this.#underWay.has(messageId)) this.#send(client, messageId, payload);
    }
  }

  #send(client: MqttClient, messageId: string, payload: string): void {
    const startedAt = performance.now();
    const again = this.#sent.has(messageId);
    this.#underWay.add(messageId);
    this.#sent.add(messageId);
    client.publish(this.#feed.topic, payload, { qos: 1 }, (error) => {
      // Without an acknowledgement: sent again by the next connection.
      if (error) return;
      this.#acknowledged.add(messageId);
      this.#unacknowledged.delete(messageId);
      this.#underWay.delete(messageId);
      if (!again) this.#acknowledgementMs.push(performance.now() - startedAt);
      this.#sendWaiting();
    });
  }
}
