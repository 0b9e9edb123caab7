import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hashedBytes, type JournalRecord, type RecordOnTheWire, STREAMS, type Stream } from "../../contract/records.ts";
import type { Order } from "./channel.ts";
import { assertDurable, DATABASE_FILE } from "./database.ts";
import { verifyJournal } from "./index.ts";
import { brand, clockedOff, draftOf, fill, type TestBench, testBench } from "./journal.fixture.ts";

let bench: TestBench;
beforeEach(() => {
  bench = testBench();
});
afterEach(() => bench.cleanUp());

function sealed(record: JournalRecord): string {
  const { hash: _hash, ...rest } = record;
  const wire: Omit<RecordOnTheWire, "hash"> = { ...rest, body: { ...record.body } };
  return createHash("sha256").update(hashedBytes(wire)).digest("hex");
}

describe("appending", () => {
  it("numbers every stream densely from 1 and chains each record to the one before", async () => {
    const journal = await bench.open();
    for (const stream of STREAMS) await fill(journal, bench.clock, stream, 5);
    for (const stream of STREAMS) {
      const records = journal.read(stream, 0, 100);
      expect(records.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
      expect(records.map(({ prevHash }) => prevHash)).toEqual(["", ...records.slice(0, 4).map(({ hash }) => hash)]);
      expect(records.map(sealed)).toEqual(records.map(({ hash }) => hash));
      expect(journal.heads()[stream]).toEqual({ seq: 5, hash: records[4]?.hash });
    }
  });

  it("gives back exactly what is read later", async () => {
    const journal = await bench.open();
    const drafts = [draftOf("work", 1, bench.clock), draftOf("labour", 1, bench.clock)];
    const records = await journal.append({ drafts, at: bench.clock.stamp(), source: "reader-1", messageId: "m1" });
    expect([...journal.read("work", 0, 10), ...journal.read("labour", 0, 10)]).toEqual(records);
    expect(records.map(({ messageId }) => messageId)).toEqual(["m1", null]);
  });

  it("keeps nothing of a request of which one record is invalid, and all of its neighbours in the same commit", async () => {
    const journal = await bench.open();
    const append = (drafts: Parameters<typeof journal.append>[0]["drafts"]) =>
      journal.append({ drafts, at: bench.clock.stamp(), source: "gateway" });
    const tooLong = draftOf("operations", 2, bench.clock);
    if (tooLong.type === "gateway.stopped") tooLong.body.reason = "x".repeat(81);
    const results = await Promise.allSettled([
      append([draftOf("operations", 1, bench.clock)]),
      append([draftOf("labour", 1, bench.clock), tooLong]),
      append([draftOf("operations", 3, bench.clock)]),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(results[1]).toMatchObject({ reason: { code: "JOURNAL_RECORD_INVALID" } });
    expect(journal.read("operations", 0, 10).map(({ body }) => body)).toMatchObject([
      { reason: "reason-1" },
      { reason: "reason-3" },
    ]);
    expect(journal.heads().labour.seq).toBe(0);
  });

  it("refuses a tombstone that somebody else wants to write", async () => {
    const journal = await bench.open();
    const body = { from: 1, to: 1, class: "x", reason: "corruption", count: 1, hash: "0".repeat(64) } as const;
    await expect(
      journal.append({ drafts: [{ type: "loss", body }], at: bench.clock.stamp(), source: "gateway" }),
    ).rejects.toMatchObject({ code: "JOURNAL_RECORD_INVALID" });
  });

  it("makes one record of a message that comes again, also in the same commit and after a restart", async () => {
    const journal = await bench.open();
    const again = () =>
      journal.append({
        drafts: [draftOf("labour", 1, bench.clock)],
        at: bench.clock.stamp(),
        source: "reader-1",
        messageId: "tap-1",
      });
    const results = await Promise.allSettled([again(), again()]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(journal.seen({ source: "reader-1", messageId: "tap-1" })).toBe(true);
    expect(journal.seen({ source: "reader-2", messageId: "tap-1" })).toBe(false);
    await journal.close(bench.clock.stamp());
    const reopened = await bench.open();
    const third = reopened.append({
      drafts: [draftOf("labour", 1, bench.clock)],
      at: bench.clock.stamp(),
      source: "reader-1",
      messageId: "tap-1",
    });
    await expect(third).rejects.toMatchObject({ code: "JOURNAL_DUPLICATE_MESSAGE" });
    expect(reopened.read("labour", 0, 10)).toHaveLength(1);
  });

  it("commits many records together", async () => {
    const journal = await bench.open({ limits: { groupIdleMs: 5 } });
    await fill(journal, bench.clock, "operations", 256);
    expect(journal.statistics().commits).toBe(1);
  });
});

describe("promises of the database", () => {
  it("writes with WAL and synchronous=FULL, and refuses anything less", () => {
    const db = new Database(join(bench.directory, "other.db"));
    expect(() => assertDurable(db)).toThrow(expect.objectContaining({ code: "JOURNAL_NOT_DURABLE" }));
    db.pragma("journal_mode = WAL");
    // What the package opens a WAL database with, unless told otherwise.
    db.pragma("synchronous = NORMAL");
    expect(() => assertDurable(db)).toThrow(expect.objectContaining({ code: "JOURNAL_NOT_DURABLE" }));
    db.pragma("synchronous = FULL");
    expect(() => assertDurable(db)).not.toThrow();
    db.close();
  });

  it("refuses a second holder and a journal of a newer gateway", async () => {
    const journal = await bench.open();
    await expect(bench.open()).rejects.toMatchObject({ code: "JOURNAL_ALREADY_OPEN" });
    expect(() => verifyJournal(bench.directory)).toThrow(expect.objectContaining({ code: "JOURNAL_ALREADY_OPEN" }));
    await journal.close(bench.clock.stamp());
    const db = new Database(join(bench.directory, DATABASE_FILE));
    db.pragma("user_version = 99");
    db.close();
    await expect(bench.open()).rejects.toMatchObject({ code: "JOURNAL_VERSION_UNKNOWN" });
  });

  it("takes over the lock of a process that is gone", async () => {
    const lock = join(bench.directory, "journal.lock");
    writeFileSync(
      lock,
      JSON.stringify({
        pid: process.pid,
        bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
        startTicks: "1",
      }),
    );
    const journal = await bench.open();
    await fill(journal, bench.clock, "labour", 1);
    expect(journal.heads().labour.seq).toBe(1);
  });

  it("refuses planted faults outside demos and tests", async () => {
    await expect(bench.open({ demo: false, faults: { fsyncDelayMs: 1 } })).rejects.toMatchObject({
      code: "JOURNAL_FAULTS_FORBIDDEN",
    });
  });
});

describe("signs of life", () => {
  it("remembers the last one and whether the end was clean", async () => {
    const journal = await bench.open();
    expect(journal.previousLife).toBeUndefined();
    bench.clock.advance(5_000);
    await journal.beat(bench.clock.stamp());
    const last = bench.clock.stamp();
    bench.clock.advance(7_000);
    const end = bench.clock.stamp();
    await journal.close(end);
    const second = await bench.open();
    expect(second.previousLife).toEqual({ stamp: end, clean: true });
    expect(last.wallMs).toBeLessThan(end.wallMs);
  });
});

describe("epochs", () => {
  it("start sequences and chains again, keep read models, messages and what came before", async () => {
    const journal = await bench.open();
    await journal.append({
      drafts: [clockedOff(1, bench.clock, 60_000)],
      at: bench.clock.stamp(),
      source: "reader",
      messageId: "m1",
    });
    const first = journal.epoch;
    const epoch = await journal.beginEpoch("older-copy");
    expect(journal.epoch).toBe(epoch);
    expect(journal.heads().labour).toEqual({ seq: 0, hash: "" });
    await journal.append({
      drafts: [clockedOff(2, bench.clock, 60_000)],
      at: bench.clock.stamp(),
      source: "reader",
      messageId: "m2",
    });
    expect(journal.read("labour", 0, 10)).toMatchObject([{ seq: 1, prevHash: "", messageId: "m2" }]);
    expect(journal.readEpoch(first, "labour", 0, 10)).toMatchObject([{ seq: 1, messageId: "m1" }]);
    expect(
      journal.query("labour.of-technician", { technicianId: "person-1", fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }),
    ).toHaveLength(2);
    expect(journal.seen({ source: "reader", messageId: "m1" })).toBe(true);
    expect(journal.epochs().map(({ reason }) => reason)).toEqual(["first", "older-copy"]);
    await journal.close(bench.clock.stamp());
    expect(verifyJournal(bench.directory).ok).toBe(true);
    expect((await bench.open()).epoch).toBe(epoch);
  });
});

describe("marks", () => {
  it("never go back and never beyond the head", async () => {
    const journal = await bench.open();
    await fill(journal, bench.clock, "work", 5);
    await journal.setHighWaterMark("work", 4);
    await journal.setHighWaterMark("work", 2);
    expect(journal.highWaterMarks().work).toBe(4);
    await expect(journal.setHighWaterMark("work", 6)).rejects.toMatchObject({ code: "JOURNAL_RECORD_INVALID" });
  });
});

describe("quarantine", () => {
  it("keeps messages within its bound, the newest last", async () => {
    const journal = await bench.open({ limits: { quarantineBytes: 8_000 } });
    for (let n = 0; n < 20; n += 1) {
      await journal.quarantine({
        source: "cam",
        topic: "t",
        code: "C",
        payload: new Uint8Array(5_000),
        at: bench.clock.stamp(),
      });
    }
    // One message may take an eighth, so eight of them fit.
    expect(journal.statistics().quarantined).toBe(8);
  });
});

describe("read models", () => {
  it("answer the page's questions", async () => {
    const journal = await bench.open();
    const at = () => bench.clock.stamp();
    const by = { kind: "gateway", id: "g" } as const;
    await journal.append({ drafts: [draftOf("work", 1, bench.clock)], at: at(), source: "gateway" });
    bench.clock.advance(600_000);
    await journal.append({ drafts: [clockedOff(1, bench.clock, 600_000)], at: at(), source: "gateway" });
    await journal.append({
      drafts: [
        {
          type: "labour.flagged",
          body: { intervalId: brand("interval-1"), technicianId: brand("person-1"), flag: "corrected", at: at() },
        },
      ],
      at: at(),
      source: "gateway",
    });
    await journal.append({
      drafts: [{ type: "job.closed", body: { jobId: brand("job-1"), by, at: at() } }],
      at: at(),
      source: "gateway",
    });
    await journal.append({ drafts: [draftOf("findings", 1, bench.clock)], at: at(), source: "gateway" });
    const always = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
    expect(journal.query("labour.of-job", { jobId: "job-1" })).toMatchObject([
      { jobNumber: "R1", durationMs: 600_000, coverage: 0.5, flags: "corrected,no-evidence" },
    ]);
    expect(journal.query("jobs.closed", always)).toMatchObject([
      { jobId: "job-1", labourMs: 600_000, flatRateHours: 1.5 },
    ]);
    expect(journal.query("bay.history", { bayId: "bay-1", ...always })).toMatchObject([
      { from: "empty", to: "occupied", cause: "cause-1" },
    ]);
    expect(journal.query("day.totals", always)).toEqual([
      { jobsClosed: 1, labourMs: 600_000, coveredMs: 300_000, observableMs: 600_000, onTime: 1, promised: 1 },
    ]);
    expect(journal.query("day.totals", { fromMs: 0, toMs: 1 })).toEqual([
      { jobsClosed: 0, labourMs: 0, coveredMs: 0, observableMs: 0, onTime: 0, promised: 0 },
    ]);
  });
});

describe("whatever is appended in whatever order", () => {
  it("stands in dense chains, and only the valid and new is there", () => {
    const step = fc.record({
      stream: fc.constantFrom<Stream>(...STREAMS),
      count: fc.integer({ min: 1, max: 4 }),
      valid: fc.boolean(),
      message: fc.option(fc.integer({ min: 0, max: 5 }), { nil: null }),
      company: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const own = testBench();
        const writer = own.writerInThisThread({ groupMaxRecords: 1 });
        const expected = new Map<Stream, number>();
        const messages = new Set<number>();
        const kept: boolean[] = [];
        let together: Order[] = [];
        steps.forEach(({ stream, count, valid, message, company }, id) => {
          const drafts = Array.from({ length: count }, (_, n) => draftOf(stream, n, own.clock));
          if (!valid) drafts.push({ type: "gateway.stopped", body: { reason: "x".repeat(81), at: own.clock.stamp() } });
          const records = drafts.map((draft, n) => ({ id: `${id}-${n}`, draft }));
          const at = own.clock.stamp();
          const messageId = message === null ? null : `m${message}`;
          together.push({ id, work: { kind: "append", records, at, recordedAt: at.wallMs, source: "s", messageId } });
          if (!company) {
            writer.receive(together);
            together = [];
          }
          kept[id] = valid && (message === null || !messages.has(message));
          if (kept[id] && message !== null) messages.add(message);
          if (kept[id]) expected.set(stream, (expected.get(stream) ?? 0) + count);
        });
        writer.receive([...together, { id: steps.length, work: { kind: "close", at: own.clock.stamp() } }]);
        expect(steps.map((_, id) => writer.replies.get(id)?.ok)).toEqual(kept);
        const verification = verifyJournal(own.directory);
        expect(verification).toMatchObject({ ok: true, integrity: "ok", readModels: [] });
        for (const stream of STREAMS)
          expect(verification.chains.find((chain) => chain.stream === stream)?.headSeq).toBe(expected.get(stream) ?? 0);
        own.remove();
      }),
      { numRuns: 25 },
    );
  });
});
