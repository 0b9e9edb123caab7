import { type DocumentProblem, isObject, type JsonObject, note, ObjectReader } from "../foreign-json.ts";
import type { EnumerationFormat, SignalDefinition, SignalFormat } from "./signal-set.ts";

/** An ISO-TP message of 12-bit length holds 4,095 bytes. */
const MOST_BITS = 8 * 4_095;
const MOST_WORDS = 4_096;
const LONGEST_ID = 120;

/** Reads one element of a command's `signals`; undefined if it cannot be used, with the reason in `problems`. */
export function parseSignal(value: unknown, at: string, problems: DocumentProblem[]): SignalDefinition | undefined {
  if (!isObject(value)) {
    note(problems, at, "invalid");
    return undefined;
  }
  const reader = new ObjectReader(value, at, problems);
  const id = reader.text("id");
  const rest = {
    name: reader.text("name") ?? id ?? "",
    path: reader.text("path"),
    description: reader.text("description"),
    hidden: reader.flag("hidden") ?? false,
    suggestedMetric: reader.text("suggestedMetric"),
  };
  const fmt = reader.object("fmt");
  reader.unknownKeys();
  const format = fmt === undefined ? undefined : parseFormat(fmt, `${at}.fmt`, problems);
  if (id === undefined || id === "" || id.length > LONGEST_ID || format === undefined) {
    reader.problem("invalid", format === undefined ? "fmt" : "id");
    return undefined;
  }
  return { id, ...rest, format };
}

function parseFormat(fmt: JsonObject, at: string, problems: DocumentProblem[]): SignalFormat | undefined {
  const reader = new ObjectReader(fmt, at, problems);
  const firstBit = reader.number("bix") ?? 0;
  const bits = reader.number("len");
  const leastSignificantByteFirst = reader.flag("blsb") ?? false;
  const signed = reader.flag("sign") ?? false;
  const numbers = {
    multiply: reader.number("mul") ?? 1,
    divide: reader.number("div") ?? 1,
    add: reader.number("add") ?? 0,
    min: reader.number("min") ?? 0,
    max: reader.number("max") ?? 0,
    nullAtOrBelow: reader.number("nullmin"),
    nullAtOrAbove: reader.number("nullmax"),
    unit: reader.text("unit") ?? "scalar",
    goodMin: reader.number("omin"),
    goodMax: reader.number("omax"),
    good: reader.number("oval"),
  };
  const map = reader.object("map");
  reader.unknownKeys();
  if (!isWhole(firstBit, 0, MOST_BITS) || bits === undefined || !isWhole(bits, 1, MOST_BITS) || numbers.divide === 0) {
    reader.problem("invalid");
    return undefined;
  }
  const field = { firstBit, bits, leastSignificantByteFirst };
  return map === undefined
    ? { kind: "number", ...field, signed, ...numbers }
    : { kind: "enumeration", ...field, words: parseWords(map, `${at}.map`, problems) };
}

/** Raw value → word. Both `{"1": {"value": "ON", "description": "…"}}` and the short `{"1": "ON"}` occur. */
function parseWords(map: JsonObject, at: string, problems: DocumentProblem[]): EnumerationFormat["words"] {
  const words = new Map<number, { readonly value: string; readonly description: string }>();
  for (const [key, entry] of Object.entries(map)) {
    const raw = /^\d{1,10}$/.test(key) ? Number(key) : undefined;
    const word = typeof entry === "string" ? { value: entry, description: entry } : wordOf(entry);
    if (raw === undefined || word === undefined || words.size >= MOST_WORDS) note(problems, `${at}.${key}`, "invalid");
    else words.set(raw, word);
  }
  return words;
}

function wordOf(entry: unknown): { readonly value: string; readonly description: string } | undefined {
  if (!isObject(entry)) return undefined;
  const { value, description } = entry;
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  return { value: String(value), description: typeof description === "string" ? description : String(value) };
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
