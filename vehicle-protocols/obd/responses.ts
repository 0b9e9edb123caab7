import { type Decoded, decoded, refused } from "../errors.ts";
import { decodeDtcPairs } from "./dtc.ts";
import { decodePid, type PidReading, pidLengths } from "./pids.ts";
import { decodeVehicleInfo, type VehicleInfo } from "./vehicle-info.ts";

/** How the answer came: the trouble-code services carry a count byte on CAN only. */
export type ObdLine = "can" | "k-line-or-j1850";

export type ObdResponse =
  | { readonly service: 0x01; readonly readings: readonly PidReading[] }
  | { readonly service: 0x02; readonly frame: number; readonly readings: readonly PidReading[] }
  | {
      readonly service: 0x03 | 0x07 | 0x0a;
      /** Codes such as "P0301" in the order of the answer; padding (0000) is dropped. */
      readonly dtcs: readonly string[];
      /** The count byte of CAN; undefined on the old lines. */
      readonly declaredCount: number | undefined;
      /** false if the count byte and the codes disagree: part of the list may be missing. */
      readonly complete: boolean;
    }
  | { readonly service: 0x09; readonly info: VehicleInfo };

/**
 * Decodes one whole positive answer of an ECU (SAE J1979), service id + 40 hex first. Never throws.
 * On the old lines each message is an answer of its own; service 09 there goes through `joinLegacyInfo` first.
 * @returns error `truncated` for answers cut short, `unexpected-service` for any other first byte
 */
export function decodeObdResponse(payload: Uint8Array, line: ObdLine = "can"): Decoded<ObdResponse> {
  const first = payload[0];
  switch (first) {
    case 0x41:
      return decodeCurrentData(payload.subarray(1));
    case 0x42:
      return decodeFreezeFrame(payload.subarray(1));
    case 0x43:
      return decoded(troubleCodes(0x03, payload.subarray(1), line));
    case 0x47:
      return decoded(troubleCodes(0x07, payload.subarray(1), line));
    case 0x4a:
      return decoded(troubleCodes(0x0a, payload.subarray(1), line));
    case 0x49: {
      const infoType = payload[1];
      if (infoType === undefined) return refused("truncated", "the answer ends before its info type");
      const info = decodeVehicleInfo(infoType, payload.subarray(2));
      return info.ok ? decoded({ service: 0x09, info: info.value }) : info;
    }
    case undefined:
      return refused("truncated", "the answer is empty");
    default:
      return refused("unexpected-service", `${first.toString(16).toUpperCase()} is no answer of a J1979 read service`);
  }
}

function decodeCurrentData(body: Uint8Array): Decoded<ObdResponse> {
  if (body.length < 2) return refused("truncated", "the answer ends before its data");
  const readings = decodeReadings(cut(body, 1) ?? [{ pid: body[0]!, data: body.subarray(1) }]);
  return readings.ok ? decoded({ service: 0x01, readings: readings.value }) : readings;
}

function decodeFreezeFrame(body: Uint8Array): Decoded<ObdResponse> {
  const frame = body[1];
  if (body.length < 3 || frame === undefined) return refused("truncated", "the answer ends before its data");
  const readings = decodeReadings(cut(body, 2) ?? [{ pid: body[0]!, data: body.subarray(2) }]);
  return readings.ok ? decoded({ service: 0x02, frame, readings: readings.value }) : readings;
}

/** SAE J1979: an answer of service 01 holds at most six PIDs. It also bounds the search below. */
const MAX_PIDS = 6;

type Piece = { readonly pid: number; readonly data: Uint8Array };

/**
 * Cuts `PID data PID data …` (or `PID frame data …` with a header of two bytes) where the lengths of the table fit
 * exactly. Some PIDs have two possible lengths; the shorter is tried first.
 * @returns undefined when no way of cutting fits: then only the first PID is sure
 */
function cut(body: Uint8Array, header: 1 | 2, piecesLeft = MAX_PIDS): Piece[] | undefined {
  if (body.length === 0) return [];
  if (piecesLeft === 0) return undefined;
  const pid = body[0]!;
  for (const length of pidLengths(pid)) {
    const end = header + length;
    if (end > body.length) continue;
    // All PIDs of an answer belong to the same frame.
    if (header === 2 && end < body.length && body[end + 1] !== body[1]) continue;
    const rest = cut(body.subarray(end), header, piecesLeft - 1);
    if (rest !== undefined) return [{ pid, data: body.subarray(header, end) }, ...rest];
  }
  return undefined;
}

function decodeReadings(pieces: readonly Piece[]): Decoded<PidReading[]> {
  const readings: PidReading[] = [];
  for (const { pid, data } of pieces) {
    const reading = decodePid(pid, data);
    if (!reading.ok) return reading;
    readings.push(reading.value);
  }
  return decoded(readings);
}

// SAE J1979: on CAN a count byte stands before the codes, on K-line and J1850 three zero-padded codes fill each message.
function troubleCodes(service: 0x03 | 0x07 | 0x0a, body: Uint8Array, line: ObdLine): ObdResponse {
  if (line !== "can") {
    return { service, dtcs: decodeDtcPairs(body), declaredCount: undefined, complete: body.length % 2 === 0 };
  }
  const declaredCount = body[0] ?? 0;
  const codes = body.subarray(1);
  const dtcs = decodeDtcPairs(codes);
  return {
    service,
    dtcs,
    declaredCount,
    complete: body.length > 0 && codes.length >= 2 * declaredCount && dtcs.length <= declaredCount,
  };
}
