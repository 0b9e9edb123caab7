import type { EcuAnswer } from "../exchange/ecu-conversation.ts";
import { deniesAccess } from "../exchange/negative-response.ts";
import { encodeObdRequest } from "../obd/requests.ts";
import { decodeObdResponse } from "../obd/responses.ts";
import { decodeObdIdentifier, obdIdentifier } from "./obd-on-uds.ts";
import { encodeUdsRequest } from "./requests.ts";

/** A question for all ECUs on 11-bit (7DF) or 29-bit identifiers (18DB33F1). */
export type ProbeQuestion = { readonly idBits: 11 | 29; readonly request: Uint8Array };

/** By which rules a car is read. */
export type ProbeConclusion =
  | {
      /**
       * `obd`: SAE J1979. `obd-on-uds`: SAE J1979-2. `wwh-obd`: ISO 27145, heavy vehicles. `uds`: ISO 14229-1 without any of these, as
       * electric cars before 2026 do.
       */
      readonly standard: "obd" | "obd-on-uds" | "wwh-obd" | "uds";
      readonly idBits: 11 | 29;
      /** Ids of the ECUs that answered in this way. */
      readonly ecuIds: readonly number[];
      /** What F810 says, where it was answered. */
      readonly protocolId?: number;
      /** An ECU refused until the tester proves who it is: there may be a secure gateway. */
      readonly accessDenied: boolean;
    }
  /** Nobody answered: asleep, ignition off, another bit rate, another line. */
  | { readonly standard: "silent" };

type Question = { readonly step: Step; readonly idBits: 11 | 29; readonly isRepeated: boolean };
type Step = "obd" | "protocol-id" | "requirements" | "wwh-info" | "tester-present";

const PROTOCOL_ID = obdIdentifier("info", 0x10);
/** PID 1C: by which regulation the car was built. */
const REQUIREMENTS = obdIdentifier("pid", 0x1c);
/** PID 91: counters that only WWH-OBD has. */
const WWH_INFO = obdIdentifier("pid", 0x91);
/** Words of PID 1C that mean ISO 27145. */
const WWH_REQUIREMENTS: ReadonlySet<string> = new Set(["wwh-obd", "hd-eobd-vi"]);

const REQUESTS: Readonly<Record<Step, Uint8Array>> = {
  obd: encodeObdRequest({ service: 0x01, pids: [0x00] }),
  "protocol-id": encodeUdsRequest({ service: 0x22, dids: [PROTOCOL_ID] }),
  requirements: encodeUdsRequest({ service: 0x22, dids: [REQUIREMENTS] }),
  "wwh-info": encodeUdsRequest({ service: 0x22, dids: [WWH_INFO] }),
  "tester-present": encodeUdsRequest({ service: 0x3e, silent: false }),
};

/**
 * Finds out how a car is to be read, as a pure state machine: ask what `next` says (with `DiagnosticExchange`, or a chip that does so itself), give
 * the answers to `take`, and again, until `conclusion` is there. It asks for SAE J1979 first, on both kinds of identifiers; then for the
 * protocol identification of OBD on UDS; then whether anybody speaks ISO 14229-1 at all. A refusal counts as a sign of life and settles
 * the identifiers. It takes six questions at most, each repeated once
 * if its answer breaks off. Bit rates and old lines are the caller's to try.
 */
export class ProtocolProbe {
  readonly #queue: Question[];
  #conclusion: ProbeConclusion | undefined;
  #accessDenied = false;
  /** Ids that showed any sign of life, and on which identifiers. */
  readonly #alive = new Map<11 | 29, Set<number>>();
  /** Who answered F810, and what. */
  #onUds: { readonly idBits: 11 | 29; readonly ecuIds: readonly number[]; readonly protocolId: number } | undefined;

  /** @param idBits identifiers to try, in this order; one where the caller knows already */
  constructor(idBits: readonly [11 | 29, ...(11 | 29)[]] = [11, 29]) {
    const steps: readonly Step[] = ["obd", "protocol-id", "tester-present"];
    this.#queue = steps.flatMap((step) => idBits.map((bits) => ({ step, idBits: bits, isRepeated: false })));
  }

  get conclusion(): ProbeConclusion | undefined {
    return this.#conclusion;
  }

  /** The next question; undefined once there is a conclusion. */
  next(): ProbeQuestion | undefined {
    const [question] = this.#queue;
    if (this.#conclusion !== undefined || question === undefined) return undefined;
    return { idBits: question.idBits, request: REQUESTS[question.step] };
  }

  /** Takes all answers to the question that `next` gave; none means silence. */
  take(answers: readonly EcuAnswer[]): void {
    const question = this.#queue.shift();
    if (this.#conclusion !== undefined || question === undefined) return;
    const { step, idBits } = question;
    if (answers.some(({ kind }) => kind === "failed") && !answers.some(({ kind }) => kind === "positive")) {
      // An answer that broke off says nothing about the car: ask once more.
      if (!question.isRepeated) {
        this.#queue.unshift({ ...question, isRepeated: true });
        return;
      }
    }
    this.#noteLife(idBits, answers);
    const positive = answers.flatMap((answer) => (answer.kind === "positive" ? [answer] : []));
    switch (step) {
      case "obd": {
        const speakers = positive.filter(({ payload }) => isSupportedPids(payload));
        if (speakers.length > 0) this.#conclude("obd", idBits, idsOf(speakers));
        break;
      }
      case "protocol-id": {
        const speakers = positive.filter(({ payload }) => dataOf(payload, PROTOCOL_ID) !== undefined);
        const protocolId = speakers
          .map(({ payload }) => dataOf(payload, PROTOCOL_ID)?.[0])
          .find((id) => id !== undefined);
        if (protocolId !== undefined) {
          this.#onUds = { idBits, ecuIds: idsOf(speakers), protocolId };
          const rest = (["requirements", "wwh-info"] as const).map((next) => ({
            step: next,
            idBits,
            isRepeated: false,
          }));
          this.#queue.splice(0, this.#queue.length, ...rest);
        }
        break;
      }
      case "requirements": {
        const standards = positive.flatMap(({ payload }) => requirementOf(payload));
        if (standards.some((word) => WWH_REQUIREMENTS.has(word))) this.#concludeOnUds("wwh-obd");
        else if (standards.length > 0) this.#concludeOnUds("obd-on-uds");
        break;
      }
      case "wwh-info":
        this.#concludeOnUds(
          positive.some(({ payload }) => dataOf(payload, WWH_INFO) !== undefined) ? "wwh-obd" : "obd-on-uds",
        );
        break;
      case "tester-present":
        // Any answer at all will do; it has been noted as life.
        break;
    }
    this.#dropSettled(idBits);
    if (this.#queue.length === 0 && this.#conclusion === undefined) this.#concludeByLife();
  }

  #noteLife(idBits: 11 | 29, answers: readonly EcuAnswer[]): void {
    if (answers.length === 0) return;
    const ids = this.#alive.get(idBits) ?? new Set();
    for (const { ecuId } of answers) ids.add(ecuId);
    this.#alive.set(idBits, ids);
    if (answers.some((answer) => answer.kind === "negative" && deniesAccess(answer.code))) this.#accessDenied = true;
  }

  /** Identifiers on which somebody lives make the other ones needless; and who lives need not be asked whether he does. */
  #dropSettled(idBits: 11 | 29): void {
    if (!this.#alive.has(idBits)) return;
    const left = this.#queue.filter((question) => question.idBits === idBits && question.step !== "tester-present");
    this.#queue.splice(0, this.#queue.length, ...left);
  }

  #concludeByLife(): void {
    const [life] = this.#alive;
    if (life === undefined) this.#conclusion = { standard: "silent" };
    else this.#conclude("uds", life[0], [...life[1]]);
  }

  #concludeOnUds(standard: "obd-on-uds" | "wwh-obd"): void {
    if (this.#onUds === undefined) return;
    const { idBits, ecuIds, protocolId } = this.#onUds;
    this.#conclusion = { standard, idBits, ecuIds, protocolId, accessDenied: this.#accessDenied };
  }

  #conclude(standard: "obd" | "uds", idBits: 11 | 29, ecuIds: readonly number[]): void {
    this.#conclusion = { standard, idBits, ecuIds, accessDenied: this.#accessDenied };
  }
}

function idsOf(answers: readonly EcuAnswer[]): number[] {
  return [...new Set(answers.map(({ ecuId }) => ecuId))];
}

function isSupportedPids(payload: Uint8Array): boolean {
  const response = decodeObdResponse(payload);
  return response.ok && response.value.service === 0x01;
}

function dataOf(payload: Uint8Array, did: number): Uint8Array | undefined {
  const isAbout = payload[0] === 0x62 && payload[1] === did >> 8 && payload[2] === (did & 0xff);
  return isAbout && payload.length > 3 ? payload.subarray(3) : undefined;
}

/** The word of PID 1C, where this is its answer. */
function requirementOf(payload: Uint8Array): string[] {
  const data = dataOf(payload, REQUIREMENTS);
  const value = data === undefined ? undefined : decodeObdIdentifier(REQUIREMENTS, data);
  if (value?.ok !== true || value.value.kind !== "pid" || value.value.reading.kind !== "signals") return [];
  return value.value.reading.signals.flatMap((signal) => (typeof signal.value === "string" ? [signal.value] : []));
}
