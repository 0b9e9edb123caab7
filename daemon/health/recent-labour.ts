import type { JournalRecord } from "../../contract/records.ts";
import type { Journal } from "../journal/journal.ts";
import type { ShopDay } from "./day.ts";
import type { ClosedInterval } from "./picture.ts";

/** More labour records than a big shop makes in two days. */
const READ_BACK = 2_000;
const PAGE = 1_000;
const KEEP_MS = 2 * 86_400_000;

/** Labour closed lately, with all its evidence: what a technician sees of his own day. Read once from the journal, then kept up. */
export class RecentLabour {
  #intervals: readonly ClosedInterval[] = [];

  /** Reads the end of the labour stream. */
  load(journal: Pick<Journal, "heads" | "read">): void {
    const head = journal.heads().labour.seq;
    for (let after = Math.max(0, head - READ_BACK); after < head; after += PAGE)
      this.take(journal.read("labour", after, PAGE));
  }

  /** Takes in what has been committed. */
  take(records: readonly JournalRecord[]): void {
    const closed = records.flatMap((record) => (record.type === "labour.clocked-off" ? [record.body.interval] : []));
    if (closed.length === 0) return;
    const newest = Math.max(...closed.map((interval) => interval.endedAt.wallMs));
    this.#intervals = [...this.#intervals, ...closed].filter((interval) => newest - interval.endedAt.wallMs < KEEP_MS);
  }

  /** Of one technician, ended on that day, newest first. */
  of(technicianId: string, day: ShopDay): readonly ClosedInterval[] {
    return this.#intervals
      .filter(
        ({ technicianId: who, endedAt }) =>
          who === technicianId && endedAt.wallMs >= day.fromMs && endedAt.wallMs < day.toMs,
      )
      .toReversed();
  }
}
