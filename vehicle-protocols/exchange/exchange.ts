import type { CanFrame } from "../can-frame.ts";
import { ProtocolError } from "../errors.ts";
import {
  frameToPeer,
  functionalId,
  type IsoTpAddress,
  isFromPeer,
  physicalAddressOf,
  transmitOffset,
} from "../iso-tp/addressing.ts";
import { type FrameLength, type IsoTpReceiverOptions, IsoTpSender, type IsoTpSenderOptions } from "../iso-tp/index.ts";
import { CLASSIC_DATA_LENGTH, longestSingleFrame, singleFramePdu } from "../iso-tp/pci.ts";
import { type EcuAnswer, EcuConversation, type EcuTimings } from "./ecu-conversation.ts";
import { suppressesAnswer } from "./matching.ts";

export type ExchangeTarget =
  /** All emission-related ECUs, by 7DF or 18DB33F1. */
  | { readonly kind: "functional"; readonly idBits: 11 | 29 }
  /** One ECU. */
  | { readonly kind: "physical"; readonly address: IsoTpAddress }
  /** Several ECUs that listen on one address of the maker's own, such as 6F1 with target byte DF, and are known beforehand. */
  | {
      readonly kind: "group";
      readonly request: Pick<IsoTpAddress, "transmitId" | "extended" | "transmitAddressByte">;
      readonly ecus: readonly IsoTpAddress[];
    };

export type ExchangeOutcome = {
  /** One answer for each ECU that showed itself, in the order of their first frames. */
  readonly answers: readonly EcuAnswer[];
  /**
   * Set when nobody answered (`no-answer`) or the request itself could not be sent (`iso-tp-…`). Silence is no error where the
   * request asks for it (`3E 80`).
   */
  readonly error?: ProtocolError;
};

export type ExchangeStep = {
  /** Frames to put on the bus now, in this order. */
  readonly send: readonly CanFrame[];
  /** Call `tick` at this time at the latest; undefined when the exchange has ended. */
  readonly wakeAtMs: number | undefined;
  /** Present once the exchange has ended; later calls repeat it and send nothing. */
  readonly outcome?: ExchangeOutcome;
};

export type ExchangeOptions = {
  readonly target: ExchangeTarget;
  /** Service id and its parameters, e.g. `01 0C`. A request to several ECUs must fit a single frame (7 bytes on classic CAN). */
  readonly request: Uint8Array;
  /** TX_DL of what we send: above 8 it goes out as CAN FD frames, flow controls too. Default 8. */
  readonly frameLength?: FrameLength;
  /** How long to wait for a first frame, from the end of the request. The standard says 50 ms; default 1000 ms for the road through a dongle. */
  readonly p2Ms?: number;
  /** How long to wait after a "response pending". Default 5000 ms. */
  readonly p2StarMs?: number;
  /** "Response pending" answers accepted from one ECU. Default 6. */
  readonly maxPending?: number;
  /** Repetitions after a "busy, repeat request" of one ECU, sent to that ECU alone. Default 3. */
  readonly maxBusyRepeats?: number;
  /** Pause before such a repetition. Default 200 ms. */
  readonly busyPauseMs?: number;
  /** The exchange ends by then whatever happens. Default 45 000 ms. */
  readonly overallMs?: number;
  /**
   * Response ids that have answered before: a functional exchange ends as soon as all of them have answered,
   * instead of waiting for strangers until P2 is over. Of a group, all are expected.
   */
  readonly expectedEcuIds?: readonly number[];
  readonly receiver?: Omit<IsoTpReceiverOptions, "canFd">;
  readonly sender?: Omit<IsoTpSenderOptions, "frameLength" | "confirmTimeoutMs">;
};

/** Most ECUs that are listened to in one exchange: 29-bit ids allow 256, a faulty bus must not take memory without end. */
const MAX_ECUS = 32;

/**
 * One question to a car and its answers, as a pure state machine: `start` gives the first frames, `receive` takes every
 * frame seen on the bus, `tick` takes the time, and the step that ends it carries the outcome. ECUs that answer the same
 * functional request are kept apart by their id, and flow control goes to the physical id of each. It always ends by
 * `overallMs`. Sources: ISO 15765-2, ISO 15765-4, ISO 14229-1 (7F with 78 and 21), SAE J1979.
 */
export class DiagnosticExchange {
  readonly #options: ExchangeOptions;
  readonly #timings: EcuTimings;
  readonly #p2Ms: number;
  readonly #overallMs: number;
  readonly #frameLength: FrameLength;
  readonly #ecus: EcuConversation[] = [];
  #sender: IsoTpSender | undefined;
  #started = false;
  #listenUntilMs = Number.POSITIVE_INFINITY;
  #overallDeadlineMs = Number.POSITIVE_INFINITY;
  #outcome: ExchangeOutcome | undefined;

  /** @throws ProtocolError `invalid-argument` on an empty request, or one to several ECUs that needs more than one frame. */
  constructor(options: ExchangeOptions) {
    if (options.request.length === 0) throw new ProtocolError("invalid-argument", "a request has at least one byte");
    this.#frameLength = options.frameLength ?? CLASSIC_DATA_LENGTH;
    if (options.target.kind !== "physical") {
      const room = longestSingleFrame(this.#frameLength, transmitOffset(everybodyOf(options.target)));
      if (options.request.length > room) {
        throw new ProtocolError("invalid-argument", `a request to several ECUs must fit one frame of ${room} bytes`);
      }
    }
    this.#options = { ...options, request: options.request.slice() };
    this.#p2Ms = options.p2Ms ?? 1000;
    this.#overallMs = options.overallMs ?? 45_000;
    this.#timings = {
      p2Ms: this.#p2Ms,
      p2StarMs: options.p2StarMs ?? 5000,
      maxPending: options.maxPending ?? 6,
      maxBusyRepeats: options.maxBusyRepeats ?? 3,
      busyPauseMs: options.busyPauseMs ?? 200,
    };
  }

  /** Sends the request. A second call sends nothing. */
  start(nowMs: number): ExchangeStep {
    if (this.#started) return this.tick(nowMs);
    this.#started = true;
    this.#overallDeadlineMs = nowMs + this.#overallMs;
    const { target, request } = this.#options;
    if (target.kind === "physical") {
      const options = { ...this.#options.sender, frameLength: this.#frameLength };
      this.#sender = new IsoTpSender(target.address, request, options);
      const send = this.#sender.start(nowMs);
      this.#watchSender(nowMs);
      return this.#step(send);
    }
    this.#listenUntilMs = nowMs + this.#p2Ms;
    const everybody = everybodyOf(target);
    const padding = this.#options.sender?.paddingByte ?? 0xcc;
    const pdu = singleFramePdu(request, transmitOffset(everybody));
    return this.#step([frameToPeer(everybody, pdu, padding, this.#frameLength)]);
  }

  /** Takes any frame of the bus, also those of strangers. */
  receive(frame: CanFrame, nowMs: number): ExchangeStep {
    const due = this.tick(nowMs);
    if (due.outcome !== undefined || !this.#started) return due;
    const send: CanFrame[] = [...due.send];
    if (this.#sender !== undefined) {
      send.push(...this.#sender.receive(frame, nowMs));
      this.#watchSender(nowMs);
    }
    const ecu = this.#ecuOf(frame, nowMs);
    if (ecu !== undefined) send.push(...ecu.receive(frame, nowMs));
    return this.#conclude(send, nowMs);
  }

  /** Lets time pass: frames that are due, time-outs, the end. */
  tick(nowMs: number): ExchangeStep {
    if (this.#outcome !== undefined || !this.#started) return this.#step([]);
    const send: CanFrame[] = [];
    if (this.#sender !== undefined) {
      send.push(...this.#sender.tick(nowMs));
      this.#watchSender(nowMs);
    }
    for (const ecu of this.#ecus) send.push(...ecu.tick(nowMs));
    return this.#conclude(send, nowMs);
  }

  // P2 runs from the end of the request.
  #watchSender(nowMs: number): void {
    if (this.#sender?.state.kind === "sent" && this.#listenUntilMs === Number.POSITIVE_INFINITY) {
      this.#listenUntilMs = nowMs + this.#p2Ms;
    }
  }

  #ecuOf(frame: CanFrame, nowMs: number): EcuConversation | undefined {
    const known = this.#ecus.find((ecu) => isFromPeer(ecu.address, frame));
    if (known !== undefined) return known;
    if (nowMs >= this.#listenUntilMs || this.#ecus.length >= MAX_ECUS) return undefined;
    const address = this.#addressOf(frame);
    if (address === undefined) return undefined;
    const { request, receiver, sender } = this.#options;
    const ecu = new EcuConversation(address, request, this.#timings, {
      receiver: { ...receiver, canFd: this.#frameLength > CLASSIC_DATA_LENGTH },
      sender: { ...sender, frameLength: this.#frameLength },
    });
    this.#ecus.push(ecu);
    return ecu;
  }

  /** Where an ECU is reached that has sent this frame; undefined for strangers. */
  #addressOf(frame: CanFrame): IsoTpAddress | undefined {
    const { target } = this.#options;
    switch (target.kind) {
      case "physical":
        // An answer cannot come before the question is out.
        return this.#sender?.state.kind === "sent" && isFromPeer(target.address, frame) ? target.address : undefined;
      case "group":
        return target.ecus.find((address) => isFromPeer(address, frame));
      case "functional":
        return frame.extended === (target.idBits === 29) ? physicalAddressOf(frame.id, frame.extended) : undefined;
    }
  }

  #conclude(send: readonly CanFrame[], nowMs: number): ExchangeStep {
    const state = this.#sender?.state;
    const ecus = this.#ecus.filter((ecu) => ecu.isConcerned);
    if (state?.kind === "failed") this.#outcome = { answers: [], error: state.error };
    else if (nowMs >= this.#overallDeadlineMs) this.#end(ecus, "the exchange took longer than it may");
    else if (ecus.every((ecu) => ecu.isDone) && (nowMs >= this.#listenUntilMs || this.#allExpectedAnswered(ecus))) {
      this.#end(ecus, "the ECU fell silent");
    }
    return this.#step(this.#outcome === undefined ? send : []);
  }

  #allExpectedAnswered(ecus: readonly EcuConversation[]): boolean {
    const { target, expectedEcuIds } = this.#options;
    if (target.kind === "physical") return ecus.length > 0;
    if (target.kind === "group") return ecus.length === target.ecus.length;
    if (expectedEcuIds === undefined || expectedEcuIds.length === 0) return false;
    return expectedEcuIds.every((id) => ecus.some((ecu) => ecu.address.receiveId === id));
  }

  #end(ecus: readonly EcuConversation[], lateMessage: string): void {
    const answers = ecus.map((ecu) => ecu.answer(lateMessage));
    const isSilenceFine = answers.length > 0 || suppressesAnswer(this.#options.request);
    this.#outcome = isSilenceFine
      ? { answers }
      : { answers, error: new ProtocolError("no-answer", "no ECU answered in time") };
  }

  #step(send: readonly CanFrame[]): ExchangeStep {
    if (this.#outcome !== undefined) return { send, wakeAtMs: undefined, outcome: this.#outcome };
    if (!this.#started) return { send, wakeAtMs: undefined };
    const wakeAtMs = Math.min(
      this.#overallDeadlineMs,
      this.#hasOpenConversation() ? Number.POSITIVE_INFINITY : this.#listenUntilMs,
      this.#sender?.deadlineMs ?? Number.POSITIVE_INFINITY,
      ...this.#ecus.map((ecu) => ecu.deadlineMs ?? Number.POSITIVE_INFINITY),
    );
    return { send, wakeAtMs };
  }

  #hasOpenConversation(): boolean {
    return this.#ecus.some((ecu) => ecu.isConcerned && !ecu.isDone);
  }
}

/** The address on which several ECUs listen at once. */
function everybodyOf(target: Exclude<ExchangeTarget, { kind: "physical" }>): IsoTpAddress {
  if (target.kind === "group") return { ...target.request, receiveId: target.request.transmitId };
  const id = functionalId(target.idBits);
  return { transmitId: id, receiveId: id, extended: target.idBits === 29 };
}
