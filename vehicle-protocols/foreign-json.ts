/** What is wrong with one place of a foreign file. */
export type DocumentProblem = {
  /** Place in the file, for example `commands[3].signals[0].fmt.len`. */
  readonly at: string;
  readonly problem: "unknown-key" | "invalid" | "missing" | "too-many";
};

/** A JSON object of a foreign file. Only its own keys are ever looked at. */
export type JsonObject = { readonly [key: string]: unknown };

/** Longest text that is kept of a foreign file; names and descriptions are far shorter. */
const LONGEST_TEXT = 2_000;
/** More problems than anybody reads are not collected. */
const MOST_PROBLEMS = 200;
const LONGEST_PLACE = 120;

/** An object of JSON: no list, no null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Adds to a list of problems, which stays readable whatever the file holds. */
export function note(problems: DocumentProblem[], at: string, problem: DocumentProblem["problem"]): void {
  if (problems.length < MOST_PROBLEMS) problems.push({ at: at.slice(0, LONGEST_PLACE), problem });
}

/** Reads the keys of one foreign object, and notes what is wrong or unknown instead of guessing. */
export class ObjectReader {
  readonly #object: JsonObject;
  readonly #at: string;
  readonly #problems: DocumentProblem[];
  readonly #seen = new Set<string>();

  constructor(object: JsonObject, at: string, problems: DocumentProblem[]) {
    this.#object = object;
    this.#at = at;
    this.#problems = problems;
  }

  /** The value of a key, or undefined when it is absent or null. */
  raw(key: string): unknown {
    this.#seen.add(key);
    return Object.hasOwn(this.#object, key) ? (this.#object[key] ?? undefined) : undefined;
  }

  text(key: string): string | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    if (typeof value === "string" && value.length <= LONGEST_TEXT) return value;
    return this.#invalid(key);
  }

  /** A finite number. */
  number(key: string): number | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    return this.#invalid(key);
  }

  flag(key: string): boolean | undefined {
    const value = this.raw(key);
    if (value === undefined || typeof value === "boolean") return value;
    return this.#invalid(key);
  }

  object(key: string): JsonObject | undefined {
    const value = this.raw(key);
    if (value === undefined || isObject(value)) return value;
    return this.#invalid(key);
  }

  /** At most `most` elements; what is beyond is left out and said. */
  list(key: string, most: number): readonly unknown[] {
    const value = this.raw(key);
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.problem("invalid", key);
      return [];
    }
    if (value.length > most) this.problem("too-many", key);
    return value.slice(0, most);
  }

  /** Keys that nobody asked for. Call it last. */
  unknownKeys(): void {
    for (const key of Object.keys(this.#object)) if (!this.#seen.has(key)) this.problem("unknown-key", key);
  }

  problem(problem: DocumentProblem["problem"], key?: string): void {
    note(this.#problems, key === undefined ? this.#at : this.#at === "" ? key : `${this.#at}.${key}`, problem);
  }

  #invalid(key: string): undefined {
    this.problem("invalid", key);
    return undefined;
  }
}
