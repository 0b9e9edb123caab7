/** Pauses between tries: full jitter, so that shops that lost the line together do not come back together. */
export class BackOff {
  readonly #firstMs: number;
  readonly #longestMs: number;
  readonly #random: () => number;
  #failures = 0;

  /**
   * @param firstMs upper bound of the first pause; doubles with each failure
   * @param longestMs upper bound of every pause
   * @param random uniform in [0, 1)
   */
  constructor(firstMs: number, longestMs: number, random: () => number) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
    this.#random = random;
  }

  get failures(): number {
    return this.#failures;
  }

  /**
   * The pause after one more failure.
   * @param atLeastMs what headquarters asked for (Retry-After); jitter is added on top, so that those who were told the same do not come together
   */
  next(atLeastMs = 0): number {
    const ceiling = Math.min(this.#longestMs, this.#firstMs * 2 ** Math.min(this.#failures, 40));
    this.#failures++;
    return atLeastMs + this.#random() * ceiling;
  }

  /** Progress was made. */
  reset(): void {
    this.#failures = 0;
  }
}
