import { connect, type MqttClient } from "mqtt";
import { type BusFrame, CarOnBus, type SimulatedCar } from "./car.ts";

export interface WicanDongleOptions {
  readonly brokerUrl: string;
  /** User name of its credential, e.g. `dongle/bay1`. */
  readonly username: string;
  readonly password: string;
  /** Twelve hex digits of its MAC. */
  readonly nativeId: string;
  readonly batteryVolts?: number;
  readonly authority?: string;
}

/** A dongle that prints what WiCAN firmware prints, traps included: eight data bytes always, `bus` as text, `ts` that wraps every minute, answers on its command topic. */
export class WicanDongle {
  readonly #options: WicanDongleOptions;
  readonly #base: string;
  #client: MqttClient | undefined;
  #bus: CarOnBus | undefined;
  #silent = false;

  constructor(options: WicanDongleOptions) {
    this.#options = options;
    this.#base = `wican/${options.nativeId}`;
  }

  /** Resolves when it is connected and listening. */
  async start(): Promise<void> {
    const { brokerUrl, username, password, nativeId, authority } = this.#options;
    const status = `${this.#base}/can/status`;
    const client = connect(brokerUrl, {
      clientId: nativeId,
      username,
      password,
      clean: true,
      reconnectPeriod: 1_000,
      will: { topic: status, payload: Buffer.from('{"status": "offline"}'), qos: 0, retain: true },
      ...(authority === undefined ? {} : { ca: authority }),
    });
    this.#client = client;
    const listening = new Promise<void>((resolve) => {
      client.on("connect", () => {
        client.publish(status, '{"status": "online"}', { retain: true });
        client.subscribe([`${this.#base}/can/tx`, `${this.#base}/cmd`], () => resolve());
      });
    });
    client.on("message", (topic, payload) => this.#receive(topic, payload));
    // Firmware retries for ever and has nowhere to complain.
    client.on("error", () => undefined);
    await listening;
  }

  /** Plugged into a car, or out of it with `undefined`. */
  plugInto(car: SimulatedCar | CarOnBus | undefined): void {
    this.#bus = car === undefined || car instanceof CarOnBus ? car : new CarOnBus(car);
  }

  /** A hung dongle: connected as far as the broker knows, and saying nothing. */
  fallSilent(silent: boolean): void {
    this.#silent = silent;
  }

  async stop(): Promise<void> {
    await this.#client?.endAsync();
  }

  #receive(topic: string, payload: Uint8Array): void {
    if (this.#silent) return;
    const message: unknown = JSON.parse(Buffer.from(payload).toString("utf8"));
    if (typeof message !== "object" || message === null) return;
    if (topic.endsWith("/cmd") && "cmd" in message && message.cmd === "get_vbatt") {
      this.#client?.publish(topic, `{"battery_voltage": ${(this.#options.batteryVolts ?? 12.6).toFixed(6)}}`);
      return;
    }
    if (topic.endsWith("/can/tx") && "frame" in message && Array.isArray(message.frame))
      for (const item of message.frame) this.#transmit(item);
  }

  #transmit(item: unknown): void {
    const frame = asFirmwareFrame(item);
    if (frame === undefined) return;
    for (const answer of this.#bus?.receive(frame) ?? []) {
      if (answer.afterMs === 0) this.#print(answer);
      else setTimeout(() => this.#print(answer), answer.afterMs).unref();
    }
  }

  #print(frame: BusFrame): void {
    const ts = Math.floor(performance.now()) % 60_000;
    const text = `{"bus":"0","type":"rx","ts":${ts},"frame":[{"id":${frame.id},"dlc":${frame.data.length},"rtr":false,"extd":${frame.id > 0x7ff},"data":[${frame.data.join(",")}]}]}`;
    this.#client?.publish(`${this.#base}/can/rx`, text);
  }
}

/** The firmware drops a frame silently unless id and dlc are numbers and extd and rtr are booleans. */
function asFirmwareFrame(item: unknown): BusFrame | undefined {
  if (
    typeof item !== "object" ||
    item === null ||
    !("id" in item && "dlc" in item && "extd" in item && "rtr" in item && "data" in item)
  )
    return undefined;
  const { id, dlc, extd, rtr, data } = item;
  if (
    typeof id !== "number" ||
    typeof dlc !== "number" ||
    typeof extd !== "boolean" ||
    typeof rtr !== "boolean" ||
    !Array.isArray(data)
  )
    return undefined;
  // 29-bit identifiers of a car never fit eleven bits, and a dongle that is told otherwise sends to nobody.
  if (extd !== id > 0x7ff || rtr || !data.every((byte) => typeof byte === "number")) return undefined;
  return { id, data: data.slice(0, dlc) };
}
