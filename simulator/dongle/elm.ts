import { type BusFrame, CarOnBus, type SimulatedCar } from "./car.ts";
import { ELM_PERSONALITIES, type ElmPersonality, type ElmPersonalityName } from "./elm-personalities.ts";
import { bytesOf, ElmSettings } from "./elm-settings.ts";
import { type OldMessage, oldMessages } from "./old-line.ts";
import type { StreamDevice } from "./serve.ts";

/** What the chip is waiting for. */
interface Waiting {
  /** Answers still wanted; without a number it waits until its timer has run out. */
  left: number;
  heard: boolean;
  timer: NodeJS.Timeout | undefined;
}

const OLD_PROTOCOLS: Readonly<Record<string, NonNullable<SimulatedCar["oldLine"]>>> = {
  "1": "j1850-pwm",
  "2": "j1850-vpw",
  "3": "iso9141-2",
  "4": "iso14230-4",
  "5": "iso14230-4",
};

const CARRIAGE_RETURN = 0x0d;

export interface ElmDongleOptions {
  readonly personality?: ElmPersonalityName;
  readonly batteryVolts?: number;
}

/**
 * A chip of the ELM327 family as a device on a byte stream: prints what the real ones print, clones' faults included, and keeps its settings when the line is
 * closed and opened again. Behind it stands a simulated car, or none.
 */
export class ElmDongle implements StreamDevice {
  readonly #personality: ElmPersonality;
  readonly #volts: number;
  #settings: ElmSettings;
  #print: ((bytes: Uint8Array) => void) | undefined;
  #car: CarOnBus | undefined;
  #typed = "";
  #last = "";
  #waiting: Waiting | undefined;
  /** What arrives while a chip that takes no interruption is busy. */
  #backlog: number[] = [];
  #questions = 0;
  #silent = false;

  constructor({ personality = "genuine-2.3", batteryVolts = 12.6 }: ElmDongleOptions = {}) {
    this.#personality = ELM_PERSONALITIES[personality];
    this.#volts = batteryVolts;
    this.#settings = this.#fresh();
  }

  /** Plugged into a car, or out of it with `undefined`. */
  plugInto(car: SimulatedCar | CarOnBus | undefined): void {
    this.#car = car === undefined || car instanceof CarOnBus ? car : new CarOnBus(car);
  }

  /** A hung chip: the line is open and nothing comes. */
  fallSilent(silent: boolean): void {
    this.#silent = silent;
  }

  /** As when the car is cranked: the chip loses its power for a moment and says so unasked. */
  losePower(): void {
    this.#endWaiting();
    this.#settings = this.#fresh();
    this.#line(`\r\r${this.#personality.banner}`);
    this.#prompt();
  }

  pickUp(print: (bytes: Uint8Array) => void): void {
    this.#print = print;
  }

  hangUp(): void {
    this.#print = undefined;
  }

  receive(bytes: Uint8Array): void {
    if (this.#silent) return;
    for (const byte of bytes) this.#take(byte);
  }

  #fresh(): ElmSettings {
    return new ElmSettings(this.#personality.searches ? "0" : "6");
  }

  #take(byte: number): void {
    if (this.#waiting !== undefined) {
      if (!this.#personality.takesInterruption) this.#backlog.push(byte);
      else {
        this.#endWaiting();
        this.#line("STOPPED");
        this.#prompt();
      }
      return;
    }
    if (this.#settings.echo) this.#say(String.fromCharCode(byte));
    if (byte !== CARRIAGE_RETURN) {
      // Blanks mean nothing to the chip, nor does a terminal's line feed.
      if (byte > 0x20 && this.#typed.length < 128) this.#typed += String.fromCharCode(byte).toUpperCase();
      return;
    }
    // A bare carriage return says the last command again.
    const command = this.#typed === "" ? this.#last : this.#typed;
    this.#typed = "";
    this.#last = command;
    this.#obey(command);
  }

  #obey(command: string): void {
    const isLacking = this.#personality.lacks.some((beginning) => command.startsWith(beginning));
    if (!isLacking && /^[0-9A-F]+$/.test(command)) this.#ask(command);
    else this.#reply(isLacking ? "?" : (this.#answer(command) ?? "?"));
  }

  /** Answer to a command; undefined for one that no chip knows. */
  #answer(command: string): string | undefined {
    const { banner, identity = banner, stn } = this.#personality;
    if (command === "STI") return stn;
    if (!command.startsWith("AT")) return undefined;
    const name = command.slice(2);
    switch (name) {
      case "Z":
      case "WS":
        this.#settings = this.#fresh();
        return `\r${banner}`;
      case "I":
        return identity;
      case "RV":
        return `${this.#volts.toFixed(1)}V`;
      case "DPN":
        return `${this.#settings.found ? "A" : ""}${this.#settings.protocol}`;
      default:
        return this.#switch(name) || this.#settings.set(name) ? "OK" : undefined;
    }
  }

  /** How answers are printed. */
  #switch(name: string): boolean {
    const [, what, digit] = /^([ELSH])([01])$/.exec(name) ?? [];
    if (what === undefined) return false;
    const on = digit === "1";
    if (what === "S") this.#settings.spaces = on;
    else if (what === "H") this.#settings.headers = on;
    else if (this.#personality.keepsPrinting !== true) {
      if (what === "E") this.#settings.echo = on;
      else this.#settings.lineFeed = on;
    }
    return true;
  }

  #ask(command: string): void {
    const hasCount = command.length % 2 === 1;
    const request = bytesOf(hasCount ? command.slice(0, -1) : command);
    const room = 7 - this.#settings.offset;
    if ((hasCount && !this.#personality.takesCount) || request.length > room || request.length === 0) {
      this.#reply("?");
      return;
    }
    this.#questions += 1;
    // Some clones say things that nobody asked for.
    if (this.#personality.noise !== undefined && this.#questions % 3 === 0) this.#say(this.#personality.noise);
    const complaint = this.#complaint();
    if (complaint !== undefined) {
      this.#reply(complaint);
      return;
    }
    const left = hasCount ? Number.parseInt(command.slice(-1), 16) : Number.POSITIVE_INFINITY;
    this.#waiting = { left, heard: false, timer: undefined };
    this.#wait();
    const oldLine = OLD_PROTOCOLS[this.#settings.protocol];
    if (oldLine === undefined) this.#transmit(this.#settings.requestFrame(request));
    else if (this.#car !== undefined)
      for (const message of oldMessages(this.#car, oldLine, request)) this.#printOld(message);
  }

  /** What the chip says instead of asking; a search ends with the line that it found. */
  #complaint(): string | undefined {
    const settings = this.#settings;
    if (settings.protocol === "0" && this.#personality.searches) {
      this.#line("SEARCHING...");
      const found = ["6", "7", "8", "9", "1", "2", "3", "5"].find((protocol) => this.#carSpeaks(protocol));
      if (found === undefined) return "UNABLE TO CONNECT";
      settings.protocol = found;
      settings.found = true;
      return undefined;
    }
    const isOld = OLD_PROTOCOLS[settings.protocol] !== undefined;
    if (isOld || settings.protocol === "0")
      return this.#personality.searches && this.#carSpeaks(settings.protocol) ? undefined : "BUS INIT: ...ERROR";
    return this.#isAcknowledged() || !this.#personality.searches ? undefined : "CAN ERROR";
  }

  #carSpeaks(protocol: string): boolean {
    const car = this.#car?.car;
    if (car === undefined) return false;
    if (car.oldLine !== undefined) return car.oldLine === OLD_PROTOCOLS[protocol];
    const { isSlow, isExtended } = new ElmSettings(protocol);
    return isSlow === (car.bitRate === 250_000) && car.ecus.some((ecu) => ecu.requestId > 0x7ff === isExtended);
  }

  /** Nobody takes a frame on a bus of another speed, or on none. */
  #isAcknowledged(): boolean {
    const car = this.#car?.car;
    return car !== undefined && car.oldLine === undefined && this.#settings.isSlow === (car.bitRate === 250_000);
  }

  #transmit(frame: BusFrame): void {
    if (!this.#isAcknowledged()) return;
    for (const { afterMs, ...answer } of this.#car?.receive(frame) ?? []) {
      if (afterMs === 0) this.#hear(answer);
      else setTimeout(() => this.#hear(answer), afterMs).unref();
    }
  }

  /** A frame of the car is heard only while the chip waits. */
  #hear(frame: BusFrame): void {
    const { offset } = this.#settings;
    if (this.#waiting === undefined || !this.#settings.hears(frame)) return;
    this.#printFrame(frame, offset);
    this.#noteHeard();
    const isFirst = (frame.data[offset] ?? 0) >> 4 === 1;
    if (isFirst && this.#waiting !== undefined) this.#transmit(this.#settings.flowControl(frame));
  }

  #noteHeard(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    waiting.heard = true;
    waiting.left -= 1;
    if (waiting.left > 0) this.#wait();
    else {
      this.#endWaiting();
      this.#prompt();
    }
  }

  #printFrame(frame: BusFrame, offset: number): void {
    const pci = frame.data[offset] ?? 0;
    const isSingle = pci >> 4 === 0;
    if (this.#settings.headers) {
      const end = this.#personality.cutsPadding && isSingle ? offset + 1 + pci : frame.data.length;
      const isExtended = frame.id > 0x7ff;
      const id = frame.id
        .toString(16)
        .toUpperCase()
        .padStart(isExtended ? 8 : 3, "0");
      const shown = isExtended ? this.#bytes(bytesOf(id)) : id;
      this.#line(`${shown}${this.#settings.spaces ? " " : ""}${this.#bytes(frame.data.slice(0, end))}`);
    } else if (isSingle) this.#line(this.#bytes(frame.data.slice(offset + 1, offset + 1 + pci)));
    else if (!this.#personality.printsIndex) this.#line(this.#bytes(frame.data.slice(offset + 1)));
    else if (pci >> 4 === 1) {
      const length = ((pci & 0x0f) << 8) | (frame.data[offset + 1] ?? 0);
      this.#line(length.toString(16).toUpperCase().padStart(3, "0"));
      this.#line(`0: ${this.#bytes(frame.data.slice(offset + 2))}`);
    } else this.#line(`${(pci & 0x0f).toString(16).toUpperCase()}: ${this.#bytes(frame.data.slice(offset + 1))}`);
  }

  #printOld({ header, data, checksum }: OldMessage): void {
    if (this.#waiting === undefined) return;
    this.#line(this.#bytes(this.#settings.headers ? [...header, ...data, checksum] : data));
    this.#noteHeard();
  }

  #bytes(bytes: readonly number[]): string {
    return bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(this.#settings.spaces ? " " : "");
  }

  #wait(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    waiting.timer = setTimeout(() => {
      this.#endWaiting();
      if (waiting.heard) this.#prompt();
      else this.#reply("NO DATA");
    }, this.#settings.timeoutMs);
    waiting.timer.unref();
  }

  #endWaiting(): void {
    clearTimeout(this.#waiting?.timer);
    this.#waiting = undefined;
  }

  #reply(text: string): void {
    this.#line(text);
    this.#prompt();
  }

  #prompt(): void {
    this.#line("");
    this.#say(">");
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const byte of backlog) this.#take(byte);
  }

  #line(text: string): void {
    this.#say(`${text}\r${this.#settings.lineFeed ? "\n" : ""}`);
  }

  #say(text: string): void {
    if (!this.#silent) this.#print?.(Buffer.from(text, "latin1"));
  }
}
