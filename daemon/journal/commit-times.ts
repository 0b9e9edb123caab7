const WINDOW_MS = 60_000;
/** A commit every 5 ms for a minute is 12,000; older ones give way. */
const MAX_SAMPLES = 12_000;

/** Durations of the commits of the last minute. */
export class CommitTimes {
  #samples: { readonly atMs: number; readonly tookMs: number }[] = [];
  #commits = 0;
  #lastCommitAt: number | undefined;

  /** @param wallMs the shop's time, which the page shows */
  add(tookMs: number, wallMs: number): void {
    this.#commits += 1;
    this.#lastCommitAt = wallMs;
    this.#samples.push({ atMs: performance.now(), tookMs });
    if (this.#samples.length > MAX_SAMPLES) this.#samples = this.#samples.slice(MAX_SAMPLES / 2);
  }

  figures(): { readonly commits: number; readonly commitP99Ms: number; readonly lastCommitAt: number | undefined } {
    const since = performance.now() - WINDOW_MS;
    this.#samples = this.#samples.filter((sample) => sample.atMs >= since);
    const sorted = this.#samples.map((sample) => sample.tookMs).sort((a, b) => a - b);
    const commitP99Ms = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? 0;
    return { commits: this.#commits, commitP99Ms, lastCommitAt: this.#lastCommitAt };
  }
}
