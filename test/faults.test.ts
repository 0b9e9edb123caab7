import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { check, type RecordOfEpoch } from "../bench/faults/checker.ts";
import { hashedBytes } from "../contract/records.ts";
import { canTrace, traceMessages } from "./traced-gateway.ts";

const ROOT = resolve(import.meta.dirname, "..");
/** `npm run faults -- kill` does fifty; the gate has twenty minutes for everything. */
const CYCLES = process.env.CI === undefined ? 5 : 25;
const MINUTE_MS = 60_000;

/** `npm run faults -- …`, with the JSON document that it prints last. */
async function faults(...words: readonly string[]): Promise<{ code: unknown; report: Record<string, unknown> }> {
  const child = spawn(process.execPath, ["bench/faults/main.ts", ...words, "--json"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill());
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  const [code]: unknown[] = await once(child, "close");
  const last = Buffer.concat(output).toString("utf8").trim().split("\n").at(-1) ?? "";
  if (!last.startsWith("{")) throw new Error(`no report: ${Buffer.concat(errors).toString("utf8")}`);
  return { code, report: JSON.parse(last) };
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "baygate-faults-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe("a gateway that is killed under load", () => {
  it(`has every acknowledged message at headquarters exactly once after ${CYCLES} kills`, {
    timeout: 15 * MINUTE_MS,
  }, async () => {
    const { code, report } = await faults("kill", "--cycles", String(CYCLES), "--seed", "20261122");
    expect(report).toMatchObject({
      ok: true,
      failures: [],
      cycles: CYCLES,
      missing: 0,
      duplicated: 0,
      phantom: 0,
      chainsVerified: true,
    });
    expect(report.acknowledged).toBeGreaterThan(CYCLES);
    expect(code).toBe(0);
  });

  it.each(["acknowledge-before-commit", "forget-before-mark"])(
    "is found out when the bug %s is planted, and what is missing is named",
    { timeout: 5 * MINUTE_MS },
    async (bug) => {
      const { code, report } = await faults("kill", "--cycles", "3", "--seed", "3", "--planted-bug", bug);
      expect(report).toMatchObject({ ok: false, plantedBug: bug });
      expect(report.missing).toBeGreaterThan(0);
      expect(report.failures).toContainEqual(
        expect.stringMatching(
          /^\d+ acknowledged messages are missing at headquarters: (reader|equipment|dongle)\/\w+ m\d+/,
        ),
      );
      expect(code).toBe(1);
    },
  );
});

describe("a gateway on a slow disk", () => {
  it("loses nothing while frames and messages come in, and measures how long they waited", {
    timeout: 5 * MINUTE_MS,
  }, async () => {
    const { report } = await faults("slow-disk", "--seconds", "5");
    expect(report).toMatchObject({ failures: [], missing: 0, duplicated: 0, phantom: 0, chainsVerified: true });
    expect(report.acknowledgements).toBeGreaterThan(0);
    expect(report.framesSent).toBeGreaterThan(0);
    // No commit is faster than the delay that was injected.
    expect(report.acknowledgementP50Ms).toBeGreaterThanOrEqual(20);
    expect(report.loopDelayP99Ms).toEqual(expect.any(Number));
  });
});

describe.skipIf(!canTrace())("the kernel's view (strace)", () => {
  it("is that of every message the journal's log is flushed before its PUBACK is written", {
    timeout: 5 * MINUTE_MS,
  }, async () => {
    const messages = await traceMessages(await temporaryFolder(), []);
    expect(messages.length).toBeGreaterThan(20);
    for (const message of messages) {
      const { received, written, flushed, acknowledged } = message;
      expect([received, written, flushed, acknowledged], message.messageId).toEqual(
        [received, written, flushed, acknowledged].toSorted((a, b) => Number(a) - Number(b)),
      );
      expect(Object.values(message)).not.toContain(undefined);
    }
  });

  it("shows an acknowledgement that goes out before its flush", { timeout: 5 * MINUTE_MS }, async () => {
    const messages = await traceMessages(await temporaryFolder(), ["--planted-bug", "acknowledge-before-commit"]);
    const early = messages.filter(({ flushed, acknowledged }) => Number(acknowledged) < Number(flushed));
    expect(early.length).toBeGreaterThan(20);
  });
});

describe("the checker", () => {
  const [first, second] = [recordAfter(undefined, "m1"), recordAfter(recordAfter(undefined, "m1"), "m2")];
  const account = { source: "equipment/press", sent: new Set(["m1", "m2"]), acknowledged: new Set(["m1", "m2"]) };
  const whole = { accounts: [account], journal: [first, second], headquarters: [first, second] };
  const content = {
    missing: [],
    duplicated: [],
    phantom: [],
    onlyInJournal: [],
    onlyAtHeadquarters: [],
    brokenChains: [],
  };

  it("finds nothing where both sides agree", () => {
    expect(check(whole)).toMatchObject({ ...content, sent: 2, acknowledged: 2, atHeadquarters: 2 });
  });

  it("names an acknowledged message that did not arrive", () => {
    expect(check({ ...whole, headquarters: [first] })).toMatchObject({
      missing: ["equipment/press m2"],
      onlyInJournal: [expect.stringContaining("findings 2")],
    });
  });

  it("does not ask for a message that was never acknowledged", () => {
    const hopeful = { ...account, sent: new Set(["m1", "m2", "m3"]) };
    expect(check({ ...whole, accounts: [hopeful] })).toMatchObject(content);
  });

  it("names a message that arrived twice", () => {
    const again = recordAfter(second, "m2");
    const both = [first, second, again];
    expect(check({ ...whole, journal: both, headquarters: both })).toMatchObject({
      duplicated: ["equipment/press m2"],
      brokenChains: [],
    });
  });

  it("names a message that nobody sent", () => {
    const invented = recordAfter(second, "m9");
    const all = [first, second, invented];
    expect(check({ ...whole, journal: all, headquarters: all })).toMatchObject({ phantom: ["equipment/press m9"] });
  });

  it("sees a gap, a link that does not fit and a changed record", () => {
    const changed = { ...second, occurredAt: second.occurredAt + 1 };
    expect(check({ ...whole, journal: [second] }).brokenChains).toEqual(["journal epoch-1 findings: 2 comes after 0"]);
    expect(check({ ...whole, headquarters: [first, { ...second, prevHash: second.hash }] }).brokenChains).toEqual([
      "headquarters epoch-1 findings: 2 does not continue 1",
    ]);
    expect(check({ ...whole, headquarters: [first, changed] }).brokenChains).toEqual([
      "headquarters epoch-1 findings: 2 is not what its hash says",
    ]);
  });
});

function recordAfter(before: RecordOfEpoch | undefined, messageId: string): RecordOfEpoch {
  const record = {
    stream: "findings" as const,
    seq: (before?.seq ?? 0) + 1,
    id: `id-${messageId}`,
    type: "equipment.reported",
    version: 1,
    occurredAt: 1,
    recordedAt: 2,
    bootId: "boot",
    monoMs: 3,
    source: "equipment/press",
    messageId,
    body: { equipmentId: "press" },
    prevHash: before?.hash ?? "",
  };
  return { ...record, epoch: "epoch-1", hash: createHash("sha256").update(hashedBytes(record)).digest("hex") };
}
