import { type Decoded, decoded, refused } from "../errors.ts";

/** A trouble code taken apart. `code` is its two-byte part, in capitals. */
export type ParsedDtc =
  | {
      readonly kind: "j2012";
      /** Without the failure type byte, e.g. "P0420". */
      readonly code: string;
      /** Failure type byte of the three-byte form ("U0405-81"), SAE J2012; absent in the two-byte form. */
      readonly failureType?: number;
    }
  | { readonly kind: "j1939"; readonly code: string; readonly spn: number; readonly fmi: number };

const J2012 = /^([PCBU][0-3][0-9A-F]{3})(?:[-: ]?([0-9A-F]{2}))?$/;
const J1939 = /^SPN ?([0-9]{1,6})[- ]?FMI ?([0-9]{1,2})$/;
const LONGEST = 40;
/** SAE J1939-73: nineteen bits of SPN, five of FMI. */
const LAST_SPN = 0x7ffff;
const LAST_FMI = 31;

/**
 * Reads a code as people and scan tools write it: "P0420", "p0420", "U0405-81", "P0301:00", "SPN110-FMI0".
 * @returns refused with `invalid-argument` for anything else
 */
export function parseDtcCode(text: string): Decoded<ParsedDtc> {
  const written = text.length > LONGEST ? "" : text.trim().toUpperCase();
  const [, code, failureType] = J2012.exec(written) ?? [];
  if (code !== undefined) {
    const parsed = { kind: "j2012", code } as const;
    return decoded(failureType === undefined ? parsed : { ...parsed, failureType: Number.parseInt(failureType, 16) });
  }
  const [, spnText, fmiText] = J1939.exec(written) ?? [];
  const [spn, fmi] = [Number(spnText), Number(fmiText)];
  if (spn <= LAST_SPN && fmi <= LAST_FMI) return decoded({ kind: "j1939", code: `SPN${spn}-FMI${fmi}`, spn, fmi });
  return refused("invalid-argument", `not a trouble code: "${text.slice(0, LONGEST)}"`);
}
