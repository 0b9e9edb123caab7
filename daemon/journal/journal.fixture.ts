import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Draft, Stream } from "../../contract/records.ts";
import { createLog } from "../../machine/log.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import type { Order, Reply } from "./channel.ts";
import { type OpenJournalOptions, openJournal } from "./index.ts";
import type { Journal } from "./journal.ts";
import { DEFAULT_LIMITS, type JournalLimits } from "./limits.ts";
import { Writer } from "./writer.ts";

/** A journal on a real disk for tests, small enough to be quick. */
export interface TestBench {
  readonly directory: string;
  readonly clock: ManualClock;
  open(options?: Partial<OpenJournalOptions>): Promise<Journal>;
  /** Closes what is still open and removes the directory. */
  cleanUp(): Promise<void>;
  /** The writer without its thread, for tests that try many journals; answers stand in `replies` when `receive` returns from a full group. */
  writerInThisThread(limits?: Partial<JournalLimits>): {
    readonly replies: Map<number, Reply>;
    receive(orders: readonly Order[]): void;
  };
  remove(): void;
}

export function testBench(): TestBench {
  const directory = mkdtempSync(join(tmpdir(), "baygate-journal-"));
  const clock = new ManualClock();
  const opened: Journal[] = [];
  const log = createLog("test", { write: () => undefined });
  return {
    directory,
    clock,
    async open(options = {}) {
      const { limits, ...others } = options;
      const journal = await openJournal({
        directory,
        clock,
        log,
        demo: true,
        limits: { ballastBytes: 64 * 1024, reopenAfterMs: 20, ...limits },
        ...others,
      });
      opened.push(journal);
      return journal;
    },
    writerInThisThread(limits = {}) {
      const replies = new Map<number, Reply>();
      const setup = {
        directory,
        limits: { ...DEFAULT_LIMITS, ballastBytes: 4096, ...limits },
        faults: {},
        at: clock.stamp(),
        firstEpoch: "epoch-1",
        reopened: false,
      };
      const writer = new Writer(setup, (message) => {
        if (message.kind === "done" || message.kind === "failed")
          for (const reply of message.replies) replies.set(reply.id, reply);
      });
      return { replies, receive: (orders) => writer.receive(orders) };
    },
    remove() {
      rmSync(directory, { recursive: true, force: true });
    },
    async cleanUp() {
      for (const journal of opened) await journal.close(clock.stamp());
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const by = { kind: "gateway", id: "test" } as const;

/** A small valid record for each stream, told apart by `n`. */
export function draftOf(stream: Stream, n: number, clock: ManualClock): Draft {
  const at = clock.stamp();
  switch (stream) {
    case "labour":
      return {
        type: "labour.clocked-on",
        body: {
          intervalId: brand(`interval-${n}`),
          technicianId: brand(`person-${n}`),
          jobId: brand(`job-${n}`),
          bayId: null,
          by,
          at,
        },
      };
    case "work":
      return {
        type: "job.opened",
        body: {
          jobId: brand(`job-${n}`),
          number: `R${n}`,
          work: "brakes",
          plate: null,
          vin: null,
          flatRateHours: 1.5,
          promisedAt: at.wallMs + 3_600_000,
          by,
          at,
        },
      };
    case "diagnostics":
      return {
        type: "scan.failed",
        body: { dongleId: brand(`dongle-${n}`), bayId: null, jobId: null, transaction: `t${n}`, code: "NO_ANSWER", at },
      };
    case "findings":
      return {
        type: "bay.changed",
        body: { bayId: brand("bay-1"), from: "empty", to: "occupied", cause: `cause-${n}`, people: 0, since: at, at },
      };
    case "operations":
      return { type: "gateway.stopped", body: { reason: `reason-${n}`, at } };
  }
}

/** A closed interval of labour with evidence. */
export function clockedOff(n: number, clock: ManualClock, durationMs: number, job = `job-${n}`): Draft {
  const endedAt = clock.stamp();
  const startedAt = {
    ...endedAt,
    wallMs: endedAt.wallMs - durationMs,
    monoMs: Math.max(0, endedAt.monoMs - durationMs),
  };
  const evidence = {
    claimedMs: durationMs,
    presenceMs: durationMs / 2,
    liftMs: 0,
    toolMs: 0,
    coveredMs: durationMs / 2,
    unobservableMs: 0,
    coverage: 0.5,
  };
  return {
    type: "labour.clocked-off",
    body: {
      interval: {
        intervalId: brand(`interval-${n}`),
        technicianId: brand("person-1"),
        jobId: brand(job),
        bayId: null,
        startedAt,
        endedAt,
        durationMs,
        minimumMs: durationMs,
        maximumMs: durationMs,
        flags: ["no-evidence"],
        evidence,
      },
      by,
      reason: "page",
    },
  };
}

/** Gives a literal the brand that its schema would. */
export function brand<T extends string>(value: string): T {
  return value as T;
}

/** Appends `count` records of a stream one after the other and returns the last. */
export async function fill(
  journal: Journal,
  clock: ManualClock,
  stream: Stream,
  count: number,
  from = 1,
): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      journal.append({ drafts: [draftOf(stream, from + index, clock)], at: clock.stamp(), source: "gateway" }),
    ),
  );
}
