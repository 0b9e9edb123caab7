import { type Decoded, decoded, refused } from "../errors.ts";
import { decodeSupportMap, isSupportMap } from "./pids.ts";
import { checkVin, type VinCheck } from "./vin.ts";

/** Answers of service 09 (SAE J1979). */
export type VehicleInfo =
  | { readonly kind: "supported"; readonly infoType: number; readonly infoTypes: readonly number[] }
  | { readonly kind: "vin"; readonly infoType: number; readonly check: VinCheck }
  /** Calibration identifications: names of the software versions in this ECU. */
  | { readonly kind: "calibration-ids"; readonly infoType: number; readonly ids: readonly string[] }
  /** Calibration verification numbers, eight hex digits each. */
  | { readonly kind: "calibration-checks"; readonly infoType: number; readonly numbers: readonly string[] }
  | { readonly kind: "ecu-name"; readonly infoType: number; readonly acronym: string; readonly name: string }
  | { readonly kind: "raw"; readonly infoType: number; readonly data: Uint8Array };

/**
 * A service 09 answer on CAN, after `49`: info type, number of items, items. On CAN a map (00, 20, …) has no count.
 * @returns error `truncated` when items are missing, `invalid-vin` when the VIN holds no readable character
 */
export function decodeVehicleInfo(infoType: number, body: Uint8Array): Decoded<VehicleInfo> {
  if (isSupportMap(infoType)) {
    if (body.length < 4) return refused("truncated", "a map of info types has four bytes");
    return decoded({ kind: "supported", infoType, infoTypes: decodeSupportMap(infoType, body.subarray(0, 4)) });
  }
  const count = body[0];
  if (count === undefined) return refused("truncated", "the answer ends before its number of items");
  const items = body.subarray(1);
  switch (infoType) {
    case 0x02: {
      const vin = decodeVin(items);
      return vin.ok ? decoded({ kind: "vin", infoType, check: vin.value }) : vin;
    }
    case 0x04:
      return split(items, count, 16, (ids) => ({ kind: "calibration-ids", infoType, ids: ids.map(printable) }));
    case 0x06:
      return split(items, count, 4, (numbers) => ({ kind: "calibration-checks", infoType, numbers: numbers.map(hex) }));
    case 0x0a:
      return decoded({ kind: "ecu-name", infoType, ...ecuName(items) });
    default:
      return decoded({ kind: "raw", infoType, data: body });
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

/**
 * A VIN out of the bytes of its item, which may carry padding before or behind it.
 * @returns error `invalid-vin` when no character is readable; a VIN that is only wrong comes back with its problems
 */
export function decodeVin(bytes: Uint8Array): Decoded<VinCheck> {
  const text = printable(bytes);
  return text.length === 0 ? refused("invalid-vin", "the ECU sent no readable VIN") : decoded(checkVin(text));
}

function split(
  items: Uint8Array,
  count: number,
  size: number,
  build: (parts: readonly Uint8Array[]) => VehicleInfo,
): Decoded<VehicleInfo> {
  if (items.length < count * size) {
    return refused("truncated", `${count} items of ${size} bytes announced, ${items.length} bytes came`);
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

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join("");
}
