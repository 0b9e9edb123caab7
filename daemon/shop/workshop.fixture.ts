import { Value } from "typebox/value";
import { BayId, DongleId, type JobId, PersonId, ReaderId } from "../../contract/ids.ts";
import type { DongleScan } from "../../contract/payloads.ts";
import { type Draft, type DraftOf, RECORDS, type Stamp } from "../../contract/records.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import type { ShopCommand, Tap } from "./commands.ts";
import type { Decision } from "./decider.ts";
import { type ShopPolicy, type ShopState, shop } from "./shop.ts";

/** A workshop for tests: two bays, two technicians, a clock that is moved by hand, and a journal that is an array. */
export const bay1 = Value.Parse(BayId, "bay-1");
export const bay2 = Value.Parse(BayId, "bay-2");
export const li = Value.Parse(PersonId, "li");
export const wang = Value.Parse(PersonId, "wang");
export const dongle1 = Value.Parse(DongleId, "dongle-1");
export const advisor = { kind: "person", id: "advisor" } as const;
const badge = { kind: "badge", id: "reader-1" } as const;
export const tap: Tap = { readerId: Value.Parse(ReaderId, "reader-1"), badgeHash: "a".repeat(64) };

export const minutes = (count: number): number => count * 60_000;
export const hours = (count: number): number => count * 3_600_000;

export const POLICY: ShopPolicy = {
  bays: [bay1, bay2],
  longestShiftMs: hours(12),
  dongles: { [bay1]: { dongleId: dongle1, bridgeId: "main", askable: true } },
  polling: true,
  reviewThreshold: 0.85,
};

export class Workshop {
  readonly clock = new ManualClock();
  readonly journal: Draft[] = [];
  /** What the configuration says; a test may start the shop with another one. */
  policy = POLICY;
  state: ShopState = shop(POLICY).initial;
  #ids = 0;
  #lastSignOfLife: Stamp | null = null;

  /** Decides, checks every record against its schema, and evolves. */
  do(command: ShopCommand): Decision {
    const decider = shop(this.policy);
    const decision = decider.decide(this.state, command, { at: this.clock.stamp(), newId: () => `id-${++this.#ids}` });
    for (const draft of decision.drafts) {
      if (!Value.Check(RECORDS[draft.type].body, draft.body))
        throw new Error(`${draft.type} breaks its schema: ${JSON.stringify(draft.body)}`);
      this.state = decider.evolve(this.state, draft);
      this.journal.push(draft);
    }
    return decision;
  }

  /** The manager's sign of life, as the journal keeps it. */
  beat(): void {
    this.#lastSignOfLife = this.clock.stamp();
  }

  start(clean = false): Decision {
    const lastSignOfLife = this.#lastSignOfLife;
    const decision = this.do({
      kind: "gateway-started",
      version: "0",
      nodeVersion: "24",
      clean,
      lastSignOfLife,
      clockScale: 1,
    });
    this.beat();
    return decision;
  }

  /** SIGKILL and start: the state is what the journal gives. */
  killAndRestart(offMs = 3_000): void {
    this.state = this.replayed();
    this.clock.advance(offMs);
    this.start();
  }

  /** Power cut and boot. */
  reboot(offMs: number): void {
    this.state = this.replayed();
    this.clock.reboot(offMs);
    this.start();
  }

  replayed(): ShopState {
    return this.journal.reduce(shop(POLICY).evolve, shop(POLICY).initial);
  }

  openJob(number: string, bayId: BayId | null = bay1, more: { vin?: string } = {}): JobId {
    const decision = this.do({ kind: "open-job", number, work: "brakes", bayId, by: advisor, ...more });
    const opened = decision.drafts.find((draft) => draft.type === "job.opened");
    if (opened?.type !== "job.opened") throw new Error("the job was not opened");
    return opened.body.jobId;
  }

  clockOn(technicianId: PersonId | undefined, jobId?: JobId, bayId: BayId = bay1): Decision {
    const target = jobId === undefined ? ({ by: "bay", bayId } as const) : ({ by: "id", jobId } as const);
    return this.do({ kind: "clock-on", technicianId, target, by: badge, tap });
  }

  clockOff(technicianId: PersonId | undefined): Decision {
    return this.do({ kind: "clock-off", technicianId, by: badge, tap });
  }

  evidence(kind: "presence" | "lift" | "tool" | "blind", from: Stamp, to: Stamp, bayId: BayId = bay1): void {
    this.do({
      kind: "observe-bay",
      bayId,
      segments: [{ bayId, kind, from, to, people: kind === "presence" ? 1 : 0, source: "test" }],
    });
  }

  records<T extends Draft["type"]>(type: T): DraftOf<T>["body"][] {
    return this.journal.flatMap((draft) => (isOf(draft, type) ? [draft.body] : []));
  }

  get intervals() {
    return this.records("labour.clocked-off").map((body) => body.interval);
  }
}

function isOf<T extends Draft["type"]>(draft: Draft, type: T): draft is Draft & DraftOf<T> {
  return draft.type === type;
}

export function scanOf(overrides: Partial<DongleScan> = {}): DongleScan {
  return {
    messageId: "m-1",
    takenAt: 1,
    protocol: "ISO 15765-4 CAN (11 bit, 500 kbit/s)",
    vin: "LSVAA4187E2184847",
    vinDoubts: [],
    ecus: [{ address: "7E8", dtcs: [{ code: "P0420", status: "confirmed" }], unanswered: [] }],
    readiness: null,
    ...overrides,
  };
}
