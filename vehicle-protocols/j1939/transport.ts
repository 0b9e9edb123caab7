import type { CanFrame } from "../can-frame.ts";
import { GLOBAL_ADDRESS, splitIdentifier } from "./identifier.ts";
import { abortFrame, acknowledgeFrame, type Control, clearToSendFrame, readControl } from "./transport-control.ts";

/** A parameter group with all its data, from one frame or from many. */
export type J1939Message = {
  readonly pgn: number;
  readonly priority: number;
  readonly source: number;
  /** 255: everyone. */
  readonly destination: number;
  readonly data: Uint8Array;
};

/** Why a message of many frames did not come through. */
export type TransportProblem = {
  readonly code:
    | "timeout"
    | "out-of-sequence"
    | "aborted"
    /** The sender began anew before the last packet. */
    | "replaced"
    /** An announcement that contradicts itself. */
    | "invalid-announcement"
    /** More than 1785 bytes (ETP), which is recognised and not put together. */
    | "extended-transport"
    | "too-many-at-once";
  readonly pgn: number;
  readonly source: number;
  readonly destination: number;
};

export type TransportStep = {
  readonly messages: readonly J1939Message[];
  readonly problems: readonly TransportProblem[];
  /** Answers (clear to send, end of message, abort) to transfers that are addressed to us. */
  readonly send: readonly CanFrame[];
  /** When to call `tick`, if nothing comes before. */
  readonly wakeAtMs: number | undefined;
};

const CONTROL_PGN = 0xec00;
const DATA_PGN = 0xeb00;
const EXTENDED_CONTROL_PGN = 0xc800;
const EXTENDED_DATA_PGN = 0xc700;
const EXTENDED_REQUEST_TO_SEND = 20;

// SAE J1939-21, milliseconds: T1 between packets, T2 from clear-to-send to the first packet, T3 from the last packet to the
// answer, T4 from a hold (clear to send nothing) to the next clear-to-send.
const T1 = 750;
const T2 = 1250;
const T3 = 1250;
const T4 = 1050;

/** Packets of 7 bytes asked for at once. */
const MOST_PACKETS_AT_ONCE = 16;
const MOST_RETRIES = 2;
/** 128 transfers under way are a quarter of a megabyte; a bus has some thirty controllers. */
const MOST_TRANSFERS = 128;
const ABORT_REASON_TIMEOUT = 3;

type Transfer = {
  readonly pgn: number;
  readonly priority: number;
  readonly source: number;
  readonly destination: number;
  readonly data: Uint8Array;
  /** By packet number less one. */
  readonly arrived: Uint8Array;
  readonly mostAtOnce: number;
  missing: number;
  deadlineMs: number;
  /** Of a transfer to us: the last packet that we asked for, and how often we asked again. */
  windowEnd: number;
  retries: number;
};

/**
 * Puts parameter groups together: single frames, broadcasts (BAM) and transfers between two controllers (RTS/CTS), of any
 * number of sources at once. It listens; only where a transfer is addressed to `address` does it answer, since otherwise that
 * sender would not go on.
 */
export class J1939Receiver {
  readonly #address: number | undefined;
  readonly #transfers = new Map<number, Transfer>();
  #messages: J1939Message[] = [];
  #problems: TransportProblem[] = [];
  #send: CanFrame[] = [];

  constructor(options: { readonly address?: number } = {}) {
    this.#address = options.address;
  }

  /** Takes a frame from the bus. Frames that are not J1939 change nothing. */
  receive(frame: CanFrame, nowMs: number): TransportStep {
    this.#expire(nowMs);
    const address = frame.extended ? splitIdentifier(frame.id) : undefined;
    if (address !== undefined) {
      const { pgn, source, destination, priority } = address;
      if (pgn === CONTROL_PGN) this.#control(readControl(frame.data), source, destination, priority, nowMs);
      else if (pgn === DATA_PGN) this.#packet(frame.data, source, destination, nowMs);
      else if (pgn === EXTENDED_CONTROL_PGN) {
        if (frame.data[0] === EXTENDED_REQUEST_TO_SEND && frame.data.length === 8) {
          const [low = 0, middle = 0, high = 0] = frame.data.subarray(5);
          this.#problems.push({
            code: "extended-transport",
            pgn: low | (middle << 8) | (high << 16),
            source,
            destination,
          });
        }
      } else if (pgn !== EXTENDED_DATA_PGN)
        this.#messages.push({ pgn, priority, source, destination, data: frame.data });
    }
    return this.#step();
  }

  /** Lets time pass. */
  tick(nowMs: number): TransportStep {
    this.#expire(nowMs);
    return this.#step();
  }

  #step(): TransportStep {
    const step = {
      messages: this.#messages,
      problems: this.#problems,
      send: this.#send,
      wakeAtMs: this.#transfers.size === 0 ? undefined : this.#nextDeadline(),
    };
    this.#messages = [];
    this.#problems = [];
    this.#send = [];
    return step;
  }

  #nextDeadline(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { deadlineMs } of this.#transfers.values()) next = Math.min(next, deadlineMs);
    return next;
  }

  #control(control: Control | undefined, source: number, destination: number, priority: number, nowMs: number): void {
    if (control === undefined) return;
    switch (control.kind) {
      case "broadcast":
      case "request-to-send": {
        // A broadcast is to everyone, a request to one.
        const toAll = destination === GLOBAL_ADDRESS;
        if (control.valid && (control.kind === "broadcast") === toAll) {
          this.#begin(control, source, destination, priority, nowMs);
        } else {
          this.#problems.push({ code: "invalid-announcement", pgn: control.pgn, source, destination });
        }
        return;
      }
      case "clear-to-send": {
        // From the receiver to the sender: the transfer's own source is our destination.
        const transfer = this.#transfers.get(key(destination, source));
        if (transfer?.pgn === control.pgn) transfer.deadlineMs = nowMs + (control.packets === 0 ? T4 : T2);
        return;
      }
      case "end-of-message":
        this.#end(destination, source, control.pgn, "out-of-sequence");
        return;
      case "abort":
        this.#end(source, destination, control.pgn, "aborted");
        this.#end(destination, source, control.pgn, "aborted");
    }
  }

  #begin(
    { pgn, size, packets, mostAtOnce }: Extract<Control, { kind: "broadcast" | "request-to-send" }>,
    source: number,
    destination: number,
    priority: number,
    nowMs: number,
  ): void {
    const before = this.#transfers.get(key(source, destination));
    if (before !== undefined) this.#fail(before, "replaced");
    if (this.#transfers.size >= MOST_TRANSFERS) {
      this.#problems.push({ code: "too-many-at-once", pgn, source, destination });
      return;
    }
    const transfer: Transfer = {
      pgn,
      priority,
      source,
      destination,
      data: new Uint8Array(size),
      arrived: new Uint8Array(packets),
      mostAtOnce: Math.min(mostAtOnce, MOST_PACKETS_AT_ONCE),
      missing: packets,
      deadlineMs: nowMs + (destination === GLOBAL_ADDRESS ? T1 : T3),
      windowEnd: 0,
      retries: 0,
    };
    this.#transfers.set(key(source, destination), transfer);
    if (this.#isOurs(transfer)) this.#askForMore(transfer, nowMs);
  }

  #packet(bytes: Uint8Array, source: number, destination: number, nowMs: number): void {
    const transfer = this.#transfers.get(key(source, destination));
    const number = bytes[0] ?? 0;
    if (transfer === undefined || number === 0 || bytes.length < 2) return;
    const { arrived, data } = transfer;
    const from = 7 * (number - 1);
    const count = Math.min(7, data.length - from);
    const content = bytes.subarray(1, 1 + count);
    const isNew = arrived[number - 1] === 0;
    const fits =
      number <= arrived.length &&
      content.length === count &&
      (isNew
        ? // Nobody can ask for a lost packet of a broadcast again.
          destination !== GLOBAL_ADDRESS || number === arrived.length - transfer.missing + 1
        : // Sent a second time it must be the same, or one of the two belongs to another message.
          content.every((byte, n) => byte === data[from + n]));
    if (!fits) {
      this.#fail(transfer, "out-of-sequence");
      return;
    }
    if (isNew) {
      data.set(content, from);
      arrived[number - 1] = 1;
      transfer.missing -= 1;
      transfer.retries = 0;
    }
    transfer.deadlineMs = nowMs + (destination === GLOBAL_ADDRESS || this.#isOurs(transfer) ? T1 : T3);
    if (transfer.missing > 0) {
      if (this.#isOurs(transfer) && number === transfer.windowEnd) this.#askForMore(transfer, nowMs);
      return;
    }
    this.#transfers.delete(key(source, destination));
    const { pgn, priority } = transfer;
    this.#messages.push({ pgn, priority, source, destination, data });
    if (this.#isOurs(transfer)) this.#send.push(acknowledgeFrame(transfer, arrived.length));
  }

  #isOurs({ destination }: Transfer): boolean {
    return destination !== GLOBAL_ADDRESS && destination === this.#address;
  }

  /** Asks for the packets from the first missing one on. */
  #askForMore(transfer: Transfer, nowMs: number): void {
    const next = transfer.arrived.indexOf(0) + 1;
    const count = Math.min(transfer.mostAtOnce, transfer.arrived.length - next + 1);
    transfer.windowEnd = next + count - 1;
    transfer.deadlineMs = nowMs + T2;
    this.#send.push(clearToSendFrame(transfer, count, next));
  }

  #expire(nowMs: number): void {
    for (const transfer of [...this.#transfers.values()]) {
      if (nowMs < transfer.deadlineMs) continue;
      if (this.#isOurs(transfer)) {
        if (transfer.retries < MOST_RETRIES) {
          transfer.retries += 1;
          this.#askForMore(transfer, nowMs);
          continue;
        }
        this.#send.push(abortFrame(transfer, ABORT_REASON_TIMEOUT));
      }
      this.#fail(transfer, "timeout");
    }
  }

  #end(source: number, destination: number, pgn: number, code: TransportProblem["code"]): void {
    const transfer = this.#transfers.get(key(source, destination));
    if (transfer?.pgn === pgn) this.#fail(transfer, code);
  }

  #fail(transfer: Transfer, code: TransportProblem["code"]): void {
    const { pgn, source, destination } = transfer;
    this.#transfers.delete(key(source, destination));
    this.#problems.push({ code, pgn, source, destination });
  }
}

function key(source: number, destination: number): number {
  return source * 256 + destination;
}
