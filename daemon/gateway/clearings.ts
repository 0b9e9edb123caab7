import type { DongleId } from "../../contract/ids.ts";
import type { DongleRequest, DongleResponse } from "../../contract/payloads.ts";
import type { DraftOf, JournalRecord } from "../../contract/records.ts";
import type { Logger } from "../../machine/log.ts";
import { type Desk, GATEWAY } from "./desk.ts";

export interface ClearingsParts {
  readonly desk: Desk;
  readonly log: Logger;
  readonly publish: (dongleId: DongleId, request: DongleRequest) => Promise<void>;
  /** Machine milliseconds until the gateway gives up; the bridge gets less, so that its answer is heard. For tests. */
  readonly deadlineMs?: number;
}

/** Units with many codes take seconds to erase them; more than this is a lost line. */
const DEADLINE_MS = 35_000;
const BRIDGE_DEADLINE_MS = 30_000;

/**
 * Sends a request to clear codes on its way once it is committed, and hears how it ends. Sent once and never again: a record that is replayed at
 * start is not a commit, and a clearing that the last run left open is closed as unknown by the start itself.
 */
export class Clearings {
  readonly #parts: ClearingsParts;
  readonly #deadlines = new Map<string, NodeJS.Timeout>();

  constructor(parts: ClearingsParts) {
    this.#parts = parts;
  }

  /** What has been committed just now. */
  take(records: readonly JournalRecord[]): void {
    for (const record of records) {
      if (record.type === "codes.clear-requested") this.#send(record.body);
      if (record.type === "codes.cleared") this.#forget(record.body.transaction);
    }
  }

  /** Resolves when the answer has been recorded; a rejection leaves it to the deadline. */
  async answered(dongleId: DongleId, response: DongleResponse): Promise<void> {
    const { desk } = this.#parts;
    await desk.execute({ kind: "clear-answered", dongleId, response }, { source: `dongle/${dongleId}` });
  }

  stop(): void {
    for (const timer of this.#deadlines.values()) clearTimeout(timer);
    this.#deadlines.clear();
  }

  #send({ jobId, dongleId, technicianId, preScan, transaction, at }: DraftOf<"codes.clear-requested">["body"]): void {
    const { publish, log, deadlineMs = DEADLINE_MS } = this.#parts;
    const authority = { jobId, technicianId, preScan, grantedAt: at.wallMs };
    const giveUp = () => {
      this.#deadlines.delete(transaction);
      this.#giveUp(dongleId, transaction);
    };
    this.#deadlines.set(transaction, setTimeout(giveUp, deadlineMs));
    const request = { transaction, kind: "clear-codes" as const, deadlineMs: BRIDGE_DEADLINE_MS, authority };
    publish(dongleId, request).catch((error: unknown) => {
      log.error({ err: error, dongleId }, "a request to clear codes could not be sent");
      // Nothing has left this machine, so the car cannot have heard of it.
      const response: DongleResponse = { transaction, status: "failed", error: { code: "dongle-silent" } };
      this.answered(dongleId, response).catch(() => this.#giveUp(dongleId, transaction));
    });
  }

  #giveUp(dongleId: DongleId, transaction: string): void {
    const { desk, log } = this.#parts;
    desk
      .execute({ kind: "clear-unanswered", dongleId, transaction }, GATEWAY)
      .catch((error: unknown) =>
        log.error({ err: error, dongleId }, "a clearing without an answer could not be recorded"),
      );
  }

  #forget(transaction: string): void {
    clearTimeout(this.#deadlines.get(transaction));
    this.#deadlines.delete(transaction);
  }
}
