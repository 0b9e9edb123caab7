import { setFlagsFromString } from "node:v8";
import { createContext, runInContext, runInNewContext } from "node:vm";
import { toHex } from "./can-frame.ts";

/** Random numbers that are the same in every run: integers from 0 to below `limit`. */
export type Random = (limit: number) => number;

/** Damages an input; `others` are the seeds, to splice foreign pieces in. Must leave its argument as it was. */
export type Mutator<T> = (input: T, random: Random, others: readonly T[]) => T;

export type MutationTrial<T> = {
  /** Good inputs, one of each kind that the parser knows. */
  readonly seeds: readonly T[];
  readonly mutate: Mutator<T>;
  /** The parser. What it returns is measured, so return what it made and nothing else. */
  readonly parse: (input: T) => unknown;
  /** Default 100 000. */
  readonly runs?: number;
  /** Another number gives another sequence of inputs. */
  readonly randomSeed?: number;
  /** Most values (array items, object entries, bytes, characters) that one result may hold. Default 20 000. */
  readonly mostValues?: number;
  /** A thousand inputs that take longer than this are a hang. Default 20 000 ms, since one input takes microseconds. */
  readonly hangMs?: number;
};

/** Inputs between two looks at the clock. */
const BATCH = 1000;
/** What may stay on the heap after all runs; a leak of a hundred bytes for each input is more. */
const MOST_RETAINED_BYTES = 10_000_000;

/**
 * Runs a parser over damaged inputs. Its use in a test:
 *
 *     surviveMutations({ seeds: [fromHex("410C1AF8")], mutate: mutateBytes, parse: (bytes) => decodeObdResponse(bytes) });
 *
 * @throws Error, with the input that did it, when the parser throws, hangs, returns a number that is NaN or more values than
 *   `mostValues`, or when memory stays behind
 */
export function surviveMutations<T>(trial: MutationTrial<T>): void {
  const { seeds, mutate, parse, runs = 100_000, randomSeed = 20261121, mostValues = 20_000, hangMs = 20_000 } = trial;
  if (seeds.length === 0) throw new Error("mutations need a seed");
  const random = seededRandom(randomSeed);
  let input: T | undefined;
  let done = 0;
  const batch = () => {
    for (const end = Math.min(runs, done + BATCH); done < end; done++) {
      input = mutate(pick(seeds, random), random, seeds);
      const values = countValues(parse(input), mostValues);
      if (values > mostValues) throw new Error(`the result holds more than ${mostValues} values`);
    }
  };
  // Only a script of its own can be stopped while it loops.
  const context = createContext({ batch });
  let before = 0;
  try {
    while (done < runs) {
      runInContext("batch()", context, { timeout: hangMs });
      if (before === 0) before = heapAfterCollection();
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`mutated input ${done} of ${runs}: ${reason}; the input was ${describe(input)}`, { cause });
  }
  const retained = heapAfterCollection() - before;
  if (retained > MOST_RETAINED_BYTES) throw new Error(`${retained} bytes stayed behind after ${runs} inputs`);
}

/** Up to four damages: bits, bytes, edges of number ranges, pieces cut, doubled, moved or taken from another seed, noise. */
export const mutateBytes: Mutator<Uint8Array> = (input, random, others) => {
  if (random(50) === 0) return Uint8Array.from({ length: random(80) }, () => random(256));
  const edges = [0x00, 0x01, 0x0f, 0x10, 0x20, 0x30, 0x7f, 0x80, 0xaa, 0xfe, 0xff];
  const values = mutateItems([...input], random, others.length === 0 ? [] : [...pick(others, random)], (byte) => {
    const kind = random(4);
    if (kind === 0) return byte ^ (1 << random(8));
    if (kind === 1) return (byte + (random(2) === 0 ? 1 : 255)) & 0xff;
    return kind === 2 ? pick(edges, random) : random(256);
  });
  return Uint8Array.from(values);
};

const AWKWARD_TEXTS = [
  "",
  " ",
  "\0",
  "\r",
  "\n",
  "\r\n",
  "\t",
  '"',
  "'",
  "\\",
  "{",
  "}",
  "[",
  "]",
  "(",
  ")",
  "<",
  ">",
  ",",
  ":",
  ";",
  "#",
  "@",
  "|",
  "-",
  "+",
  ".",
  "-1",
  "0",
  "64",
  "256",
  "65536",
  "4294967296",
  "99999999999999999999",
  "1e999",
  "-0",
  "NaN",
  "Infinity",
  "0x",
  "null",
  "true",
  "__proto__",
  "constructor",
  "é",
  "车",
  "\u{1f697}",
  "\ud800",
  "\ufeff",
] as const;

/** Up to four damages: characters, numbers at the edges of their ranges, brackets, lines and pieces cut, doubled or moved. */
export const mutateText: Mutator<string> = (input, random, others) => {
  // Whole lines are moved as often as pieces of one, since formats of lines break at their order.
  const separator = random(3) === 0 ? "\n" : "";
  const other = others.length === 0 ? [] : pick(others, random).split(separator);
  const parts = mutateItems(input.split(separator), random, other, (part) => {
    const kind = random(3);
    if (kind === 0) return pick(AWKWARD_TEXTS, random);
    if (kind === 1) return part + pick(AWKWARD_TEXTS, random);
    return String.fromCharCode(random(random(4) === 0 ? 0x10000 : 0x80));
  });
  return parts.join(separator);
};

/** For parsers of a sequence (frames, lines, messages): items lost, doubled, moved, taken from another seed, or damaged. */
export function mutateList<T>(mutateItem: Mutator<T>): Mutator<readonly T[]> {
  return (input, random, others) => {
    const foreign = others.length === 0 ? [] : pick(others, random);
    return mutateItems([...input], random, foreign, (item) => mutateItem(item, random, foreign));
  };
}

function mutateItems<T>(items: readonly T[], random: Random, foreign: readonly T[], damage: (item: T) => T): T[] {
  let result = [...items];
  for (let times = 1 + random(4); times > 0; times--) {
    const at = random(result.length + 1);
    const count = random(4) === 0 ? random(result.length + 1 - at) : random(Math.min(8, result.length + 1 - at));
    const piece = result.slice(at, at + count);
    switch (random(12)) {
      case 0:
        result = result.slice(0, at);
        break;
      case 1:
        result.splice(at, count);
        break;
      // A piece may be doubled again and again, but an input does not grow without end.
      case 2:
        if (result.length + count < 4 * items.length + 64) result.splice(at, 0, ...piece);
        break;
      case 3:
        result.splice(at, count);
        result.splice(random(result.length + 1), 0, ...piece);
        break;
      case 4: {
        const from = random(foreign.length + 1);
        result.splice(at, random(2) * count, ...foreign.slice(from, from + random(16)));
        break;
      }
      default:
        if (at < result.length) result[at] = damage(result[at]!);
    }
  }
  return result;
}

function pick<T>(list: readonly T[], random: Random): T {
  return list[random(list.length)]!;
}

/** Mulberry32: 32 bits of state, enough to scatter damages. */
function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

/** Counts until the limit is passed, so that a result without end ends here. */
function countValues(root: unknown, limit: number): number {
  let count = 0;
  const open: unknown[] = [root];
  while (open.length > 0 && count <= limit) {
    const value = open.pop();
    count += 1;
    if (typeof value === "string") count += value.length;
    else if (typeof value === "number" && Number.isNaN(value))
      throw new Error("the result holds a number that is none");
    else if (ArrayBuffer.isView(value)) count += value.byteLength;
    else if (value instanceof Map) for (const [key, item] of value) open.push(key, item);
    else if (value instanceof Set || Array.isArray(value)) for (const item of value) open.push(item);
    else if (value instanceof Error) count += value.message.length;
    else if (typeof value === "object" && value !== null) for (const item of Object.values(value)) open.push(item);
  }
  return count;
}

function heapAfterCollection(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function describe(input: unknown): string {
  const text =
    JSON.stringify(input, (_, value) => (value instanceof Uint8Array ? toHex(value) : value)) ?? String(input);
  return text.length > 4000 ? `${text.slice(0, 4000)}…` : text;
}
