import {
  deniesAccess,
  type EcuAnswer,
  type ExchangeTarget,
  type IsoTpAddress,
  type ObdTransport,
} from "../../vehicle-protocols/index.ts";
import type { BoundedCar } from "../bounded-car.ts";
import { ConversationFailure, type FailureCode } from "../dialect.ts";

/** What one unit said to one question: its payloads (several on K-line and J1850), or why there is none. */
export type UnitAnswer =
  | { readonly payloads: readonly Uint8Array[]; readonly transport: ObdTransport }
  | {
      readonly reason: string;
      /** The unit is there and said no. */
      readonly isRefusal: boolean;
      /** It says no until somebody has unlocked it or proved who he is. */
      readonly denied: boolean;
    };

export type UnitAnswers = ReadonlyMap<number, UnitAnswer>;

/** A question whose silence is expected of most units is not waited for as long as one that every unit must answer. */
export const OPTIONAL_P2_MS = 400;

/** The conversation of one scan. Once it has broken off nothing more is asked, and every further question is answered by the reason. */
export class ScanTalk {
  readonly #car: BoundedCar;
  readonly #everybody: ExchangeTarget;
  #ended: FailureCode | undefined;

  constructor(car: BoundedCar, everybody: ExchangeTarget) {
    this.#car = car;
    this.#everybody = everybody;
  }

  /** Why the scan could not be brought to its end; undefined while it goes on. */
  get ended(): FailureCode | undefined {
    return this.#ended;
  }

  get leftMs(): number {
    return this.#ended === undefined ? this.#car.leftMs : 0;
  }

  /** @param expected units that have answered before: the wait ends with them */
  askAll(request: Uint8Array, expected: readonly number[], p2Ms = 1000): Promise<UnitAnswers> {
    return this.#ask(this.#everybody, request, p2Ms, expected);
  }

  async askOne(address: IsoTpAddress, request: Uint8Array, p2Ms = 1000): Promise<UnitAnswer> {
    const answers = await this.#ask({ kind: "physical", address }, request, p2Ms, []);
    return answers.get(address.receiveId) ?? this.silence();
  }

  /** What to say of a unit that did not answer. */
  silence(): UnitAnswer {
    return { reason: this.#ended ?? "no-answer", isRefusal: false, denied: false };
  }

  async #ask(
    target: ExchangeTarget,
    request: Uint8Array,
    p2Ms: number,
    expectedEcuIds: readonly number[],
  ): Promise<UnitAnswers> {
    if (this.#ended !== undefined) return new Map();
    try {
      const outcome = await this.#car.ask({ target, request, p2Ms, expectedEcuIds });
      return gather(outcome.answers, outcome.format ?? "can");
    } catch (error) {
      if (!(error instanceof ConversationFailure)) throw error;
      this.#ended = error.code;
      return new Map();
    }
  }
}

function gather(answers: readonly EcuAnswer[], transport: ObdTransport): UnitAnswers {
  const byUnit = new Map<number, UnitAnswer>();
  for (const answer of answers) {
    const before = byUnit.get(answer.ecuId);
    const earlier = before !== undefined && "payloads" in before ? before.payloads : [];
    if (answer.kind === "positive") byUnit.set(answer.ecuId, { payloads: [...earlier, answer.payload], transport });
    else if (earlier.length === 0) byUnit.set(answer.ecuId, refusalOf(answer));
  }
  return byUnit;
}

function refusalOf(answer: Exclude<EcuAnswer, { kind: "positive" }>): UnitAnswer {
  if (answer.kind === "negative") return { reason: answer.name, isRefusal: true, denied: deniesAccess(answer.code) };
  return { reason: answer.error.code, isRefusal: false, denied: false };
}
