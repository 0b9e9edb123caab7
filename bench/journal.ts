import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Value from "typebox/value";
import { ReaderId } from "../contract/ids.ts";
import { type JournalLimits, openJournal, verifyJournal } from "../daemon/journal/index.ts";
import { systemClock } from "../machine/clock.ts";
import { createLog } from "../machine/log.ts";
import { type BenchOptions, type BenchResult, median } from "./result.ts";

const READER = Value.Parse(ReaderId, "reader-1");
const ROUNDS = 3;
const APPENDS_PER_ROUND = 2_048;
/** Senders with one message under way each, as devices that wait for their acknowledgement. */
const SENDERS = 256;
const AIM = 5;

interface Round {
  readonly perSecond: number;
  readonly commits: number;
  readonly rows: number;
  readonly whole: boolean;
}

/**
 * Durable appends a second with group commit, beside the same journal that commits each append alone: same disk, same run, rounds in turn. Every append is acknowledged
 * after a flush, and afterwards rows are counted and chains followed.
 */
export async function bench(_options: BenchOptions): Promise<BenchResult> {
  const grouped: Round[] = [];
  const alone: Round[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    alone.push(await measure({ groupMaxRecords: 1 }));
    grouped.push(await measure({}));
  }
  const rate = (rounds: readonly Round[]) => median(rounds.map(({ perSecond }) => perSecond));
  const ratio = rate(grouped) / rate(alone);
  const all = [...alone, ...grouped];
  const perCommit = (APPENDS_PER_ROUND * ROUNDS) / grouped.reduce((sum, { commits }) => sum + commits, 0);
  return {
    name: "journal",
    coreBudget: "two threads: the main thread asks and listens, the writer's thread commits; nothing else of ours runs",
    input: {
      rounds: ROUNDS,
      appendsPerRound: APPENDS_PER_ROUND,
      senders: SENDERS,
      bodyBytes: JSON.stringify(body(0)).length,
    },
    figures: {
      groupedAppendsPerSecond: rate(grouped),
      aloneAppendsPerSecond: rate(alone),
      recordsPerGroupedCommit: perCommit,
    },
    ratios: { groupedToAlone: ratio },
    checks: [
      {
        name: "every acknowledged append is a row",
        ok: all.every(({ rows }) => rows === APPENDS_PER_ROUND),
        detail: `${APPENDS_PER_ROUND} of each round`,
      },
      { name: "every chain holds", ok: all.every(({ whole }) => whole), detail: `${all.length} journals verified` },
      {
        name: "the yardstick commits each append alone",
        ok: alone.every(({ commits }) => commits >= APPENDS_PER_ROUND),
        detail: `${alone[0]?.commits ?? 0} commits`,
      },
      { name: `group commit is at least ${AIM} times as fast`, ok: ratio >= AIM, detail: `${ratio.toFixed(2)} times` },
    ],
  };
}

async function measure(limits: Partial<JournalLimits>): Promise<Round> {
  const directory = mkdtempSync(join(tmpdir(), "baygate-bench-"));
  try {
    const clock = systemClock({ demo: false });
    const journal = await openJournal({
      directory,
      clock,
      log: createLog("bench"),
      limits: { ballastBytes: 4096, ...limits },
    });
    const before = journal.statistics().commits;
    const began = performance.now();
    let next = 0;
    const sender = async (): Promise<void> => {
      while (next < APPENDS_PER_ROUND) {
        const n = next;
        next += 1;
        await journal.append({
          drafts: [{ type: "tap.refused", body: body(n) }],
          at: clock.stamp(),
          source: "reader-1",
          messageId: `tap-${n}`,
        });
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
    const tookMs = performance.now() - began;
    const commits = journal.statistics().commits - before;
    await journal.close(clock.stamp());
    const verification = verifyJournal(directory);
    const rows = verification.chains.find(({ stream }) => stream === "operations")?.records ?? 0;
    return { perSecond: (APPENDS_PER_ROUND / tookMs) * 1000, commits, rows, whole: verification.ok };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** About as large as a tap at a reader is. */
function body(n: number) {
  const at = {
    wallMs: 1_795_000_000_000 + n,
    monoMs: n,
    bootId: "0d6c1b8e-6b42-4d6c-9d7e-3f1f0a1b2c3d",
    trusted: true,
  };
  return { readerId: READER, badgeHash: "a".repeat(64), action: "on", code: "JOB_UNKNOWN", at } as const;
}
