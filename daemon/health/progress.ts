/**
 * Whether the parts that must never stand still move on: what a watchdog asks. Each part reports; one that has not for its deadline is
 * named. Machine time, monotonic.
 */
export class Progress {
  readonly #nowMs: () => number;
  readonly #parts = new Map<string, { readonly deadlineMs: number; lastMs: number }>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Adds a part; the result reports that it moved. */
  watch(part: string, deadlineMs: number): () => void {
    const entry = { deadlineMs, lastMs: this.#nowMs() };
    this.#parts.set(part, entry);
    return () => {
      entry.lastMs = this.#nowMs();
    };
  }

  /** Parts that stand still, empty when the process is alive as a whole. */
  stuck(): readonly string[] {
    const nowMs = this.#nowMs();
    return [...this.#parts].filter(([, part]) => nowMs - part.lastMs > part.deadlineMs).map(([name]) => name);
  }
}
