import { bitSpans } from "./layout.ts";
import type { DbcMessage, DbcSignal } from "./model.ts";

/** Comparisons of two signals for a whole file; real ones need a hundredth. */
const MOST_COMPARISONS = 10_000_000;

export type Overlap = {
  readonly code: "signals-overlap" | "overlaps-not-checked";
  readonly line: number;
  readonly about: string;
};

/** Looks for signals that share bits and can be in one frame, message by message; each signal is named once at most. */
export function findOverlaps(): (message: DbcMessage) => Overlap[] {
  let comparisonsLeft = MOST_COMPARISONS;
  return (message) => {
    const overlaps: Overlap[] = [];
    const named = new Set<DbcSignal>();
    const spans = message.signals
      .flatMap((signal) => bitSpans(signal).map(([from, to]) => ({ signal, from, to })))
      .sort((a, b) => a.from - b.from);
    let open: typeof spans = [];
    for (const span of spans) {
      open = open.filter(({ to }) => to > span.from);
      for (const { signal } of open) {
        if (comparisonsLeft <= 0) return overlaps;
        comparisonsLeft -= 1;
        if (comparisonsLeft === 0)
          overlaps.push({ code: "overlaps-not-checked", line: message.line, about: message.name });
        if (signal === span.signal || named.has(span.signal) || !together(signal, span.signal)) continue;
        named.add(span.signal);
        const about = `${message.name}.${signal.name}, ${span.signal.name}`;
        overlaps.push({ code: "signals-overlap", line: span.signal.line, about });
      }
      open.push(span);
    }
    return overlaps;
  };
}

/** Not so only where one multiplexor would have to have two values. */
function together(a: DbcSignal, b: DbcSignal): boolean {
  for (let one = a.condition; one !== undefined; one = one.multiplexor.condition)
    for (let other = b.condition; other !== undefined; other = other.multiplexor.condition) {
      if (one.multiplexor !== other.multiplexor) continue;
      const ranges = other.ranges;
      if (!one.ranges.some(([from, to]) => ranges.some(([low, high]) => from <= high && low <= to))) return false;
    }
  return true;
}
