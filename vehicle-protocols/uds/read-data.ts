import { type Decoded, decoded, refused } from "../errors.ts";

/** One identifier of an answer and its bytes. */
export type IdentifiedData = { readonly did: number; readonly data: Uint8Array };

export type ReadDataOptions = {
  /** Data bytes of an identifier, where known. What it says is held to. */
  readonly didLength?: (did: number) => number | undefined;
};

/**
 * Cuts the answer of ISO 14229-1 service 22, ReadDataByIdentifier, from `62` on. An answer to several identifiers has no lengths in it, so its
 * identifiers are searched for, in the order of the question, each followed by its known length or at least one byte; an ECU leaves
 * out those that it does not know. The way that finds the most identifiers is taken if it is the only one.
 * @param requested identifiers of the question, in its order
 * @returns error `ambiguous` when several ways find as many, `unexpected-service` when none fits, `truncated` when there is no data
 */
export function splitIdentifiedData(
  payload: Uint8Array,
  requested: readonly number[],
  options: ReadDataOptions = {},
): Decoded<IdentifiedData[]> {
  if (payload[0] !== 0x62) return refused("unexpected-service", "this is no answer of ReadDataByIdentifier");
  const body = payload.subarray(1);
  if (body.length < 3) return refused("truncated", "the answer ends before its data");
  const asked = [...new Set(requested)];
  const [only] = asked;
  // What one identifier was asked for belongs to it whole, whatever length is known.
  if (asked.length === 1 && only !== undefined) {
    if (didAt(body, 0) !== only) return refused("unexpected-service", "the answer is about another identifier");
    return decoded([{ did: only, data: body.subarray(2) }]);
  }
  const ways = new Ways(body, asked, options.didLength ?? (() => undefined));
  if (ways.count === 0) return refused("unexpected-service", "the answer does not fit the identifiers that were asked");
  if (ways.count > 1) return refused("ambiguous", "the answer can be cut into its identifiers in more than one way");
  return decoded(ways.only());
}

/**
 * Ways to cut what follows a place: how many identifiers the best of them finds, times 4, plus how many are that good. Two stands for two
 * and more; 0 for no way at all.
 */
type Score = number;
const ONE_TO_THE_END: Score = 1 * 4 + 1;
const MANY = 2;

/** All ways of both, of which only the best count. */
function either(a: Score, b: Score): Score {
  if (a >> 2 !== b >> 2) return Math.max(a, b);
  return (a & ~3) | Math.min(MANY, (a & 3) + (b & 3));
}

/** One identifier more in front. */
function oneMore(rest: Score): Score {
  return rest === 0 ? 0 : rest + 4;
}

/** Scores every place from the end of the body to its beginning. Time and memory grow with bytes times identifiers. */
class Ways {
  readonly #body: Uint8Array;
  readonly #asked: readonly number[];
  readonly #lengths: readonly (number | undefined)[];
  /** Row n, column p: identifier n begins exactly at p. */
  readonly #here: Uint16Array;
  /** Row n, column p: identifier n or a later one begins exactly at p. */
  readonly #fromHere: Uint16Array;
  /** The same at p or anywhere behind it. */
  readonly #later: Uint16Array;
  readonly #columns: number;

  constructor(body: Uint8Array, asked: readonly number[], didLength: (did: number) => number | undefined) {
    this.#body = body;
    this.#asked = asked;
    this.#lengths = asked.map(didLength);
    this.#columns = body.length + 1;
    this.#here = new Uint16Array((asked.length + 1) * this.#columns);
    this.#fromHere = new Uint16Array(this.#here.length);
    this.#later = new Uint16Array(this.#here.length);
    for (let n = asked.length - 1; n >= 0; n--) {
      for (let p = body.length - 1; p >= 0; p--) {
        const cell = n * this.#columns + p;
        const score = didAt(body, p) === asked[n] ? this.#score(n, p) : 0;
        this.#here[cell] = score;
        this.#fromHere[cell] = either(score, this.#fromHere[cell + this.#columns]!);
        this.#later[cell] = either(this.#fromHere[cell]!, this.#later[cell + 1]!);
      }
    }
  }

  /** Ways to cut the whole body: none, one, or 2 for more. */
  get count(): number {
    return this.#fromHere[0]! & 3;
  }

  /** The way, where there is one. */
  only(): IdentifiedData[] {
    const pieces: IdentifiedData[] = [];
    let from = 0;
    for (let n = 0; n < this.#asked.length && from < this.#body.length; n++) {
      if (this.#here[n * this.#columns + from] === 0) continue;
      const end = this.#endOf(n, from);
      pieces.push({ did: this.#asked[n]!, data: this.#body.subarray(from + 2, end) });
      from = end;
    }
    return pieces;
  }

  /** Behind identifier n at p stands a later identifier, or the end. */
  #score(n: number, p: number): Score {
    const length = this.#lengths[n];
    const next = (n + 1) * this.#columns;
    if (length === undefined) {
      const start = p + 3;
      if (start > this.#body.length) return 0;
      return either(ONE_TO_THE_END, oneMore(this.#later[next + start]!));
    }
    const end = p + 2 + length;
    if (end > this.#body.length) return 0;
    return end === this.#body.length ? ONE_TO_THE_END : oneMore(this.#fromHere[next + end]!);
  }

  #endOf(n: number, p: number): number {
    const length = this.#lengths[n];
    if (length !== undefined) return p + 2 + length;
    const next = (n + 1) * this.#columns;
    const best = this.#here[n * this.#columns + p]! - 4;
    let end = p + 3;
    while (end < this.#body.length && this.#fromHere[next + end] !== best) end++;
    return end;
  }
}

function didAt(bytes: Uint8Array, at: number): number | undefined {
  const high = bytes[at];
  const low = bytes[at + 1];
  return high === undefined || low === undefined ? undefined : high * 256 + low;
}
