import type { CanFrame } from "../can-frame.ts";
import { ProtocolError, type ProtocolErrorCode } from "../errors.ts";
import { frameToPeer, type IsoTpAddress, isFromPeer, receiveOffset, transmitOffset } from "./addressing.ts";
import {
  CLASSIC_DATA_LENGTH,
  type FrameLength,
  firstFrameHeader,
  longestSingleFrame,
  parsePdu,
  singleFramePdu,
} from "./pci.ts";

export type IsoTpSenderOptions = {
  /** N_Bs: longest wait for a flow control. Default 1000 ms. */
  readonly flowControlTimeoutMs?: number;
  /**
   * N_As: longest time until a frame is on the bus. When it is set, `confirm` must be called for each frame and one frame is
   * given out at a time; without it a frame counts as sent when it is given out.
   */
  readonly confirmTimeoutMs?: number;
  /** N_WFTmax: how many "wait" answers in a row are accepted. Default 10. */
  readonly maxWaits?: number;
  /** Least gap of our own between consecutive frames, for links slower than the bus. Default 0 ms. */
  readonly minimumGapMs?: number;
  /** TX_DL: data bytes of a full frame; above 8 all frames are CAN FD frames. Default 8. */
  readonly frameLength?: FrameLength;
  /** Fills frames up to eight bytes, or to the next CAN FD length. Default CC, which ISO 15765-2 recommends. */
  readonly paddingByte?: number;
};

export type IsoTpSenderState =
  | { readonly kind: "idle" }
  | { readonly kind: "waiting-for-confirmation"; readonly deadlineMs: number }
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
  readonly #confirmTimeoutMs: number | undefined;
  readonly #frameLength: FrameLength;
  readonly #paddingByte: number;
  #state: IsoTpSenderState = { kind: "idle" };
  /** What follows once the frame that is out has been confirmed. */
  #whenConfirmed: ((nowMs: number) => IsoTpSenderState) | undefined;
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
    this.#confirmTimeoutMs = options.confirmTimeoutMs;
    this.#frameLength = options.frameLength ?? CLASSIC_DATA_LENGTH;
    this.#paddingByte = options.paddingByte ?? 0xcc;
  }

  get state(): IsoTpSenderState {
    return this.#state;
  }

  /** When `tick` must be called next; undefined before the start and after the end. */
  get deadlineMs(): number | undefined {
    if ("deadlineMs" in this.#state) return this.#state.deadlineMs;
    return this.#state.kind === "sending" ? this.#state.dueMs : undefined;
  }

  /** The single frame, or the first frame of a segmented message. A second call sends nothing. */
  start(nowMs: number): readonly CanFrame[] {
    if (this.#state.kind !== "idle") return [];
    const offset = transmitOffset(this.address);
    if (this.#payload.length <= longestSingleFrame(this.#frameLength, offset)) {
      return [this.#send(singleFramePdu(this.#payload, offset), nowMs, () => ({ kind: "sent" }))];
    }
    const header = firstFrameHeader(this.#payload.length);
    const pdu = [...header, ...this.#takeBytes(this.#frameLength - offset - header.length)];
    return [this.#send(pdu, nowMs, (sentMs) => this.#awaiting(sentMs, 0))];
  }

  /** The frame given out last is on the bus. Only for senders with `confirmTimeoutMs`. */
  confirm(nowMs: number): readonly CanFrame[] {
    if (this.#state.kind !== "waiting-for-confirmation") return [];
    if (nowMs >= this.#state.deadlineMs) return this.tick(nowMs);
    this.#proceed(nowMs);
    return this.tick(nowMs);
  }

  /** Takes a frame from the bus; only flow controls of this conversation matter, and only while one is awaited. */
  receive(frame: CanFrame, nowMs: number): readonly CanFrame[] {
    if (!isFromPeer(this.address, frame)) return [];
    const pdu = parsePdu(frame.data, receiveOffset(this.address));
    if (pdu?.kind !== "flow-control") return [];
    if (this.#state.kind === "waiting-for-confirmation") {
      // The answer to a frame proves that the frame went out, also when its confirmation comes later.
      const isAwaited = this.#whenConfirmed?.(nowMs).kind === "waiting-for-flow-control";
      if (!isAwaited || nowMs >= this.#state.deadlineMs) return this.tick(nowMs);
      this.#proceed(nowMs);
    }
    if (this.#state.kind !== "waiting-for-flow-control") return [];
    if (nowMs >= this.#state.deadlineMs) return this.tick(nowMs);
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
        this.#state = this.#awaiting(nowMs, waits);
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
    if (this.#state.kind === "waiting-for-confirmation" && nowMs >= this.#state.deadlineMs) {
      return this.#fail("iso-tp-timeout-as", "a frame did not get on the bus in time");
    }
    if (this.#state.kind === "waiting-for-flow-control" && nowMs >= this.#state.deadlineMs) {
      return this.#fail("iso-tp-timeout-bs", "no flow control came in time");
    }
    const frames: CanFrame[] = [];
    while (this.#state.kind === "sending" && nowMs >= this.#state.dueMs) {
      const { gapMs } = this.#state;
      const leftInBlock = this.#state.leftInBlock - 1;
      const bytes = this.#takeBytes(this.#frameLength - 1 - transmitOffset(this.address));
      const pdu = [0x20 | this.#sequence, ...bytes];
      this.#sequence = (this.#sequence + 1) & 0x0f;
      const isLast = this.#sentBytes === this.#payload.length;
      frames.push(
        this.#send(pdu, nowMs, (sentMs) => {
          if (isLast) return { kind: "sent" };
          if (leftInBlock === 0) return this.#awaiting(sentMs, 0);
          return { kind: "sending", dueMs: sentMs + gapMs, leftInBlock, gapMs };
        }),
      );
    }
    return frames;
  }

  #send(pdu: readonly number[], nowMs: number, whenSent: (nowMs: number) => IsoTpSenderState): CanFrame {
    this.#whenConfirmed = whenSent;
    if (this.#confirmTimeoutMs === undefined) this.#proceed(nowMs);
    else this.#state = { kind: "waiting-for-confirmation", deadlineMs: nowMs + this.#confirmTimeoutMs };
    return frameToPeer(this.address, pdu, this.#paddingByte, this.#frameLength);
  }

  #proceed(nowMs: number): void {
    const next = this.#whenConfirmed;
    this.#whenConfirmed = undefined;
    if (next !== undefined) this.#state = next(nowMs);
  }

  #awaiting(nowMs: number, waits: number): IsoTpSenderState {
    return { kind: "waiting-for-flow-control", deadlineMs: nowMs + this.#flowControlTimeoutMs, waits };
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
}
