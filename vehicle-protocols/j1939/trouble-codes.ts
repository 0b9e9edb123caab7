import { type Decoded, decoded, refused } from "../errors.ts";

/** SAE J1939-73: what a lamp does. */
export type Lamp = {
  readonly state: "off" | "on" | "error" | "not-available";
  readonly flash: "slow" | "fast" | "steady" | "reserved";
};

export type Lamps = {
  /** Emissions. */
  readonly malfunction: Lamp;
  readonly redStop: Lamp;
  readonly amberWarning: Lamp;
  readonly protect: Lamp;
};

export type J1939TroubleCode = {
  /**
   * Suspect parameter number; undefined where the sender uses one of the three old conversions, which put the same bits in
   * other orders and do not say which. `candidates` then holds what each would mean.
   */
  readonly spn: number | undefined;
  readonly candidates: readonly number[];
  /** Failure mode identifier, 0 to 31. */
  readonly fmi: number;
  /** How often it has become active; undefined where the sender does not count (127). */
  readonly occurrences: number | undefined;
};

export type TroubleCodeList = {
  readonly lamps: Lamps;
  readonly codes: readonly J1939TroubleCode[];
  /** false: bytes are left over that are no whole code. */
  readonly complete: boolean;
};

const STATES = ["off", "on", "error", "not-available"] as const;
const FLASHES = ["slow", "fast", "reserved", "steady"] as const;
/** A list with at most one code fills a whole frame with two bytes at its end. */
const SINGLE_FRAME_BYTES = 8;

/**
 * The lamps and codes of DM1 (active), DM2 (previously active), DM6 (pending), DM12, DM23, DM27 and DM28 (permanent), which
 * share one form. "No code" is four bytes of 00 or of FF.
 * @returns refused `truncated` for fewer than 6 bytes
 */
export function decodeTroubleCodeList(data: Uint8Array): Decoded<TroubleCodeList> {
  if (data.length < 6) return refused("truncated", `a list of trouble codes of ${data.length} bytes`);
  const [states = 0, flashes = 0] = data;
  const lamp = (shift: number): Lamp => ({
    state: STATES[(states >> shift) & 3]!,
    flash: FLASHES[(flashes >> shift) & 3]!,
  });
  const codes: J1939TroubleCode[] = [];
  const single = data.length === SINGLE_FRAME_BYTES;
  const end = single ? 6 : data.length;
  let at = 2;
  for (; at + 4 <= end; at += 4) {
    const code = decodeTroubleCode(data.subarray(at, at + 4));
    if (code !== undefined) codes.push(code);
  }
  return decoded({
    lamps: { malfunction: lamp(6), redStop: lamp(4), amberWarning: lamp(2), protect: lamp(0) },
    codes,
    complete: at === end,
  });
}

/** Four bytes to a code; undefined for the two ways of saying "none". */
function decodeTroubleCode(bytes: Uint8Array): J1939TroubleCode | undefined {
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes;
  if (bytes.every((byte) => byte === 0) || bytes.every((byte) => byte === 0xff)) return undefined;
  const top = third >> 5;
  const current = first | (second << 8) | (top << 16);
  // The conversion bit: 0 is the method in force (version 4), 1 one of the three before it.
  const old = (fourth & 0x80) !== 0;
  const occurrences = fourth & 0x7f;
  return {
    spn: old ? undefined : current,
    candidates: old ? [(first << 11) | (second << 3) | top, (second << 11) | (first << 3) | top, current] : [current],
    fmi: third & 0x1f,
    occurrences: occurrences === 0x7f ? undefined : occurrences,
  };
}

export type J1939Monitor =
  | "misfire"
  | "fuel-system"
  | "components"
  | "catalyst"
  | "heated-catalyst"
  | "evaporative-system"
  | "secondary-air"
  | "air-conditioning"
  | "oxygen-sensor"
  | "oxygen-sensor-heater"
  | "egr-or-valve-timing"
  | "cold-start-aid"
  | "boost-pressure"
  | "particulate-filter"
  | "nox-catalyst"
  | "nmhc-catalyst";

export type J1939Readiness = {
  /** undefined: not available. */
  readonly activeCodes: number | undefined;
  readonly previouslyActiveCodes: number | undefined;
  /** What the vehicle was built to, in the numbering of SAE J1979 PID 1C. */
  readonly obdCompliance: number | undefined;
  /** Monitors that the vehicle has. */
  readonly monitors: readonly { readonly monitor: J1939Monitor; readonly complete: boolean }[];
};

const CONTINUOUS: readonly J1939Monitor[] = ["misfire", "fuel-system", "components"];
const ONCE_PER_TRIP: readonly J1939Monitor[] = [
  "catalyst",
  "heated-catalyst",
  "evaporative-system",
  "secondary-air",
  "air-conditioning",
  "oxygen-sensor",
  "oxygen-sensor-heater",
  "egr-or-valve-timing",
  "cold-start-aid",
  "boost-pressure",
  "particulate-filter",
  "nox-catalyst",
  "nmhc-catalyst",
];

/** DM5. @returns refused `truncated` for fewer than 8 bytes */
export function decodeReadiness(data: Uint8Array): Decoded<J1939Readiness> {
  if (data.length < 8) return refused("truncated", `a readiness message of ${data.length} bytes`);
  const [active = 0, previous = 0, compliance = 0, continuous = 0] = data;
  const supported = data[4]! | (data[5]! << 8);
  const incomplete = data[6]! | (data[7]! << 8);
  const count = (value: number) => (value > 250 ? undefined : value);
  return decoded({
    activeCodes: count(active),
    previouslyActiveCodes: count(previous),
    obdCompliance: count(compliance),
    monitors: [
      // Support in the low half, "not complete" in the high one.
      ...CONTINUOUS.map((monitor, bit) => ({
        monitor,
        has: (continuous >> bit) & 1,
        open: (continuous >> (bit + 4)) & 1,
      })),
      ...ONCE_PER_TRIP.map((monitor, bit) => ({ monitor, has: (supported >> bit) & 1, open: (incomplete >> bit) & 1 })),
    ]
      .filter(({ has }) => has === 1)
      .map(({ monitor, open }) => ({ monitor, complete: open === 0 })),
  });
}
