import type { BayId, DongleId } from "../../contract/ids.ts";
import type { DongleRequest, DongleResponse } from "../../contract/payloads.ts";
import type { Clock } from "../../machine/clock.ts";
import { type DiagnosticsPolicy, pollingRefusal } from "../diagnostics/decide.ts";
import { NOTHING_ASKED, planScans, type ScanDesk, settleScan } from "../diagnostics/polling.ts";
import type { ShopState } from "../shop/shop.ts";
import { scanCandidates } from "../shop/views.ts";
import type { Desk } from "./desk.ts";

interface ScanRoundsParts {
  readonly state: () => ShopState;
  readonly policy: DiagnosticsPolicy;
  /** Whether a camera looks at the bay. */
  readonly isWatched: (bayId: BayId) => boolean;
  readonly desk: Desk;
  readonly clock: Clock;
  readonly publish: (dongleId: DongleId, request: DongleRequest) => void;
}

/** Asks dongles for the scans that open jobs need. A car is asked only while a job stands at its bay: nothing polls a sleeping car. */
export class ScanRounds {
  readonly #parts: ScanRoundsParts;
  #desk: ScanDesk = NOTHING_ASKED;

  constructor(parts: ScanRoundsParts) {
    this.#parts = parts;
  }

  /** Every few seconds of shop time, and after a commit. */
  plan(): void {
    const { state, policy, isWatched, desk, clock, publish } = this.#parts;
    // The bridge drops what it was asked as soon as polling is off; that is no failure of a dongle.
    if (pollingRefusal(state().operations, policy) !== undefined) this.#desk = { ...this.#desk, pending: [] };
    const candidates = scanCandidates(state(), policy, isWatched);
    const { desk: next, requests, expired } = planScans(this.#desk, candidates, clock.stamp());
    this.#desk = next;
    for (const { transaction, dongleId, bayId } of expired)
      desk.note({ kind: "scan-failed", dongleId, transaction, bayId, code: "SCAN_NO_ANSWER" });
    for (const { dongleId, transaction, deadlineMs } of requests)
      publish(dongleId, { transaction, kind: "scan", deadlineMs });
  }

  /** Whether a scan is under way at this dongle. */
  isAsking(dongleId: DongleId): boolean {
    return this.#desk.pending.some((request) => request.dongleId === dongleId);
  }

  /** The answer to a request has come, as a scan or as a failure. */
  settled(transaction: DongleResponse["transaction"]): void {
    this.#desk = settleScan(this.#desk, transaction);
  }
}
