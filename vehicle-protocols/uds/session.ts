import { type Decoded, decoded, refused } from "../errors.ts";

/** Sessions that a reading tester may ask for. Programming (02) and the makers' own are not here. */
export type DiagnosticSession = "default" | "extended";

const SESSION_BYTES: Readonly<Record<DiagnosticSession, number>> = { default: 0x01, extended: 0x03 };

/** Sub-function of DiagnosticSessionControl (ISO 14229-1). */
export function sessionByte(session: DiagnosticSession): number {
  return SESSION_BYTES[session];
}

/** An ECU leaves every session but the default one after this silence (S3server of ISO 14229-2); "tester present" every 2 s keeps it there. */
export const SESSION_TIMEOUT_MS = 5000;

export type SessionAnswer = {
  readonly session: number;
  /** How long this ECU may take for an answer from now on: P2, and P2* after "response pending". Absent in answers of old ECUs. */
  readonly p2Ms?: number;
  readonly p2StarMs?: number;
};

/** Reads `50 <session> <P2> <P2*>` (ISO 14229-1): P2 in milliseconds, P2* in steps of ten. */
export function decodeSessionAnswer(payload: Uint8Array): Decoded<SessionAnswer> {
  const [service, session, p2High, p2Low, p2StarHigh, p2StarLow] = payload;
  if (service !== 0x50) return refused("unexpected-service", "this is no answer of DiagnosticSessionControl");
  if (session === undefined) return refused("truncated", "the answer ends before its session");
  if (p2High === undefined || p2Low === undefined || p2StarHigh === undefined || p2StarLow === undefined) {
    return decoded({ session });
  }
  return decoded({ session, p2Ms: p2High * 256 + p2Low, p2StarMs: (p2StarHigh * 256 + p2StarLow) * 10 });
}
