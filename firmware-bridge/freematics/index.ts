import { FreematicsOptions } from "../../contract/dialects/freematics.ts";
import type { AdapterSurroundings, Dialect, NativeMessage } from "../dialect.ts";
import type { DatagramOutlet } from "../egress/index.ts";
import { optionsOf } from "../options.ts";
import type { Meaning } from "../signals.ts";
import { ToldAdapter } from "../told-adapter.ts";
import {
  ANSWERED_EVENTS,
  type FreematicsEvent,
  type FreematicsMessage,
  feedNumberOf,
  LOGOUT,
  readFreematics,
  SYNC,
  writeFreematicsReply,
} from "./messages.ts";

/** Standard PIDs stand at 0x100 + PID, already as values. */
const OBD_BASE = 0x100;
const MEANINGS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [0x104, { name: "engine-load" }],
  [0x105, { name: "coolant-temperature" }],
  [0x106, { name: "short-term-fuel-trim" }],
  [0x107, { name: "long-term-fuel-trim" }],
  [0x10c, { name: "engine-speed" }],
  [0x10d, { name: "vehicle-speed" }],
  [0x10f, { name: "intake-air-temperature" }],
  [0x110, { name: "mass-air-flow" }],
  [0x111, { name: "throttle-position" }],
  [0x12f, { name: "fuel-level" }],
  [0x146, { name: "ambient-temperature" }],
  [0x15c, { name: "oil-temperature" }],
]);
const BATTERY = 0x24;
const DEVICE_TEMPERATURE = 0x82;
/** Above this the battery's number can only be hundredths of a volt, as most versions write it. */
const MOST_VOLTS = 60;

/** The device logs in again when it has heard nothing from its server for two minutes. */
const SYNC_EVERY_MS = 30_000;
/** How a device names itself that goes by the number of its login. A device's own id may begin with the same digits. */
const FEED_NUMBER = /^[0-9A-F]{1,4}$/i;
/** A port that cannot be opened now may be free later. */
const OPEN_AGAIN_MS = 10_000;

/** Freematics ONE+ and relatives, by UDP or with their text on a topic. */
export const freematics: Dialect = {
  name: "freematics",
  create: (surroundings) => new FreematicsAdapter(surroundings),
};

class FreematicsAdapter extends ToldAdapter {
  readonly topics: readonly string[];
  readonly #udp: FreematicsOptions["udp"];
  readonly #feed: number;
  #outlet: DatagramOutlet | undefined;
  #cancelOpen: () => void = () => {};
  #received = 0;
  #syncedAtMs = Number.NEGATIVE_INFINITY;

  constructor(surroundings: AdapterSurroundings) {
    super(surroundings);
    const { nativeId, options } = surroundings.settings;
    this.#udp = optionsOf(FreematicsOptions, options).udp;
    this.#feed = feedNumberOf(nativeId);
    this.topics = this.#udp === undefined ? [`freematics/${nativeId}/data`] : [];
  }

  override start(): void {
    super.start();
    this.#open();
  }

  override stop(): void {
    this.#cancelOpen();
    this.#outlet?.close();
    super.stop();
  }

  receive({ payload, retained }: NativeMessage): void {
    const message = readFreematics(payload);
    if (message !== undefined && this.#isOwn(message)) this.#take(message, retained);
  }

  #open(): void {
    if (this.#udp === undefined) return;
    const { address = "127.0.0.1", port = 8081 } = this.#udp;
    this.#outlet = this.at.egress.listen(
      "freematics",
      { address, port },
      {
        received: (payload, from) => {
          const message = readFreematics(payload);
          if (message === undefined || !this.#isOwn(message)) return;
          this.#take(message, false);
          this.#reply(message.event, from);
        },
        closed: (reason) => {
          this.at.log.warn({ port, reason }, "the port for Freematics devices is closed; it is tried again");
          this.#cancelOpen = this.at.clock.after(OPEN_AGAIN_MS, () => this.#open());
        },
      },
    );
  }

  /** Several devices share a port. */
  #isOwn({ id, event }: FreematicsMessage): boolean {
    const { nativeId } = this.at.settings;
    const isFeed = FEED_NUMBER.test(id) && Number.parseInt(id, 16) === this.#feed;
    return id === nativeId || event?.members.get("ID") === nativeId || isFeed;
  }

  #take({ event, values }: FreematicsMessage, retained: boolean): void {
    this.#received += 1;
    if (event?.number === LOGOUT) {
      if (retained) this.presence.wasGone();
      else this.presence.gone();
      return;
    }
    if (!retained) this.presence.heard();
    for (const { pid, numbers } of values) {
      const [value] = numbers;
      if (value === undefined || numbers.length > 1) continue;
      if (pid === BATTERY) {
        const volts = value > MOST_VOLTS ? value / 100 : value;
        this.tell("24", volts, { name: "low-voltage-battery" }, { stale: retained });
      } else if (pid === DEVICE_TEMPERATURE)
        this.tell("device-temperature", value, undefined, { stale: retained, unit: "°C" });
      // Below the OBD PIDs stand time, place and acceleration, which say nothing of a car in a bay.
      else if (pid >= OBD_BASE) this.tell(wordOf(pid), value, MEANINGS.get(pid), { stale: retained });
    }
  }

  /** A device without an answer sends its login for ever; with one it goes on, and wants a word now and then. */
  #reply(event: FreematicsEvent | undefined, to: string): void {
    const nowMs = this.at.clock.monotonicMs();
    const isDue = event === undefined && nowMs - this.#syncedAtMs >= SYNC_EVERY_MS;
    const number = event === undefined ? SYNC : event.number;
    if (!isDue && (event === undefined || !ANSWERED_EVENTS.has(number))) return;
    this.#syncedAtMs = nowMs;
    const unixSeconds = Math.floor(this.at.clock.now() / 1000);
    this.#outlet?.send(Buffer.from(writeFreematicsReply(this.#feed, number, this.#received, unixSeconds)), to);
  }
}

/** A standard PID as it is asked for: `0133`. */
function wordOf(pid: number): string {
  return `01${(pid - OBD_BASE).toString(16).toUpperCase().padStart(2, "0")}`;
}
