import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verifyJournal } from "./index.ts";
import { type TestBench, testBench } from "./journal.fixture.ts";

let bench: TestBench;
beforeEach(() => {
  bench = testBench();
});
afterEach(() => bench.cleanUp());

interface Acknowledged {
  readonly stream: "labour" | "work" | "diagnostics" | "findings" | "operations";
  readonly seq: number;
  readonly hash: string;
}

const CHILD = join(import.meta.dirname, "crash-child.fixture.ts");

/** Runs a writing process and kills it once so many acknowledgements were heard; gives back all that were heard. */
async function killAfter(acknowledgements: number): Promise<readonly Acknowledged[]> {
  const child: ChildProcess = spawn(process.execPath, [CHILD, bench.directory, "flood"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const heard: Acknowledged[] = [];
  if (child.stdout === null) throw new Error("no output to listen to");
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.endsWith("}")) continue;
    const acknowledged: Acknowledged = JSON.parse(line);
    heard.push(acknowledged);
    if (heard.length === acknowledgements) child.kill("SIGKILL");
  }
  await gone;
  return heard;
}

describe("a process killed at any moment", () => {
  it("has lost nothing that it acknowledged, life after life, and every chain holds", {
    timeout: 120_000,
  }, async () => {
    const acknowledged: Acknowledged[] = [];
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 400 }), async (moment) => {
        acknowledged.push(...(await killAfter(moment)));
        expect(verifyJournal(bench.directory)).toMatchObject({ ok: true, integrity: "ok" });
        const journal = await bench.open();
        expect(journal.previousLife?.clean ?? true).toBe(false);
        for (const { stream, seq, hash } of acknowledged) expect(journal.hashAt(stream, seq)).toBe(hash);
        // Killed, not closed: the next life must find an unclean end.
        await journal.close({ ...bench.clock.stamp() });
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });

  it("is caught when acknowledgements are sent before the commit", { timeout: 60_000 }, async () => {
    const run = spawnSync(process.execPath, [CHILD, bench.directory, "planted"], { stdio: "ignore" });
    expect(run.signal).toBe("SIGKILL");
    const journal = await bench.open();
    // The process had been told that its first record was safe.
    expect(journal.heads().labour.seq).toBe(0);
  });
});

const canTrace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;

describe.skipIf(!canTrace)("under strace (skipped without it)", () => {
  it("flushes the log to the disk before each acknowledgement", { timeout: 60_000 }, () => {
    const trace = join(bench.directory, "trace");
    const COUNT = 8;
    execFileSync(
      "strace",
      [
        "-f",
        "-y",
        "-e",
        "trace=fsync,fdatasync,write",
        "-o",
        trace,
        process.execPath,
        CHILD,
        bench.directory,
        "one-by-one",
        String(COUNT),
      ],
      { stdio: "ignore" },
    );
    const events = readFileSync(trace, "utf8")
      .split("\n")
      .map((line) =>
        /f(data)?sync\(.*journal\.db-wal/.test(line) ? "flush" : /write\(1<.*\\"stream\\"/.test(line) ? "ack" : "",
      )
      .filter((event) => event !== "");
    let flushed = 0;
    let acknowledged = 0;
    for (const [index, event] of events.entries()) {
      if (event === "flush") flushed += 1;
      // Each append makes two records and so two lines; the first of them needs a flush since the append before.
      if (event === "ack" && events[index - 1] !== "ack") {
        acknowledged += 1;
        expect(events[index - 1]).toBe("flush");
      }
    }
    expect(acknowledged).toBe(COUNT);
    expect(flushed).toBeGreaterThanOrEqual(COUNT);
  });
});
