import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JournalRecord } from "../../contract/records.ts";
import { createUuidV7 } from "../../machine/uuid.ts";
import { brand, type TestBench, testBench } from "../journal/journal.fixture.ts";
import type { Journal } from "../journal/journal.ts";
import { accept, type Decider, draft, refuse } from "./decider.ts";
import { createExecutor, type Executor, type Outcome } from "./executor.ts";

/** A little labour clock: one open interval per technician. */
type Clocked = { readonly working: Readonly<Record<string, string>>; readonly heard: number };
type Command = { readonly kind: "on" | "off" | "invalid" | "crash"; readonly technician: string };

const by = { kind: "gateway", id: "test" } as const;
const clock: Decider<Clocked, Command> = {
  initial: { working: {}, heard: 0 },
  decide(state, { kind, technician }, { at, newId }) {
    if (kind === "crash") throw new Error("the decider failed");
    if (kind === "invalid") return accept(draft("gateway.stopped", { reason: "x".repeat(81), at }));
    const working = state.working[technician] !== undefined;
    if (kind === "off")
      return working
        ? accept(
            draft("labour.flagged", {
              intervalId: brand(newId()),
              technicianId: brand(technician),
              flag: "corrected",
              at,
            }),
          )
        : accept();
    if (working)
      return refuse(
        "JOURNAL_DROP_REFUSED",
        draft("session.refused", { loginHash: "0".repeat(64), code: "ALREADY", at }),
      );
    return accept(
      draft("labour.clocked-on", {
        intervalId: brand(newId()),
        technicianId: brand(technician),
        jobId: brand("job-1"),
        bayId: null,
        by,
        at,
      }),
    );
  },
  evolve(state, record) {
    const heard = state.heard + 1;
    if (record.type === "labour.clocked-on")
      return { heard, working: { ...state.working, [record.body.technicianId]: record.body.intervalId } };
    if (record.type === "labour.flagged") {
      const { [record.body.technicianId]: _gone, ...working } = state.working;
      return { heard, working };
    }
    return { ...state, heard };
  },
};

let bench: TestBench;
let journal: Journal;
let told: JournalRecord[][];
beforeEach(() => {
  bench = testBench();
});
afterEach(() => bench.cleanUp());

async function start(
  options: Parameters<TestBench["open"]>[0] = {},
  checkpointEveryRecords?: number,
): Promise<Executor<Clocked, Command>> {
  journal = await bench.open(options);
  told = [];
  const base = { decider: clock, journal, clock: bench.clock, newId: createUuidV7(bench.clock) };
  const executor = createExecutor(checkpointEveryRecords === undefined ? base : { ...base, checkpointEveryRecords });
  executor.onCommitted((records) => told.push([...records]));
  return executor;
}

const from = (messageId?: string) =>
  messageId === undefined ? { source: "reader-1" } : { source: "reader-1", messageId };

describe("deciding one at a time", () => {
  it("lets only one of two clock-ons in one commit win", async () => {
    const executor = await start();
    const outcomes = await Promise.all([
      executor.execute({ kind: "on", technician: "li" }, from()),
      executor.execute({ kind: "on", technician: "li" }, from()),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["committed", "refused"]);
    expect(outcomes[1]).toMatchObject({ code: "JOURNAL_DROP_REFUSED", records: [{ type: "session.refused" }] });
    expect(journal.statistics().commits).toBe(1);
  });

  it("shows and tells nothing before the commit, then everything in order before it answers", async () => {
    const executor = await start();
    const answers: string[] = [];
    const on = executor
      .execute({ kind: "on", technician: "li" }, from())
      .then(() => answers.push(`on, told ${told.length}`));
    const off = executor
      .execute({ kind: "off", technician: "li" }, from())
      .then(() => answers.push(`off, told ${told.length}`));
    expect(executor.state.working).toEqual({});
    expect(told).toEqual([]);
    await Promise.all([on, off]);
    expect(told.flat().map(({ type }) => type)).toEqual(["labour.clocked-on", "labour.flagged"]);
    expect(answers[0]).toMatch(/^on, told [12]$/);
    expect(executor.state).toEqual({ working: {}, heard: 2 });
  });

  it("keeps the neighbours of a command that fails, and the state without it", async () => {
    const executor = await start();
    const outcomes = await Promise.allSettled([
      executor.execute({ kind: "on", technician: "li" }, from()),
      executor.execute({ kind: "invalid", technician: "wang" }, from()),
      executor.execute({ kind: "crash", technician: "wang" }, from()),
      executor.execute({ kind: "on", technician: "zhao" }, from()),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
    expect(Object.keys(executor.state.working)).toEqual(["li", "zhao"]);
    expect(executor.state.heard).toBe(2);
  });

  it("answers only after the commit also where there is nothing to record", async () => {
    const executor = await start();
    await executor.execute({ kind: "on", technician: "li" }, from());
    const off = executor.execute({ kind: "off", technician: "li" }, from());
    // Rests on the clock-off before it, which is not yet committed.
    const again = await executor.execute({ kind: "off", technician: "li" }, from());
    expect(again).toEqual({ kind: "committed", records: [] });
    expect(executor.state.working).toEqual({});
    await off;
  });
});

describe("messages that come again", () => {
  it("make one record, and are answered only when the first is committed", async () => {
    const executor = await start();
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => executor.execute({ kind: "on", technician: "li" }, from("tap-1"))),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(["committed", "duplicate", "duplicate"]);
    expect(await executor.execute({ kind: "on", technician: "li" }, from("tap-1"))).toEqual({ kind: "duplicate" });
    expect(journal.heads().labour.seq).toBe(1);
    expect(journal.heads().operations.seq).toBe(0);
  });

  it("are not acknowledged when the first could not be stored", async () => {
    const executor = await start({ faults: { failCommitAfter: 0 } });
    const reopened = new Promise<void>((resolve) => journal.onReopened(resolve));
    const outcomes = await Promise.allSettled(
      [1, 2].map(() => executor.execute({ kind: "on", technician: "li" }, from("tap-1"))),
    );
    expect(outcomes).toMatchObject([
      { reason: { code: "JOURNAL_STORAGE_FAILED" } },
      { reason: { code: "JOURNAL_STORAGE_FAILED" } },
    ]);
    expect(executor.state.working).toEqual({});
    await reopened;
    // The sender repeats it, and now it counts.
    expect(await executor.execute({ kind: "on", technician: "li" }, from("tap-1"))).toMatchObject({
      kind: "committed",
    });
  });
});

describe("boot", () => {
  it("finds the committed state again, from any mixture of checkpoint and tail", { timeout: 60_000 }, async () => {
    const command = fc.record({
      kind: fc.constantFrom("on", "off", "invalid"),
      technician: fc.constantFrom("li", "wang", "zhao"),
      checkpoint: fc.boolean(),
      message: fc.integer({ min: 0, max: 15 }),
    });
    const executor = await start({}, 7);
    let live = executor;
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), async (commands) => {
        const running: Promise<PromiseSettledResult<Outcome>[]>[] = [];
        for (const { kind, technician, checkpoint, message } of commands) {
          running.push(
            Promise.allSettled([live.execute({ kind, technician }, from(`m${message}-${kind}-${technician}`))]),
          );
          if (checkpoint)
            running.push(Promise.allSettled([live.checkpoint().then((): Outcome => ({ kind: "duplicate" }))]));
        }
        await Promise.all(running);
        const second = createExecutor({
          decider: clock,
          journal,
          clock: bench.clock,
          newId: createUuidV7(bench.clock),
        });
        expect(second.state).toEqual(live.state);
        live = second;
      }),
      { numRuns: 30 },
    );
    const before = live.state;
    await journal.close(bench.clock.stamp());
    expect((await start()).state).toEqual(before);
  });
});
