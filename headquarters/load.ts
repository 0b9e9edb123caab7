import { Refused } from "./refused.ts";
import { TokenBuckets } from "./token-bucket.ts";

/** How much one node takes on. */
export interface LoadLimits {
  /** Batches in the database at once; beyond it the node says 503. */
  readonly concurrentBatches: number;
  /** Requests one gateway may make in a burst, and per second in the long run. */
  readonly gatewayBurst: number;
  readonly gatewayPerSecond: number;
  /** Enrolments from one address in a burst, and per second: a claim code is not to be guessed. */
  readonly strangerBurst: number;
  readonly strangerPerSecond: number;
}

/** 10,000 shops with a batch every 30 s are 333 a second over all nodes; one shop that drains weeks of backlog needs more than its share for a while. */
export const DEFAULT_LIMITS: LoadLimits = {
  concurrentBatches: 32,
  gatewayBurst: 200,
  gatewayPerSecond: 50,
  strangerBurst: 20,
  strangerPerSecond: 0.2,
};

const BUSY_RETRY_MS = 1_000;

/** Keeps one node from taking more than it can carry, and one gateway from taking everybody's share. */
export class Load {
  readonly #gateways: TokenBuckets;
  readonly #strangers: TokenBuckets;
  readonly #concurrentBatches: number;
  #carrying = 0;

  /** @param now milliseconds that never go back */
  constructor(limits: LoadLimits, now: () => number) {
    this.#gateways = new TokenBuckets({ capacity: limits.gatewayBurst, perSecond: limits.gatewayPerSecond, now });
    this.#strangers = new TokenBuckets({ capacity: limits.strangerBurst, perSecond: limits.strangerPerSecond, now });
    this.#concurrentBatches = limits.concurrentBatches;
  }

  /** @throws Refused too-many-requests */
  admit(gateway: string): void {
    refuseFor(this.#gateways.take(gateway));
  }

  /** @throws Refused too-many-requests */
  admitStranger(address: string): void {
    refuseFor(this.#strangers.take(address));
  }

  /** @throws Refused busy */
  async carry<T>(work: () => Promise<T>): Promise<T> {
    if (this.#carrying >= this.#concurrentBatches)
      throw new Refused("busy", "too many batches at once", { retryAfterMs: BUSY_RETRY_MS });
    this.#carrying++;
    try {
      return await work();
    } finally {
      this.#carrying--;
    }
  }
}

function refuseFor(waitMs: number): void {
  if (waitMs > 0) throw new Refused("too-many-requests", "slow down", { retryAfterMs: waitMs });
}
