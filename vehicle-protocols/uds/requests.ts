import { ProtocolError } from "../errors.ts";
import { type DtcReportRequest, dtcReportParameters } from "./dtc-requests.ts";
import { type DiagnosticSession, sessionByte } from "./session.ts";

/**
 * What may be asked of an ECU by ISO 14229-1. Everything here only reads: services that write, test, unlock, reset or program do not exist, and
 * clearing codes (14) is an act of its own in `clearing.ts`.
 */
export type UdsRequest =
  | { readonly service: 0x10; readonly session: DiagnosticSession }
  /** Keeps a session alive; `silent` asks for no answer. */
  | { readonly service: 0x3e; readonly silent: boolean }
  | ({ readonly service: 0x19 } & DtcReportRequest)
  /** One or several data identifiers. Many ECUs take only a few at once. */
  | { readonly service: 0x22; readonly dids: readonly number[] };

/**
 * The bytes of a request, service id first.
 * @throws ProtocolError `invalid-argument` on a question for no identifier, or numbers out of range
 */
export function encodeUdsRequest(request: UdsRequest): Uint8Array {
  switch (request.service) {
    case 0x10:
      return bytes([request.service, sessionByte(request.session)]);
    case 0x3e:
      return bytes([request.service, request.silent ? 0x80 : 0x00]);
    case 0x19:
      return bytes([request.service, request.report, ...dtcReportParameters(request)]);
    case 0x22:
      if (request.dids.length === 0)
        throw new ProtocolError("invalid-argument", "a question has at least one identifier");
      return bytes([request.service, ...request.dids.flatMap((did) => [Math.floor(did / 256), did % 256])]);
  }
}

function bytes(numbers: readonly number[]): Uint8Array {
  for (const number of numbers) {
    if (!Number.isInteger(number) || number < 0 || number > 0xff) {
      throw new ProtocolError("invalid-argument", `${number} is not one byte`);
    }
  }
  return Uint8Array.from(numbers);
}
