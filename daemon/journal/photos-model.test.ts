import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JobId, PhotoId } from "../../contract/ids.ts";
import type { Draft } from "../../contract/records.ts";
import { rebuildJournal, verifyJournal } from "./index.ts";
import { brand, type TestBench, testBench } from "./journal.fixture.ts";
import type { Journal } from "./journal.ts";

let bench: TestBench;
beforeEach(() => {
  bench = testBench();
});
afterEach(() => bench.cleanUp());

const JOB: JobId = brand("job-1");
const OTHER: JobId = brand("job-2");
const PHOTO: PhotoId = brand("photo-1");
const rows = (journal: Journal, jobId = JOB) => journal.query("photos.of-job", { jobId });
const types = (journal: Journal, jobId = JOB) => rows(journal, jobId).map(({ type }) => type);

/** A photo, a word on it, one that was refused, the same picture on another job, and the giving up of it and of a stranger. */
function drafts(): Draft[] {
  const at = bench.clock.stamp();
  const by = { kind: "person", id: "li" } as const;
  const checkpoint = "arrival-front" as const;
  const photo = (jobId: JobId, picture: string): Draft => ({
    type: "photo.looked-at",
    body: {
      photoId: PHOTO,
      jobId,
      checkpoint,
      picture: picture.repeat(64),
      bytes: 10,
      widthPx: 8,
      heightPx: 6,
      covered: [],
      coveredLeftOut: 0,
      findings: [
        { label: "dent", score: 0.5, probability: null, box: [0, 0, 1, 1], outline: [], tier: "person-decides" },
      ],
      findingsLeftOut: 0,
      reviewThreshold: 0.85,
      models: [],
      by,
      at,
    },
  });
  const dropped = (picture: string): Draft => ({
    type: "picture.dropped",
    body: { picture: picture.repeat(64), bytes: 10, reason: "quota", at },
  });
  return [
    photo(JOB, "a"),
    {
      type: "finding.judged",
      body: { jobId: JOB, photoId: PHOTO, finding: 0, label: "dent", verdict: "confirmed", by, at },
    },
    { type: "photo.refused", body: { jobId: JOB, checkpoint, code: "PICTURE_TRUNCATED", bytes: 3, by, at } },
    photo(OTHER, "a"),
    dropped("a"),
    dropped("b"),
  ];
}

const fill = async (journal: Journal) => {
  await journal.append({ drafts: drafts(), at: bench.clock.stamp(), source: "gateway" });
};

describe("what is known of a job's photos", () => {
  it("is told in order and whole, with the giving up of a picture for every job that has it", async () => {
    const journal = await bench.open();
    await fill(journal);
    expect(types(journal)).toEqual(["photo.looked-at", "finding.judged", "photo.refused", "picture.dropped"]);
    expect(types(journal, OTHER)).toEqual(["photo.looked-at", "picture.dropped"]);
    expect(JSON.parse(rows(journal)[0]?.body ?? "")).toEqual(drafts()[0]?.body);
    const named = (picture: string) => journal.query("photos.of-picture", { picture: picture.repeat(64) });
    expect(named("a").map(({ type }) => type)).toEqual(["photo.looked-at", "photo.looked-at", "picture.dropped"]);
    expect(named("c")).toEqual([]);
  });

  it("outlives its records: pruned behind checkpoint and mark it is told as before, and verifies", async () => {
    const journal = await bench.open({ limits: { retentionMs: 1_000 } });
    await fill(journal);
    const before = rows(journal);
    await journal.checkpoint({}, undefined);
    await journal.checkpoint({}, undefined);
    await journal.setHighWaterMark("work", journal.heads().work.seq);
    bench.clock.advance(10_000);
    expect(await journal.prune()).toBe(6);
    expect(rows(journal)).toEqual(before);
    await journal.close(bench.clock.stamp());
    expect(verifyJournal(bench.directory)).toMatchObject({ ok: true, readModels: [] });
    expect(rebuildJournal(bench.directory).mended).toEqual([]);
  });

  it("goes with what is given up to make room", async () => {
    const journal = await bench.open();
    await fill(journal);
    await journal.checkpoint({});
    await journal.drop("work", { from: 1, to: 2, class: "work", reason: "disk-pressure" });
    expect(types(journal)).toEqual(["photo.refused"]);
  });
});
