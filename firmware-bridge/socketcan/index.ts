import { SocketCanOptions } from "../../contract/dialects/socketcan.ts";
import type { DeviceStatus } from "../../contract/payloads.ts";
import type { CanFrame } from "../../vehicle-protocols/index.ts";
import { CarLink } from "../car-link.ts";
import { type Adapter, type AdapterSurroundings, ConversationFailure, type Dialect } from "../dialect.ts";
import type { Outlet } from "../egress/index.ts";
import { optionsOf } from "../options.ts";
import { SignalGatherer } from "../signals.ts";
import { ERROR_BUS_OFF, ERROR_RESTARTED, isDataFrame, readKernelFrame, writeKernelFrame } from "./frames.ts";

/** An interface that is plugged in, set up or repaired is there again within this time. */
const OPEN_AGAIN_MS = 5_000;

/** A CAN interface of the bridge's own machine. */
export const socketcan: Dialect = {
  name: "socketcan",
  create: (surroundings) => new SocketCanAdapter(surroundings),
};

/** Troubles that somebody must mend; an interface that is unplugged or down is merely absent. */
const FAULTS: ReadonlySet<string> = new Set([
  "can-package-missing",
  "can-not-opened",
  "can-frame-not-taken",
  "can-bus-off",
]);

class SocketCanAdapter implements Adapter {
  readonly topics = [];
  readonly car: CarLink | undefined;
  /** The road to the car is a wire of this machine. */
  readonly fastestMs = 10;
  readonly #at: AdapterSurroundings;
  readonly #interface: string;
  readonly #listenOnly: boolean;
  readonly #signals: SignalGatherer;
  #outlet: Outlet | undefined;
  #cancelOpen: () => void = () => {};
  #stopped = false;
  /** `fine`, or the word for what is wrong; undefined until anything is known of the interface. */
  #state: string | undefined;
  #errorFrames = 0;

  constructor(surroundings: AdapterSurroundings) {
    this.#at = surroundings;
    const { interface: name, listenOnly = true } = optionsOf(SocketCanOptions, surroundings.settings.options);
    this.#interface = name;
    this.#listenOnly = listenOnly;
    this.#signals = new SignalGatherer(surroundings);
    this.car = listenOnly ? undefined : new CarLink(surroundings.egress, { send: (frame) => this.#send(frame) });
  }

  start(): void {
    const place = { kind: "socketcan", interface: this.#interface, listenOnly: this.#listenOnly } as const;
    this.#outlet = this.#at.egress.open("socketcan", place, {
      opened: () => this.#become("fine"),
      received: (bytes) => this.#hear(bytes),
      closed: (reason) => this.#closed(reason),
    });
  }

  /** The device is not on the broker. */
  receive(): void {}

  /** A bare interface measures no voltage. */
  async batteryVolts(): Promise<undefined> {
    return undefined;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelOpen();
    this.#signals.stop();
    this.car?.close();
    this.#outlet?.close();
  }

  #hear(bytes: Uint8Array): void {
    const wanted = this.car?.wantsFrames === true || this.#at.reports.framesWanted();
    if (isDataFrame(bytes) && !wanted) {
      this.#become("fine");
      return;
    }
    const heard = readKernelFrame(bytes);
    if (heard?.kind === "error") this.#countError(heard.classes);
    else if (heard !== undefined) {
      this.#become("fine");
      if (heard.kind === "remote") return;
      this.car?.receive(heard.frame);
      this.#at.reports.frames([heard.frame]);
    }
  }

  /** Some errors belong to every bus that is plugged in and out; a reader sees from the count whether they go on. */
  #countError(classes: number): void {
    this.#errorFrames += 1;
    this.#signals.add("can-error-frames", this.#errorFrames);
    if ((classes & ERROR_BUS_OFF) !== 0) {
      this.#become("can-bus-off");
      this.car?.close();
    } else if ((classes & ERROR_RESTARTED) !== 0) this.#become("fine");
  }

  /** @throws ConversationFailure `link-lost` when the interface is not there, or did not take the frame */
  #send(frame: CanFrame): void {
    if (this.#outlet === undefined || this.#state !== "fine") throw this.#lost();
    this.#outlet.write(writeKernelFrame(frame));
    // Writing may have shown that nobody takes anything, and closed the line.
    if (this.#outlet === undefined) throw this.#lost();
  }

  #lost(): ConversationFailure {
    return new ConversationFailure("link-lost", `${this.#interface}: ${this.#state ?? "not open yet"}`);
  }

  #closed(reason: string): void {
    this.#outlet = undefined;
    if (this.#stopped) return;
    this.#become(reason);
    this.car?.close();
    this.#cancelOpen = this.#at.clock.after(OPEN_AGAIN_MS, () => this.start());
  }

  #become(state: string): void {
    if (this.#state === state) return;
    this.#state = state;
    const { log, clock, reports } = this.#at;
    const name = this.#interface;
    if (state === "fine") log.info({ interface: name }, "the CAN interface is there");
    else log.warn({ interface: name, reason: state }, "the CAN interface is not usable; it is tried for ever");
    const status: DeviceStatus["state"] = state === "fine" ? "online" : FAULTS.has(state) ? "fault" : "offline";
    reports.status({ state: status, since: clock.now(), ...(state === "fine" ? {} : { detail: state }) });
  }
}
