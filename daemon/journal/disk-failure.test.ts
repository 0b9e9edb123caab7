import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verifyJournal } from "./index.ts";
import { draftOf, fill, type TestBench, testBench } from "./journal.fixture.ts";
import type { Journal } from "./journal.ts";

let bench: TestBench;
beforeEach(() => {
  bench = testBench();
});
afterEach(() => bench.cleanUp());

function append(journal: Journal, n: number) {
  return journal.append({
    drafts: [draftOf("labour", n, bench.clock)],
    at: bench.clock.stamp(),
    source: "reader",
    messageId: `m${n}`,
  });
}

describe("a disk that refuses a flush", () => {
  it("acknowledges nothing of that commit, says failed, and goes on after opening afresh", async () => {
    const journal = await bench.open({ faults: { failCommitAfter: 2 }, limits: { groupIdleMs: 0 } });
    await append(journal, 1);
    await append(journal, 2);
    const reopened = new Promise<void>((resolve) => journal.onReopened(resolve));
    const results = await Promise.allSettled([append(journal, 3), append(journal, 4)]);
    expect(results).toMatchObject([
      { reason: { code: "JOURNAL_STORAGE_FAILED" } },
      { reason: { code: "JOURNAL_STORAGE_FAILED" } },
    ]);
    expect(journal.statistics().state).toBe("failed");
    await expect(append(journal, 5)).rejects.toMatchObject({ code: "JOURNAL_STORAGE_FAILED" });
    // What is committed can be read all the while.
    expect(journal.read("labour", 0, 10)).toHaveLength(2);
    await reopened;
    expect(journal.statistics().state).toBe("ok");
    await append(journal, 3);
    expect(journal.read("labour", 0, 10).map(({ messageId }) => messageId)).toEqual(["m1", "m2", "m3"]);
    await journal.close(bench.clock.stamp());
    expect(verifyJournal(bench.directory).ok).toBe(true);
  });
});

describe("a slow disk", () => {
  it("keeps the main thread's event loop turning while commits wait for it", async () => {
    const journal = await bench.open({ faults: { fsyncDelayMs: 20 }, limits: { groupMaxRecords: 1 } });
    let turns = 0;
    let counting = true;
    const count = () => {
      turns += 1;
      if (counting) setImmediate(count);
    };
    setImmediate(count);
    const COMMITS = 25;
    await fill(journal, bench.clock, "labour", COMMITS);
    counting = false;
    expect(journal.statistics().commits).toBe(COMMITS);
    // Were a commit made on this thread, the loop would turn once or twice for each.
    expect(turns).toBeGreaterThan(COMMITS * 10);
  });
});

describe("a full disk", () => {
  it("gives back its ballast and still takes labour", async ({ skip }) => {
    const disk = join(bench.directory, "disk");
    mkdirSync(disk);
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk]).status !== 0)
      skip("a small disk cannot be mounted here");
    try {
      const directory = join(disk, "journal");
      const journal = await bench.open({ directory, limits: { ballastBytes: 1024 * 1024, quarantineBytes: 1000 } });
      await fill(journal, bench.clock, "labour", 5);
      expect(existsSync(join(directory, "ballast"))).toBe(true);
      fillUp(join(disk, "other"));
      await fill(journal, bench.clock, "labour", 200, 6);
      expect(existsSync(join(directory, "ballast"))).toBe(false);
      expect(journal.heads().labour.seq).toBe(205);
      expect(journal.statistics().state).toBe("pressure");
      await journal.close(bench.clock.stamp());
      expect(verifyJournal(directory).ok).toBe(true);
    } finally {
      spawnSync("umount", ["-l", disk]);
    }
  });
});

function fillUp(file: string): void {
  for (let n = 0; ; n += 1) {
    try {
      writeFileSync(`${file}-${n}`, Buffer.alloc(32 * 1024, 1));
    } catch (error) {
      expect(error).toMatchObject({ code: "ENOSPC" });
      return;
    }
  }
}
