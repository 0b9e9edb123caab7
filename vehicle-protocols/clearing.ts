import { ProtocolError } from "./errors.ts";

/**
 * Clearing codes is the one thing here that changes a car, so it stands alone: `index.ts` does not export it, and a test shows who imports this
 * file. Whoever does needs the authority of a technician for each request.
 */
export type ClearRequest =
  /** SAE J1979 service 04: all emission-related codes, freeze frames and monitor results. */
  | { readonly kind: "emissions" }
  /** ISO 14229-1 service 14: a group of codes by its three bytes; all codes where absent. */
  | { readonly kind: "group"; readonly group?: number };

/** GroupOfDTC of ISO 14229-1: every code that the ECU has. */
const ALL_GROUPS = 0xffffff;

/**
 * The bytes of a request that clears codes.
 * @throws ProtocolError `invalid-argument` if the group is not three bytes
 */
export function encodeClearRequest(request: ClearRequest): Uint8Array {
  if (request.kind === "emissions") return Uint8Array.of(0x04);
  const group = request.group ?? ALL_GROUPS;
  if (!Number.isInteger(group) || group < 0 || group > ALL_GROUPS) {
    throw new ProtocolError("invalid-argument", `${group} is no group of codes`);
  }
  return Uint8Array.of(0x14, group >> 16, (group >> 8) & 0xff, group & 0xff);
}
