import { ProtocolError } from "../errors.ts";

/**
 * What may be asked of a car by SAE J1979. Everything here only reads; tests (05, 08) do not exist, and clearing (04) is an act of its own
 * in `clearing.ts`.
 */
export type ObdRequest =
  /** Live data: one to six PIDs at once (only one on K-line and J1850). */
  | { readonly service: 0x01; readonly pids: readonly number[] }
  /** Freeze frame data: one to three PIDs of one frame, counted from 0. */
  | { readonly service: 0x02; readonly pids: readonly number[]; readonly frame: number }
  /** Confirmed (03), pending (07) and permanent (0A) trouble codes. */
  | { readonly service: 0x03 | 0x07 | 0x0a }
  /** Results of monitor tests: on CAN one monitor, or one to six maps (00, 20, …); on K-line and J1850 one test. */
  | { readonly service: 0x06; readonly ids: readonly number[] }
  /** Vehicle information: 02 VIN, 04 calibration ids, 06 calibration checks, 0A ECU name, 00 … maps. */
  | { readonly service: 0x09; readonly infoType: number };

/**
 * The bytes of a request, service id first.
 * @throws ProtocolError `invalid-argument` on too many or too few PIDs, or numbers that are no bytes
 */
export function encodeObdRequest(request: ObdRequest): Uint8Array {
  switch (request.service) {
    case 0x01:
      return bytes([request.service, ...limited(request.pids, 6)]);
    case 0x02:
      return bytes([request.service, ...limited(request.pids, 3).flatMap((pid) => [pid, request.frame])]);
    case 0x06:
      return bytes([request.service, ...limited(request.ids, 6)]);
    case 0x09:
      return bytes([request.service, request.infoType]);
    default:
      return bytes([request.service]);
  }
}

function limited(pids: readonly number[], most: number): readonly number[] {
  if (pids.length === 0 || pids.length > most) {
    throw new ProtocolError("invalid-argument", `one to ${most} identifiers fit a request, not ${pids.length}`);
  }
  return pids;
}

function bytes(numbers: readonly number[]): Uint8Array {
  for (const number of numbers) {
    if (!Number.isInteger(number) || number < 0 || number > 0xff) {
      throw new ProtocolError("invalid-argument", `${number} is not one byte`);
    }
  }
  return Uint8Array.from(numbers);
}
