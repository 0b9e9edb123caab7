import { toHex } from "../can-frame.ts";
import { type Decoded, decoded, refused } from "../errors.ts";
import { decodeSupportMap, isSupportMap } from "./pids.ts";
import { checkVin, type VinCheck } from "./vin.ts";

/** Answers of service 09 (SAE J1979), and of DIDs F8xx in OBD on UDS. */
export type VehicleInfo = { readonly infoType: number } & (
  | { readonly kind: "supported"; readonly infoTypes: readonly number[] }
  | { readonly kind: "vin"; readonly check: VinCheck }
  /** Calibration identifications: names of the software versions in this ECU. */
  | { readonly kind: "calibration-ids"; readonly ids: readonly string[] }
  /** Calibration verification numbers, eight hex digits each. */
  | { readonly kind: "calibration-checks"; readonly numbers: readonly string[] }
  /** In-use performance tracking: how often monitors could have run and did, by the acronyms of the standard. */
  | {
      readonly kind: "performance";
      readonly ignition: "spark" | "compression";
      readonly counters: readonly { readonly id: string; readonly value: number }[];
    }
  | { readonly kind: "ecu-name"; readonly acronym: string; readonly name: string }
  | { readonly kind: "text"; readonly meaning: TextMeaning; readonly text: string }
  | { readonly kind: "number"; readonly meaning: NumberMeaning; readonly value: number; readonly unit: "1" | "km" }
  /** How many messages the next info type takes on K-line and J1850. */
  | { readonly kind: "message-count"; readonly count: number }
  | { readonly kind: "raw"; readonly data: Uint8Array }
);

type TextMeaning = "engine-serial-number" | "type-approval-number" | "gtr-number";
type NumberMeaning = "protocol" | "fueled-engine-operation-ignition-cycles" | "distance-since-evap-monitoring-decision";

/** Info types that only say how many messages the next one takes. */
const MESSAGE_COUNTS: ReadonlySet<number> = new Set([0x01, 0x03, 0x05, 0x07, 0x09, 0x0c, 0x0e]);

const TEXTS: ReadonlyMap<number, TextMeaning> = new Map([
  [0x0d, "engine-serial-number"],
  [0x0f, "type-approval-number"],
  [0x11, "gtr-number"],
]);

const NUMBERS: ReadonlyMap<number, readonly [bytes: number, meaning: NumberMeaning, unit: "1" | "km"]> = new Map([
  [0x10, [1, "protocol", "1"]],
  [0x12, [2, "fueled-engine-operation-ignition-cycles", "1"]],
  [0x14, [2, "distance-since-evap-monitoring-decision", "km"]],
]);

const CALIBRATION_ID_LENGTH = 16;
const CALIBRATION_CHECK_LENGTH = 4;

// A completion counter and a condition counter for each, behind OBDCOND and IGNCNTR.
const SPARK_MONITORS = ["CAT1", "CAT2", "O2S1", "O2S2", "EGR", "AIR", "EVAP", "SO2S1", "SO2S2"].concat(
  "AFRI1",
  "AFRI2",
  "PF1",
  "PF2",
);
const COMPRESSION_MONITORS = ["HCCAT", "NCAT", "NADS", "PM", "EGS", "EGR", "BP", "FUEL"];

/**
 * A service 09 answer on CAN, after `49`: info type, number of items, items. On CAN a map (00, 20, …) has no count.
 * @returns error `truncated` when items are missing, `invalid-vin` when the VIN holds no readable character
 */
export function decodeVehicleInfo(infoType: number, body: Uint8Array): Decoded<VehicleInfo> {
  if (isSupportMap(infoType)) return decodeInfoItems(infoType, body);
  const count = body[0];
  if (count === undefined) return refused("truncated", "the answer ends before its number of items");
  return MESSAGE_COUNTS.has(infoType)
    ? decoded({ kind: "message-count", infoType, count })
    : decodeInfoItems(infoType, body.subarray(1), count);
}

/**
 * The items of an info type without a count byte in front: what OBD on UDS sends, and what the messages of K-line and J1850 hold.
 * @param count items as announced; by default as many as there are bytes for
 */
export function decodeInfoItems(infoType: number, items: Uint8Array, count?: number): Decoded<VehicleInfo> {
  if (isSupportMap(infoType)) {
    if (items.length < 4) return refused("truncated", "a map of info types has four bytes");
    return decoded({ kind: "supported", infoType, infoTypes: decodeSupportMap(infoType, items.subarray(0, 4)) });
  }
  const meaning = TEXTS.get(infoType);
  if (meaning !== undefined) return decoded({ kind: "text", infoType, meaning, text: printable(items) });
  const number = NUMBERS.get(infoType);
  if (number !== undefined) {
    const [bytes, numberMeaning, unit] = number;
    if (items.length < bytes) return refused("truncated", `the info has ${items.length} of ${bytes} bytes`);
    return decoded({
      kind: "number",
      infoType,
      meaning: numberMeaning,
      value: unsigned(items.subarray(0, bytes)),
      unit,
    });
  }
  switch (infoType) {
    case 0x02: {
      const vin = decodeVin(items);
      return vin.ok ? decoded({ kind: "vin", infoType, check: vin.value }) : vin;
    }
    case 0x04:
      return split(items, CALIBRATION_ID_LENGTH, count, (ids) => ({
        kind: "calibration-ids",
        infoType,
        ids: ids.map(printable),
      }));
    case 0x06:
      return split(items, CALIBRATION_CHECK_LENGTH, count, (numbers) => ({
        kind: "calibration-checks",
        infoType,
        numbers: numbers.map(toHex),
      }));
    case 0x08:
      return performance(infoType, "spark", SPARK_MONITORS, items, count);
    case 0x0b:
      return performance(infoType, "compression", COMPRESSION_MONITORS, items, count);
    case 0x0a:
      return decoded({ kind: "ecu-name", infoType, ...ecuName(items) });
    default:
      return decoded({ kind: "raw", infoType, data: items });
  }
}

/**
 * Puts together a service 09 item of the old lines (K-line, J1850), which comes as messages of four bytes:
 * `49 <info type> <message number from 1> <4 bytes>`. Order and repetitions do not matter.
 * @returns the bytes of all messages in order (a VIN has three zero bytes in front), or `truncated` if one is missing
 */
export function joinLegacyInfo(infoType: number, messages: readonly Uint8Array[]): Decoded<Uint8Array> {
  const parts = new Map<number, Uint8Array>();
  for (const message of messages) {
    const number = message[2];
    if (message[0] === 0x49 && message[1] === infoType && number !== undefined)
      parts.set(number, message.subarray(3, 7));
  }
  const joined = new Uint8Array(parts.size * 4);
  for (let number = 1; number <= parts.size; number++) {
    const part = parts.get(number);
    if (part?.length !== 4) return refused("truncated", `message ${number} of the info is missing or short`);
    joined.set(part, (number - 1) * 4);
  }
  return parts.size === 0 ? refused("truncated", "no message of this info came") : decoded(joined);
}

/** What all messages of one ECU on K-line or J1850 say together about one info type; `messages` begin with `49`. */
export function decodeLegacyInfo(infoType: number, messages: readonly Uint8Array[]): Decoded<VehicleInfo> {
  if (MESSAGE_COUNTS.has(infoType)) {
    const count = messages[0]?.[2];
    return count === undefined
      ? refused("truncated", "the answer ends before its number of messages")
      : decoded({ kind: "message-count", infoType, count });
  }
  const joined = joinLegacyInfo(infoType, messages);
  if (!joined.ok) return joined;
  // Without its last message a number still looks whole.
  if (infoType === 0x02 && joined.value.length < LEGACY_VIN_LENGTH) {
    return refused("truncated", "a VIN takes five messages");
  }
  return decodeInfoItems(infoType, joined.value);
}

const LEGACY_VIN_LENGTH = 20;

/**
 * A VIN out of the bytes of its item, which may carry padding before or behind it.
 * @returns error `invalid-vin` when no character is readable; a VIN that is only wrong comes back with its problems
 */
export function decodeVin(bytes: Uint8Array): Decoded<VinCheck> {
  const text = printable(bytes);
  return text.length === 0 ? refused("invalid-vin", "the ECU sent no readable VIN") : decoded(checkVin(text));
}

function performance(
  infoType: number,
  ignition: "spark" | "compression",
  monitors: readonly string[],
  items: Uint8Array,
  count: number | undefined,
): Decoded<VehicleInfo> {
  return split(items, 2, count, (parts) => ({
    kind: "performance",
    infoType,
    ignition,
    counters: parts.map((part, n) => ({ id: counterName(monitors, n), value: unsigned(part) })),
  }));
}

function counterName(monitors: readonly string[], n: number): string {
  if (n < 2) return n === 0 ? "OBDCOND" : "IGNCNTR";
  const monitor = monitors[(n - 2) >> 1];
  if (monitor === undefined) return `counter-${n + 1}`;
  const [, name, bank] = /^(.*?)([12]?)$/.exec(monitor) ?? [];
  return `${name}${n % 2 === 0 ? "COMP" : "COND"}${bank}`;
}

function split(
  items: Uint8Array,
  size: number,
  announced: number | undefined,
  build: (parts: readonly Uint8Array[]) => VehicleInfo,
): Decoded<VehicleInfo> {
  // A number of items in front, as service 09 has it, makes the length one more than that of whole items.
  const [first = 0] = items;
  if (announced === undefined && first > 0 && items.length === 1 + first * size) {
    return split(items.subarray(1), size, first, build);
  }
  const count = announced ?? Math.floor(items.length / size);
  if (items.length < count * size || (announced === undefined && count === 0)) {
    return refused("truncated", `${Math.max(1, count)} items of ${size} bytes expected, ${items.length} bytes came`);
  }
  return decoded(build(Array.from({ length: count }, (_, n) => items.subarray(n * size, (n + 1) * size))));
}

// Four characters of acronym, a delimiter (00 or "-"), then the name.
function ecuName(bytes: Uint8Array): { acronym: string; name: string } {
  return { acronym: printable(bytes.subarray(0, 4)), name: printable(bytes.subarray(4)).replace(/^-\s*/, "") };
}

// Control characters, 00 and FF are padding at the ends; inside a text they become blanks so that nothing shifts.
function printable(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : " ";
  return text.trim();
}

function unsigned(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}
