import { lineParser } from "./lines.ts";
import {
  type CanLineParser,
  type CanRecord,
  FD_LENGTHS,
  isIdentifier,
  type Sighting,
  unreadable,
  wordBytes,
} from "./record.ts";

const TIME = /^\d+(?:\.\d+)?$/;
const HEADER = /^(?:date|base|internal events|no internal events|begin|end|\/\/|;|previous log)/i;
const DIRECTION = /^(?:Rx|Tx|TxRq)$/i;

// Flags of a CANFD line (Vector: EDL, RTR); without EDL it is a classic frame on a CAN FD channel.
const FLAG_REMOTE = 0x0010;
const FLAG_FD = 0x1000;

/**
 * Vector ASC logs: classic lines and CANFD lines, base hex or decimal, absolute or relative time, remote and error frames.
 * Time counts from the start of the log. Other events (statistics, chip states, buses that are not CAN) come as notes.
 */
export function ascParser(): CanLineParser {
  let radix: 10 | 16 = 16;
  let relative = false;
  let lastMs = 0;
  return lineParser((line, number) => {
    const text = line.trim();
    if (text === "") return undefined;
    const words = text.split(/\s+/);
    if (!TIME.test(words[0]!)) {
      const base = /^base\s+(hex|dec)/i.exec(text);
      if (base !== null) {
        radix = base[1]?.toLowerCase() === "dec" ? 10 : 16;
        relative = /timestamps\s+relative/i.test(text);
      }
      return HEADER.test(text) ? undefined : unreadable(number, line);
    }
    const time = Number(words[0]) * 1000;
    if (!Number.isFinite(time)) return unreadable(number, line);
    lastMs = relative ? lastMs + time : time;
    return parseEvent(words.slice(1), lastMs, radix) ?? unreadable(number, line);
  });
}

/** undefined if it looks like a frame and is none. */
function parseEvent(words: readonly string[], timeMs: number, radix: 10 | 16): CanRecord | undefined {
  const note: CanRecord = { kind: "note", timeMs, bus: undefined, direction: undefined, text: words.join(" ") };
  if (words[0] === "CANFD") return parseFd(words.slice(1), timeMs, radix);
  const [bus = "", what = "", direction = ""] = words;
  if (!/^\d+$/.test(bus)) return note;
  if (/^ErrorFrame$/i.test(what)) {
    return { kind: "error", timeMs, bus, direction: undefined, text: words.slice(1).join(" ") };
  }
  if (!DIRECTION.test(direction)) return note;
  if (/^TxRq$/i.test(direction)) return note;
  const address = identifier(what, radix);
  if (address === undefined) return note;
  return parseClassic(words.slice(3), address, sighted(timeMs, bus, direction), radix);
}

/** `d <length code> <bytes> …` or `r [<length code>] …` */
function parseClassic(
  [type = "", code = "", ...rest]: readonly string[],
  address: { readonly id: number; readonly extended: boolean },
  sighting: Sighting,
  radix: 10 | 16,
): CanRecord | undefined {
  if (/^r$/i.test(type)) return { ...sighting, kind: "remote", ...address };
  if (!/^d$/i.test(type)) return undefined;
  const length = /^[0-9a-f]{1,2}$/i.test(code) ? Number.parseInt(code, radix) : Number.NaN;
  // Codes 9 to 15 mean 8 bytes.
  const data = length <= 15 ? wordBytes(rest, Math.min(length, 8), radix) : undefined;
  return data === undefined ? undefined : { ...sighting, kind: "data", frame: { ...address, data } };
}

/** `<bus> <direction> <id> [<name>] <BRS> <ESI> <length code> <length> <bytes> … <duration> <bits> <flags> …` */
function parseFd(words: readonly string[], timeMs: number, radix: 10 | 16): CanRecord | undefined {
  const [bus = "", direction = "", idText = ""] = words;
  if (!/^\d+$/.test(bus) || !/^[RT]x(?:Rq)?$/i.test(direction)) {
    return { kind: "note", timeMs, bus: undefined, direction: undefined, text: words.join(" ") };
  }
  const sighting = sighted(timeMs, bus, direction);
  const text = words.slice(2).join(" ");
  if (/^ErrorFrame$/i.test(idText)) return { ...sighting, kind: "error", text };
  if (/^TxRq$/i.test(direction)) return { ...sighting, kind: "note", text };
  const address = identifier(idText, radix);
  // A symbolic name stands before the two flags where the log was made with a database.
  const named = !(isFlag(words[3]) && isFlag(words[4]) && /^[0-9a-f]{1,2}$/i.test(words[5] ?? ""));
  const [brs, esi, codeText = "", lengthText = "", ...rest] = words.slice(named ? 4 : 3);
  if (address === undefined || !isFlag(brs) || !isFlag(esi)) return undefined;
  const code = /^[0-9a-f]{1,2}$/i.test(codeText) ? Number.parseInt(codeText, 16) : Number.NaN;
  const length = /^\d{1,2}$/.test(lengthText) ? Number(lengthText) : Number.NaN;
  const flagText = rest[length + 2];
  const flags = flagText !== undefined && /^[0-9a-f]{1,8}$/i.test(flagText) ? Number.parseInt(flagText, 16) : FLAG_FD;
  if ((flags & FLAG_REMOTE) !== 0) return { ...sighting, kind: "remote", ...address };
  const fd = (flags & FLAG_FD) !== 0;
  const possible = fd ? FD_LENGTHS[code] === length : length <= 8;
  const data = possible ? wordBytes(rest, length, radix) : undefined;
  if (data === undefined) return undefined;
  return { ...sighting, kind: "data", frame: fd ? { ...address, data, fd } : { ...address, data } };
}

function isFlag(word: string | undefined): boolean {
  return word === "0" || word === "1";
}

function sighted(timeMs: number, bus: string, direction: string): Sighting {
  return { timeMs, bus, direction: /^T/i.test(direction) ? "tx" : "rx" };
}

/** An `x` behind the number marks an extended identifier. */
function identifier(text: string, radix: 10 | 16): { readonly id: number; readonly extended: boolean } | undefined {
  const match = (radix === 16 ? /^([0-9a-f]{1,8})(x?)$/i : /^(\d{1,10})(x?)$/i).exec(text);
  if (match === null) return undefined;
  const extended = match[2] !== "";
  const id = Number.parseInt(match[1]!, radix);
  return isIdentifier(id, extended) ? { id, extended } : undefined;
}
