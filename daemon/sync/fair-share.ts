import { STREAMS, type Stream } from "../../contract/records.ts";

/** Shares of the line while everybody has something to send. The lowest keeps one part in nineteen, however much labour waits. */
export const STREAM_WEIGHTS: Readonly<Record<Stream, number>> = {
  labour: 8,
  work: 5,
  diagnostics: 3,
  findings: 2,
  operations: 1,
};

/**
 * Divides the line by bytes (start-time fair queueing): each stream has a virtual clock that runs by bytes ÷ weight, and who is furthest behind goes next.
 * A stream that was idle starts at the present and cannot save up a claim.
 */
export class FairShare {
  readonly #weights: Readonly<Record<Stream, number>>;
  readonly #clocks = new Map<Stream, number>();
  #present = 0;

  constructor(weights: Readonly<Record<Stream, number>> = STREAM_WEIGHTS) {
    this.#weights = weights;
  }

  /** Whose turn it is among those that have something to send; among equals the more precious. */
  pick(ready: readonly Stream[]): Stream | undefined {
    let next: Stream | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    for (const stream of STREAMS) {
      if (!ready.includes(stream)) continue;
      const clock = Math.max(this.#clocks.get(stream) ?? 0, this.#present);
      if (clock < lowest) {
        next = stream;
        lowest = clock;
      }
    }
    return next;
  }

  /** Accounts for what a stream puts on the line. */
  charge(stream: Stream, bytes: number): void {
    const start = Math.max(this.#clocks.get(stream) ?? 0, this.#present);
    this.#present = start;
    this.#clocks.set(stream, start + bytes / this.#weights[stream]);
  }
}
