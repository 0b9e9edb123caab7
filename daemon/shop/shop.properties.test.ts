import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PersonId } from "../../contract/ids.ts";
import type { LabourInterval } from "../../contract/records.ts";
import { moved } from "../bays/facts.ts";
import { elapsedMs } from "../labour/elapsed.ts";
import { advisor, bay1, bay2, hours, li, tap, Workshop, wang } from "./workshop.fixture.ts";

/** One thing that happens in a shop. */
type Happening =
  | { readonly what: "on" | "off"; readonly who: PersonId; readonly job: number }
  | { readonly what: "open" | "close" | "pause" | "resume"; readonly job: number }
  | { readonly what: "move"; readonly job: number; readonly bay: number }
  | { readonly what: "pass"; readonly ms: number }
  | { readonly what: "seen"; readonly bay: number; readonly ms: number }
  | { readonly what: "kill"; readonly ms: number }
  | { readonly what: "reboot"; readonly ms: number }
  | { readonly what: "clock-lost"; readonly byMs: number }
  | { readonly what: "clock-mended" }
  | { readonly what: "beat" }
  | { readonly what: "tick" };

const who = fc.constantFrom(li, wang);
const job = fc.integer({ min: 0, max: 3 });
const bay = fc.integer({ min: 0, max: 2 });
const of = <W extends Happening["what"]>(...words: W[]) => fc.constantFrom(...words);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: of("on", "off"), who, job }) },
  { weight: 4, arbitrary: fc.record({ what: of("open", "close", "pause", "resume"), job }) },
  { weight: 1, arbitrary: fc.record({ what: of("move"), job, bay }) },
  { weight: 6, arbitrary: fc.record({ what: of("pass"), ms: fc.integer({ min: 0, max: hours(3) }) }) },
  { weight: 2, arbitrary: fc.record({ what: of("seen"), bay, ms: fc.integer({ min: 1, max: hours(1) }) }) },
  { weight: 1, arbitrary: fc.record({ what: of("kill"), ms: fc.integer({ min: 0, max: hours(1) }) }) },
  { weight: 1, arbitrary: fc.record({ what: of("reboot"), ms: fc.integer({ min: 0, max: hours(23) }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ what: of("clock-lost"), byMs: fc.integer({ min: -hours(48), max: hours(48) }) }),
  },
  { weight: 1, arbitrary: fc.constant<Happening>({ what: "clock-mended" }) },
  { weight: 3, arbitrary: fc.constantFrom<Happening>({ what: "beat" }, { what: "tick" }) },
);

/** The shop beside an observer outside of it, who knows the true time and never reboots. */
class ObservedShop extends Workshop {
  trueMs = 0;
  #errorMs = 0;
  readonly #jobs = new Map<number, ReturnType<Workshop["openJob"]>>();
  readonly startedTrue = new Map<string, number>();
  readonly lengthsTrue = new Map<string, number>();

  happens(event: Happening): void {
    const recorded = this.journal.length;
    this.#act(event);
    for (const draft of this.journal.slice(recorded)) {
      if (draft.type === "labour.clocked-on") this.startedTrue.set(draft.body.intervalId, this.trueMs);
      if (draft.type === "labour.clocked-off") {
        const { intervalId } = draft.body.interval;
        this.lengthsTrue.set(intervalId, this.trueMs - (this.startedTrue.get(intervalId) ?? Number.NaN));
      }
    }
  }

  #act(event: Happening): unknown {
    switch (event.what) {
      case "on":
        return this.clockOn(event.who, this.#jobs.get(event.job));
      case "off":
        return this.clockOff(event.who);
      case "open": {
        const bayId = [bay1, bay2][event.job] ?? null;
        const command = { kind: "open-job", number: `RO-${event.job}`, work: "", bayId, by: advisor } as const;
        const [opened] = this.do(command).drafts;
        if (opened?.type === "job.opened") this.#jobs.set(event.job, opened.body.jobId);
        return opened;
      }
      case "close":
      case "resume":
      case "pause":
        return this.#changeJob(event.what, event.job);
      case "move": {
        const jobId = this.#jobs.get(event.job);
        const bayId = [bay1, bay2][event.bay] ?? null;
        return jobId === undefined ? undefined : this.do({ kind: "assign-job", jobId, bayId, by: advisor });
      }
      case "pass":
        return this.#pass(event.ms);
      case "seen": {
        const to = this.clock.stamp();
        const from = moved(to, -Math.min(event.ms, to.monoMs));
        return this.evidence("presence", from, to, [bay1, bay2][event.bay] ?? bay1);
      }
      case "kill":
        this.trueMs += event.ms;
        return this.killAndRestart(event.ms);
      case "reboot":
        this.trueMs += event.ms;
        return this.reboot(event.ms);
      case "clock-lost":
        return this.#setClock(event.byMs, false);
      case "clock-mended":
        return this.#setClock(0 - this.#errorMs, true);
      case "beat":
        return this.beat();
      case "tick":
        return this.do({ kind: "tick" });
    }
  }

  #changeJob(what: "close" | "pause" | "resume", index: number): void {
    const jobId = this.#jobs.get(index);
    if (jobId === undefined) return;
    if (what === "pause") this.do({ kind: "pause-job", jobId, reason: "parts", by: advisor });
    else this.do({ kind: what === "close" ? "close-job" : "resume-job", jobId, by: advisor });
  }

  #pass(ms: number): void {
    this.trueMs += ms;
    this.clock.advance(ms);
  }

  #setClock(byMs: number, trusted: boolean): void {
    this.#errorMs += byMs;
    this.clock.jumpWall(byMs, trusted);
    this.do({ kind: "clock-jumped", byMs, trusted });
  }
}

const days = fc.array(happening, { minLength: 1, maxLength: 80 });

function observed(events: readonly Happening[]): ObservedShop {
  const shop = new ObservedShop();
  shop.start();
  for (const index of [0, 1]) shop.happens({ what: "open", job: index });
  for (const event of events) shop.happens(event);
  return shop;
}

describe("whatever happens in a shop", () => {
  it("gives the same state from the records as it had while it lived, and the state is plain data", () => {
    fc.assert(
      fc.property(days, (events) => {
        const shop = observed(events);
        expect(shop.replayed()).toEqual(shop.state);
        expect(JSON.parse(JSON.stringify(shop.state))).toEqual(shop.state);
      }),
      { numRuns: 150 },
    );
  });

  it("never claims negative, invented or more than possible time: minimum ≤ true ≤ maximum", () => {
    fc.assert(
      fc.property(days, (events) => {
        const shop = observed(events);
        for (const interval of shop.intervals) {
          const trueMs = shop.lengthsTrue.get(interval.intervalId) ?? Number.NaN;
          expect(interval.minimumMs).toBeGreaterThanOrEqual(0);
          expect(interval.durationMs).toBe(interval.minimumMs);
          // A millisecond for what binary fractions lose in sums.
          expect(interval.minimumMs).toBeLessThanOrEqual(trueMs + 1);
          expect(interval.maximumMs).toBeGreaterThanOrEqual(trueMs - 1);
          if (!interval.flags.includes("spans-reboot")) expect(interval.durationMs).toBeCloseTo(trueMs, 3);
          expect(interval.evidence.claimedMs).toBeCloseTo(interval.durationMs, 3);
          expect(interval.evidence.coveredMs + interval.evidence.unobservableMs).toBeLessThanOrEqual(
            interval.evidence.claimedMs + 1e-6,
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it("never lets one technician's intervals overlap, and every interval that ended had begun once", () => {
    fc.assert(
      fc.property(days, (events) => {
        const shop = observed(events);
        const begun = shop.records("labour.clocked-on").map((body) => body.intervalId);
        expect(new Set(begun).size).toBe(begun.length);
        const ended = shop.intervals.map((interval) => interval.intervalId);
        expect(new Set(ended).size).toBe(ended.length);
        expect(begun).toEqual(expect.arrayContaining(ended));
        for (const technicianId of [li, wang])
          noOverlap(shop.intervals.filter((one) => one.technicianId === technicianId));
      }),
      { numRuns: 200 },
    );
  });

  it("never leaves labour running on a job that waits or is closed", () => {
    fc.assert(
      fc.property(days, (events) => {
        const { state } = observed(events);
        for (const interval of Object.values(state.labour.running))
          expect(state.jobs.open[interval.jobId]).toMatchObject({ waitReason: null });
        const bays = Object.values(state.jobs.open).flatMap(({ bayId }) => (bayId === null ? [] : [bayId]));
        expect(new Set(bays).size).toBe(bays.length);
      }),
      { numRuns: 150 },
    );
  });

  it("never writes a badge down, only its hash", () => {
    const shop = observed([{ what: "off", who: li, job: 0 }]);
    expect(shop.records("tap.refused").map((body) => body.badgeHash)).toEqual([tap.badgeHash]);
  });
});

/** In the order of their records, each begins where or after the one before it ended. */
function noOverlap(intervals: readonly LabourInterval[]): void {
  for (const [index, interval] of intervals.entries()) {
    const next = intervals[index + 1];
    if (next === undefined || interval.endedAt.bootId !== next.startedAt.bootId) continue;
    expect(elapsedMs(next.startedAt, interval.endedAt)).toBe(0);
  }
}
