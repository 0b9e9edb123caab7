import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLog } from "../../machine/log.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import { DailyBackup } from "./daily-backup.ts";

const DAY_MS = 86_400_000;
let folder: string;
let clock: ManualClock;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-backups-"));
  clock = new ManualClock(Date.UTC(2026, 10, 21, 3));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const backups = (keep: number) =>
  new DailyBackup({
    folder,
    keep,
    clock,
    log: createLog("test"),
    journal: { backup: (file) => writeFile(file, "copy") },
  });

describe("the daily backup", () => {
  it("makes one a day and keeps the newest few", async () => {
    const daily = backups(3);
    for (let hour = 0; hour < 24 * 6; hour += 1) {
      await daily.whenDue();
      clock.advance(DAY_MS / 24);
    }
    const names = (await readdir(folder)).sort();
    expect(names).toHaveLength(3);
    expect(names.at(-1)).toBe("journal-2026-11-26T03-00-00Z.sqlite");
  });

  it("goes on after a restart, and after a clock that was set back", async () => {
    await backups(3).whenDue();
    await backups(3).whenDue();
    expect(await readdir(folder)).toHaveLength(1);
    clock.jumpWall(-10 * DAY_MS);
    await backups(3).whenDue();
    expect(await readdir(folder)).toHaveLength(2);
  });

  it("does nothing where none is wanted, and leaves other files alone", async () => {
    await writeFile(join(folder, "notes.txt"), "mine");
    await backups(0).whenDue();
    expect(await readdir(folder)).toEqual(["notes.txt"]);
    await backups(1).whenDue();
    clock.advance(DAY_MS * 2);
    await backups(1).whenDue();
    expect((await readdir(folder)).sort()).toEqual(["journal-2026-11-23T03-00-00Z.sqlite", "notes.txt"]);
  });
});
