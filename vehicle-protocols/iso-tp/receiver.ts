import type { CanFrame } from "../can-frame.ts";
import { ProtocolError, type ProtocolErrorCode } from "../errors.ts";
import { frameToPeer, type IsoTpAddress, isFromPeer, receiveOffset } from "./addressing.ts";
import { CLASSIC_DATA_LENGTH, type IsoTpPdu, MAX_12_BIT_LENGTH, parsePdu, separationByteFromMs } from "./pci.ts";

export type IsoTpReceiverOptions = {
  /** Consecutive frames that we accept between two flow controls; 0 (default): all, which suits slow dongles. */
  readonly blockSize?: number;
  /** Gap that we ask the ECU to keep between consecutive frames, in milliseconds. Default 0. */
  readonly separationMs?: number;
  /** N_Cr: longest silence between consecutive frames. Default 1000 ms. */
  readonly consecutiveTimeoutMs?: number;
  /** Longest message that is taken; longer ones are refused with flow status "overflow". Default 4095 bytes. */
  readonly maxLength?: number;
  /** Fills our flow-control frames up to eight bytes. Default CC, which ISO 15765-2 recommends. */
  readonly paddingByte?: number;
  /** Our flow controls go out as CAN FD frames. Both kinds of frames are received anyway. */
  readonly canFd?: boolean;
  /** N_WFTmax: how many "wait" flow controls in a row we send while on hold. Default 10. */
  readonly maxWaits?: number;
  /** Pause between them; the ECU gives up after its N_Bs of 1000 ms. Default 500 ms. */
  readonly waitEveryMs?: number;
};

export type IsoTpReceiverEvent =
  /** A first frame was accepted; the message is on its way. */
  | { readonly kind: "started"; readonly length: number }
  | { readonly kind: "message"; readonly payload: Uint8Array }
  /** A reception that had started will not end; its bytes are dropped. */
  | { readonly kind: "aborted"; readonly error: ProtocolError };

export type IsoTpReceiverStep = {
  /** Flow-control frames to send, in order. */
  readonly frames: readonly CanFrame[];
  readonly events: readonly IsoTpReceiverEvent[];
};

type Reception = {
  readonly length: number;
  /** RX_DL: data bytes of the first frame, which all but the last consecutive frame must have too. */
  readonly frameLength: number;
  buffer: Uint8Array;
  received: number;
  nextSequence: number;
  leftInBlock: number;
  /** "Wait" flow controls sent in a row; undefined while the ECU may send. */
  waits: number | undefined;
  deadlineMs: number;
};

const NOTHING: IsoTpReceiverStep = { frames: [], events: [] };

/** Memory grows with what has come, not with the length that a first frame claims. */
const FIRST_BUFFER_LENGTH = 4096;

/**
 * Receiving side of ISO 15765-2 for one address. Frames and time are passed in (milliseconds of any monotonic clock),
 * flow controls and messages come out; call `tick` when `deadlineMs` has passed.
 */
export class IsoTpReceiver {
  readonly address: IsoTpAddress;
  readonly #blockSize: number;
  readonly #separationByte: number;
  readonly #consecutiveTimeoutMs: number;
  readonly #maxLength: number;
  readonly #paddingByte: number;
  readonly #canFd: boolean;
  readonly #maxWaits: number;
  readonly #waitEveryMs: number;
  #onHold = false;
  #reception: Reception | undefined;

  constructor(address: IsoTpAddress, options: IsoTpReceiverOptions = {}) {
    this.address = address;
    this.#blockSize = options.blockSize ?? 0;
    this.#separationByte = separationByteFromMs(options.separationMs ?? 0);
    this.#consecutiveTimeoutMs = options.consecutiveTimeoutMs ?? 1000;
    this.#maxLength = options.maxLength ?? MAX_12_BIT_LENGTH;
    this.#paddingByte = options.paddingByte ?? 0xcc;
    this.#canFd = options.canFd ?? false;
    this.#maxWaits = options.maxWaits ?? 10;
    this.#waitEveryMs = options.waitEveryMs ?? 500;
  }

  /** When `tick` must be called next; undefined while nothing is being received. */
  get deadlineMs(): number | undefined {
    return this.#reception?.deadlineMs;
  }

  /** What has come of a message that is not whole yet. */
  get unfinished(): { readonly length: number; readonly received: Uint8Array } | undefined {
    const reception = this.#reception;
    if (reception === undefined) return undefined;
    return { length: reception.length, received: reception.buffer.slice(0, reception.received) };
  }

  /** From now on the ECU is asked to wait wherever it would be told to go on. */
  hold(): void {
    this.#onHold = true;
  }

  /** Ends a hold; an ECU that waits is told to go on. */
  release(nowMs: number): IsoTpReceiverStep {
    this.#onHold = false;
    const reception = this.#reception;
    return reception?.waits === undefined ? NOTHING : { frames: [this.#letGoOn(reception, nowMs)], events: [] };
  }

  /** Takes one frame from the bus; frames of other conversations only let time pass. */
  receive(frame: CanFrame, nowMs: number): IsoTpReceiverStep {
    const expired = this.tick(nowMs);
    if (!isFromPeer(this.address, frame)) return expired;
    const pdu = parsePdu(frame.data, receiveOffset(this.address));
    if (pdu === undefined || pdu.kind === "flow-control") return expired;
    const step = this.#take(pdu, frame.data.length, nowMs);
    if (expired === NOTHING) return step;
    return { frames: [...expired.frames, ...step.frames], events: [...expired.events, ...step.events] };
  }

  /** Ends a reception whose next frame is overdue (N_Cr); repeats "wait" while on hold. */
  tick(nowMs: number): IsoTpReceiverStep {
    const reception = this.#reception;
    if (reception === undefined || nowMs < reception.deadlineMs) return NOTHING;
    if (reception.waits === undefined) {
      const message = "the next consecutive frame did not come in time";
      return { frames: [], events: [this.#abort("iso-tp-timeout-cr", message)] };
    }
    if (reception.waits >= this.#maxWaits) {
      const message = `we asked the ECU to wait ${reception.waits} times and were not ready`;
      return { frames: [], events: [this.#abort("iso-tp-wait-overrun", message)] };
    }
    return { frames: [this.#letGoOn(reception, nowMs)], events: [] };
  }

  #take(pdu: Exclude<IsoTpPdu, { kind: "flow-control" }>, frameLength: number, nowMs: number): IsoTpReceiverStep {
    if (pdu.kind === "consecutive") return this.#takeConsecutive(pdu.sequence, pdu.payload, frameLength, nowMs);
    // A new message replaces one that never ended (ISO 15765-2, unexpected SF or FF).
    const events: IsoTpReceiverEvent[] =
      this.#reception === undefined
        ? []
        : [this.#abort("iso-tp-unexpected-frame", "a new message began before the last one ended")];
    if (pdu.kind === "single") {
      events.push({ kind: "message", payload: pdu.payload.slice() });
      return { frames: [], events };
    }
    if (pdu.length > this.#maxLength) {
      const error = new ProtocolError(
        "iso-tp-overflow",
        `a message of ${pdu.length} bytes is longer than ${this.#maxLength}`,
      );
      return { frames: [this.#flowControl(2)], events: [...events, { kind: "aborted", error }] };
    }
    const buffer = new Uint8Array(Math.min(pdu.length, FIRST_BUFFER_LENGTH));
    buffer.set(pdu.payload);
    this.#reception = {
      length: pdu.length,
      frameLength,
      buffer,
      received: pdu.payload.length,
      nextSequence: 1,
      leftInBlock: this.#blockSize,
      waits: undefined,
      deadlineMs: nowMs,
    };
    events.push({ kind: "started", length: pdu.length });
    return { frames: [this.#letGoOn(this.#reception, nowMs)], events };
  }

  #takeConsecutive(sequence: number, payload: Uint8Array, frameLength: number, nowMs: number): IsoTpReceiverStep {
    const reception = this.#reception;
    // An ECU that was asked to wait must not send; a frame on its way since before is not due either.
    if (reception === undefined || reception.waits !== undefined) return NOTHING;
    if (sequence !== reception.nextSequence) {
      const message = `consecutive frame ${sequence} came where ${reception.nextSequence} was due`;
      return { frames: [], events: [this.#abort("iso-tp-wrong-sequence", message)] };
    }
    const missing = reception.length - reception.received;
    const full = reception.frameLength - 1 - receiveOffset(this.address);
    // A torn or a longer frame is ignored; the next sequence number or N_Cr then ends the reception.
    if (payload.length < Math.min(full, missing) || frameLength > reception.frameLength) return NOTHING;
    append(reception, payload.subarray(0, missing));
    if (reception.received === reception.length) {
      this.#reception = undefined;
      return { frames: [], events: [{ kind: "message", payload: reception.buffer }] };
    }
    reception.nextSequence = (sequence + 1) & 0x0f;
    reception.deadlineMs = nowMs + this.#consecutiveTimeoutMs;
    if (this.#blockSize === 0 || --reception.leftInBlock > 0) return NOTHING;
    reception.leftInBlock = this.#blockSize;
    return { frames: [this.#letGoOn(reception, nowMs)], events: [] };
  }

  /** "Continue to send", or "wait" while on hold. */
  #letGoOn(reception: Reception, nowMs: number): CanFrame {
    reception.waits = this.#onHold ? (reception.waits ?? 0) + 1 : undefined;
    reception.deadlineMs = nowMs + (this.#onHold ? this.#waitEveryMs : this.#consecutiveTimeoutMs);
    return this.#flowControl(this.#onHold ? 1 : 0);
  }

  #flowControl(flowStatus: 0 | 1 | 2): CanFrame {
    const pdu = [0x30 | flowStatus, this.#blockSize, this.#separationByte];
    return frameToPeer(this.address, pdu, this.#paddingByte, this.#canFd ? 64 : CLASSIC_DATA_LENGTH);
  }

  #abort(code: ProtocolErrorCode, message: string): IsoTpReceiverEvent {
    this.#reception = undefined;
    return { kind: "aborted", error: new ProtocolError(code, message) };
  }
}

function append(reception: Reception, bytes: Uint8Array): void {
  const received = reception.received + bytes.length;
  if (received > reception.buffer.length) {
    const larger = new Uint8Array(Math.min(reception.length, 2 * received));
    larger.set(reception.buffer.subarray(0, reception.received));
    reception.buffer = larger;
  }
  reception.buffer.set(bytes, reception.received);
  reception.received = received;
}
