import {
  type CanFrame,
  DiagnosticExchange,
  type ExchangeOptions,
  type ExchangeOutcome,
  type ExchangeStep,
} from "../vehicle-protocols/index.ts";
import { ScanFailure } from "./dialect.ts";
import { guardEgress } from "./egress.ts";

/** How a dialect moves raw CAN frames. */
export interface FramePort {
  send(frame: CanFrame): void;
}

/**
 * A car behind a dongle that passes raw CAN frames: runs one exchange after another on machine time (these are deadlines of
 * electronics, not of people). Frames that arrive while nothing was asked are ignored.
 */
export class CarLink {
  readonly #port: FramePort;
  #turn: Turn | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(port: FramePort) {
    this.#port = port;
  }

  /**
   * Asks, and resolves with every control unit's answer; always ends by the exchange's own bound.
   * @throws RangeError when the request is not one that only reads; ScanFailure when the link was closed meanwhile
   */
  ask(options: ExchangeOptions): Promise<ExchangeOutcome> {
    const turn = this.#queue.then(() => this.#run(options));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  receive(frame: CanFrame): void {
    const turn = this.#turn;
    if (turn !== undefined) this.#apply(turn, () => turn.exchange.receive(frame, performance.now()));
  }

  /** Ends what is under way. */
  close(): void {
    const turn = this.#turn;
    if (turn !== undefined) this.#end(turn, () => turn.reject(new ScanFailure("link-lost")));
  }

  #run(options: ExchangeOptions): Promise<ExchangeOutcome> {
    return new Promise((resolve, reject) => {
      const turn: Turn = { exchange: new DiagnosticExchange(options), resolve, reject, timer: undefined };
      this.#turn = turn;
      this.#apply(turn, () => turn.exchange.start(performance.now()));
    });
  }

  #apply(turn: Turn, advance: () => ExchangeStep): void {
    try {
      const step = advance();
      for (const frame of step.send) this.#port.send(guardEgress(frame));
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
    if (this.#turn === turn) this.#turn = undefined;
    settle();
  }
}

interface Turn {
  readonly exchange: DiagnosticExchange;
  readonly resolve: (outcome: ExchangeOutcome) => void;
  readonly reject: (error: unknown) => void;
  timer: NodeJS.Timeout | undefined;
}
