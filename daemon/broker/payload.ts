import type { Static, TSchema } from "typebox";
import { Compile } from "typebox/compile";

/** Ours need five levels; more is an attack on whoever walks the value next. */
const MAX_DEPTH = 16;

export type PayloadRead<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/**
 * Makes the reader of one topic's JSON payloads. Refused beside what the schema refuses: bytes that are not UTF-8, deep nesting, numbers that
 * overflow, lone surrogates and NUL (neither SQLite's nor PostgreSQL's text would give them back as they were).
 */
export function payloadReader<S extends TSchema>(schema: S): (bytes: Buffer) => PayloadRead<Static<S>> {
  const validator = Compile(schema);
  const fits = (value: unknown): value is Static<S> => validator.Check(value);
  return (bytes) => {
    const parsed = parseJson(bytes);
    if (!parsed.ok) return parsed;
    if (fits(parsed.value)) return { ok: true, value: parsed.value };
    const [first] = validator.Errors(parsed.value);
    return {
      ok: false,
      reason:
        first === undefined
          ? "does not fit the schema"
          : `${first.instancePath || "the payload"} ${first.message}`.slice(0, 200),
    };
  };
}

function parseJson(bytes: Buffer): PayloadRead<unknown> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { ok: false, reason: "not UTF-8" };
  }
  if (depthOf(text) > MAX_DEPTH) return { ok: false, reason: `nested deeper than ${MAX_DEPTH}` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, reason: `not JSON: ${error instanceof Error ? error.message.slice(0, 120) : "unreadable"}` };
  }
  const unkeepable = findUnkeepable(value);
  return unkeepable === undefined ? { ok: true, value } : { ok: false, reason: unkeepable };
}

/** Brackets that are open at once, outside strings; a scan, so that depth is known before anything recurses. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (inString) {
      if (character === 0x5c) index++;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x5b || character === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (character === 0x5d || character === 0x7d) depth--;
  }
  return deepest;
}

function findUnkeepable(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : "a number is out of range";
  if (typeof value === "string")
    return value.isWellFormed() && !value.includes("\0") ? undefined : "text that cannot be stored";
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = findUnkeepable(key) ?? findUnkeepable(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}
