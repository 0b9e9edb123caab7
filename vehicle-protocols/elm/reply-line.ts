import type { CanFrame } from "../can-frame.ts";
import { checksumFits } from "./checksum.ts";

/** What kind of line the chip speaks on; decides how a line of hex digits is to be read. */
export type ElmBus = "can-11" | "can-29" | "k-line" | "j1850-pwm" | "j1850-vpw";

/** Words of the chip about itself and the bus, from the data sheets of ELM327 v1.0 to v2.3 and STN11xx. */
export type ElmNotice =
  | "searching"
  | "bus-init"
  | "bus-init-error"
  | "no-data"
  | "stopped"
  | "unable-to-connect"
  | "can-error"
  | "bus-error"
  | "bus-busy"
  | "buffer-full"
  | "data-error"
  | "rx-error"
  | "feedback-error"
  | "activity-alert"
  | "low-power-alert"
  | "low-voltage-reset"
  | "internal-error"
  | "out-of-memory"
  | "flow-control";

/** What one line, or a part of one, means. */
export type ElmReplyPart =
  | { readonly kind: "ok" }
  /** `?`: the chip does not know the command. */
  | { readonly kind: "unknown-command" }
  | { readonly kind: "notice"; readonly notice: ElmNotice }
  | { readonly kind: "can"; readonly frame: CanFrame }
  /** A message of K-line or J1850: addresses from its header, header and checksum taken off. */
  | { readonly kind: "legacy"; readonly target: number; readonly source: number; readonly data: Uint8Array }
  /** Headers are off: the length that stands before a message of several lines. */
  | { readonly kind: "length"; readonly length: number }
  /** Headers are off: one of those lines, with its index modulo 16. */
  | { readonly kind: "segment"; readonly index: number; readonly data: Uint8Array }
  /** Headers are off: a message that fits one line. */
  | { readonly kind: "bare"; readonly data: Uint8Array }
  | { readonly kind: "volts"; readonly volts: number }
  /** The banner that ELM327 and its clones print after a reset, e.g. `ELM327 v1.5`. */
  | { readonly kind: "banner"; readonly text: string }
  /** Anything else that can be read: answers to commands, and the inventions of clones. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "garbage" };

/** Notices, without blanks; firmware and clones differ in blanks, dots and marks. The longer word stands before its part. */
const NOTICES: readonly (readonly [RegExp, ElmNotice])[] = [
  [/^SEARCHING\.*/, "searching"],
  [/^BUSINIT:?\.*ERROR/, "bus-init-error"],
  [/^BUSINIT:?\.*(OK)?/, "bus-init"],
  [/^NODATA/, "no-data"],
  [/^STOPPED/, "stopped"],
  [/^UNABLETOCONNECT/, "unable-to-connect"],
  [/^CANERROR/, "can-error"],
  [/^BUSERROR/, "bus-error"],
  [/^BUSBUSY/, "bus-busy"],
  [/^BUFFERFULL/, "buffer-full"],
  [/^<?DATAERROR/, "data-error"],
  [/^<?RXERROR/, "rx-error"],
  [/^FBERROR/, "feedback-error"],
  [/^!?ACTALERT/, "activity-alert"],
  [/^!?LPALERT/, "low-power-alert"],
  [/^!?LVRESET/, "low-voltage-reset"],
  [/^ERR\d\d/, "internal-error"],
  [/^OUTOFMEMORY/, "out-of-memory"],
  [/^FC:.*/, "flow-control"],
];

/** Parts of one line are few: `SEARCHING...`, `BUS INIT: OK` and data. */
const MOST_PARTS = 6;

/**
 * Reads one line of an answer. A line may hold several things at once: `SEARCHING...` and `BUS INIT: ...OK` are often joined to
 * the data that follows, `<RX ERROR` stands behind the data that it spoils (that data is dropped). Never throws.
 * @param text a line from `ElmLineReader`, without an echo of the command
 * @param bus what the chip speaks on, where that is known
 */
export function readReplyLine(text: string, bus: ElmBus | undefined): ElmReplyPart[] {
  const parts: ElmReplyPart[] = [];
  let rest = text.toUpperCase().replace(/\s+/g, "");
  while (rest !== "" && parts.length < MOST_PARTS) {
    const notice = leadingNotice(rest);
    if (notice === undefined) {
      parts.push(...readWords(text, rest, bus));
      break;
    }
    parts.push({ kind: "notice", notice: notice.notice });
    rest = rest.slice(notice.length);
  }
  return parts;
}

function leadingNotice(text: string): { notice: ElmNotice; length: number } | undefined {
  for (const [pattern, notice] of NOTICES) {
    const length = pattern.exec(text)?.[0].length;
    if (length !== undefined) return { notice, length };
  }
  return undefined;
}

function readWords(whole: string, words: string, bus: ElmBus | undefined): ElmReplyPart[] {
  if (words === "OK") return [{ kind: "ok" }];
  if (words === "?") return [{ kind: "unknown-command" }];
  const spoiled = /^[0-9A-F:]*<(DATA|RX)ERROR/.exec(words);
  if (spoiled !== null) return [{ kind: "notice", notice: spoiled[1] === "DATA" ? "data-error" : "rx-error" }];
  const volts = /^(\d{1,2}\.\d{1,2})V$/.exec(words)?.[1];
  if (volts !== undefined) return [{ kind: "volts", volts: Number(volts) }];
  const segment = /^([0-9A-F]):((?:[0-9A-F]{2}){1,8})$/.exec(words);
  if (segment !== null)
    return [{ kind: "segment", index: Number.parseInt(segment[1]!, 16), data: bytesOf(segment[2]!) }];
  if (/^[0-9A-F]+$/.test(words)) return [readHexLine(words, bus)];
  if (/ELM3\d\d|^OBDII/.test(words)) return [{ kind: "banner", text: whole.trim() }];
  return [{ kind: "text", text: whole.trim() }];
}

/** Which kinds of bus a line may be of, most telling first, where the chip has not said. */
const BUSES: readonly ElmBus[] = ["can-11", "can-29", "k-line", "j1850-vpw"];

/**
 * Reads a line of hex digits. An 11-bit CAN line has an odd number of them; all others are even, and an answer without header
 * begins with 40 or more, which no 29-bit id does.
 */
function readHexLine(digits: string, bus: ElmBus | undefined): ElmReplyPart {
  if (digits.length === 3) return { kind: "length", length: Number.parseInt(digits, 16) };
  for (const candidate of bus === undefined ? BUSES : [bus]) {
    const part =
      candidate === "can-11"
        ? readCan(digits, 3)
        : candidate === "can-29"
          ? readCan(digits, 8)
          : readLegacy(digits, candidate);
    if (part !== undefined) return part;
  }
  if (digits.length % 2 === 1) return { kind: "garbage" };
  const data = bytesOf(digits);
  return data[0]! >= 0x40 && data.length <= 255 ? { kind: "bare", data } : { kind: "garbage" };
}

function readCan(digits: string, idDigits: 3 | 8): ElmReplyPart | undefined {
  const dataDigits = digits.length - idDigits;
  if (dataDigits < 0 || dataDigits % 2 === 1 || dataDigits > 16) return undefined;
  const id = Number.parseInt(digits.slice(0, idDigits), 16);
  if (id > (idDigits === 3 ? 0x7ff : 0x1fffffff)) return undefined;
  return { kind: "can", frame: { id, extended: idDigits === 8, data: bytesOf(digits.slice(idDigits)) } };
}

/** Three bytes of header, one of data, the checksum. */
const SHORTEST_LEGACY = 5;

function readLegacy(digits: string, bus: ElmBus): ElmReplyPart | undefined {
  if (digits.length % 2 === 1) return undefined;
  const bytes = bytesOf(digits);
  if (bytes.length < SHORTEST_LEGACY || !checksumFits(bytes, bus)) return undefined;
  const [format = 0, target = 0, source = 0] = bytes;
  const body = bytes.subarray(3, -1);
  const announced = kwpLength(bytes, bus);
  if (announced === undefined) return { kind: "legacy", target, source, data: body };
  // ISO 14230-2: a length of zero in the format byte means that a byte of its own holds it.
  const data = (format & 0x3f) === 0 ? body.subarray(1) : body;
  return data.length === announced ? { kind: "legacy", target, source, data } : undefined;
}

/** Data length that a KWP2000 header announces; undefined for ISO 9141-2 and J1850, whose first byte is a priority. */
function kwpLength(bytes: Uint8Array, bus: ElmBus): number | undefined {
  const format = bytes[0]!;
  if (bus !== "k-line" || format < 0x80) return undefined;
  return (format & 0x3f) === 0 ? bytes[3]! : format & 0x3f;
}

/** Only called with an even number of hex digits. */
function bytesOf(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
