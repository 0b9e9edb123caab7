import type { ExchangeOptions } from "../vehicle-protocols/index.ts";
import {
  type BusTap,
  type CarConversation,
  type CarLine,
  type CarOutcome,
  ConversationFailure,
  type FailureCode,
} from "./dialect.ts";

/** The longest that one question may take, whatever a unit announces. */
const LONGEST_QUESTION_MS = 45_000;

/**
 * A conversation that does not outlive its deadline (machine time): each question gets the time that is left, and none is asked once
 * `refusal` says why not.
 */
export class BoundedCar {
  readonly #car: CarConversation;
  readonly #endMs: number;
  readonly #refusal: () => FailureCode | undefined;

  constructor(car: CarConversation, forMs: number, refusal: () => FailureCode | undefined = () => undefined) {
    this.#car = car;
    this.#refusal = refusal;
    this.#endMs = performance.now() + forMs;
  }

  get leftMs(): number {
    return Math.max(0, this.#endMs - performance.now());
  }

  /** The bus itself, where frames pass as they are: heard freely, and asked under the same bounds. */
  get bus(): BusTap | undefined {
    const { bus } = this.#car;
    if (bus === undefined) return undefined;
    return {
      hear: (listener) => bus.hear(listener),
      request: async (group) => {
        this.#requirePermission();
        await bus.request(group);
      },
    };
  }

  /** The line that the chip found; undefined where it leaves the choice to us. */
  async findLine(): Promise<CarLine | undefined> {
    this.#requirePermission();
    return this.#car.findLine?.();
  }

  /** @throws ConversationFailure `deadline-passed` or the refusal, before anything is asked */
  async ask(question: ExchangeOptions): Promise<CarOutcome> {
    this.#requirePermission();
    const overallMs = Math.min(question.overallMs ?? LONGEST_QUESTION_MS, this.leftMs);
    return this.#car.ask({ ...question, overallMs });
  }

  #requirePermission(): void {
    const refusal = this.#refusal() ?? (this.leftMs === 0 ? "deadline-passed" : undefined);
    if (refusal !== undefined) throw new ConversationFailure(refusal);
  }
}
