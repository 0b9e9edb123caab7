import { ProtocolError } from "../errors.ts";
import { decodeDtc, encodeDtc } from "../obd/dtc.ts";
import type { DtcSeverity, DtcStatus } from "./dtc-status.ts";

/** DTCFormatIdentifier of ISO 14229-1: how the three bytes of a code are meant. */
export type DtcFormat = "j2012" | "iso-14229-1" | "j1939-73" | "iso-11992-4" | "j2012-wwh-obd" | "unknown";

const FORMATS: readonly DtcFormat[] = ["j2012", "iso-14229-1", "j1939-73", "iso-11992-4", "j2012-wwh-obd"];

/** The format that a DTCFormatIdentifier names; `unknown` for those that the standard reserves. */
export function dtcFormat(identifier: number): DtcFormat {
  return FORMATS[identifier] ?? "unknown";
}

export type UdsDtc = {
  /** Three bytes as a number: 0xC40581. */
  readonly raw: number;
  /**
   * `U0405-81`, with the failure type byte behind the dash; `SPN110-FMI0` in the format of J1939; undefined in formats that have no
   * public notation.
   */
  readonly code: string | undefined;
  /** Third byte in the formats of J2012. Its words are in `failure-types.ts`. */
  readonly failureType: number | undefined;
  readonly status?: DtcStatus;
  readonly severity?: DtcSeverity;
  /** Reports 08 and 09: the part of the ECU that the code concerns, in the maker's numbers. */
  readonly functionalUnit?: number;
};

/**
 * Three bytes as a code. `iso-14229-1` leaves their meaning to the maker, who uses the notation of J2012 all the same.
 * @returns undefined for 000000, which is padding and no code
 */
export function decodeUdsDtc(high: number, middle: number, low: number, format: DtcFormat): UdsDtc | undefined {
  const raw = high * 0x10000 + middle * 0x100 + low;
  if (raw === 0) return undefined;
  if (format === "j1939-73") {
    const spn = high + middle * 0x100 + (low >> 5) * 0x10000;
    return { raw, code: `SPN${spn}-FMI${low & 0x1f}`, failureType: undefined };
  }
  if (format === "iso-11992-4" || format === "unknown") return { raw, code: undefined, failureType: undefined };
  // A code may be P0000 with a failure type; only all three bytes zero are padding.
  const base = decodeDtc(high, middle) ?? "P0000";
  return { raw, code: `${base}-${low.toString(16).padStart(2, "0").toUpperCase()}`, failureType: low };
}

/**
 * A code such as "U0405-81" (or "P0301", for failure type 00) as three bytes.
 * @throws ProtocolError `invalid-argument` if the text is no such code
 */
export function encodeUdsDtc(code: string): number {
  const [, base, failureType = "00"] = /^([PCBU][0-3][0-9A-F]{3})(?:-([0-9A-F]{2}))?$/.exec(code) ?? [];
  if (base === undefined) throw new ProtocolError("invalid-argument", `not a trouble code: "${code.slice(0, 20)}"`);
  const [high = 0, low = 0] = encodeDtc(base);
  return high * 0x10000 + low * 0x100 + Number.parseInt(failureType, 16);
}
