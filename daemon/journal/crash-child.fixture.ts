import { writeSync } from "node:fs";
import { STREAMS } from "../../contract/records.ts";
import { createLog } from "../../machine/log.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import { openJournal } from "./index.ts";
import { draftOf } from "./journal.fixture.ts";

/**
 * A process of its own that writes to a journal and says what was acknowledged, one JSON line each, until it is killed.
 * Arguments: directory, `flood` (many at once, for ever), `one-by-one COUNT`, or `planted` (acknowledges before the commit and dies at once).
 */
const [directory, mode, count] = process.argv.slice(2);
if (directory === undefined || mode === undefined) throw new Error("directory and mode are needed");
const clock = new ManualClock();
const faults = mode === "planted" ? { acknowledgeBeforeCommit: true } : {};
const journal = await openJournal({
  directory,
  clock,
  log: createLog("child"),
  limits: { ballastBytes: 4096, retentionMs: 0, checkpoints: 1 },
  demo: true,
  faults,
});
const life = process.pid;
const say = (value: unknown): void => void writeSync(1, `${JSON.stringify(value)}\n`);

async function appendOne(n: number): Promise<void> {
  const stream = STREAMS[n % STREAMS.length] ?? "labour";
  const drafts = [draftOf(stream, n, clock), draftOf("labour", n, clock)];
  const records = await journal.append({ drafts, at: clock.stamp(), source: `life-${life}`, messageId: `m${n}` });
  if (mode === "planted") process.kill(process.pid, "SIGKILL");
  for (const { stream, seq, hash } of records) say({ stream, seq, hash });
}

if (mode === "flood") {
  for (let n = 0; ; n += 20) {
    clock.advance(10);
    await Promise.all(Array.from({ length: 20 }, (_, index) => appendOne(n + index)));
    if (n % 100 === 0) await journal.checkpoint({ n });
  }
} else {
  for (let n = 0; n < Number(count ?? 1); n += 1) await appendOne(n);
  await journal.close(clock.stamp());
}
