import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JobId } from "../../contract/ids.ts";
import type { Draft } from "../../contract/records.ts";
import { DATABASE_FILE } from "./database.ts";
import { rebuildJournal, verifyJournal } from "./index.ts";
import { brand, type TestBench, testBench } from "./journal.fixture.ts";
import type { Journal } from "./journal.ts";

let bench: TestBench;
beforeEach(() => {
  bench = testBench();
});
afterEach(() => bench.cleanUp());

const JOB: JobId = brand("job-1");
const query = (journal: Journal) => journal.query("diagnostics.of-job", { jobId: JOB });
const bodies = (journal: Journal) => query(journal).map(({ type, body }): unknown => [type, JSON.parse(body)]);

/** A visit's diagnostics: scan, request to clear, its end, comparison, recording; and one scan of no job. */
function drafts(): Draft[] {
  const at = bench.clock.stamp();
  const by = { kind: "person", id: "li" } as const;
  const dongleId = brand<never>("obd-1");
  const scan = { takenAt: 1, protocol: "can", vin: null, vinDoubts: [], ecus: [], readiness: null };
  const recorded = (jobId: JobId | null, messageId: string): Draft => ({
    type: "scan.recorded",
    body: { dongleId, bayId: null, jobId, purpose: "other", scan: { ...scan, messageId }, at },
  });
  const difference = { codes: [], incompleteMonitors: [], unreadable: [], cleared: "no" as const, sameVin: null };
  const points: [number, number][] = [
    [0, 700],
    [100, 900],
  ];
  return [
    recorded(JOB, "scan-1"),
    recorded(null, "scan-2"),
    {
      type: "codes.clear-requested",
      body: { jobId: JOB, dongleId, technicianId: brand("li"), preScan: "scan-1", transaction: "clear.1", by, at },
    },
    {
      type: "codes.cleared",
      body: { jobId: JOB, dongleId, transaction: "clear.1", outcome: "cleared", code: null, ecus: [], at },
    },
    { type: "scan.compared", body: { jobId: JOB, arrival: "scan-1", departure: "scan-1", difference, at } },
    {
      type: "signals.recorded",
      body: {
        jobId: JOB,
        dongleId,
        from: at,
        to: at,
        series: [{ name: "engine-speed", unit: "rpm", minimum: 700, maximum: 900, last: 900, count: 2, points }],
        by,
        at,
      },
    },
  ];
}

const fill = async (journal: Journal) => {
  await journal.append({ drafts: drafts(), at: bench.clock.stamp(), source: "gateway" });
};

describe("what a job's diagnostics have been", () => {
  it("is told in order, with every body whole but for a recording's points, which stand in its record", async () => {
    const journal = await bench.open();
    await fill(journal);
    expect(query(journal).map(({ type }) => type)).toEqual([
      "codes.clear-requested",
      "codes.cleared",
      "scan.compared",
      "signals.recorded",
    ]);
    const recording = query(journal).at(-1);
    expect(JSON.parse(recording?.body ?? "")).toMatchObject({
      series: [{ name: "engine-speed", count: 2, points: [] }],
    });
    const [record] = journal.readEpoch(recording?.epoch ?? "", "diagnostics", (recording?.seq ?? 0) - 1, 1);
    expect(record).toMatchObject({
      id: recording?.id,
      body: {
        series: [
          {
            points: [
              [0, 700],
              [100, 900],
            ],
          },
        ],
      },
    });
    expect(journal.query("scans.of-job", { jobId: JOB })).toMatchObject([{ purpose: "other", dongleId: "obd-1" }]);
  });

  it("is told of an earlier epoch too, by the right dongle and record", async () => {
    const journal = await bench.open();
    await fill(journal);
    await journal.beginEpoch("older-copy");
    const other = drafts().map((draft) =>
      draft.type === "scan.recorded" ? { ...draft, body: { ...draft.body, dongleId: brand<never>("obd-2") } } : draft,
    );
    await journal.append({ drafts: other, at: bench.clock.stamp(), source: "gateway" });
    expect(journal.query("scans.of-job", { jobId: JOB }).map(({ dongleId }) => dongleId)).toEqual(["obd-1", "obd-2"]);
    expect(new Set(query(journal).map(({ epoch }) => epoch)).size).toBe(2);
  });

  it("outlives its records: pruned behind checkpoint and mark it is told as before, and verifies", async () => {
    const journal = await bench.open({ limits: { retentionMs: 1_000 } });
    await fill(journal);
    const before = bodies(journal);
    await journal.checkpoint({}, undefined);
    await journal.checkpoint({}, undefined);
    await journal.setHighWaterMark("diagnostics", journal.heads().diagnostics.seq);
    bench.clock.advance(10_000);
    expect(await journal.prune()).toBe(6);
    expect(bodies(journal)).toEqual(before);
    await journal.close(bench.clock.stamp());
    expect(verifyJournal(bench.directory)).toMatchObject({ ok: true, readModels: [] });
    expect(rebuildJournal(bench.directory).mended).toEqual([]);
  });

  it("goes with what is given up to make room", async () => {
    const journal = await bench.open();
    await fill(journal);
    await journal.checkpoint({});
    await journal.drop("diagnostics", { from: 1, to: 6, class: "diagnostics", reason: "disk-pressure" });
    expect(query(journal)).toEqual([]);
  });

  it("is made from the records that are there when a journal of an earlier version is opened", async () => {
    const first = await bench.open();
    await fill(first);
    const before = bodies(first);
    await first.close(bench.clock.stamp());
    const db = new Database(join(bench.directory, DATABASE_FILE));
    db.exec("DROP TABLE job_diagnostic; DROP TABLE settled_job_diagnostic; PRAGMA user_version = 1;");
    db.close();
    expect(verifyJournal(bench.directory)).toMatchObject({ ok: true });
    expect(bodies(await bench.open())).toEqual(before);
  });
});
