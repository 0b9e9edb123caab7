import type { CanFrame } from "../can-frame.ts";
import { ProtocolError } from "../errors.ts";
import {
  type IsoTpAddress,
  IsoTpReceiver,
  type IsoTpReceiverEvent,
  type IsoTpReceiverOptions,
  IsoTpSender,
  type IsoTpSenderOptions,
} from "../iso-tp/index.ts";
import { answersRequest } from "./matching.ts";
import { BUSY_REPEAT_REQUEST, parseNegativeResponse, RESPONSE_PENDING } from "./negative-response.ts";

export type EcuAnswer = {
  /** CAN id that the ECU answered on: what tells ECUs apart. */
  readonly ecuId: number;
  readonly extended: boolean;
  /** With mixed addressing, what tells ECUs on the same id apart. */
  readonly addressByte?: number;
} & (
  | { readonly kind: "positive"; readonly payload: Uint8Array }
  /** The ECU refused; `name` is the stable English name of the response code. */
  | { readonly kind: "negative"; readonly code: number; readonly name: string }
  | { readonly kind: "failed"; readonly error: ProtocolError }
);

export type EcuTimings = {
  readonly p2Ms: number;
  readonly p2StarMs: number;
  readonly maxPending: number;
  readonly maxBusyRepeats: number;
  readonly busyPauseMs: number;
};

type State =
  /** Its id was seen, but nothing yet that belongs to our question. */
  | { readonly kind: "silent" }
  /** A segmented message is on its way; the receiver holds the deadline. */
  | { readonly kind: "receiving" }
  /** It said "response pending", or our repetition is out. */
  | { readonly kind: "awaiting"; readonly deadlineMs: number }
  /** It said "busy": the question goes out again then. */
  | { readonly kind: "repeating"; readonly dueMs: number }
  | { readonly kind: "done"; readonly answer: EcuAnswer };

/** What one ECU does with one question. Part of `DiagnosticExchange`. */
export class EcuConversation {
  readonly address: IsoTpAddress;
  readonly #request: Uint8Array;
  readonly #timings: EcuTimings;
  readonly #senderOptions: IsoTpSenderOptions | undefined;
  readonly #receiver: IsoTpReceiver;
  #repetition: IsoTpSender | undefined;
  #state: State = { kind: "silent" };
  #pendings = 0;
  #busyRepeats = 0;

  constructor(
    address: IsoTpAddress,
    request: Uint8Array,
    timings: EcuTimings,
    options: { readonly receiver?: IsoTpReceiverOptions; readonly sender?: IsoTpSenderOptions },
  ) {
    this.address = address;
    this.#request = request;
    this.#timings = timings;
    this.#senderOptions = options.sender;
    this.#receiver = new IsoTpReceiver(address, options.receiver);
  }

  /** Whether anything it sent belongs to this question. */
  get isConcerned(): boolean {
    return this.#state.kind !== "silent";
  }

  get isDone(): boolean {
    return this.#state.kind === "done";
  }

  get deadlineMs(): number | undefined {
    // While frames are on their way in or out, the transport's deadline stands for the answer's.
    const transport = this.#receiver.deadlineMs ?? this.#repetition?.deadlineMs;
    if (transport !== undefined) return transport;
    if (this.#state.kind === "awaiting") return this.#state.deadlineMs;
    return this.#state.kind === "repeating" ? this.#state.dueMs : undefined;
  }

  /** The end of it; an unfinished conversation becomes a failure with this message. */
  answer(lateMessage: string): EcuAnswer {
    if (this.#state.kind === "done") return this.#state.answer;
    return this.#failed(new ProtocolError("exchange-timeout", lateMessage));
  }

  receive(frame: CanFrame, nowMs: number): readonly CanFrame[] {
    const send = this.#advance(this.#repetition?.receive(frame, nowMs) ?? [], nowMs);
    const step = this.#receiver.receive(frame, nowMs);
    for (const event of step.events) this.#handle(event, nowMs);
    return [...send, ...step.frames];
  }

  tick(nowMs: number): readonly CanFrame[] {
    const received = this.#receiver.tick(nowMs);
    for (const event of received.events) this.#handle(event, nowMs);
    let send = this.#advance(this.#repetition?.tick(nowMs) ?? [], nowMs);
    if (this.#state.kind === "repeating" && nowMs >= this.#state.dueMs) {
      this.#repetition = new IsoTpSender(this.address, this.#request, this.#senderOptions);
      this.#state = { kind: "awaiting", deadlineMs: nowMs + this.#timings.p2Ms };
      send = this.#advance(this.#repetition.start(nowMs), nowMs);
    }
    const transportIsBusy = this.#receiver.deadlineMs !== undefined || this.#repetition !== undefined;
    if (this.#state.kind === "awaiting" && nowMs >= this.#state.deadlineMs && !transportIsBusy) {
      const message = this.#pendings > 0 ? "the announced answer did not come" : "the repeated question had no answer";
      this.#finish(this.#failed(new ProtocolError("exchange-timeout", message)));
    }
    return [...received.frames, ...send];
  }

  // P2 of a repeated question runs from the end of its last frame.
  #advance(frames: readonly CanFrame[], nowMs: number): readonly CanFrame[] {
    const state = this.#repetition?.state;
    if (state?.kind === "sent") {
      this.#repetition = undefined;
      if (this.#state.kind === "awaiting") {
        this.#state = { kind: "awaiting", deadlineMs: nowMs + this.#timings.p2Ms };
      }
    } else if (state?.kind === "failed") {
      this.#repetition = undefined;
      if (this.#state.kind !== "done") this.#finish(this.#failed(state.error));
    }
    return frames;
  }

  #handle(event: IsoTpReceiverEvent, nowMs: number): void {
    switch (event.kind) {
      case "started":
        if (this.#state.kind === "silent" || this.#hasFailed()) this.#state = { kind: "receiving" };
        return;
      case "aborted":
        // A later whole message may still replace this failure.
        if (this.#state.kind !== "done") this.#finish(this.#failed(event.error));
        return;
      case "message":
        this.#takeMessage(event.payload, nowMs);
    }
  }

  #takeMessage(payload: Uint8Array, nowMs: number): void {
    if (this.#state.kind === "done" && !this.#hasFailed()) return;
    const who = this.#who();
    if (answersRequest(this.#request, payload)) {
      this.#finish({ ...who, kind: "positive", payload });
      return;
    }
    const negative = parseNegativeResponse(payload);
    if (negative === undefined || negative.service !== this.#request[0]) {
      // Somebody else's talk: a message that had begun as if for us is none.
      if (this.#state.kind === "receiving") this.#state = { kind: "silent" };
      return;
    }
    if (negative.code === RESPONSE_PENDING) this.#await(nowMs);
    else if (negative.code === BUSY_REPEAT_REQUEST) this.#repeatLater(nowMs);
    else this.#finish({ ...who, kind: "negative", code: negative.code, name: negative.name });
  }

  #await(nowMs: number): void {
    this.#pendings += 1;
    if (this.#pendings > this.#timings.maxPending) {
      const message = `the ECU announced an answer ${this.#pendings} times and gave none`;
      this.#finish(this.#failed(new ProtocolError("pending-too-long", message)));
      return;
    }
    this.#state = { kind: "awaiting", deadlineMs: nowMs + this.#timings.p2StarMs };
  }

  #repeatLater(nowMs: number): void {
    this.#busyRepeats += 1;
    if (this.#busyRepeats > this.#timings.maxBusyRepeats) {
      const message = `the ECU was still busy after ${this.#timings.maxBusyRepeats} repetitions`;
      this.#finish(this.#failed(new ProtocolError("busy-too-long", message)));
      return;
    }
    this.#state = { kind: "repeating", dueMs: nowMs + this.#timings.busyPauseMs };
  }

  #hasFailed(): boolean {
    return this.#state.kind === "done" && this.#state.answer.kind === "failed";
  }

  #failed(error: ProtocolError): EcuAnswer {
    return { ...this.#who(), kind: "failed", error };
  }

  #who(): Pick<EcuAnswer, "ecuId" | "extended" | "addressByte"> {
    const { receiveId, extended, receiveAddressByte } = this.address;
    const who = { ecuId: receiveId, extended };
    return receiveAddressByte === undefined ? who : { ...who, addressByte: receiveAddressByte };
  }

  #finish(answer: EcuAnswer): void {
    this.#state = { kind: "done", answer };
  }
}
