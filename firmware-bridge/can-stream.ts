import type { CanFrame } from "../vehicle-protocols/index.ts";
import { CarLink } from "./car-link.ts";
import { type Adapter, type AdapterSurroundings, ConversationFailure } from "./dialect.ts";
import type { Place } from "./egress/index.ts";
import { StreamLine } from "./stream-line.ts";

/** What something received means. */
export type Heard =
  | { readonly kind: "frame"; readonly frame: CanFrame }
  /** The adapter has answered, or told something that only it can tell. */
  | { readonly kind: "alive" }
  /** It does not know the command for listening without acknowledging. */
  | { readonly kind: "refused" }
  | { readonly kind: "nothing" };

/** How one kind of adapter moves raw CAN frames over a byte stream. All writes are whole commands. */
export interface CanLanguage {
  /** Name of the guard that reads what is written. */
  readonly protocol: string;
  readonly place: Place;
  /** A round over the wire and the adapter's own queue. */
  readonly fastestMs: number;
  /** A parser for a line that has just been opened. */
  newReader(): (bytes: Uint8Array) => readonly Heard[];
  /** To hear the bus without acknowledging anything on it; `plainly` for adapters that have refused the first way. */
  listen(plainly: boolean): readonly Uint8Array[];
  /** To take part in the bus, which sending needs. */
  talk(plainly: boolean): readonly Uint8Array[];
  send(frame: CanFrame): Uint8Array;
  /** Asks the adapter, never the car. */
  probe(): Uint8Array;
}

/** So long after the last frame sent the adapter goes back to listening: answers of slow units still want acknowledging. */
const LISTEN_AFTER_MS = 6_000;

/**
 * An adapter that passes raw CAN frames. It only listens, without acknowledging frames on the bus, until something is asked, and again some seconds
 * after the last question: what is merely plugged in leaves no trace on a car's bus.
 */
export class CanStreamAdapter implements Adapter {
  readonly topics = [];
  readonly car: CarLink;
  readonly fastestMs: number;
  readonly #at: AdapterSurroundings;
  readonly #language: CanLanguage;
  readonly #line: StreamLine;
  #read: (bytes: Uint8Array) => readonly Heard[];
  #talking = false;
  #plainly = false;
  #listenTimer: NodeJS.Timeout | undefined;

  constructor(at: AdapterSurroundings, language: CanLanguage) {
    this.#at = at;
    this.#language = language;
    this.fastestMs = language.fastestMs;
    this.#read = language.newReader();
    this.#line = new StreamLine({
      at,
      protocol: language.protocol,
      place: language.place,
      events: {
        opened: () => this.#opened(),
        received: (bytes) => this.#received(bytes),
        lost: () => this.#lost(),
      },
    });
    this.car = new CarLink(at.egress, { send: (frame) => this.#send(frame) });
  }

  start(): void {
    this.#line.start(() => {
      this.#line.write(this.#language.probe());
      return true;
    });
  }

  receive(): void {}

  /** These adapters hang on the bus only; their supply voltage they do not tell. */
  async batteryVolts(): Promise<undefined> {
    return undefined;
  }

  stop(): void {
    clearTimeout(this.#listenTimer);
    this.car.close();
    this.#line.stop();
  }

  #opened(): void {
    this.#read = this.#language.newReader();
    this.#listen();
    this.#line.write(this.#language.probe());
  }

  #lost(): void {
    clearTimeout(this.#listenTimer);
    this.#talking = false;
    this.car.close();
  }

  #received(bytes: Uint8Array): void {
    const frames: CanFrame[] = [];
    for (const heard of this.#read(bytes)) {
      if (heard.kind === "frame") frames.push(heard.frame);
      if (heard.kind === "frame" || heard.kind === "alive") this.#line.prove();
      if (heard.kind === "refused" && !this.#talking && !this.#plainly) {
        this.#plainly = true;
        this.#listen();
      }
    }
    if (frames.length === 0) return;
    if (this.car.wantsFrames) for (const frame of frames) this.car.receive(frame);
    if (this.#at.reports.framesWanted()) this.#at.reports.frames(frames);
  }

  /** @throws ConversationFailure `link-lost`: what is written to a closed line is lost, and nobody could tell that from a silent car */
  #send(frame: CanFrame): void {
    if (!this.#line.isOpen) throw new ConversationFailure("link-lost");
    if (!this.#talking) {
      this.#talking = true;
      this.#writeAll(this.#language.talk(this.#plainly));
    }
    clearTimeout(this.#listenTimer);
    this.#listenTimer = setTimeout(() => this.#listen(), LISTEN_AFTER_MS);
    this.#line.write(this.#language.send(frame));
  }

  #listen(): void {
    this.#talking = false;
    this.#writeAll(this.#language.listen(this.#plainly));
  }

  #writeAll(commands: readonly Uint8Array[]): void {
    for (const command of commands) this.#line.write(command);
  }
}
