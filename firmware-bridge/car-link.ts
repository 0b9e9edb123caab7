import {
  type CanFrame,
  DiagnosticExchange,
  type ExchangeOptions,
  type ExchangeOutcome,
  type ExchangeStep,
} from "../vehicle-protocols/index.ts";
import { type CarConversation, ConversationFailure } from "./dialect.ts";
import type { AdapterEgress } from "./egress/index.ts";

/** How a dialect moves raw CAN frames: encodes one in its firmware's way and writes it to its outlet. */
export interface FramePort {
  send(frame: CanFrame): void;
}

/**
 * A car behind a dongle that passes raw CAN frames: runs one exchange after another on machine time (these are deadlines of
 * electronics, not of people). Frames that arrive while nothing was asked are ignored.
 */
export class CarLink implements CarConversation {
  readonly #egress: Pick<AdapterEgress, "approve" | "withdraw">;
  readonly #port: FramePort;
  #turn: Turn | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(egress: Pick<AdapterEgress, "approve" | "withdraw">, port: FramePort) {
    this.#egress = egress;
    this.#port = port;
  }

  /**
   * Asks, and resolves with every control unit's answer; always ends by the exchange's own bound.
   * @throws EgressRefusal when the request may not be asked; ConversationFailure `link-lost` when the link was closed meanwhile
   */
  ask(options: ExchangeOptions): Promise<ExchangeOutcome> {
    const turn = this.#queue.then(() => this.#run(options));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  /** Whether a question is under way; frames at other times mean nothing here. */
  get isAsking(): boolean {
    return this.#turn !== undefined;
  }

  receive(frame: CanFrame): void {
    const turn = this.#turn;
    if (turn !== undefined) this.#apply(turn, () => turn.exchange.receive(frame, performance.now()));
  }

  /** Ends what is under way. */
  close(): void {
    const turn = this.#turn;
    if (turn !== undefined) this.#end(turn, () => turn.reject(new ConversationFailure("link-lost")));
  }

  async #run(options: ExchangeOptions): Promise<ExchangeOutcome> {
    const exchange = new DiagnosticExchange(options);
    this.#egress.approve(options);
    return new Promise((resolve, reject) => {
      const turn: Turn = { exchange, resolve, reject, timer: undefined };
      this.#turn = turn;
      this.#apply(turn, () => turn.exchange.start(performance.now()));
    });
  }

  #apply(turn: Turn, advance: () => ExchangeStep): void {
    try {
      const step = advance();
      for (const frame of step.send) this.#port.send(frame);
      clearTimeout(turn.timer);
      const { outcome, wakeAtMs } = step;
      if (outcome !== undefined) this.#end(turn, () => turn.resolve(outcome));
      else if (wakeAtMs !== undefined) {
        const waitMs = Math.ceil(Math.max(0, wakeAtMs - performance.now()));
        turn.timer = setTimeout(() => this.#apply(turn, () => turn.exchange.tick(performance.now())), waitMs);
      }
    } catch (error) {
      this.#end(turn, () => turn.reject(error));
    }
  }

  #end(turn: Turn, settle: () => void): void {
    clearTimeout(turn.timer);
    if (this.#turn === turn) {
      this.#turn = undefined;
      this.#egress.withdraw();
    }
    settle();
  }
}

interface Turn {
  readonly exchange: DiagnosticExchange;
  readonly resolve: (outcome: ExchangeOutcome) => void;
  readonly reject: (error: unknown) => void;
  timer: NodeJS.Timeout | undefined;
}
