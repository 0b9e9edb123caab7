import type { CanFrame } from "../can-frame.ts";
import {
  DiagnosticExchange,
  type ExchangeOptions,
  type ExchangeOutcome,
  type ExchangeStep,
  parseNegativeResponse,
} from "../exchange/index.ts";
import { type IsoTpAddress, normalAddress, normalFixedAddress } from "../iso-tp/index.ts";
import type { ElmNotice, ElmReplyPart } from "./reply-line.ts";
import type { ElmTarget } from "./settings.ts";

/** A question that the chip can ask at once. */
export type ElmQuestion = ExchangeOptions & { readonly target: ElmTarget };

/** ISO 14229-1: the unit works on it. */
const RESPONSE_PENDING = 0x78;
/** Upper nibble of an ISO-TP frame's first byte: the flow control that the chip sends by itself. */
const FLOW_CONTROL = 3;

/**
 * One question on CAN, judged by the same exchange as over raw frames. The chip does ISO-TP's flow control and waits for
 * answers by its own timer, so the exchange gets a time that stands still until the chip's prompt says that nothing more comes;
 * then its deadlines are let pass at once.
 */
export class CanQuestion {
  readonly #options: ElmQuestion;
  readonly #exchange: DiagnosticExchange;
  /** Whose answers come without a header. */
  readonly #assumed: IsoTpAddress;
  #timeMs = 0;
  #step: ExchangeStep;
  #announcedLength = 0;
  readonly #pending = new Set<number>();
  /** How often each unit has announced its answer. */
  readonly #announcements = new Map<number, number>();
  #pendingIsNew = false;
  /** What the chip complained of while this was asked. */
  readonly notices = new Set<ElmNotice>();
  /** A line could not be read: part of an answer may be missing. */
  isGarbled = false;
  /** The chip did not take the line for a request. */
  isRefused = false;
  wasRestarted = false;
  /** Frames of answers so far. */
  frames = 0;

  /** @throws ProtocolError `invalid-argument` as the exchange does */
  constructor(options: ElmQuestion) {
    this.#options = options;
    this.#exchange = new DiagnosticExchange({ ...options, overallMs: Number.MAX_SAFE_INTEGER, sender: {} });
    this.#step = this.#exchange.start(0);
    this.#assumed = assumedAddress(options.target);
  }

  get outcome(): ExchangeOutcome | undefined {
    return this.#step.outcome;
  }

  /** Units that have announced their answer and not given it. */
  get isPending(): boolean {
    return this.#pending.size > 0;
  }

  /** Whether an announcement has come since the last call. */
  takePendingNews(): boolean {
    const isNew = this.#pendingIsNew;
    this.#pendingIsNew = false;
    return isNew;
  }

  /** Takes a part of the chip's answer. @returns whether the question is answered */
  hear(part: ElmReplyPart): boolean {
    switch (part.kind) {
      case "can":
        this.#receive(part.frame);
        break;
      case "length":
        this.#announcedLength = part.length;
        break;
      case "segment":
        this.#receive(this.#frame(this.#segmentPdu(part.index, part.data)));
        break;
      case "bare":
        if (this.#couldAnswer(part.data)) this.#receive(this.#frame([part.data.length, ...part.data]));
        else this.isGarbled = true;
        break;
      case "notice":
        this.notices.add(part.notice);
        break;
      case "unknown-command":
        this.isRefused = true;
        break;
      case "banner":
        this.wasRestarted = true;
        break;
      case "garbage":
        this.isGarbled = true;
        break;
      case "ok":
      case "volts":
      case "text":
      case "legacy":
        break;
    }
    return this.outcome !== undefined;
  }

  /**
   * The chip has nothing more to say: lets the exchange's deadlines pass up to its end or to a repetition that it wants.
   * @returns the unit to which the question goes once more because it was busy; undefined at the end
   */
  conclude(): ElmTarget | undefined {
    while (this.outcome === undefined) {
      this.#timeMs = this.#step.wakeAtMs ?? Number.MAX_SAFE_INTEGER;
      this.#step = this.#exchange.tick(this.#timeMs);
      const repetition = this.#step.send.find((frame) => !this.#isFlowControl(frame));
      if (repetition !== undefined) return this.#targetOf(repetition);
    }
    return undefined;
  }

  /** Ends it as the exchange ends when it takes longer than it may. */
  end(): ExchangeOutcome {
    this.#step = this.#exchange.tick(Number.MAX_SAFE_INTEGER);
    return this.#step.outcome ?? { answers: [] };
  }

  #receive(frame: CanFrame): void {
    this.frames += 1;
    this.#notePending(frame);
    this.#step = this.#exchange.receive(frame, this.#timeMs);
  }

  #notePending(frame: CanFrame): void {
    const pci = frame.data[this.#offset(frame)];
    if (pci === undefined || pci >> 4 > 1) return;
    const negative = pci >> 4 === 0 ? parseNegativeResponse(frame.data.subarray(this.#offset(frame) + 1)) : undefined;
    if (negative?.service === this.#options.request[0] && negative?.code === RESPONSE_PENDING) {
      this.#noteAnnouncement(frame.id);
    } else if (negative === undefined || negative.service === this.#options.request[0]) this.#pending.delete(frame.id);
  }

  /** A unit that announces more often than the exchange takes is not waited for. */
  #noteAnnouncement(id: number): void {
    const times = (this.#announcements.get(id) ?? 0) + 1;
    this.#announcements.set(id, times);
    if (times > (this.#options.maxPending ?? 6)) this.#pending.delete(id);
    else {
      this.#pending.add(id);
      this.#pendingIsNew = true;
    }
  }

  #offset(frame: CanFrame): number {
    const { target } = this.#options;
    const hasByte = target.kind === "physical" && target.address.receiveAddressByte !== undefined;
    return hasByte && frame.id === target.address.receiveId ? 1 : 0;
  }

  #isFlowControl(frame: CanFrame): boolean {
    const { target } = this.#options;
    const offset = target.kind === "physical" && target.address.transmitAddressByte !== undefined ? 1 : 0;
    return (frame.data[offset] ?? 0) >> 4 === FLOW_CONTROL;
  }

  #targetOf(frame: CanFrame): ElmTarget {
    const { target } = this.#options;
    if (target.kind === "physical") return target;
    const address = frame.extended
      ? normalFixedAddress((frame.id >>> 8) & 0xff)
      : normalAddress(frame.id, frame.id + 8, false);
    return { kind: "physical", address };
  }

  /** Whether a message without header may belong to this question at all. */
  #couldAnswer(data: Uint8Array): boolean {
    const longest = this.#assumed.receiveAddressByte === undefined ? 7 : 6;
    return data.length <= longest && (data[0] === this.#options.request[0]! + 0x40 || data[0] === 0x7f);
  }

  #segmentPdu(index: number, data: Uint8Array): number[] {
    if (index !== 0 || this.#announcedLength === 0) return [0x20 | index, ...data];
    const length = this.#announcedLength;
    this.#announcedLength = 0;
    return [0x10 | (length >> 8), length & 0xff, ...data];
  }

  #frame(pdu: readonly number[]): CanFrame {
    const { receiveId, extended, receiveAddressByte } = this.#assumed;
    const data = receiveAddressByte === undefined ? pdu : [receiveAddressByte, ...pdu];
    return { id: receiveId, extended, data: Uint8Array.from(data) };
  }
}

/** Without headers nobody can tell who answers: the unit that was asked, or else the first one, which is the engine's. */
function assumedAddress(target: ElmTarget): IsoTpAddress {
  if (target.kind === "physical") return target.address;
  return target.idBits === 11 ? normalAddress(0x7e0, 0x7e8) : normalFixedAddress(0x10);
}
