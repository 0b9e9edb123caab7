import type { CanFrame } from "../can-frame.ts";

/** Where and when something was seen, as far as the log or the adapter says. */
export type Sighting = {
  /** Milliseconds on the source's own clock, fractions allowed: since 1970 where it knows the date, else since its start. */
  readonly timeMs: number | undefined;
  /** The source's name or number of the bus. */
  readonly bus: string | undefined;
  readonly direction: "rx" | "tx" | undefined;
};

export type DataRecord = Sighting & { readonly kind: "data"; readonly frame: CanFrame };

/** A request for a frame; it carries no data, whatever its length code says. */
export type RemoteRecord = Sighting & { readonly kind: "remote"; readonly id: number; readonly extended: boolean };

/** The controller saw an error on the bus; `text` is what the source says of it. */
export type ErrorRecord = Sighting & { readonly kind: "error"; readonly text: string };

/** Something of the source that is no frame: a statistic, a status, a remark. */
export type NoteRecord = Sighting & { readonly kind: "note"; readonly text: string };

/** What could not be read, cut to an excerpt, so that nothing is lost in silence. */
export type UnreadableRecord = {
  readonly kind: "unreadable";
  /** Counted from 1; undefined where the source has no lines. */
  readonly line: number | undefined;
  readonly text: string;
};

export type CanRecord = DataRecord | RemoteRecord | ErrorRecord | NoteRecord | UnreadableRecord;

/** Bytes in, records out: the same records in whatever pieces the bytes come. What is held back is bounded. */
export type CanLineParser<Item = CanRecord> = {
  push(bytes: Uint8Array): Item[];
  /** The source has ended: what an unfinished end holds. */
  end(): Item[];
};

/** Data bytes of each length code of CAN FD; up to 8 the same as of classic CAN. */
export const FD_LENGTHS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];

const MOST_EXCERPT = 120;

/**
 * The record of a line that is none.
 * @param line counted from 1; undefined where a format has no lines
 * @param text kept up to 120 characters
 */
export function unreadable(line: number | undefined, text: string): UnreadableRecord {
  return { kind: "unreadable", line, text: text.length > MOST_EXCERPT ? `${text.slice(0, MOST_EXCERPT)}…` : text };
}

/** Whether CAN has such an identifier. */
export function isIdentifier(id: number, extended: boolean): boolean {
  return Number.isInteger(id) && id >= 0 && id <= (extended ? 0x1fffffff : 0x7ff);
}

/** Bytes from hex without anything between; undefined for anything else. */
export function hexBytes(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let n = 0; n < bytes.length; n++) {
    const high = hexDigit(text.charCodeAt(2 * n));
    const low = hexDigit(text.charCodeAt(2 * n + 1));
    if (high < 0 || low < 0) return undefined;
    bytes[n] = 16 * high + low;
  }
  return bytes;
}

/** The number that `count` hex digits from `from` on make; undefined where one of them is none. */
export function hexNumber(text: string, from: number, count: number): number | undefined {
  let value = 0;
  for (let n = from; n < from + count; n++) {
    const digit = hexDigit(text.charCodeAt(n));
    if (digit < 0) return undefined;
    value = value * 16 + digit;
  }
  return value;
}

/** -1 for a sign that is no hex digit. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Bytes from words of their own in hex or decimal, exactly `length` of them; undefined for anything else. */
export function wordBytes(words: readonly string[], length: number, radix: 10 | 16 = 16): Uint8Array | undefined {
  if (words.length < length) return undefined;
  const bytes = new Uint8Array(length);
  for (let n = 0; n < length; n++) {
    const word = words[n]!;
    const value = (radix === 16 ? /^[0-9a-fA-F]{1,2}$/ : /^\d{1,3}$/).test(word) ? Number.parseInt(word, radix) : 256;
    if (value > 255) return undefined;
    bytes[n] = value;
  }
  return bytes;
}
