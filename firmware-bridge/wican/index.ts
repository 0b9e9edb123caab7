import type { CanFrame } from "../../vehicle-protocols/index.ts";
import { CarLink } from "../car-link.ts";
import {
  type Adapter,
  type AdapterSurroundings,
  ConversationFailure,
  type Dialect,
  type NativeMessage,
} from "../dialect.ts";
import { readWicanMessage, writeWicanFrame } from "./messages.ts";

/** An answer to `get_vbatt` comes from the dongle itself, not from the car: two seconds is long, also over bad Wi-Fi. */
const BATTERY_ANSWER_MS = 2_000;
/** Probes within one deadline of silence: two may be lost before the dongle is called silent. */
const PROBES_PER_DEADLINE = 3;

/** WiCAN (plain and Pro) over MQTT. */
export const wican: Dialect = { name: "wican", create: (surroundings) => new WicanAdapter(surroundings) };

type Liveness = "unknown" | "online" | "offline" | "silent";

class WicanAdapter implements Adapter {
  readonly topics: readonly string[];
  readonly #at: AdapterSurroundings;
  readonly #base: string;
  readonly car: CarLink;
  /** One question takes a round over Wi-Fi and MQTT. */
  readonly fastestMs = 100;
  #liveness: Liveness = "unknown";
  #lastHeardMs: number;
  readonly #batteryWaiters = new Set<(volts: number) => void>();
  #cancelProbe: () => void = () => {};

  constructor(surroundings: AdapterSurroundings) {
    this.#at = surroundings;
    this.#base = `wican/${surroundings.settings.nativeId}`;
    this.topics = ["can/rx", "can/status", "status", "elm327", "rsp", "battery", "alert", "cmd"].map(
      (name) => `${this.#base}/${name}`,
    );
    this.#lastHeardMs = surroundings.clock.monotonicMs();
    this.car = new CarLink(surroundings.egress, {
      send: (frame: CanFrame) => this.#at.egress.publish(`${this.#base}/can/tx`, writeWicanFrame(frame)),
    });
  }

  start(): void {
    // Plain firmware says nothing by itself while the bus is quiet, so silence means something only when asked: the
    // dongle's own supply voltage costs the car nothing.
    this.#askBattery();
    this.#cancelProbe = this.#at.clock.every(this.#at.settings.silentAfterMs / PROBES_PER_DEADLINE, () =>
      this.#probe(),
    );
  }

  receive(message: NativeMessage): void {
    const read = readWicanMessage(message.payload);
    if (message.retained) this.#receiveRetained(read);
    else this.#receiveLive(message.topic, read);
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
    this.#cancelProbe();
    this.car.close();
  }

  /** What the broker kept says what was: a retained "offline" is believed, a retained "online" or value is not. */
  #receiveRetained(read: ReturnType<typeof readWicanMessage>): void {
    if (read.kind === "status" && !read.online && this.#liveness === "unknown") this.#become("offline");
    if (read.kind === "values") this.#reportValues(read, true);
  }

  #receiveLive(topic: string, read: ReturnType<typeof readWicanMessage>): void {
    // Commands on this topic may be our own words coming back, so only an answer proves that the dongle lives.
    if (read.kind === "command-echo") return;
    if (read.kind === "status" && !read.online) {
      this.#become("offline");
      return;
    }
    this.#lastHeardMs = this.#at.clock.monotonicMs();
    this.#become("online");
    switch (read.kind) {
      case "frames":
        // The ELM log repeats on its own topic what is no traffic of ours.
        if (topic.endsWith("/can/rx")) for (const frame of read.frames) this.car.receive(frame);
        return;
      case "values":
        this.#reportValues(read, false);
        return;
      case "battery":
        for (const resolve of this.#batteryWaiters) resolve(read.volts);
        this.#batteryWaiters.clear();
        return;
      case "device-error":
      case "malformed":
        this.#at.log.debug(
          { topic, reason: read.kind === "malformed" ? read.reason : read.text },
          "dongle said something that cannot be used",
        );
        return;
      case "status":
        return;
    }
  }

  #reportValues(read: Extract<ReturnType<typeof readWicanMessage>, { kind: "values" }>, stale: boolean): void {
    // The plain model has no clock; a Pro's own timestamp is trusted no more than that, arrival is what we know.
    const at = this.#at.clock.now();
    const signals = Object.entries(read.values).map(([name, value]) => ({
      name,
      value,
      at,
      ...(stale ? { stale: true } : {}),
    }));
    this.#at.reports.signals({ signals });
  }

  #probe(): void {
    const quietMs = this.#at.clock.monotonicMs() - this.#lastHeardMs;
    if (quietMs >= this.#at.settings.silentAfterMs && this.#liveness !== "offline") this.#become("silent");
    this.#askBattery();
  }

  #askBattery(): void {
    this.#at.egress.publish(`${this.#base}/cmd`, JSON.stringify({ cmd: "get_vbatt" }));
  }

  #become(liveness: Liveness): void {
    if (this.#liveness === liveness) return;
    this.#liveness = liveness;
    const state = liveness === "online" ? "online" : liveness === "silent" ? "fault" : "offline";
    this.#at.reports.status({
      state,
      since: this.#at.clock.now(),
      ...(liveness === "silent" ? { detail: "silent" } : {}),
    });
  }
}
