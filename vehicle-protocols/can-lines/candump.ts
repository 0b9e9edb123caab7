import { lineParser } from "./lines.ts";
import {
  type CanLineParser,
  type CanRecord,
  hexBytes,
  hexNumber,
  isIdentifier,
  type Sighting,
  unreadable,
  wordBytes,
} from "./record.ts";

// linux-can/can-utils: candump -l writes `(<seconds>) <interface> <frame>`, with ` R` or ` T` behind it when asked (-x).
const LOG_LINE = /^\(([^)]*)\)\s+(\S+)\s+([0-9a-fA-F]+#\S*)(?:\s+([RT]))?\s*$/;
// On the screen: `(<time>)  <interface>  RX - -  <id>  [<length>]  <bytes>`, where time and direction are optional.
const SCREEN_LINE =
  /^\s*(?:\((?<time>[^)]*)\)\s+)?(?<bus>\S+)\s+(?:(?<direction>RX|TX)\s+\S\s+\S\s+)?(?<id>[0-9a-fA-F]{3}|[0-9a-fA-F]{8})\s+\[(?<length>\d{1,2})\](?<rest>.*)$/;
// 2023-07-01 12:34:56.123456 (candump -ta is in seconds, -tA in local time)
const DATE = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+)?$/;
const REMOTE = /^[Rr][0-8]?(?:_[9A-Fa-f])?$/;
const RAW_LENGTH_CODE = /_[9A-Fa-f]$/;

const ERROR_FLAG = 0x20000000;

/**
 * Logs of candump (`-l` and `-L`), and what it prints on the screen: classic frames, CAN FD (`##`), remote (`#R`), raw length
 * codes (`_9` to `_F`), error frames, direction. Dates are taken as UTC: the log does not say its zone, and only differences
 * matter for a replay.
 */
export function candumpParser(): CanLineParser {
  return lineParser((line, number) => {
    if (line.trim() === "") return undefined;
    return parseLogLine(line) ?? parseScreenLine(line) ?? unreadable(number, line);
  });
}

function parseLogLine(line: string): CanRecord | undefined {
  const match = LOG_LINE.exec(line);
  if (match === null) return undefined;
  const [, time = "", bus, frame = "", direction] = match;
  return parseCompactFrame(frame, {
    timeMs: timeMs(time),
    bus,
    direction: direction === undefined ? undefined : direction === "T" ? "tx" : "rx",
  });
}

/** A frame as cansend and candump write it, for instance `7E8#03410C1AF8`; undefined if it is none. */
export function parseCompactFrame(text: string, sighting: Sighting): CanRecord | undefined {
  const digits = text.indexOf("#");
  if (digits !== 3 && digits !== 8) return undefined;
  const extended = digits === 8;
  const id = hexNumber(text, 0, digits);
  if (id === undefined) return undefined;
  const body = text.slice(digits + 1);
  if (extended && id >= ERROR_FLAG) {
    return id < 2 * ERROR_FLAG && dataOf(body) !== undefined ? { ...sighting, kind: "error", text } : undefined;
  }
  if (!isIdentifier(id, extended)) return undefined;
  if (REMOTE.test(body)) return { ...sighting, kind: "remote", id, extended };
  // `##`, a digit of flags, the data.
  const fd = body.startsWith("#");
  if (fd && hexNumber(body, 1, 1) === undefined) return undefined;
  const data = fd ? hexBytes(withoutDots(body.slice(2))) : dataOf(body);
  if (data === undefined || data.length > (fd ? 64 : 8)) return undefined;
  const { timeMs, bus, direction } = sighting;
  return { timeMs, bus, direction, kind: "data", frame: fd ? { id, extended, data, fd } : { id, extended, data } };
}

/** Classic data, behind which a raw length code may stand. */
function dataOf(body: string): Uint8Array | undefined {
  return hexBytes(withoutDots(RAW_LENGTH_CODE.test(body) ? body.slice(0, -2) : body));
}

function withoutDots(text: string): string {
  return text.includes(".") ? text.replaceAll(".", "") : text;
}

function parseScreenLine(line: string): CanRecord | undefined {
  const groups = SCREEN_LINE.exec(line)?.groups;
  if (groups === undefined) return undefined;
  const { time, bus, direction, id: idText = "", length: lengthText = "", rest = "" } = groups;
  const sighting: Sighting = {
    timeMs: time === undefined ? undefined : timeMs(time),
    bus,
    direction: direction === undefined ? undefined : direction === "TX" ? "tx" : "rx",
  };
  const extended = idText.length === 8;
  const id = Number.parseInt(idText, 16);
  if (extended && id >= ERROR_FLAG)
    return { ...sighting, kind: "error", text: `${idText}${rest.replace(/\s+/g, " ")}` };
  if (!isIdentifier(id, extended)) return undefined;
  if (/^\s*remote request/.test(rest)) return { ...sighting, kind: "remote", id, extended };
  // Two digits of length mark CAN FD.
  const fd = lengthText.length === 2;
  const length = Number(lengthText);
  const words = rest.trim().split(/\s+/);
  const data = length > (fd ? 64 : 8) ? undefined : wordBytes(words[0] === "" ? [] : words, length);
  if (data === undefined) return undefined;
  return { ...sighting, kind: "data", frame: fd ? { id, extended, data, fd } : { id, extended, data } };
}

function timeMs(text: string): number | undefined {
  const date = text.includes("-") ? DATE.exec(text) : null;
  if (date !== null) {
    const [, year, month, day, hour, minute, second, fraction = "0"] = date;
    const whole = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
    return whole + Number(fraction) * 1000;
  }
  const seconds = /^\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
