import { ProtocolError } from "../errors.ts";
import { answersRequest, type EcuAnswer, type ExchangeOutcome, parseNegativeResponse } from "../exchange/index.ts";
import type { ElmNotice, ElmReplyPart } from "./reply-line.ts";

/** Messages kept of one answer: a hundred units with three codes each is no car. */
const MOST_MESSAGES = 100;
const RESPONSE_PENDING = 0x78;

/** One question to all units on K-line or J1850, where each message is an answer of its own (SAE J1979, ISO 14230-4). */
export class LegacyQuestion {
  readonly #request: Uint8Array;
  readonly #answers: EcuAnswer[] = [];
  readonly #announced = new Set<number>();
  readonly notices = new Set<ElmNotice>();
  isGarbled = false;
  isRefused = false;
  wasRestarted = false;

  constructor(request: Uint8Array) {
    this.#request = request;
  }

  /** Takes a part of the chip's answer. The end of the answers is known only at the prompt. */
  hear(part: ElmReplyPart): false {
    if (part.kind === "legacy") this.#take(part.source, part.data);
    else if (part.kind === "notice") this.notices.add(part.notice);
    else if (part.kind === "unknown-command") this.isRefused = true;
    else if (part.kind === "banner") this.wasRestarted = true;
    else if (part.kind === "garbage" || part.kind === "bare") this.isGarbled = true;
    return false;
  }

  get outcome(): ExchangeOutcome {
    const answers = [...this.#answers];
    for (const source of this.#announced) {
      const error = new ProtocolError("exchange-timeout", "the announced answer did not come");
      answers.push({ ecuId: source, extended: false, kind: "failed", error });
    }
    return answers.length > 0
      ? { answers }
      : { answers, error: new ProtocolError("no-answer", "no ECU answered in time") };
  }

  #take(source: number, data: Uint8Array): void {
    if (this.#answers.length >= MOST_MESSAGES) return;
    const who = { ecuId: source, extended: false };
    if (answersRequest(this.#request, data)) {
      this.#announced.delete(source);
      this.#answers.push({ ...who, kind: "positive", payload: data });
      return;
    }
    const negative = parseNegativeResponse(data);
    if (negative?.service !== this.#request[0]) return;
    if (negative?.code === RESPONSE_PENDING) this.#announced.add(source);
    else if (negative !== undefined) {
      this.#announced.delete(source);
      this.#answers.push({ ...who, kind: "negative", code: negative.code, name: negative.name });
    }
  }
}
