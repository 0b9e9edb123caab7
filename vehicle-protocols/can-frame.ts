import { ProtocolError } from "./errors.ts";

/** One CAN data frame. `data` is already cut to the DLC; `extended` means a 29-bit identifier. */
export type CanFrame = {
  readonly id: number;
  readonly extended: boolean;
  readonly data: Uint8Array;
  /** A CAN FD frame, which may carry up to 64 bytes. Absent means classic CAN. */
  readonly fd?: boolean;
};

/** Upper-case hex without separators; the form in which diagnostics people read payloads. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0").toUpperCase();
  return text;
}

/**
 * Bytes from hex text; blanks between bytes are allowed.
 * @throws ProtocolError `invalid-argument` on an odd number of digits or a character that is not hex.
 */
export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) {
    throw new ProtocolError("invalid-argument", `not a string of hex bytes: "${text.slice(0, 40)}"`);
  }
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
