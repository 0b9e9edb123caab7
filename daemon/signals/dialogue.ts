import type { DongleId } from "../../contract/ids.ts";
import type { DongleReadings, DongleRequest, DongleResponse, ReadCommand } from "../../contract/payloads.ts";
import { codeOfBridge } from "../diagnostics/bridge-words.ts";

type Readings = DongleReadings["readings"];

export interface DialogueOptions {
  publish(dongleId: DongleId, request: DongleRequest): Promise<void>;
  /** Machine milliseconds; for tests. */
  readonly readDeadlineMs?: number;
}

/** What a reading request ended in: answers, or the code of why there are none. */
export type ReadOutcome = { readonly readings: Readings; readonly code: string | null };

interface Pending {
  readonly dongleId: DongleId;
  readonly readings: Readings[number][];
  settle(code: string | null): void;
}

/** A car with seven maps over a slow dongle. */
const READ_DEADLINE_MS = 6_000;
/** The bridge's own deadline is below ours, so that its reason is heard. */
const BRIDGE_DEADLINE_MS = 5_000;
/** Live values stop so long after the gateway has died. */
const LEASE_MS = 10_000;
/** Ten rounds a second are as many as a page shows. */
const EVERY_MS = 100;

/** Questions to dongles and their answers: single readings, and the lease of a live conversation. */
export class Dialogue {
  readonly #options: DialogueOptions;
  readonly #pending = new Map<string, Pending>();
  #transactions = 0;

  constructor(options: DialogueOptions) {
    this.#options = options;
  }

  /** Asks once. Resolves always: with a code where nothing, or not everything, was answered. */
  read(dongleId: DongleId, commands: readonly ReadCommand[]): Promise<ReadOutcome> {
    const { publish, readDeadlineMs = READ_DEADLINE_MS } = this.#options;
    const transaction = this.#newTransaction("read");
    return new Promise((resolve) => {
      const readings: Readings = [];
      const timer = setTimeout(() => settle("DONGLE_TOO_SLOW"), readDeadlineMs);
      const settle = (code: string | null) => {
        clearTimeout(timer);
        this.#pending.delete(transaction);
        resolve({ readings, code });
      };
      this.#pending.set(transaction, { dongleId, readings, settle });
      const request = { transaction, kind: "read" as const, deadlineMs: BRIDGE_DEADLINE_MS, commands: [...commands] };
      publish(dongleId, request).catch(() => settle("DONGLE_AWAY"));
    });
  }

  /** Begins, renews or changes a live conversation; without commands it ends. @returns its transaction */
  live(dongleId: DongleId, commands: readonly ReadCommand[], renews?: string): string {
    const transaction = renews ?? this.#newTransaction("live");
    const request: DongleRequest = {
      transaction,
      kind: "live",
      commands: [...commands],
      everyMs: EVERY_MS,
      leaseMs: LEASE_MS,
    };
    // What cannot be sent now is sent with the next renewal; a lease that is not renewed runs out.
    this.#options.publish(dongleId, request).catch(() => undefined);
    return transaction;
  }

  /** Tells a dongle that somebody looks, without a question to the car; its answer is of no interest. */
  lookAt(dongleId: DongleId): void {
    const transaction = this.#newTransaction("read");
    const request: DongleRequest = { transaction, kind: "read", deadlineMs: LEASE_MS, commands: [] };
    this.#options.publish(dongleId, request).catch(() => undefined);
  }

  /** @returns whether the readings answer a single question */
  tookReadings(dongleId: DongleId, { transaction, readings }: DongleReadings): boolean {
    const pending = this.#pending.get(transaction);
    if (pending?.dongleId !== dongleId) return false;
    pending.readings.push(...readings);
    return true;
  }

  /** @returns whether the response ends a single question */
  tookResponse(dongleId: DongleId, { transaction, status, error }: DongleResponse): boolean {
    const pending = this.#pending.get(transaction);
    if (pending?.dongleId !== dongleId) return false;
    pending.settle(status === "done" ? null : codeOfBridge(error?.code ?? "failed"));
    return true;
  }

  stop(): void {
    for (const pending of [...this.#pending.values()]) pending.settle("DONGLE_AWAY");
  }

  /** Begins with the time, so that an answer to a gateway before a restart is not taken for one to this. */
  #newTransaction(kind: "read" | "live"): string {
    this.#transactions += 1;
    return `${kind}.${this.#startedAt}.${this.#transactions}`;
  }

  readonly #startedAt = Date.now().toString(36);
}
