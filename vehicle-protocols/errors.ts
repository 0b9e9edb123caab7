/**
 * Every way in which this folder can refuse or fail. `iso-tp-*` mirror the N_Result values of ISO 15765-2;
 * the others belong to the request/answer layer and to the decoders.
 */
export type ProtocolErrorCode =
  | "iso-tp-timeout-as"
  | "iso-tp-timeout-bs"
  | "iso-tp-timeout-cr"
  | "iso-tp-wrong-sequence"
  | "iso-tp-unexpected-frame"
  | "iso-tp-overflow"
  | "iso-tp-wait-overrun"
  | "iso-tp-invalid-flow-status"
  | "iso-tp-too-long"
  | "no-answer"
  | "unsupported-by-dongle"
  | "pending-too-long"
  | "busy-too-long"
  | "exchange-timeout"
  | "truncated"
  | "too-large"
  | "not-understood"
  | "unexpected-service"
  | "ambiguous"
  | "invalid-argument"
  | "invalid-vin"
  | "invalid-definition"
  | "checksum-mismatch"
  | "encrypted";

/** The one error of `vehicle-protocols/`. It carries a stable code; callers map it to their own registry. */
export class ProtocolError extends Error {
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string) {
    super(message);
    this.name = "ProtocolError";
    this.code = code;
  }
}

/** What a decoder of foreign bytes answers: never an exception, since bad bytes from a car are an everyday matter. */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ProtocolError };

/** A successful decode. */
export function decoded<T>(value: T): Decoded<T> {
  return { ok: true, value };
}

/** A refused decode, with its reason. */
export function refused(
  code: ProtocolErrorCode,
  message: string,
): { readonly ok: false; readonly error: ProtocolError } {
  return { ok: false, error: new ProtocolError(code, message) };
}
