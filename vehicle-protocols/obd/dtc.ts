import { ProtocolError } from "../errors.ts";

const SYSTEMS = "PCBU";

/**
 * Two bytes of SAE J2012 to a code such as "P0301": bits 15–14 system, 13–12 first digit, then three hex digits.
 * @returns undefined for 0000, which is padding and no code.
 */
export function decodeDtc(high: number, low: number): string | undefined {
  if (high === 0 && low === 0) return undefined;
  const system = SYSTEMS.charAt((high >> 6) & 0x03);
  const digits = (((high & 0x3f) << 8) | (low & 0xff)).toString(16).toUpperCase().padStart(4, "0");
  return system + digits;
}

/**
 * A code such as "P0301" to its two bytes.
 * @throws ProtocolError `invalid-argument` if the text is no J2012 code (letter P, C, B or U, digit 0–3, three hex digits).
 */
export function encodeDtc(code: string): Uint8Array {
  if (!/^[PCBU][0-3][0-9A-F]{3}$/.test(code)) {
    throw new ProtocolError("invalid-argument", `not a trouble code: "${code.slice(0, 20)}"`);
  }
  const value = (SYSTEMS.indexOf(code.charAt(0)) << 14) | Number.parseInt(code.slice(1), 16);
  return Uint8Array.of(value >> 8, value & 0xff);
}

/** Pairs of bytes to codes, padding dropped; an odd byte at the end is left over. */
export function decodeDtcPairs(bytes: Uint8Array): string[] {
  const codes: string[] = [];
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    const code = decodeDtc(bytes[i]!, bytes[i + 1]!);
    if (code !== undefined) codes.push(code);
  }
  return codes;
}
