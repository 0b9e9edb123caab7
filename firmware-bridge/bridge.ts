import { Compile } from "typebox/compile";
import { DIALECT_ROWS } from "../contract/dialects/index.ts";
import { BridgeConfig, DongleRequest, type DongleScan } from "../contract/payloads.ts";
import { TOPICS, topicMatchesFilter, topicOf } from "../contract/topics.ts";
import { BrokerLine, type BrokerLineOptions } from "./broker-line.ts";
import { Device } from "./device.ts";
import type { Dialect, DongleSettings } from "./dialect.ts";
import { machineTransports, type Transports } from "./egress/index.ts";
import { parseJson } from "./json.ts";
import { fitsOptions } from "./options.ts";
import { CarMemory } from "./scan/car-memory.ts";
import { fitScan } from "./scan/fit-scan.ts";

export interface BridgeOptions extends BrokerLineOptions {
  readonly dialects: ReadonlyMap<string, Dialect>;
  readonly newId: () => string;
  /** How lines to devices are opened; the machine's own where absent. */
  readonly transports?: Transports;
}

const CONFIG = Compile(BridgeConfig);
const REQUEST = Compile(DongleRequest);

/** Connects to the broker, keeps one device per configured dongle, and carries messages between them and the contract. */
export class Bridge {
  readonly #options: BridgeOptions;
  readonly #line: BrokerLine;
  readonly #devices = new Map<string, Device>();
  readonly #memory = new CarMemory();
  #pollingEnabled = true;
  #appliedConfig = "";
  /** Scans that the broker has not acknowledged yet: sent again on the next connection, the same message to whoever counts. */
  readonly #unacknowledged = new Map<string, { readonly topic: string; readonly scan: DongleScan }>();

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.#line = new BrokerLine(options, {
      connected: () => this.#onConnected(),
      message: (topic, payload, retained) => this.#onMessage(topic, payload, retained),
    });
  }

  start(): void {
    this.#line.start();
  }

  async stop(): Promise<void> {
    for (const device of this.#devices.values()) device.stop();
    this.#devices.clear();
    await this.#line.stop();
  }

  #onConnected(): void {
    this.#line.subscribe([topicOf(TOPICS.bridgeConfig, this.#options.id)]);
    for (const [id, device] of this.#devices) this.#subscribe(id, device);
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
      if (device.topics.some((filter) => topicMatchesFilter(topic, filter))) {
        device.receive({ topic, payload, retained });
        return;
      }
    }
  }

  #applyConfig(payload: Uint8Array): void {
    const text = Buffer.from(payload).toString("utf8");
    if (text === this.#appliedConfig) return;
    const config: unknown = parseJson(payload);
    if (!CONFIG.Check(config)) {
      this.#options.log.error("the gateway's bridge configuration cannot be read; the last one stays");
      return;
    }
    this.#appliedConfig = text;
    this.#pollingEnabled = config.pollingEnabled;
    const wanted = new Map(config.dongles.map((settings) => [settings.id as string, settings]));
    for (const [id, device] of this.#devices) {
      if (JSON.stringify(wanted.get(id)) === JSON.stringify(device.settings)) continue;
      this.#line.unsubscribe(device.topics);
      device.stop();
      this.#devices.delete(id);
    }
    for (const [id, settings] of wanted) if (!this.#devices.has(id)) this.#addDevice(id, settings);
    for (const device of this.#devices.values()) device.setPolling(config.pollingEnabled);
  }

  #addDevice(id: string, settings: DongleSettings): void {
    const { dialects, clock, log, newId, transports = machineTransports } = this.#options;
    const dialect = dialects.get(settings.dialect);
    const status = (state: object) => this.#line.say(topicOf(TOPICS.dongleStatus, id), state, { retain: true });
    const row = DIALECT_ROWS.get(settings.dialect);
    const fault =
      dialect === undefined || row === undefined
        ? "unknown-dialect"
        : fitsOptions(row.options, settings.options)
          ? undefined
          : "options-invalid";
    if (dialect === undefined || fault !== undefined) {
      log.error({ dongle: id, dialect: settings.dialect }, fault);
      status({ state: "fault", since: clock.now(), detail: fault });
      return;
    }
    const device = new Device({
      settings,
      dialect,
      clock,
      newId,
      memory: this.#memory,
      transports,
      log: log.child({ dongle: id }),
      toDevice: (topic, payload) => this.#line.toDevice(topic, payload),
      outlets: {
        status,
        signals: (signals) => this.#line.say(topicOf(TOPICS.dongleSignals, id), signals, { qos: 0 }),
        frames: (frames) => this.#line.say(topicOf(TOPICS.dongleFrames, id), frames, { qos: 0 }),
        readings: (readings) => this.#line.say(topicOf(TOPICS.dongleReadings, id), readings, { qos: 0 }),
        respond: (response) => this.#line.say(topicOf(TOPICS.dongleResponse, id), response),
        scan: (scan) => this.#keepScan(id, fitScan(scan, TOPICS.dongleScan.maxBytes)),
      },
    });
    this.#devices.set(id, device);
    device.setPolling(this.#pollingEnabled);
    this.#subscribe(id, device);
    device.start();
  }

  #subscribe(id: string, device: Device): void {
    this.#line.subscribe([...device.topics, topicOf(TOPICS.dongleRequest, id)]);
  }

  #onRequest(id: string, device: Device, payload: Uint8Array): void {
    const request: unknown = parseJson(payload);
    if (REQUEST.Check(request)) device.request(request);
    else this.#options.log.warn({ dongle: id }, "a request that cannot be read was ignored");
  }

  #keepScan(id: string, scan: DongleScan): void {
    this.#unacknowledged.set(scan.messageId, { topic: topicOf(TOPICS.dongleScan, id), scan });
    this.#sendScan(scan.messageId);
  }

  #sendScan(messageId: string): void {
    const kept = this.#unacknowledged.get(messageId);
    if (kept === undefined || !this.#line.isUp) return;
    this.#line.say(kept.topic, kept.scan, {}, (error) => {
      if (!error) this.#unacknowledged.delete(messageId);
    });
  }
}
