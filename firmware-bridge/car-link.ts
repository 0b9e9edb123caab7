import {
  type CanFrame,
  DiagnosticExchange,
  type ExchangeOptions,
  type ExchangeOutcome,
  type ExchangeStep,
  encodeRequest,
  GLOBAL_ADDRESS,
  READABLE_GROUPS,
  type ReadableGroup,
} from "../vehicle-protocols/index.ts";
import { type BusTap, type CarConversation, ConversationFailure } from "./dialect.ts";
import type { AdapterEgress } from "./egress/index.ts";

/** SAE J1939-81: off-board diagnostic service tool 1. */
const SERVICE_TOOL_ADDRESS = 249;

/** How a dialect moves raw CAN frames: encodes one in its firmware's way and writes it to its outlet. */
export interface FramePort {
  send(frame: CanFrame): void;
}

/**
 * A car behind a dongle that passes raw CAN frames: runs one exchange after another on machine time (these are deadlines of
 * electronics, not of people). Frames that arrive while nothing was asked are ignored.
 */
export class CarLink implements CarConversation {
  readonly #egress: Pick<AdapterEgress, "approve" | "approveGroup" | "withdraw">;
  readonly #port: FramePort;
  readonly bus: BusTap = {
    hear: (listener) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
    request: (group) => this.#inTurn(async () => this.#request(group)),
  };
  readonly #listeners = new Set<(frame: CanFrame) => void>();
  #turn: Turn | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(egress: Pick<AdapterEgress, "approve" | "approveGroup" | "withdraw">, port: FramePort) {
    this.#egress = egress;
    this.#port = port;
  }

  /**
   * Asks, and resolves with every control unit's answer; always ends by the exchange's own bound.
   * @throws EgressRefusal when the request may not be asked; ConversationFailure `link-lost` when the link was closed meanwhile
   */
  ask(options: ExchangeOptions): Promise<ExchangeOutcome> {
    return this.#inTurn(() => this.#run(options));
  }

  /** Whether frames mean anything now: a question is under way, or somebody hears the bus. */
  get wantsFrames(): boolean {
    return this.#turn !== undefined || this.#listeners.size > 0;
  }

  receive(frame: CanFrame): void {
    for (const listener of this.#listeners) listener(frame);
    const turn = this.#turn;
    if (turn !== undefined) this.#apply(turn, () => turn.exchange.receive(frame, performance.now()));
  }

  /** Ends what is under way. */
  close(): void {
    const turn = this.#turn;
    if (turn !== undefined) this.#end(turn, () => turn.reject(new ConversationFailure("link-lost")));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  #request(group: ReadableGroup): void {
    const frame = encodeRequest(group, GLOBAL_ADDRESS, SERVICE_TOOL_ADDRESS);
    this.#egress.approveGroup(READABLE_GROUPS[group]);
    try {
      this.#port.send(frame);
    } finally {
      this.#egress.withdraw();
    }
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
