import { type Decoded, decoded, refused } from "../errors.ts";
import { decodeDtcPairs } from "./dtc.ts";
import {
  decodeLegacyMonitorTest,
  decodeMonitorResults,
  type LegacyMonitorTest,
  type MonitorTest,
} from "./monitor-results.ts";
import type { PidMaxima } from "./pid-maxima.ts";
import { decodePid, decodeSupportMap, isSupportMap, type PidReading, pidLengths } from "./pids.ts";
import { decodeLegacyInfo, decodeVehicleInfo, type VehicleInfo } from "./vehicle-info.ts";

/**
 * How the answer came: CAN, or one of the old lines (K-line by ISO 9141-2 or ISO 14230-4, J1850). They differ in the count byte of
 * trouble codes and info types, and in service 06.
 */
export type ObdTransport = "can" | "legacy";

export type ObdResponse =
  | { readonly service: 0x01; readonly readings: readonly PidReading[] }
  | { readonly service: 0x02; readonly frame: number; readonly readings: readonly PidReading[] }
  | {
      readonly service: 0x03 | 0x07 | 0x0a;
      /** Codes such as "P0301" in the order of the answer; padding (0000) is dropped. */
      readonly dtcs: readonly string[];
      /** The count byte of CAN; undefined on the old lines. */
      readonly declaredCount: number | undefined;
      /** false if the count byte and the codes disagree, or a message is cut short: part of the list may be missing. */
      readonly complete: boolean;
    }
  /** The codes have been cleared. */
  | { readonly service: 0x04 }
  | {
      readonly service: 0x06;
      /** Identifiers of monitors (on the old lines: of tests) that the maps announce. */
      readonly announced: readonly number[];
      readonly tests: readonly MonitorTest[];
      readonly legacyTests: readonly LegacyMonitorTest[];
      readonly complete: boolean;
    }
  | { readonly service: 0x09; readonly info: VehicleInfo };

/**
 * Decodes one whole positive answer of an ECU (SAE J1979), service id + 40 hex first. Never throws.
 * On the old lines an answer may take several messages: see `decodeLegacyAnswer`.
 * @param maxima what this ECU says in PIDs 4F and 50, for the scales of services 01 and 02
 * @returns error `truncated` for answers cut short, `unexpected-service` for any other first byte
 */
export function decodeObdResponse(
  payload: Uint8Array,
  transport: ObdTransport = "can",
  maxima?: PidMaxima,
): Decoded<ObdResponse> {
  if (transport === "legacy") return decodeLegacyAnswer([payload], maxima);
  const first = payload[0];
  switch (first) {
    case 0x41:
      return decodeCurrentData(payload.subarray(1), maxima);
    case 0x42:
      return decodeFreezeFrame(payload.subarray(1), maxima);
    case 0x43:
    case 0x47:
    case 0x4a:
      return decoded(countedCodes(first, payload.subarray(1)));
    case 0x44:
      return decoded({ service: 0x04 });
    case 0x46: {
      const results = decodeMonitorResults(payload.subarray(1));
      return results.ok ? decoded({ service: 0x06, ...results.value, legacyTests: [] }) : results;
    }
    case 0x49: {
      const infoType = payload[1];
      if (infoType === undefined) return refused("truncated", "the answer ends before its info type");
      const info = decodeVehicleInfo(infoType, payload.subarray(2));
      return info.ok ? decoded({ service: 0x09, info: info.value }) : info;
    }
    default:
      return noAnswer(first);
  }
}

/**
 * Decodes all messages that one ECU on K-line or J1850 sent in answer to one request, headers and checksums taken off.
 * Messages of other services than the first one's are left out.
 * @returns errors as `decodeObdResponse`
 */
export function decodeLegacyAnswer(messages: readonly Uint8Array[], maxima?: PidMaxima): Decoded<ObdResponse> {
  const first = messages[0]?.[0];
  const own = messages.filter((message) => message[0] === first);
  switch (first) {
    case 0x41:
    case 0x42:
      return joinReadings(own, maxima);
    case 0x43:
    case 0x47:
    case 0x4a:
      return decoded(paddedCodes(first, own));
    case 0x44:
      return decoded({ service: 0x04 });
    case 0x46:
      return legacyTests(own);
    case 0x49: {
      const infoType = own[0]?.[1];
      if (infoType === undefined) return refused("truncated", "the answer ends before its info type");
      const info = decodeLegacyInfo(infoType, own);
      return info.ok ? decoded({ service: 0x09, info: info.value }) : info;
    }
    default:
      return noAnswer(first);
  }
}

function noAnswer(first: number | undefined): Decoded<ObdResponse> {
  if (first === undefined) return refused("truncated", "the answer is empty");
  return refused("unexpected-service", `${first.toString(16).toUpperCase()} is no answer of a J1979 service`);
}

function decodeCurrentData(body: Uint8Array, maxima: PidMaxima | undefined): Decoded<ObdResponse> {
  if (body.length < 2) return refused("truncated", "the answer ends before its data");
  const readings = decodeReadings(cut(body, 1) ?? [{ pid: body[0]!, data: body.subarray(1) }], maxima);
  return readings.ok ? decoded({ service: 0x01, readings: readings.value }) : readings;
}

function decodeFreezeFrame(body: Uint8Array, maxima: PidMaxima | undefined): Decoded<ObdResponse> {
  const frame = body[1];
  if (body.length < 3 || frame === undefined) return refused("truncated", "the answer ends before its data");
  const readings = decodeReadings(cut(body, 2) ?? [{ pid: body[0]!, data: body.subarray(2) }], maxima);
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

function decodeReadings(pieces: readonly Piece[], maxima: PidMaxima | undefined): Decoded<PidReading[]> {
  const readings: PidReading[] = [];
  for (const { pid, data } of pieces) {
    const reading = decodePid(pid, data, maxima);
    if (!reading.ok) return reading;
    readings.push(reading.value);
  }
  return decoded(readings);
}

type CodeAnswer = 0x43 | 0x47 | 0x4a;

function serviceOf(answer: CodeAnswer): 0x03 | 0x07 | 0x0a {
  return answer === 0x43 ? 0x03 : answer === 0x47 ? 0x07 : 0x0a;
}

function countedCodes(answer: CodeAnswer, body: Uint8Array): ObdResponse {
  const declaredCount = body[0] ?? 0;
  const codes = body.subarray(1);
  const dtcs = decodeDtcPairs(codes);
  return {
    service: serviceOf(answer),
    dtcs,
    declaredCount,
    complete: body.length > 0 && codes.length >= 2 * declaredCount && dtcs.length <= declaredCount,
  };
}

// SAE J1979: on K-line and J1850 there is no count; three zero-padded codes fill each message.
function paddedCodes(answer: CodeAnswer, messages: readonly Uint8Array[]): ObdResponse {
  const bodies = messages.map((message) => message.subarray(1));
  return {
    service: serviceOf(answer),
    dtcs: bodies.flatMap(decodeDtcPairs),
    declaredCount: undefined,
    complete: bodies.every((body) => body.length > 0 && body.length % 2 === 0),
  };
}

function joinReadings(messages: readonly Uint8Array[], maxima: PidMaxima | undefined): Decoded<ObdResponse> {
  const readings: PidReading[] = [];
  let frame: number | undefined;
  for (const message of messages) {
    const isFreezeFrame = message[0] === 0x42;
    const body = message.subarray(1);
    const answer = isFreezeFrame ? decodeFreezeFrame(body, maxima) : decodeCurrentData(body, maxima);
    if (!answer.ok) return answer;
    if (!("readings" in answer.value)) continue;
    readings.push(...answer.value.readings);
    if (answer.value.service === 0x02) frame = answer.value.frame;
  }
  return decoded(frame === undefined ? { service: 0x01, readings } : { service: 0x02, frame, readings });
}

function legacyTests(messages: readonly Uint8Array[]): Decoded<ObdResponse> {
  const announced: number[] = [];
  const tests: LegacyMonitorTest[] = [];
  for (const message of messages) {
    const id = message[1];
    // A map of test ids has a filler byte where a test has its component.
    if (id !== undefined && isSupportMap(id) && message.length >= 7) {
      announced.push(...decodeSupportMap(id, message.subarray(3, 7)));
      continue;
    }
    const test = decodeLegacyMonitorTest(message.subarray(1));
    if (!test.ok) return test;
    tests.push(test.value);
  }
  return decoded({ service: 0x06, announced, tests: [], legacyTests: tests, complete: true });
}
