import { type BusFrame, CarOnBus, type SimulatedCar } from "./car.ts";
import type { StreamDevice } from "./serve.ts";

const START = 0xf1;
/** Bytes of each command that a client may send, its start and number included; frames carry their own length. */
const LENGTHS: Readonly<Record<number, number>> = { 1: 2, 5: 10, 6: 2, 7: 2, 9: 2, 12: 2 };

/** An adapter that speaks GVRET's binary protocol: mute until it was put into binary mode, deaf to frames on a bus that is off or only listens. */
export class GvretDongle implements StreamDevice {
  #print: ((bytes: Uint8Array) => void) | undefined;
  #car: CarOnBus | undefined;
  #held: number[] = [];
  #binary = false;
  #bus: "off" | "listening" | "open" = "off";

  /** Plugged into a car, or out of it with `undefined`. */
  plugInto(car: SimulatedCar | CarOnBus | undefined): void {
    this.#car = car === undefined || car instanceof CarOnBus ? car : new CarOnBus(car);
  }

  /** Whether the adapter acknowledges frames on the bus now. */
  get takesPart(): boolean {
    return this.#bus === "open";
  }

  pickUp(print: (bytes: Uint8Array) => void): void {
    this.#print = print;
    this.#held = [];
    this.#binary = false;
  }

  hangUp(): void {
    this.#print = undefined;
  }

  receive(bytes: Uint8Array): void {
    this.#held.push(...bytes);
    while (this.#held.length >= 2) {
      const [first = 0, command = 0] = this.#held;
      if (first !== START) {
        this.#held.shift();
        if (first === 0xe7) this.#binary = true;
        continue;
      }
      const length = command === 0 ? 9 + (this.#held[7] ?? Number.POSITIVE_INFINITY) : (LENGTHS[command] ?? 2);
      if (this.#held.length < length) return;
      this.#obey(command, this.#held.splice(0, length));
    }
  }

  #obey(command: number, packet: readonly number[]): void {
    if (!this.#binary) return;
    if (command === 9) this.#say([START, 9, 0xde, 0xad]);
    if (command === 5) {
      const flags = packet[5] ?? 0;
      this.#bus = (flags & 0x40) === 0 ? "off" : (flags & 0x20) === 0 ? "open" : "listening";
    }
    if (command === 0 && this.#bus === "open") this.#transmit(packet);
  }

  #transmit(packet: readonly number[]): void {
    const id = ((packet[2] ?? 0) | ((packet[3] ?? 0) << 8) | ((packet[4] ?? 0) << 16) | ((packet[5] ?? 0) << 24)) >>> 0;
    const data = packet.slice(8, 8 + (packet[7] ?? 0));
    for (const answer of this.#car?.receive({ id: id & 0x1fffffff, data }) ?? [])
      setTimeout(() => this.#hear(answer), answer.afterMs);
  }

  #hear({ id, data }: BusFrame): void {
    const word = id > 0x7ff ? id + 0x80000000 : id;
    const bytes = [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24];
    // Time stamps of this adapter stand still; nobody may rely on them.
    this.#say([START, 0, 0, 0, 0, 0, ...bytes, data.length, ...data, 0]);
  }

  #say(bytes: readonly number[]): void {
    this.#print?.(Uint8Array.from(bytes));
  }
}
