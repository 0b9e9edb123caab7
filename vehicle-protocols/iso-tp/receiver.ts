import type { CanFrame } from "../can-frame.ts";
import { ProtocolError, type ProtocolErrorCode } from "../errors.ts";
import { frameToPeer, type IsoTpAddress, isFromPeer, receiveOffset } from "./addressing.ts";
import { type IsoTpPdu, MAX_12_BIT_LENGTH, parsePdu, separationByteFromMs } from "./pci.ts";

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
  readonly buffer: Uint8Array;
  received: number;
  nextSequence: number;
  leftInBlock: number;
  deadlineMs: number;
};

const NOTHING: IsoTpReceiverStep = { frames: [], events: [] };

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
  #reception: Reception | undefined;

  constructor(address: IsoTpAddress, options: IsoTpReceiverOptions = {}) {
    this.address = address;
    this.#blockSize = options.blockSize ?? 0;
    this.#separationByte = separationByteFromMs(options.separationMs ?? 0);
    this.#consecutiveTimeoutMs = options.consecutiveTimeoutMs ?? 1000;
    this.#maxLength = options.maxLength ?? MAX_12_BIT_LENGTH;
    this.#paddingByte = options.paddingByte ?? 0xcc;
  }

  /** When `tick` must be called next; undefined while nothing is being received. */
  get deadlineMs(): number | undefined {
    return this.#reception?.deadlineMs;
  }

  /** Takes one frame from the bus; frames of other conversations only let time pass. */
  receive(frame: CanFrame, nowMs: number): IsoTpReceiverStep {
    const expired = this.tick(nowMs);
    if (!isFromPeer(this.address, frame)) return expired;
    const pdu = parsePdu(frame.data, receiveOffset(this.address));
    if (pdu === undefined || pdu.kind === "flow-control") return expired;
    const step = this.#take(pdu, nowMs);
    return expired === NOTHING ? step : { frames: step.frames, events: [...expired.events, ...step.events] };
  }

  /** Ends a reception whose next frame is overdue (N_Cr). */
  tick(nowMs: number): IsoTpReceiverStep {
    if (this.#reception === undefined || nowMs < this.#reception.deadlineMs) return NOTHING;
    return {
      frames: [],
      events: [this.#abort("iso-tp-timeout-cr", "the next consecutive frame did not come in time")],
    };
  }

  #take(pdu: Exclude<IsoTpPdu, { kind: "flow-control" }>, nowMs: number): IsoTpReceiverStep {
    if (pdu.kind === "consecutive") return this.#takeConsecutive(pdu.sequence, pdu.payload, nowMs);
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
    const buffer = new Uint8Array(pdu.length);
    buffer.set(pdu.payload);
    this.#reception = {
      buffer,
      received: pdu.payload.length,
      nextSequence: 1,
      leftInBlock: this.#blockSize,
      deadlineMs: nowMs + this.#consecutiveTimeoutMs,
    };
    events.push({ kind: "started", length: pdu.length });
    return { frames: [this.#flowControl(0)], events };
  }

  #takeConsecutive(sequence: number, payload: Uint8Array, nowMs: number): IsoTpReceiverStep {
    const reception = this.#reception;
    if (reception === undefined) return NOTHING;
    if (sequence !== reception.nextSequence) {
      const message = `consecutive frame ${sequence} came where ${reception.nextSequence} was due`;
      return { frames: [], events: [this.#abort("iso-tp-wrong-sequence", message)] };
    }
    const missing = reception.buffer.length - reception.received;
    const full = 7 - receiveOffset(this.address);
    // A torn frame is ignored; the next sequence number or N_Cr then ends the reception.
    if (payload.length < Math.min(full, missing)) return NOTHING;
    const taken = payload.subarray(0, missing);
    reception.buffer.set(taken, reception.received);
    reception.received += taken.length;
    if (reception.received === reception.buffer.length) {
      this.#reception = undefined;
      return { frames: [], events: [{ kind: "message", payload: reception.buffer }] };
    }
    reception.nextSequence = (sequence + 1) & 0x0f;
    reception.deadlineMs = nowMs + this.#consecutiveTimeoutMs;
    if (this.#blockSize === 0 || --reception.leftInBlock > 0) return NOTHING;
    reception.leftInBlock = this.#blockSize;
    return { frames: [this.#flowControl(0)], events: [] };
  }

  #flowControl(flowStatus: 0 | 2): CanFrame {
    const pdu = [0x30 | flowStatus, this.#blockSize, this.#separationByte];
    return frameToPeer(this.address, pdu, this.#paddingByte);
  }

  #abort(code: ProtocolErrorCode, message: string): IsoTpReceiverEvent {
    this.#reception = undefined;
    return { kind: "aborted", error: new ProtocolError(code, message) };
  }
}
