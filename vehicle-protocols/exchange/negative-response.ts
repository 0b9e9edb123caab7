/** Service id of a negative response (ISO 14229-1, SAE J1979): `7F <service> <code>`. */
const NEGATIVE_RESPONSE = 0x7f;

/** The ECU is busy and wants the request again later. */
export const BUSY_REPEAT_REQUEST = 0x21;

/** The ECU works on it; the answer follows within P2*. */
export const RESPONSE_PENDING = 0x78;

// Stable names of ISO 14229-1 response codes that a reading tester meets.
const NAMES = {
  16: "general-reject",
  17: "service-not-supported",
  18: "sub-function-not-supported",
  19: "incorrect-message-length-or-format",
  20: "response-too-long",
  33: "busy-repeat-request",
  34: "conditions-not-correct",
  36: "request-sequence-error",
  37: "no-response-from-subnet-component",
  38: "failure-prevents-execution",
  49: "request-out-of-range",
  51: "security-access-denied",
  52: "authentication-required",
  53: "invalid-key",
  54: "exceeded-number-of-attempts",
  55: "required-time-delay-not-expired",
  112: "upload-download-not-accepted",
  113: "transfer-data-suspended",
  114: "general-programming-failure",
  115: "wrong-block-sequence-counter",
  120: "response-pending",
  126: "sub-function-not-supported-in-active-session",
  127: "service-not-supported-in-active-session",
  129: "rpm-too-high",
  130: "rpm-too-low",
  131: "engine-is-running",
  132: "engine-is-not-running",
  133: "engine-run-time-too-low",
  134: "temperature-too-high",
  135: "temperature-too-low",
  136: "vehicle-speed-too-high",
  137: "vehicle-speed-too-low",
  138: "throttle-pedal-too-high",
  139: "throttle-pedal-too-low",
  140: "transmission-not-in-neutral",
  141: "transmission-not-in-gear",
  143: "brake-switches-not-closed",
  144: "shifter-lever-not-in-park",
  145: "torque-converter-clutch-locked",
  146: "voltage-too-high",
  147: "voltage-too-low",
} as const;

const NAME_BY_CODE: ReadonlyMap<number, string> = new Map(
  Object.entries(NAMES).map(([code, name]) => [Number(code), name]),
);

export type NegativeResponse = {
  /** The service that was refused. */
  readonly service: number;
  readonly code: number;
  /** Stable English name after ISO 14229-1, or `unknown-XX`. */
  readonly name: string;
};

/** Reads `7F <service> <code>`; undefined for every other payload. Bytes after the code are padding. */
export function parseNegativeResponse(payload: Uint8Array): NegativeResponse | undefined {
  const service = payload[1];
  const code = payload[2];
  if (payload[0] !== NEGATIVE_RESPONSE || service === undefined || code === undefined) return undefined;
  const name = NAME_BY_CODE.get(code) ?? `unknown-${code.toString(16).padStart(2, "0").toUpperCase()}`;
  return { service, code, name };
}
