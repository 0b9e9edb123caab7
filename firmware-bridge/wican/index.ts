import { WicanOptions } from "../../contract/dialects/wican.ts";
import { CarLink } from "../car-link.ts";
import {
  type Adapter,
  type AdapterSurroundings,
  ConversationFailure,
  type Dialect,
  type NativeMessage,
} from "../dialect.ts";
import { optionsOf } from "../options.ts";
import { Presence } from "../presence.ts";
import { SignalGatherer } from "../signals.ts";
import { isFrameBatch, readWicanMessage, type WicanMessage, writeWicanFrame } from "./messages.ts";
import { meaningOfParameter, valueOfParameter } from "./parameters.ts";

/** An answer to `get_vbatt` comes from the dongle itself, not from the car: two seconds is long, also over bad Wi-Fi. */
const BATTERY_ANSWER_MS = 2_000;

/** WiCAN (plain and Pro) over MQTT. */
export const wican: Dialect = { name: "wican", create: (surroundings) => new WicanAdapter(surroundings) };

class WicanAdapter implements Adapter {
  readonly topics: readonly string[];
  readonly car: CarLink;
  /** One question takes a round over Wi-Fi and MQTT. */
  readonly fastestMs = 100;
  readonly #at: AdapterSurroundings;
  readonly #base: string;
  readonly #presence: Presence;
  readonly #signals: SignalGatherer;
  readonly #batteryWaiters = new Set<(volts: number) => void>();

  constructor(surroundings: AdapterSurroundings) {
    this.#at = surroundings;
    this.#base = `wican/${surroundings.settings.nativeId}`;
    const { alertTopic, valueTopics = [] } = optionsOf(WicanOptions, surroundings.settings.options);
    const own = ["can/rx", "can/status", "status", "elm327", "rsp", "battery", "alert", "cmd", "values/#"];
    this.topics = [
      ...own.map((name) => `${this.#base}/${name}`),
      ...(alertTopic === undefined ? [] : [alertTopic]),
      ...valueTopics,
    ];
    this.car = new CarLink(surroundings.egress, {
      send: (frame) => surroundings.egress.publish(`${this.#base}/can/tx`, writeWicanFrame(frame)),
    });
    // Plain firmware says nothing by itself while the bus is quiet, so silence means something only when asked: the
    // dongle's own supply voltage costs the car nothing.
    this.#presence = new Presence(surroundings, { probe: () => this.#askBattery() });
    this.#signals = new SignalGatherer(surroundings);
  }

  start(): void {
    this.#presence.start();
  }

  receive({ topic, payload, retained }: NativeMessage): void {
    const nobodyListens = !this.car.wantsFrames && !this.#at.reports.framesWanted();
    if (nobodyListens && !retained && isFrameBatch(payload)) {
      this.#presence.heard();
      return;
    }
    const message = readWicanMessage(payload);
    if (retained) this.#receiveRetained(topic, message);
    else this.#receiveLive(topic, message);
  }

  batteryVolts(): Promise<number> {
    return new Promise((resolve, reject) => {
      const waiter = (volts: number) => {
        clearTimeout(deadline);
        resolve(volts);
      };
      const deadline = setTimeout(() => {
        this.#batteryWaiters.delete(waiter);
        reject(new ConversationFailure("dongle-silent"));
      }, BATTERY_ANSWER_MS);
      this.#batteryWaiters.add(waiter);
      this.#askBattery();
    });
  }

  stop(): void {
    this.#presence.stop();
    this.#signals.stop();
    this.car.close();
  }

  /** What the broker kept says what was: a retained "offline" is believed, a retained "online" or value is not. */
  #receiveRetained(topic: string, message: WicanMessage): void {
    if (message.kind === "status" && !message.online) this.#presence.wasGone();
    this.#reportValues(topic, message, true);
  }

  #receiveLive(topic: string, message: WicanMessage): void {
    // Commands on this topic may be our own words coming back, so only an answer proves that the dongle lives.
    if (message.kind === "command-echo") return;
    if (message.kind === "status" && !message.online) {
      this.#presence.gone();
      return;
    }
    this.#presence.heard();
    switch (message.kind) {
      case "frames":
        // The ELM log repeats on its own topic what is no traffic of ours.
        if (topic !== `${this.#base}/can/rx`) return;
        for (const frame of message.frames) this.car.receive(frame);
        this.#at.reports.frames(message.frames);
        return;
      case "battery":
        for (const resolve of this.#batteryWaiters) resolve(message.volts);
        this.#batteryWaiters.clear();
        this.#reportValues(topic, message, false);
        return;
      case "device-error":
      case "malformed":
        this.#at.log.debug(
          { topic, reason: message.kind === "malformed" ? message.reason : message.text },
          "dongle said something that cannot be used",
        );
        return;
      default:
        this.#reportValues(topic, message, false);
    }
  }

  #reportValues(topic: string, message: WicanMessage, stale: boolean): void {
    const say = (name: string, value: number | string | boolean) =>
      this.#signals.addMeant(name, valueOfParameter(value), meaningOfParameter(name), { stale });
    if (message.kind === "values") for (const [name, value] of Object.entries(message.values)) say(name, value);
    else if (message.kind === "battery") this.#signals.add("low-voltage-battery", message.volts, { stale });
    else if (message.kind === "bare") say(topic.slice(topic.lastIndexOf("/") + 1), message.value);
  }

  #askBattery(): void {
    this.#at.egress.publish(`${this.#base}/cmd`, JSON.stringify({ cmd: "get_vbatt" }));
  }
}
