import type { JobId } from "../../contract/ids.ts";
import type { DongleResponse, DongleScan } from "../../contract/payloads.ts";
import type { Decision } from "../shop/decider.ts";
import { advisor, bay1, dongle1, li, scanOf, Workshop } from "../shop/workshop.fixture.ts";

/** A shop with one car at the bay with the dongle, and a technician who looks into it. */
export class Visit extends Workshop {
  readonly jobId: JobId;
  #scans = 0;

  constructor(vin = "LSVAA4187E2184847") {
    super();
    this.jobId = this.openJob("RO-1", bay1, { vin });
  }

  /** A scan as the dongle sends it, asked for or not. */
  scan(overrides: Partial<DongleScan> = {}, dongleId = dongle1): string {
    const messageId = `scan-${++this.#scans}`;
    this.do({ kind: "scan", dongleId, bayId: bay1, scan: scanOf({ messageId, ...overrides }) });
    return messageId;
  }

  askForScan(): Decision {
    return this.do({ kind: "request-scan", jobId: this.jobId, by: advisor });
  }

  clear(): Decision {
    const by = { kind: "person", id: li } as const;
    return this.do({ kind: "clear-codes", jobId: this.jobId, technicianId: li, by });
  }

  answer(response: Omit<DongleResponse, "transaction">, transaction = this.lastTransaction): Decision {
    return this.do({ kind: "clear-answered", dongleId: dongle1, response: { transaction, ...response } });
  }

  get lastTransaction(): string {
    return this.records("codes.clear-requested").at(-1)?.transaction ?? "none";
  }

  get endings(): readonly string[] {
    return this.records("codes.cleared").map(({ outcome, code }) => (code === null ? outcome : `${outcome} ${code}`));
  }
}
