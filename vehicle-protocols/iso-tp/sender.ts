import type { CanFrame } from "../can-frame.ts";
import { ProtocolError, type ProtocolErrorCode } from "../errors.ts";
import { frameToPeer, type IsoTpAddress, isFromPeer, receiveOffset, transmitOffset } from "./addressing.ts";
import { CLASSIC_DATA_LENGTH, MAX_12_BIT_LENGTH, parsePdu } from "./pci.ts";

export type IsoTpSenderOptions = {
  /** N_Bs: longest wait for a flow control. Default 1000 ms. */
  readonly flowControlTimeoutMs?: number;
  /** N_WFTmax: how many "wait" answers in a row are accepted. Default 10. */
  readonly maxWaits?: number;
  /** Least gap of our own between consecutive frames, for links slower than the bus. Default 0 ms. */
  readonly minimumGapMs?: number;
  /** Fills frames up to eight bytes. Default CC, which ISO 15765-2 recommends. */
  readonly paddingByte?: number;
};

export type IsoTpSenderState =
  | { readonly kind: "idle" }
  | { readonly kind: "waiting-for-flow-control"; readonly deadlineMs: number; readonly waits: number }
  | { readonly kind: "sending"; readonly dueMs: number; readonly leftInBlock: number; readonly gapMs: number }
  | { readonly kind: "sent" }
  | { readonly kind: "failed"; readonly error: ProtocolError };

/**
 * Sending side of ISO 15765-2 for one message. `start`, `receive` and `tick` return the frames that are due now;
 * call `tick` at `deadlineMs`. `state` ends as "sent" or "failed", in bounded time whatever the peer does.
 */
export class IsoTpSender {
  readonly address: IsoTpAddress;
  readonly #payload: Uint8Array;
  readonly #flowControlTimeoutMs: number;
  readonly #maxWaits: number;
  readonly #minimumGapMs: number;
  readonly #paddingByte: number;
  #state: IsoTpSenderState = { kind: "idle" };
  #sentBytes = 0;
  #sequence = 1;

  /** @throws ProtocolError `invalid-argument` on an empty payload, `iso-tp-too-long` beyond 2^32 - 1 bytes. */
  constructor(address: IsoTpAddress, payload: Uint8Array, options: IsoTpSenderOptions = {}) {
    if (payload.length === 0) throw new ProtocolError("invalid-argument", "an ISO-TP message has at least one byte");
    if (payload.length > 0xffffffff) throw new ProtocolError("iso-tp-too-long", "the length does not fit 32 bits");
    this.address = address;
    this.#payload = payload.slice();
    this.#flowControlTimeoutMs = options.flowControlTimeoutMs ?? 1000;
    this.#maxWaits = options.maxWaits ?? 10;
    this.#minimumGapMs = options.minimumGapMs ?? 0;
    this.#paddingByte = options.paddingByte ?? 0xcc;
  }

  get state(): IsoTpSenderState {
    return this.#state;
  }

  /** When `tick` must be called next; undefined before the start and after the end. */
  get deadlineMs(): number | undefined {
    if (this.#state.kind === "waiting-for-flow-control") return this.#state.deadlineMs;
    return this.#state.kind === "sending" ? this.#state.dueMs : undefined;
  }

  /** The single frame, or the first frame of a segmented message. A second call sends nothing. */
  start(nowMs: number): readonly CanFrame[] {
    if (this.#state.kind !== "idle") return [];
    const length = this.#payload.length;
    const room = CLASSIC_DATA_LENGTH - transmitOffset(this.address);
    if (length <= room - 1) {
      this.#state = { kind: "sent" };
      return [this.#frame([length, ...this.#payload])];
    }
    const header =
      length <= MAX_12_BIT_LENGTH
        ? [0x10 | (length >> 8), length & 0xff]
        : [0x10, 0x00, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff];
    const pdu = [...header, ...this.#takeBytes(room - header.length)];
    this.#await(nowMs, 0);
    return [this.#frame(pdu)];
  }

  /** Takes a frame from the bus; only flow controls of this conversation matter, and only while one is awaited. */
  receive(frame: CanFrame, nowMs: number): readonly CanFrame[] {
    if (this.#state.kind !== "waiting-for-flow-control" || !isFromPeer(this.address, frame)) return [];
    if (nowMs >= this.#state.deadlineMs) return this.tick(nowMs);
    const pdu = parsePdu(frame.data, receiveOffset(this.address));
    if (pdu?.kind !== "flow-control") return [];
    switch (pdu.flowStatus) {
      case 0: {
        const leftInBlock = pdu.blockSize === 0 ? Number.POSITIVE_INFINITY : pdu.blockSize;
        const gapMs = Math.max(pdu.separationMs, this.#minimumGapMs);
        this.#state = { kind: "sending", dueMs: nowMs, leftInBlock, gapMs };
        return this.tick(nowMs);
      }
      case 1: {
        const waits = this.#state.waits + 1;
        if (waits > this.#maxWaits) return this.#fail("iso-tp-wait-overrun", `the ECU said "wait" ${waits} times`);
        this.#await(nowMs, waits);
        return [];
      }
      case 2:
        return this.#fail("iso-tp-overflow", "the ECU has no room for a message this long");
      default:
        return this.#fail("iso-tp-invalid-flow-status", `flow status ${pdu.flowStatus} is reserved`);
    }
  }

  /** Consecutive frames that are due, or the end by time-out. Between two frames the wanted gap is kept. */
  tick(nowMs: number): readonly CanFrame[] {
    if (this.#state.kind === "waiting-for-flow-control" && nowMs >= this.#state.deadlineMs) {
      return this.#fail("iso-tp-timeout-bs", "no flow control came in time");
    }
    const frames: CanFrame[] = [];
    while (this.#state.kind === "sending" && nowMs >= this.#state.dueMs) {
      const { gapMs } = this.#state;
      const room = CLASSIC_DATA_LENGTH - 1 - transmitOffset(this.address);
      frames.push(this.#frame([0x20 | this.#sequence, ...this.#takeBytes(room)]));
      this.#sequence = (this.#sequence + 1) & 0x0f;
      const leftInBlock = this.#state.leftInBlock - 1;
      if (this.#sentBytes === this.#payload.length) this.#state = { kind: "sent" };
      else if (leftInBlock === 0) this.#await(nowMs, 0);
      else this.#state = { kind: "sending", dueMs: nowMs + gapMs, leftInBlock, gapMs };
    }
    return frames;
  }

  #await(nowMs: number, waits: number): void {
    this.#state = { kind: "waiting-for-flow-control", deadlineMs: nowMs + this.#flowControlTimeoutMs, waits };
  }

  #fail(code: ProtocolErrorCode, message: string): readonly CanFrame[] {
    this.#state = { kind: "failed", error: new ProtocolError(code, message) };
    return [];
  }

  #takeBytes(count: number): Uint8Array {
    const bytes = this.#payload.subarray(this.#sentBytes, this.#sentBytes + count);
    this.#sentBytes += bytes.length;
    return bytes;
  }

  #frame(pdu: readonly number[]): CanFrame {
    return frameToPeer(this.address, pdu, this.#paddingByte);
  }
}
