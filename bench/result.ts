/** What a measurement found, for people and for programs. */
export interface BenchResult {
  readonly name: string;
  /** Cores that the measured work could use, and how that was ensured. */
  readonly coreBudget: string;
  /** What went in: sizes, counts, rates. */
  readonly input: Readonly<Record<string, string | number>>;
  /** Measured values; the unit stands in the name (`cpuMsPerFrame`). */
  readonly figures: Readonly<Record<string, number>>;
  /** Comparisons with the yardstick of the same run. */
  readonly ratios: Readonly<Record<string, number>>;
  /** What must hold. One that does not makes the program exit with 1. */
  readonly checks: readonly BenchCheck[];
}

export interface BenchCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface BenchOptions {
  /** Nothing but the document may go to standard output. */
  readonly json: boolean;
  /** For measurements that take as long as they are told to. */
  readonly minutes?: number;
}

/** The middle value; of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const high = sorted[half];
  if (high === undefined) throw new RangeError("a median needs a value");
  return sorted.length % 2 === 1 ? high : ((sorted[half - 1] ?? high) + high) / 2;
}
