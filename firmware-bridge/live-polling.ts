import type { DongleReadings, DongleRequest, DongleResponse } from "../contract/payloads.ts";
import type { Clock } from "../machine/clock.ts";
import type { Logger } from "../machine/log.ts";
import { BoundedCar } from "./bounded-car.ts";
import type { CarPolicy } from "./car-policy.ts";
import { type CarConversation, ConversationFailure, type FailureCode } from "./dialect.ts";
import { EgressRefusal } from "./egress/index.ts";
import { nextLiveStep } from "./polling-policy.ts";
import { type Reading, readingOf } from "./readings.ts";
import type { Turnstile } from "./turnstile.ts";

type LiveRequest = Extract<DongleRequest, { kind: "live" }>;

export interface LivePollingOptions {
  readonly car: CarConversation;
  readonly policy: CarPolicy;
  readonly turnstile: Turnstile;
  readonly clock: Clock;
  readonly log: Logger;
  readonly respond: (response: DongleResponse) => void;
  readonly publish: (readings: DongleReadings) => void;
}

/**
 * Asks the same questions round after round while the gateway keeps renewing its lease; stands back for everybody else, and for as long as the policy says. Why
 * nothing comes is told once for each reason, so that nobody takes the last values for present ones.
 */
export class LivePolling {
  readonly #options: LivePollingOptions;
  #request: LiveRequest | undefined;
  #runs = false;
  #pause: FailureCode | undefined;
  #wake: () => void = () => {};

  constructor(options: LivePollingOptions) {
    this.#options = options;
  }

  /** Begins or renews; answers with what the polling does now. */
  renew(request: LiveRequest): Omit<DongleResponse, "transaction"> {
    this.#request = request;
    this.#options.policy.tell({ kind: "live-wanted", everyMs: request.everyMs, leaseMs: request.leaseMs });
    this.#wake();
    if (!this.#runs) void this.#run();
    return this.#pause === undefined ? { status: "done" } : { status: "refused", error: { code: this.#pause } };
  }

  /** @param because told to whoever waits for values; undefined when he ended it himself */
  end(because?: FailureCode): void {
    if (because !== undefined) this.#say(because);
    this.#request = undefined;
    this.#options.policy.tell({ kind: "live-ended" });
    this.#wake();
  }

  async #run(): Promise<void> {
    const { policy, turnstile } = this.#options;
    this.#runs = true;
    try {
      for (;;) {
        const step = nextLiveStep(policy.state, performance.now());
        if (step.kind === "over") return;
        if (step.kind === "read-volts") await policy.readVolts().catch(() => this.#pauseFor("dongle-silent"));
        else if (step.kind === "ask") await turnstile.pass("live", () => this.#round());
        else {
          if (step.because !== undefined) this.#pauseFor(step.because);
          await this.#sleep(step.until - performance.now());
        }
      }
    } finally {
      this.#runs = false;
      this.#pause = undefined;
      this.#request = undefined;
      policy.tell({ kind: "live-ended" });
    }
  }

  async #round(): Promise<void> {
    const { policy, turnstile, car, publish } = this.#options;
    // Somebody may have spoken for long before this turn came.
    if (this.#request === undefined || nextLiveStep(policy.state, performance.now()).kind !== "ask") return;
    policy.tell({ kind: "round-began" });
    const leaseLeftMs = (policy.state.live?.until ?? 0) - performance.now();
    const bounded = new BoundedCar(car, leaseLeftMs, () => (this.#request === undefined ? "polling-off" : undefined));
    const readings: Reading[] = [];
    try {
      for (const command of this.#request.commands) {
        if (this.#request === undefined || turnstile.isWantedBefore("live")) break;
        readings.push(await readingOf(bounded, command, this.#options.clock));
      }
    } catch (error) {
      this.#noteBroken(error);
    }
    if (readings.length === 0 || this.#request === undefined) return;
    publish({ transaction: this.#request.transaction, readings });
    if (readings.some(({ answers, error }) => answers.length > 0 || error !== "no-answer")) {
      policy.tell({ kind: "answered" });
      this.#pause = undefined;
    } else {
      policy.tell({ kind: "silent", because: "car-silent" });
      this.#pauseFor("car-silent");
    }
  }

  /** The end of a lease in the middle of a round is none of the car's doing; a lost dongle is paused for, and what may not be asked ends it all. */
  #noteBroken(error: unknown): void {
    if (error instanceof EgressRefusal) {
      this.#say("not-allowed");
      this.end();
      return;
    }
    if (error instanceof ConversationFailure && error.code !== "link-lost") return;
    if (!(error instanceof ConversationFailure)) this.#options.log.warn({ err: error }, "a live round was broken off");
    this.#options.policy.tell({ kind: "silent", because: "dongle-silent" });
  }

  #pauseFor(because: FailureCode): void {
    if (this.#pause === because) return;
    this.#pause = because;
    this.#say(because);
  }

  #say(because: FailureCode | "not-allowed"): void {
    if (this.#request === undefined) return;
    const { transaction } = this.#request;
    this.#options.respond({ transaction, status: "refused", error: { code: because } });
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, Math.ceil(ms)));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
