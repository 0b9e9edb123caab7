import type { BusFrame } from "./car.ts";

/** Identifiers of ISO 15765-4 for questions to all. */
const EVERYBODY_11_BIT = 0x7df;
const EVERYBODY_29_BIT = 0x18db33f1;

const STEP_MS = 4.096;
const PADDING = 0xaa;

/** What a chip of the ELM327 family has been told, and what follows from it for frames. */
export class ElmSettings {
  echo = true;
  lineFeed = true;
  spaces = true;
  headers = false;
  /** By the number of `ATSP`. */
  protocol: string;
  /** The protocol was found by searching. */
  found = false;
  timeoutMs = 0x32 * STEP_MS;
  #header: string | undefined;
  #priority = 0x18;
  #receiveAddress: number | undefined;
  #flowHeader: number | undefined;
  #flowData: readonly number[] | undefined;
  #flowMode = 0;
  #extendedAddress: number | undefined;
  #testerAddress = 0xf1;

  constructor(protocol: string) {
    this.protocol = protocol;
  }

  /** Bytes before those of ISO-TP in each frame. */
  get offset(): number {
    return this.#extendedAddress === undefined ? 0 : 1;
  }

  get isExtended(): boolean {
    return this.protocol === "7" || this.protocol === "9";
  }

  get isSlow(): boolean {
    return this.protocol === "8" || this.protocol === "9";
  }

  /** Takes a command without its `AT`; false for one that does not exist or cannot be. */
  set(name: string): boolean {
    const [, word = "", value = ""] = /^(SP|SH|CP|CRA|FCSH|FCSD|FCSM|CEA|TA|ST)([0-9A-F]*)$/.exec(name) ?? [];
    const number = Number.parseInt(value, 16);
    switch (word) {
      case "SP":
        this.protocol = value;
        this.found = false;
        return /^[0-9]$/.test(value);
      case "SH":
        this.#header = value;
        return [3, 6, 8].includes(value.length);
      case "CP":
        this.#priority = number;
        return value.length === 2;
      case "CRA":
        this.#receiveAddress = value === "" ? undefined : number;
        return [0, 3, 8].includes(value.length);
      case "FCSH":
        this.#flowHeader = number;
        return [3, 8].includes(value.length);
      case "FCSD":
        this.#flowData = bytesOf(value);
        return value.length >= 2 && value.length <= 10;
      case "FCSM":
        // Header and data must stand first.
        if (number === 1 && (this.#flowHeader === undefined || this.#flowData === undefined)) return false;
        this.#flowMode = number;
        return /^[0-2]$/.test(value);
      case "CEA":
        this.#extendedAddress = value === "" ? undefined : number;
        return [0, 2].includes(value.length);
      case "TA":
        this.#testerAddress = number;
        return value.length === 2;
      case "ST":
        this.timeoutMs = (number === 0 ? 0x32 : number) * STEP_MS;
        return value.length === 2;
      default:
        return ["CAF1", "AL", "M0", "AT0", "AT1", "AT2", "PC", "AR", "D"].includes(name);
    }
  }

  /** The frame in which a request goes out. */
  requestFrame(request: readonly number[]): BusFrame {
    const data = [...(this.#extendedAddress === undefined ? [] : [this.#extendedAddress]), request.length, ...request];
    return { id: this.#headerId(), data: padded(data) };
  }

  /** Whether the chip listens to this frame. */
  hears({ id, data }: BusFrame): boolean {
    const passes =
      this.#receiveAddress === undefined
        ? (id >= 0x7e8 && id <= 0x7ef) || id >>> 8 === 0x18daf1
        : id === this.#receiveAddress;
    return passes && (this.#extendedAddress === undefined || data[0] === this.#testerAddress);
  }

  /** What the chip sends by itself after a first frame. */
  flowControl(first: BusFrame): BusFrame {
    const derived = first.id > 0x7ff ? 0x18da00f1 + ((first.id & 0xff) << 8) : first.id & 0x7f7;
    const id = this.#flowMode === 1 ? (this.#flowHeader ?? derived) : derived;
    const plain = this.#extendedAddress === undefined ? [0x30, 0, 0] : [this.#extendedAddress, 0x30, 0, 0];
    return { id, data: padded(this.#flowMode === 0 ? plain : (this.#flowData ?? plain)) };
  }

  #headerId(): number {
    if (this.#header === undefined) return this.isExtended ? EVERYBODY_29_BIT : EVERYBODY_11_BIT;
    const value = Number.parseInt(this.#header, 16);
    if (!this.isExtended) return value & 0x7ff;
    return this.#header.length === 8 ? value : this.#priority * 0x1000000 + (value & 0xffffff);
  }
}

export function bytesOf(hex: string): number[] {
  return (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
}

function padded(data: readonly number[]): number[] {
  return [...data, ...Array.from({ length: 8 - data.length }, () => PADDING)];
}
