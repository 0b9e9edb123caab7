import type { CanFrame } from "../can-frame.ts";
import { toHex } from "../can-frame.ts";
import { ProtocolError } from "../errors.ts";
import { type CanLineParser, type CanRecord, FD_LENGTHS, hexBytes, isIdentifier, unreadable } from "./record.ts";

/** What an adapter answers to a command. */
export type SlcanReply =
  /** A bare carriage return; also to a frame that was sent (`z` or `Z`, in some adapters). */
  | { readonly kind: "reply"; readonly reply: "ok" | "sent" | "error" }
  | { readonly kind: "reply"; readonly reply: "version" | "serial-number"; readonly text: string }
  /** To `V`, by firmware of the CANtact family (CANable): its revision and where its source comes from. It does not know `L`. */
  | { readonly kind: "reply"; readonly reply: "cantact-version"; readonly text: string }
  | { readonly kind: "reply"; readonly reply: "status"; readonly problems: readonly SlcanProblem[] };

/** Bits of the status byte (LAWICEL `F`), from the lowest on; bit 4 is not used. */
const STATUS_BITS = [
  "receive-queue-full",
  "transmit-queue-full",
  "error-warning",
  "data-overrun",
  undefined,
  "error-passive",
  "arbitration-lost",
  "bus-error",
] as const;
export type SlcanProblem = Exclude<(typeof STATUS_BITS)[number], undefined>;

/** `B`, 8 digits, a length, 128 digits and a timestamp are 142. */
const MOST_LENGTH = 256;
const CARRIAGE_RETURN = 0x0d;
const BELL = 0x07;
const LINE_FEED = 0x0a;
/** Timestamps (Z1) count milliseconds and start anew every minute. */
const TIMESTAMP_WRAP_MS = 60_000;

const FRAME =
  /^(?<type>[tTrRdDbB])(?<id>(?<=[trdb])[0-9a-fA-F]{3}|(?<=[TRDB])[0-9a-fA-F]{8})(?<code>[0-9a-fA-F])(?<rest>[0-9a-fA-F]*)$/;

/**
 * What a LAWICEL (slcan) adapter sends: frames `t T r R`, CAN FD frames `d D b B` as CANable 2 has them, timestamps, and
 * replies. `timeMs` follows the adapter's timestamps over their wrap; a silence of more than a minute is lost from it.
 */
export function slcanParser(): CanLineParser<CanRecord | SlcanReply> {
  let line = "";
  let number = 0;
  let lastStamp: number | undefined;
  let wrappedMs = 0;

  const unwrap = (stamp: number): number => {
    if (lastStamp !== undefined && stamp < lastStamp) wrappedMs += TIMESTAMP_WRAP_MS;
    lastStamp = stamp;
    return wrappedMs + stamp;
  };

  const frame = (text: string): CanRecord | undefined => {
    const { type = "", id: idText = "", code: codeText = "", rest = "" } = FRAME.exec(text)?.groups ?? {};
    if (type === "") return undefined;
    const extended = type === type.toUpperCase();
    const fd = /[db]/i.test(type);
    const remote = /r/i.test(type);
    const id = Number.parseInt(idText, 16);
    const code = Number.parseInt(codeText, 16);
    if (!isIdentifier(id, extended) || (!fd && code > 8)) return undefined;
    const digits = remote ? 0 : 2 * FD_LENGTHS[code]!;
    const data = hexBytes(rest.slice(0, digits));
    const stampText = rest.slice(digits);
    if (data === undefined || data.length !== digits / 2 || ![0, 4].includes(stampText.length)) return undefined;
    const stamp = stampText === "" ? undefined : Number.parseInt(stampText, 16);
    if (stamp !== undefined && stamp >= TIMESTAMP_WRAP_MS) return undefined;
    const sighting = {
      timeMs: stamp === undefined ? undefined : unwrap(stamp),
      bus: undefined,
      direction: "rx",
    } as const;
    if (remote) return { ...sighting, kind: "remote", id, extended };
    return { ...sighting, kind: "data", frame: fd ? { id, extended, data, fd } : { id, extended, data } };
  };

  const take = (): CanRecord | SlcanReply => {
    const text = line;
    line = "";
    number += 1;
    if (text === "") return { kind: "reply", reply: "ok" };
    if (text === "z" || text === "Z") return { kind: "reply", reply: "sent" };
    return frame(text) ?? textReply(text) ?? unreadable(number, text);
  };

  return {
    push: (bytes) => {
      const items: (CanRecord | SlcanReply)[] = [];
      for (const byte of bytes) {
        if (byte === CARRIAGE_RETURN) items.push(take());
        else if (byte === BELL) {
          // An error is said in place of the answer; what stood before it was cut off.
          if (line !== "") items.push(unreadable(number + 1, line));
          line = "";
          items.push({ kind: "reply", reply: "error" });
        } else if (byte !== LINE_FEED) {
          if (line.length < MOST_LENGTH) line += String.fromCharCode(byte);
          else if (line.length === MOST_LENGTH) line += "…";
        }
      }
      return items;
    },
    end: () => {
      const rest = line;
      line = "";
      return rest === "" ? [] : [unreadable(number + 1, rest)];
    },
  };
}

/** `v1.2-3-gb158aa7 https://github.com/…`: what git calls the revision, and the address of its repository. */
const CANTACT_VERSION = /^[\w.+-]{4,60} [\x21-\x7e]*\/[\x21-\x7e]*$/;

function textReply(text: string): SlcanReply | undefined {
  if (CANTACT_VERSION.test(text)) return { kind: "reply", reply: "cantact-version", text };
  if (/^V[\x20-\x7e]*$/.test(text)) return { kind: "reply", reply: "version", text: text.slice(1) };
  if (/^N[\x20-\x7e]*$/.test(text)) return { kind: "reply", reply: "serial-number", text: text.slice(1) };
  if (!/^F[0-9a-fA-F]{2}$/.test(text)) return undefined;
  const status = Number.parseInt(text.slice(1), 16);
  const problems = STATUS_BITS.filter((problem, bit): problem is SlcanProblem => {
    return problem !== undefined && (status & (1 << bit)) !== 0;
  });
  return { kind: "reply", reply: "status", problems };
}

/** kbit/s to the digit of the S command, as LAWICEL has it. CANable 2 has 750 under 7, and 83.3 under 9. */
const BIT_RATES = [10, 20, 50, 100, 125, 250, 500, 800, 1000] as const;
export type SlcanBitRate = (typeof BIT_RATES)[number];

export type SlcanCommand =
  | "open"
  /** Open without acknowledging anything on the bus. CANable does not know it: there it is `silent`, then `open`. */
  | "listen-only"
  | "silent"
  /** Takes `silent` back, where the adapter knows that. */
  | "normal"
  | "close"
  | "version"
  | "serial-number"
  | "status"
  | "timestamps-on"
  | "timestamps-off";

const COMMANDS: Readonly<Record<SlcanCommand, string>> = {
  open: "O",
  "listen-only": "L",
  silent: "M1",
  normal: "M0",
  close: "C",
  version: "V",
  "serial-number": "N",
  status: "F",
  "timestamps-on": "Z1",
  "timestamps-off": "Z0",
};

/** A command to the adapter itself; none of them puts a frame on the bus. */
export function encodeSlcanCommand(command: SlcanCommand | { readonly bitRateKbit: SlcanBitRate }): Uint8Array {
  return ascii(typeof command === "string" ? COMMANDS[command] : `S${BIT_RATES.indexOf(command.bitRateKbit)}`);
}

/**
 * The command that sends a frame; CAN FD frames without switching the bit rate.
 * @throws ProtocolError `invalid-argument` for an identifier or a length that CAN does not have
 */
export function encodeSlcanFrame({ id, extended, data, fd = false }: CanFrame): Uint8Array {
  const code = FD_LENGTHS.indexOf(data.length);
  if (!isIdentifier(id, extended) || code < 0 || (!fd && code > 8)) {
    throw new ProtocolError("invalid-argument", `no CAN frame: ${id} with ${data.length} bytes`);
  }
  const type = fd ? "d" : "t";
  const digits = id
    .toString(16)
    .toUpperCase()
    .padStart(extended ? 8 : 3, "0");
  return ascii(`${extended ? type.toUpperCase() : type}${digits}${code.toString(16).toUpperCase()}${toHex(data)}`);
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(`${text}\r`, (letter) => letter.charCodeAt(0));
}
