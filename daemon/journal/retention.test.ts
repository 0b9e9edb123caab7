import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { STREAMS } from "../../contract/records.ts";
import { DATABASE_FILE } from "./database.ts";
import { exportJournal, rebuildJournal, restoreBackup, verifyJournal } from "./index.ts";
import { clockedOff, draftOf, fill, type TestBench, testBench } from "./journal.fixture.ts";
import type { Journal } from "./journal.ts";

let bench: TestBench;
beforeEach(() => {
  bench = testBench();
});
afterEach(() => bench.cleanUp());

const always = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

async function acknowledgeAll(journal: Journal): Promise<void> {
  for (const stream of STREAMS) await journal.setHighWaterMark(stream, journal.heads()[stream].seq);
}

async function aDayOfWork(journal: Journal): Promise<void> {
  for (let n = 1; n <= 10; n += 1) {
    bench.clock.advance(60_000);
    const at = bench.clock.stamp();
    await journal.append({
      drafts: [draftOf("work", n, bench.clock), clockedOff(n, bench.clock, 60_000)],
      at,
      source: "gateway",
      messageId: `day-${n}`,
    });
    await journal.append({
      drafts: [draftOf("findings", n, bench.clock), draftOf("operations", n, bench.clock)],
      at,
      source: "gateway",
    });
  }
}

describe("checkpoint and tail", () => {
  it("give back the state and exactly the records after it, in the order of commit", async () => {
    const journal = await bench.open();
    await fill(journal, bench.clock, "work", 3);
    await journal.checkpoint({ jobs: 3 });
    await fill(journal, bench.clock, "labour", 2);
    await fill(journal, bench.clock, "work", 1, 4);
    expect(journal.latestCheckpoint()).toMatchObject({
      state: { jobs: 3 },
      heads: { work: { seq: 3 }, labour: { seq: 0 } },
    });
    expect([...journal.tail()].map(({ stream, seq }) => `${stream} ${seq}`)).toEqual([
      "labour 1",
      "labour 2",
      "work 4",
    ]);
  });

  it("stand for the heads they were given, whatever was committed meanwhile", async () => {
    const journal = await bench.open();
    await fill(journal, bench.clock, "work", 3);
    const place = { epoch: journal.epoch, heads: journal.heads() };
    const later = fill(journal, bench.clock, "work", 2, 4);
    await journal.checkpoint({ jobs: 3 }, place);
    await later;
    expect([...journal.tail()].map(({ seq }) => seq)).toEqual([4, 5]);
  });

  it("take the checkpoint before when the last one cannot be believed", async () => {
    const journal = await bench.open();
    await journal.checkpoint({ n: 1 });
    await fill(journal, bench.clock, "work", 1);
    await journal.checkpoint({ n: 2 });
    const db = new Database(join(bench.directory, DATABASE_FILE));
    db.prepare("UPDATE checkpoint SET state = '{\"n\":3}' WHERE ordinal = 2").run();
    db.close();
    expect(journal.latestCheckpoint()?.state).toEqual({ n: 1 });
    expect([...journal.tail()]).toHaveLength(1);
  });

  it("reach over the beginning of an epoch", async () => {
    const journal = await bench.open();
    await fill(journal, bench.clock, "work", 2);
    await journal.checkpoint({});
    await fill(journal, bench.clock, "work", 1, 3);
    await journal.beginEpoch("restore");
    await fill(journal, bench.clock, "work", 1, 4);
    expect([...journal.tail()].map(({ body }) => ("number" in body ? body.number : ""))).toEqual(["R3", "R4"]);
  });
});

describe("pruning", () => {
  it("deletes nothing that headquarters lacks, that no checkpoint covers, or that is young", async () => {
    const journal = await bench.open({ limits: { retentionMs: 1_000, checkpoints: 1 } });
    await aDayOfWork(journal);
    expect(await journal.prune()).toBe(0);
    await journal.checkpoint({});
    bench.clock.advance(10_000);
    expect(await journal.prune()).toBe(0);
    await acknowledgeAll(journal);
    bench.clock.advance(-9_500);
    expect(await journal.prune()).toBe(36);
    bench.clock.advance(10_000);
    expect(await journal.prune()).toBe(4);
    expect(journal.statistics().records).toEqual({ labour: 0, work: 0, diagnostics: 0, findings: 0, operations: 0 });
  });

  it("keeps read models, messages and chains, and what is rebuilt equals what stood there", async () => {
    const journal = await bench.open({ limits: { retentionMs: 0, checkpoints: 1 } });
    await aDayOfWork(journal);
    await journal.checkpoint({});
    await acknowledgeAll(journal);
    bench.clock.advance(1_000);
    expect(await journal.prune()).toBe(40);
    await journal.append({
      drafts: [clockedOff(11, bench.clock, 5_000, "job-3")],
      at: bench.clock.stamp(),
      source: "gateway",
    });
    const labour = journal.query("labour.of-job", { jobId: "job-3" });
    expect(labour.map(({ durationMs }) => durationMs)).toEqual([60_000, 5_000]);
    expect(journal.seen({ source: "gateway", messageId: "day-1" })).toBe(true);
    const again = journal.append({
      drafts: [draftOf("work", 1, bench.clock)],
      at: bench.clock.stamp(),
      source: "gateway",
      messageId: "day-1",
    });
    await expect(again).rejects.toMatchObject({ code: "JOURNAL_DUPLICATE_MESSAGE" });
    expect(journal.hashAt("labour", 10)).toBe(journal.read("labour", 10, 1)[0]?.prevHash);
    const totals = journal.query("day.totals", always);
    await journal.close(bench.clock.stamp());
    expect(verifyJournal(bench.directory)).toMatchObject({ ok: true });

    const db = new Database(join(bench.directory, DATABASE_FILE));
    db.exec(
      "DELETE FROM labour_interval; UPDATE job SET labour_ms = 1; INSERT INTO bay_history VALUES (9, 9, 'x', 'a', 'b', 1, 'c')",
    );
    db.close();
    const damaged = verifyJournal(bench.directory);
    expect(damaged.ok).toBe(false);
    expect(damaged.readModels).toEqual([
      { table: "job", missing: 10, surplus: 10 },
      { table: "labour_interval", missing: 11, surplus: 0 },
      { table: "bay_history", missing: 0, surplus: 1 },
    ]);
    expect(rebuildJournal(bench.directory)).toEqual({ records: 1, mended: damaged.readModels });
    expect(verifyJournal(bench.directory).ok).toBe(true);
    const reopened = await bench.open();
    expect(reopened.query("day.totals", always)).toEqual(totals);
    expect(reopened.query("labour.of-job", { jobId: "job-3" })).toEqual(labour);
  });
});

describe("giving up", () => {
  it("leaves a tombstone at the head of the same stream, over which the chain can be followed", async () => {
    const journal = await bench.open();
    await fill(journal, bench.clock, "findings", 10);
    await journal.checkpoint({});
    const gone = journal.hashAt("findings", 6);
    await journal.drop("findings", { from: 3, to: 6, class: "findings", reason: "disk-pressure" });
    expect(journal.read("findings", 0, 100).map(({ seq }) => seq)).toEqual([1, 2, 7, 8, 9, 10, 11]);
    expect(journal.read("findings", 10, 1)).toMatchObject([
      { type: "loss", body: { from: 3, to: 6, count: 4, hash: gone, reason: "disk-pressure" } },
    ]);
    expect(journal.lossCovering("findings", 4)?.seq).toBe(11);
    expect(journal.lossCovering("findings", 7)).toBeUndefined();
    expect(journal.query("bay.history", { bayId: "bay-1", ...always })).toHaveLength(6);
    await journal.close(bench.clock.stamp());
    const verification = verifyJournal(bench.directory);
    expect(verification.ok).toBe(true);
    expect(verification.chains.find(({ stream }) => stream === "findings")?.gaps).toEqual([
      { from: 3, to: 6, tombstone: true },
    ]);
  });

  it("is refused for labour under disk pressure, for what the state needs, for tombstones and for nothing", async () => {
    const journal = await bench.open();
    await fill(journal, bench.clock, "labour", 3);
    await fill(journal, bench.clock, "findings", 3);
    const refused = { code: "JOURNAL_DROP_REFUSED" };
    await expect(
      journal.drop("findings", { from: 1, to: 2, class: "x", reason: "disk-pressure" }),
    ).rejects.toMatchObject(refused);
    await journal.checkpoint({});
    await expect(journal.drop("labour", { from: 1, to: 2, class: "x", reason: "disk-pressure" })).rejects.toMatchObject(
      refused,
    );
    await expect(
      journal.drop("findings", { from: 2, to: 9, class: "x", reason: "disk-pressure" }),
    ).rejects.toMatchObject(refused);
    await expect(
      journal.drop("findings", { from: 3, to: 2, class: "x", reason: "disk-pressure" }),
    ).rejects.toMatchObject(refused);
    await journal.drop("findings", { from: 1, to: 2, class: "x", reason: "disk-pressure" });
    await journal.checkpoint({});
    await expect(
      journal.drop("findings", { from: 3, to: 4, class: "x", reason: "disk-pressure" }),
    ).rejects.toMatchObject(refused);
    expect(journal.heads().labour.seq).toBe(3);
  });

  it("keeps on the box what headquarters refused, but offers it no more", async () => {
    const journal = await bench.open();
    await fill(journal, bench.clock, "labour", 3);
    await journal.drop("labour", { from: 2, to: 2, class: "labour", reason: "refused-by-headquarters" });
    expect(journal.read("labour", 0, 10).map(({ seq, type }) => `${seq} ${type}`)).toEqual([
      "1 labour.clocked-on",
      "3 labour.clocked-on",
      "4 loss",
    ]);
    expect([...journal.tail()]).toHaveLength(4);
    await journal.close(bench.clock.stamp());
    expect(verifyJournal(bench.directory).ok).toBe(true);
  });

  it("is noticed when a record is taken without a tombstone, changed, or cut off at the end", async () => {
    const journal = await bench.open();
    await fill(journal, bench.clock, "labour", 5);
    await fill(journal, bench.clock, "work", 5);
    await fill(journal, bench.clock, "findings", 5);
    await journal.close(bench.clock.stamp());
    const db = new Database(join(bench.directory, DATABASE_FILE));
    db.exec(`DELETE FROM record WHERE stream = 0 AND seq = 3; UPDATE record SET body = replace(body, 'brakes', 'clutch') WHERE stream = 1 AND seq = 2;
             DELETE FROM record WHERE stream = 3 AND seq = 5`);
    db.close();
    const { ok, chains } = verifyJournal(bench.directory);
    expect(ok).toBe(false);
    const byStream = (name: string) => chains.find(({ stream }) => stream === name);
    expect(byStream("labour")).toMatchObject({
      whole: false,
      gaps: [{ from: 3, to: 3, tombstone: false }],
      faults: [],
    });
    expect(byStream("work")).toMatchObject({ whole: false, faults: [{ seq: 2, what: "content" }] });
    expect(byStream("findings")).toMatchObject({ whole: false, faults: [{ seq: 5, what: "head" }] });
    expect(byStream("operations")).toMatchObject({ whole: true });
  });
});

describe("a journal at its bound by bytes", () => {
  const limits = { maxBytes: 1_200_000, quarantineBytes: 1000, checkpoints: 1 };

  it("gives up the lowest first, names what is gone, and still takes labour when nothing lower may go", async () => {
    const journal = await bench.open({ limits });
    await fill(journal, bench.clock, "labour", 50);
    await fill(journal, bench.clock, "diagnostics", 100);
    await journal.checkpoint({});
    let refused: unknown;
    // No checkpoint comes, so nothing of what follows may be given up.
    for (let n = 0; n < 100 && refused === undefined; n += 1) {
      await fill(journal, bench.clock, "findings", 100, n * 100).catch((error: unknown) => {
        refused = error;
      });
    }
    expect(refused).toMatchObject({ code: "JOURNAL_FULL" });
    expect(journal.statistics().state).toBe("pressure");
    expect(journal.read("diagnostics", 0, 200)).toMatchObject([
      { seq: 101, type: "loss", body: { from: 1, to: 100, count: 100 } },
    ]);
    await fill(journal, bench.clock, "labour", 20, 51);
    expect(journal.heads().labour.seq).toBe(70);
    expect(journal.read("labour", 0, 100).every(({ type }) => type === "labour.clocked-on")).toBe(true);

    // A checkpoint lets it breathe again: lower streams are given up and everything is accepted.
    await journal.checkpoint({});
    for (let n = 0; n < 10; n += 1) {
      await fill(journal, bench.clock, "findings", 100, n * 100);
      await journal.checkpoint({});
    }
    expect(journal.read("labour", 0, 100)).toHaveLength(70);
    expect(journal.statistics().lossRecords).toBeGreaterThan(1);
    expect(journal.statistics().bytes).toBeLessThanOrEqual(limits.maxBytes);
    await journal.close(bench.clock.stamp());
    expect(verifyJournal(bench.directory)).toMatchObject({ ok: true });
  });
});

describe("backup and export", () => {
  it("restores into a new epoch, sets aside what was there, and gives no number out twice", async () => {
    const journal = await bench.open();
    await fill(journal, bench.clock, "labour", 5);
    const file = join(bench.directory, "backup.db");
    const saved = journal.backup(file);
    await saved;
    await fill(journal, bench.clock, "labour", 3, 6);
    const before = journal.epoch;
    await journal.close(bench.clock.stamp());
    const { epoch, setAside } = restoreBackup({ file, directory: bench.directory, clock: bench.clock });
    expect(setAside).toContain("replaced-");
    const restored = await bench.open();
    expect(restored.epoch).toBe(epoch);
    expect(restored.epoch).not.toBe(before);
    expect(restored.readEpoch(before, "labour", 0, 100)).toHaveLength(5);
    await fill(restored, bench.clock, "labour", 1, 9);
    expect(restored.read("labour", 0, 10)).toMatchObject([{ seq: 1, prevHash: "" }]);
    await restored.close(bench.clock.stamp());
    expect(verifyJournal(bench.directory).ok).toBe(true);
    expect([...exportJournal(bench.directory)].map((line): unknown => JSON.parse(line))).toMatchObject([
      ...[1, 2, 3, 4, 5].map((seq) => ({ epoch: before, stream: "labour", seq })),
      { epoch, stream: "labour", seq: 1 },
    ]);
  });

  it("refuses a damaged backup and leaves the journal alone", async () => {
    const journal = await bench.open();
    await fill(journal, bench.clock, "labour", 1);
    await journal.close(bench.clock.stamp());
    const file = join(bench.directory, "backup.db");
    const { writeFileSync } = await import("node:fs");
    writeFileSync(file, "not a database at all, not by far".repeat(100));
    expect(() => restoreBackup({ file, directory: bench.directory, clock: bench.clock })).toThrow(
      expect.objectContaining({ code: "JOURNAL_BACKUP_DAMAGED" }),
    );
    expect((await bench.open()).heads().labour.seq).toBe(1);
  });

  it("says so when there is no journal", () => {
    expect(() => verifyJournal(bench.directory)).toThrow(expect.objectContaining({ code: "JOURNAL_NOT_FOUND" }));
  });
});
