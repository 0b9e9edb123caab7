import { connect, type MqttClient } from "mqtt";
import { Compile } from "typebox/compile";
import { BridgeConfig, DongleRequest, type DongleResponse, type DongleScan } from "../contract/payloads.ts";
import { TOPICS, topicOf } from "../contract/topics.ts";
import type { Clock } from "../machine/clock.ts";
import type { Logger } from "../machine/log.ts";
import { type Adapter, type Dialect, type DongleSettings, ScanFailure } from "./dialect.ts";

export interface BridgeOptions {
  readonly id: string;
  /** e.g. `mqtts://192.168.7.1:8883` */
  readonly brokerUrl: string;
  readonly password: string;
  /** Certificate authority of the broker's TLS listener, PEM; needed beyond a plain loopback listener. */
  readonly authority?: string;
  readonly dialects: ReadonlyMap<string, Dialect>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly newId: () => string;
  /** 0 to 1; for the jitter of reconnection. */
  readonly random: () => number;
}

interface Device {
  readonly settings: DongleSettings;
  readonly adapter: Adapter;
  broken: boolean;
}

const CONFIG = Compile(BridgeConfig);
const REQUEST = Compile(DongleRequest);

/** Jittered pause between tries to reach the broker; forever. */
const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** Connects to the broker, keeps one adapter per configured dongle, and stands between them and the contract. */
export class Bridge {
  readonly #options: BridgeOptions;
  readonly #devices = new Map<string, Device>();
  #client: MqttClient | undefined;
  #pollingEnabled = true;
  #appliedConfig = "";
  #failedTries = 0;
  /** Scans that the broker has not acknowledged yet: sent again on the next connection, the same message to whoever counts. */
  readonly #unacknowledged = new Map<string, { topic: string; payload: string }>();

  constructor(options: BridgeOptions) {
    this.#options = options;
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
      // What could not be sent is kept by us (scans) or is worthless late (everything else).
      queueQoSZero: false,
      resubscribe: false,
      will: { topic: statusTopic, payload: Buffer.from(JSON.stringify({ state: "offline" })), qos: 1, retain: true },
      ...(authority === undefined ? {} : { ca: authority }),
    });
    this.#client = client;
    client.on("connect", () => this.#onConnected(client, statusTopic));
    client.on("message", (topic, payload, packet) => this.#onMessage(topic, payload, packet.retain));
    client.on("close", () => {
      if (this.#failedTries === 0) log.warn("the line to the broker is down");
      this.#failedTries += 1;
      const ceiling = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** Math.min(this.#failedTries, 10));
      client.options.reconnectPeriod = SHORTEST_PAUSE_MS + this.#options.random() * ceiling;
    });
    client.on("error", (error) => log.debug({ err: error }, "broker connection"));
  }

  async stop(): Promise<void> {
    for (const device of this.#devices.values()) this.#guarded(device, () => device.adapter.stop());
    this.#devices.clear();
    await this.#client?.endAsync();
  }

  #onConnected(client: MqttClient, statusTopic: string): void {
    if (this.#failedTries > 0) this.#options.log.info("the line to the broker is back");
    this.#failedTries = 0;
    client.subscribe(topicOf(TOPICS.bridgeConfig, this.#options.id), { qos: 1 });
    for (const device of this.#devices.values()) this.#subscribe(device);
    client.publish(statusTopic, JSON.stringify({ state: "online", since: this.#options.clock.now() }), {
      qos: 1,
      retain: true,
    });
    for (const messageId of this.#unacknowledged.keys()) this.#sendScan(messageId);
  }

  #onMessage(topic: string, payload: Uint8Array, retained: boolean): void {
    if (topic === topicOf(TOPICS.bridgeConfig, this.#options.id)) {
      this.#applyConfig(payload);
      return;
    }
    for (const [id, device] of this.#devices) {
      if (topic === topicOf(TOPICS.dongleRequest, id)) {
        this.#onRequest(id, device, payload);
        return;
      }
      if (device.adapter.topics.includes(topic)) {
        this.#guarded(device, () => device.adapter.receive({ topic, payload, retained }));
        return;
      }
    }
  }

  #applyConfig(payload: Uint8Array): void {
    const text = Buffer.from(payload).toString("utf8");
    if (text === this.#appliedConfig) return;
    const config: unknown = parseJson(text);
    if (!CONFIG.Check(config)) {
      this.#options.log.error("the gateway's bridge configuration cannot be read; the last one stays");
      return;
    }
    this.#appliedConfig = text;
    this.#pollingEnabled = config.pollingEnabled;
    const wanted = new Map(config.dongles.map((settings) => [settings.id as string, settings]));
    for (const [id, device] of this.#devices) {
      if (JSON.stringify(wanted.get(id)) === JSON.stringify(device.settings)) continue;
      this.#guarded(device, () => device.adapter.stop());
      this.#client?.unsubscribe([...device.adapter.topics]);
      this.#devices.delete(id);
    }
    for (const [id, settings] of wanted) if (!this.#devices.has(id)) this.#addDevice(id, settings);
  }

  #addDevice(id: string, settings: DongleSettings): void {
    const { dialects, clock, log, newId } = this.#options;
    const dialect = dialects.get(settings.dialect);
    if (dialect === undefined) {
      log.error({ dongle: id, dialect: settings.dialect }, "no such dialect");
      this.#publish(
        topicOf(TOPICS.dongleStatus, id),
        { state: "fault", since: clock.now(), detail: "unknown-dialect" },
        true,
      );
      return;
    }
    const adapter = dialect.create({
      settings,
      clock,
      log: log.child({ dongle: id }),
      newId,
      publish: (topic, payload) => this.#client?.publish(topic, payload, { qos: 0 }),
      reports: {
        status: (status) => this.#publish(topicOf(TOPICS.dongleStatus, id), status, true),
        signals: (signals) => this.#publish(topicOf(TOPICS.dongleSignals, id), signals, false),
      },
    });
    const device: Device = { settings, adapter, broken: false };
    this.#devices.set(id, device);
    this.#subscribe(device);
    this.#guarded(device, () => adapter.start());
  }

  #subscribe(device: Device): void {
    this.#client?.subscribe([...device.adapter.topics, topicOf(TOPICS.dongleRequest, device.settings.id)], { qos: 1 });
  }

  #onRequest(id: string, device: Device, payload: Uint8Array): void {
    const request: unknown = parseJson(Buffer.from(payload).toString("utf8"));
    if (!REQUEST.Check(request)) {
      this.#options.log.warn({ dongle: id }, "a request that cannot be read was ignored");
      return;
    }
    void this.#answer(id, device, request);
  }

  async #answer(id: string, device: Device, request: DongleRequest): Promise<void> {
    const { transaction } = request;
    let response: DongleResponse;
    try {
      if (!this.#pollingEnabled) response = { transaction, status: "refused", error: { code: "polling-off" } };
      else if (request.kind === "battery-voltage")
        response = { transaction, status: "done", batteryVolts: await device.adapter.batteryVolts() };
      else if (request.kind !== "scan") response = { transaction, status: "refused", error: { code: "not-spoken" } };
      else {
        this.#keepScan(id, await device.adapter.scan(request));
        response = { transaction, status: "done" };
      }
    } catch (error) {
      response = this.#failure(device, transaction, error);
    }
    this.#publish(topicOf(TOPICS.dongleResponse, id), response, false);
  }

  #failure(device: Device, transaction: string, error: unknown): DongleResponse {
    if (error instanceof ScanFailure) {
      const refused = error.code === "battery-low" || error.code === "busy";
      return {
        transaction,
        status: refused ? "refused" : "failed",
        error: { code: error.code, detail: error.message },
        ...(error.batteryVolts === undefined ? {} : { batteryVolts: error.batteryVolts }),
      };
    }
    this.#options.log.error({ err: error, dongle: device.settings.id }, "adapter failed");
    return { transaction, status: "failed", error: { code: "adapter-failed" } };
  }

  #keepScan(id: string, scan: DongleScan): void {
    this.#unacknowledged.set(scan.messageId, { topic: topicOf(TOPICS.dongleScan, id), payload: JSON.stringify(scan) });
    this.#sendScan(scan.messageId);
  }

  #sendScan(messageId: string): void {
    const scan = this.#unacknowledged.get(messageId);
    if (scan === undefined || this.#client?.connected !== true) return;
    this.#client.publish(scan.topic, scan.payload, { qos: 1 }, (error) => {
      if (!error) this.#unacknowledged.delete(messageId);
    });
  }

  #publish(topic: string, payload: object, retain: boolean): void {
    this.#client?.publish(topic, JSON.stringify(payload), { qos: 1, retain });
  }

  /** An adapter that throws is reported as a fault; its neighbours do not notice. */
  #guarded(device: Device, action: () => void): void {
    try {
      action();
      device.broken = false;
    } catch (error) {
      if (!device.broken) {
        this.#options.log.error({ err: error, dongle: device.settings.id }, "adapter failed");
        this.#publish(
          topicOf(TOPICS.dongleStatus, device.settings.id),
          { state: "fault", since: this.#options.clock.now(), detail: "adapter-failed" },
          true,
        );
      }
      device.broken = true;
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
