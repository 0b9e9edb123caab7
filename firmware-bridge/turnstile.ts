/** Who waits for a car, the most urgent first. */
const PRECEDENCE = ["person", "program", "live"] as const;
export type Precedence = (typeof PRECEDENCE)[number];

/** Lets one conversation at a time through; whoever waits goes in order of precedence, then of arrival. */
export class Turnstile {
  #taken = false;
  readonly #waiting = new Map<Precedence, (() => void)[]>(PRECEDENCE.map((who) => [who, []]));

  /** Runs `work` alone. */
  async pass<T>(who: Precedence, work: () => Promise<T>): Promise<T> {
    if (this.#taken) await new Promise<void>((resolve) => this.#waiting.get(who)?.push(resolve));
    this.#taken = true;
    try {
      return await work();
    } finally {
      const next = this.#next();
      if (next === undefined) this.#taken = false;
      else next();
    }
  }

  /** Whether somebody more urgent waits. */
  isWantedBefore(who: Precedence): boolean {
    return PRECEDENCE.slice(0, PRECEDENCE.indexOf(who)).some((other) => (this.#waiting.get(other)?.length ?? 0) > 0);
  }

  #next(): (() => void) | undefined {
    for (const who of PRECEDENCE) {
      const next = this.#waiting.get(who)?.shift();
      if (next !== undefined) return next;
    }
    return undefined;
  }
}
