import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { STREAMS } from "../../contract/records.ts";
import { DATABASE_FILE } from "./database.ts";
import { verifyJournal } from "./index.ts";
import { clockedOff, fill, type TestBench, testBench } from "./journal.fixture.ts";

let bench: TestBench;
beforeEach(() => {
  bench = testBench();
});
afterEach(() => bench.cleanUp());

const PAGE = 4096;

async function aStoppedJournal(records = 300): Promise<{ readonly epoch: string; readonly hashes: readonly string[] }> {
  const journal = await bench.open();
  await fill(journal, bench.clock, "labour", records);
  await fill(journal, bench.clock, "work", 20);
  await journal.append({
    drafts: [clockedOff(1, bench.clock, 60_000)],
    at: bench.clock.stamp(),
    source: "reader",
    messageId: "m1",
  });
  await journal.checkpoint({ n: records });
  const hashes = journal.read("labour", 0, 1000).map(({ hash }) => hash);
  const { epoch } = journal;
  await journal.close(bench.clock.stamp());
  return { epoch, hashes };
}

function damage(change: (file: Buffer) => void): void {
  const path = join(bench.directory, DATABASE_FILE);
  const file = readFileSync(path);
  change(file);
  writeFileSync(path, file);
}

/** Pages that hold rows of table `record`. */
function recordPages(): readonly number[] {
  const db = new Database(join(bench.directory, DATABASE_FILE), { readonly: true });
  const rows = db
    .prepare<[], { pageno: number }>(
      "SELECT pageno FROM dbstat WHERE name = 'record' AND pagetype = 'leaf' ORDER BY path",
    )
    .all();
  db.close();
  return rows.map(({ pageno }) => pageno);
}

describe("a damaged journal", () => {
  it("is set aside, salvaged row by row, and says in a tombstone what could not be read", async () => {
    const { epoch, hashes } = await aStoppedJournal();
    const pages = recordPages();
    const torn = pages[3] ?? 0;
    damage((file) => file.fill(0xaa, (torn - 1) * PAGE, torn * PAGE));
    const journal = await bench.open();
    expect(journal.statistics().state).toBe("salvaged");
    expect(readdirSync(bench.directory).filter((name) => name.startsWith("damaged-"))).toHaveLength(1);
    expect(journal.epoch).toBe(epoch);
    const labour = journal.read("labour", 0, 1000);
    const [loss] = labour.filter(({ type }) => type === "loss");
    expect(loss).toMatchObject({ seq: 302, body: { reason: "corruption" } });
    const { from, to } = loss?.type === "loss" ? loss.body : { from: 0, to: 0 };
    expect(to).toBeGreaterThanOrEqual(from);
    // Everything outside the torn page is there, unchanged.
    expect(labour.filter(({ type }) => type !== "loss").map(({ hash }) => hash)).toEqual(
      hashes.filter((_, index) => index + 1 < from || index + 1 > to),
    );
    expect(journal.latestCheckpoint()?.state).toEqual({ n: 300 });
    await fill(journal, bench.clock, "labour", 1, 400);
    expect(journal.heads().labour.seq).toBe(303);
    await journal.close(bench.clock.stamp());
    expect(verifyJournal(bench.directory)).toMatchObject({ ok: true });
    expect((await bench.open()).statistics().state).toBe("ok");
  });

  it("is salvaged also when its first page is gone, in a new epoch when the numbers given out cannot be known", async () => {
    const { epoch, hashes } = await aStoppedJournal();
    damage((file) => file.fill(0, 0, PAGE));
    const journal = await bench.open();
    expect(journal.statistics().state).toBe("salvaged");
    expect(journal.epoch).not.toBe(epoch);
    expect(journal.readEpoch(epoch, "labour", 0, 1000).map(({ hash }) => hash)).toEqual(hashes);
    expect(journal.seen({ source: "reader", messageId: "m1" })).toBe(true);
    expect(journal.query("labour.of-job", { jobId: "job-1" })).toHaveLength(1);
    await journal.close(bench.clock.stamp());
    expect(verifyJournal(bench.directory).ok).toBe(true);
  });

  it("is noticed at boot when a bit of a record flipped, although SQLite calls the file whole", async () => {
    await aStoppedJournal();
    damage((file) => {
      const at = file.lastIndexOf("interval-299");
      file[at] = (file[at] ?? 0) ^ 0x01;
    });
    const journal = await bench.open();
    expect(journal.statistics()).toMatchObject({ state: "salvaged", lossRecords: 1 });
  });

  it("never opens with a broken chain, whatever was overwritten", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            at: fc.double({ min: 0, max: 1, noNaN: true }),
            bytes: fc.integer({ min: 1, max: 6000 }),
            value: fc.integer({ min: 0, max: 255 }),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        async (wounds) => {
          const own = testBench();
          const writer = own.writerInThisThread({ groupMaxRecords: 1 });
          const { draftOf } = await import("./journal.fixture.ts");
          for (let n = 1; n <= 120; n += 1) {
            const stream = STREAMS[n % STREAMS.length] ?? "labour";
            const at = own.clock.stamp();
            writer.receive([
              {
                id: n,
                work: {
                  kind: "append",
                  records: [{ id: `r${n}`, draft: draftOf(stream, n, own.clock) }],
                  at,
                  recordedAt: at.wallMs,
                  source: "s",
                  messageId: null,
                },
              },
            ]);
          }
          writer.receive([{ id: 999, work: { kind: "close", at: own.clock.stamp() } }]);
          const path = join(own.directory, DATABASE_FILE);
          const file = readFileSync(path);
          for (const { at, bytes, value } of wounds) {
            const from = Math.floor(at * (file.length - 1));
            file.fill(value, from, Math.min(file.length, from + bytes));
          }
          writeFileSync(path, file);
          const again = own.writerInThisThread({ groupMaxRecords: 1 });
          const at = own.clock.stamp();
          again.receive([
            {
              id: 1,
              work: {
                kind: "append",
                records: [{ id: "new", draft: draftOf("labour", 999, own.clock) }],
                at,
                recordedAt: at.wallMs,
                source: "s",
                messageId: null,
              },
            },
          ]);
          expect(again.replies.get(1)).toMatchObject({ ok: true });
          again.receive([{ id: 2, work: { kind: "close", at } }]);
          const verification = verifyJournal(own.directory);
          expect(verification).toMatchObject({ integrity: "ok", readModels: [] });
          for (const { chain } of verification.chains.map((chain) => ({ chain }))) expect(chain.faults).toEqual([]);
          own.remove();
        },
      ),
      { numRuns: 12 },
    );
  });
});
