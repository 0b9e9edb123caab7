/** Service id of a negative response (ISO 14229-1, SAE J1979): `7F <service> <code>`. */
const NEGATIVE_RESPONSE = 0x7f;

/** The ECU is busy and wants the request again later. */
export const BUSY_REPEAT_REQUEST = 0x21;

/** The ECU works on it; the answer follows within P2*. */
export const RESPONSE_PENDING = 0x78;

// Stable names of ISO 14229-1:2020 response codes.
const NAME_BY_CODE: ReadonlyMap<number, string> = new Map([
  [0x10, "general-reject"],
  [0x11, "service-not-supported"],
  [0x12, "sub-function-not-supported"],
  [0x13, "incorrect-message-length-or-format"],
  [0x14, "response-too-long"],
  [BUSY_REPEAT_REQUEST, "busy-repeat-request"],
  [0x22, "conditions-not-correct"],
  [0x24, "request-sequence-error"],
  [0x25, "no-response-from-subnet-component"],
  [0x26, "failure-prevents-execution"],
  [0x31, "request-out-of-range"],
  [0x33, "security-access-denied"],
  [0x34, "authentication-required"],
  [0x35, "invalid-key"],
  [0x36, "exceeded-number-of-attempts"],
  [0x37, "required-time-delay-not-expired"],
  [0x38, "secure-transmission-required"],
  [0x39, "secure-transmission-not-allowed"],
  [0x3a, "secure-verification-failed"],
  [0x50, "certificate-time-period-invalid"],
  [0x51, "certificate-signature-invalid"],
  [0x52, "certificate-chain-of-trust-invalid"],
  [0x53, "certificate-type-invalid"],
  [0x54, "certificate-format-invalid"],
  [0x55, "certificate-content-invalid"],
  [0x56, "certificate-scope-invalid"],
  [0x57, "certificate-revoked"],
  [0x58, "ownership-verification-failed"],
  [0x59, "challenge-calculation-failed"],
  [0x5a, "setting-access-rights-failed"],
  [0x5b, "session-key-creation-failed"],
  [0x5c, "configuration-data-usage-failed"],
  [0x5d, "deauthentication-failed"],
  [0x70, "upload-download-not-accepted"],
  [0x71, "transfer-data-suspended"],
  [0x72, "general-programming-failure"],
  [0x73, "wrong-block-sequence-counter"],
  [RESPONSE_PENDING, "response-pending"],
  [0x7e, "sub-function-not-supported-in-active-session"],
  [0x7f, "service-not-supported-in-active-session"],
  [0x81, "rpm-too-high"],
  [0x82, "rpm-too-low"],
  [0x83, "engine-is-running"],
  [0x84, "engine-is-not-running"],
  [0x85, "engine-run-time-too-low"],
  [0x86, "temperature-too-high"],
  [0x87, "temperature-too-low"],
  [0x88, "vehicle-speed-too-high"],
  [0x89, "vehicle-speed-too-low"],
  [0x8a, "throttle-pedal-too-high"],
  [0x8b, "throttle-pedal-too-low"],
  [0x8c, "transmission-not-in-neutral"],
  [0x8d, "transmission-not-in-gear"],
  [0x8f, "brake-switches-not-closed"],
  [0x90, "shifter-lever-not-in-park"],
  [0x91, "torque-converter-clutch-locked"],
  [0x92, "voltage-too-high"],
  [0x93, "voltage-too-low"],
  [0x94, "resource-temporarily-not-available"],
]);

export type NegativeResponse = {
  /** The service that was refused. */
  readonly service: number;
  readonly code: number;
  /** Stable English name after ISO 14229-1, `maker-specific-XX` (F0–FE) or `unknown-XX`. */
  readonly name: string;
};

/** Reads `7F <service> <code>`; undefined for every other payload. Bytes after the code are padding. */
export function parseNegativeResponse(payload: Uint8Array): NegativeResponse | undefined {
  const service = payload[1];
  const code = payload[2];
  if (payload[0] !== NEGATIVE_RESPONSE || service === undefined || code === undefined) return undefined;
  return { service, code, name: nameOf(code) };
}

/** Whether the ECU is there but answers only to a tester that has unlocked it or proved who it is: a secure gateway's words. */
export function deniesAccess(code: number): boolean {
  return code === 0x33 || code === 0x34;
}

function nameOf(code: number): string {
  const hex = code.toString(16).padStart(2, "0").toUpperCase();
  return NAME_BY_CODE.get(code) ?? (code >= 0xf0 && code < 0xff ? `maker-specific-${hex}` : `unknown-${hex}`);
}
