interface Sample {
  readonly offsetMs: number;
  readonly roundTripMs: number;
}

const SAMPLES_KEPT = 8;

/** How far headquarters' clock is ahead of ours, from the answers: the sample with the shortest way is the best (as in NTP). */
export class ServerTime {
  #samples: readonly Sample[] = [];

  /** @param sentMs @param receivedMs our wall clock around the request; @param serverMs headquarters' in between */
  add(sentMs: number, receivedMs: number, serverMs: number): void {
    const roundTripMs = receivedMs - sentMs;
    // A wall clock that was set in between makes the sample worthless.
    if (roundTripMs < 0) return;
    const sample = { offsetMs: serverMs - (sentMs + receivedMs) / 2, roundTripMs };
    this.#samples = [...this.#samples, sample].slice(-SAMPLES_KEPT);
  }

  /** Milliseconds to add to our wall clock to get headquarters'; undefined before the first answer. */
  get offsetMs(): number | undefined {
    const best = this.#samples.toSorted((a, b) => a.roundTripMs - b.roundTripMs)[0];
    return best?.offsetMs;
  }
}
