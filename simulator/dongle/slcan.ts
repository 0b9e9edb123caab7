import { type BusFrame, CarOnBus, type SimulatedCar } from "./car.ts";
import type { StreamDevice } from "./serve.ts";

const BELL = "\u0007";

/**
 * `lawicel`: closes only what is open, and has no command of two letters with `M`. `canable`: knows no `L`, answers it with a bell, and says its version in its
 * own way. `canable-2`: the same, and answers nothing but `V`.
 */
type SlcanPersonality = "lawicel" | "canable" | "canable-2";

/** A LAWICEL adapter as a device on a byte stream: text commands, frames only while the channel is open, and none sent while it only listens. */
export class SlcanDongle implements StreamDevice {
  readonly #personality: SlcanPersonality;
  #print: ((bytes: Uint8Array) => void) | undefined;
  #car: CarOnBus | undefined;
  #typed = "";
  #channel: "closed" | "listening" | "open" = "closed";
  #silent = false;

  constructor(personality: SlcanPersonality = "lawicel") {
    this.#personality = personality;
  }

  /** Plugged into a car, or out of it with `undefined`. */
  plugInto(car: SimulatedCar | CarOnBus | undefined): void {
    this.#car = car === undefined || car instanceof CarOnBus ? car : new CarOnBus(car);
  }

  /** Whether the adapter acknowledges frames on the bus now. */
  get takesPart(): boolean {
    return this.#channel === "open";
  }

  pickUp(print: (bytes: Uint8Array) => void): void {
    this.#print = print;
  }

  hangUp(): void {
    this.#print = undefined;
    this.#typed = "";
  }

  receive(bytes: Uint8Array): void {
    this.#typed += Buffer.from(bytes).toString("latin1");
    for (let end = this.#typed.indexOf("\r"); end >= 0; end = this.#typed.indexOf("\r")) {
      const command = this.#typed.slice(0, end);
      this.#typed = this.#typed.slice(end + 1);
      this.#obey(command);
    }
  }

  /** Traffic that nobody asked for. */
  hear(frame: BusFrame): void {
    if (this.#channel !== "closed") this.#say(textOf(frame));
  }

  #obey(command: string): void {
    if (command === "") return;
    const answer = this.#answerTo(command);
    if (this.#personality !== "canable-2" || command === "V") this.#say(answer);
  }

  #answerTo(command: string): string {
    const isLawicel = this.#personality === "lawicel";
    switch (command.charAt(0)) {
      case "C": {
        const wasClosed = this.#channel === "closed";
        this.#channel = "closed";
        return wasClosed && isLawicel ? BELL : "\r";
      }
      case "S":
        return this.#channel === "closed" && /^S[0-8]$/.test(command) ? "\r" : BELL;
      case "M":
        if (isLawicel) return BELL;
        this.#silent = command === "M1";
        return "\r";
      case "O":
        this.#channel = this.#silent ? "listening" : "open";
        return "\r";
      case "L":
        if (!isLawicel) return BELL;
        this.#channel = "listening";
        return "\r";
      case "V":
        return isLawicel ? "V1013\r" : "b158aa7 https://example.org/canable-fw.git\r";
      case "t":
      case "T":
        return this.#transmit(command);
      default:
        return BELL;
    }
  }

  #transmit(command: string): string {
    const digits = command.startsWith("T") ? 8 : 3;
    const hex = command.slice(2 + digits);
    if (this.#channel !== "open" || hex.length !== 2 * Number(command.charAt(1 + digits))) return BELL;
    const id = Number.parseInt(command.slice(1, 1 + digits), 16);
    const data = Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
    for (const answer of this.#car?.receive({ id, data }) ?? []) setTimeout(() => this.hear(answer), answer.afterMs);
    return command.startsWith("T") ? "Z\r" : "z\r";
  }

  #say(text: string): void {
    this.#print?.(Buffer.from(text, "latin1"));
  }
}

function textOf({ id, data }: BusFrame): string {
  const hex = data.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join("");
  const digits = id > 0x7ff ? 8 : 3;
  return `${digits === 8 ? "T" : "t"}${id.toString(16).toUpperCase().padStart(digits, "0")}${data.length}${hex}\r`;
}
