import type { CanFrame } from "../can-frame.ts";
import { ProtocolError } from "../errors.ts";
import { composeIdentifier } from "./identifier.ts";

/**
 * Parameter groups that only read: the ones that may be asked for. There is deliberately no way to ask for DM3 (65228) or
 * DM11 (65235), which clear codes.
 */
export const READABLE_GROUPS = {
  /** Active trouble codes and lamps; also sent unasked every second. */
  DM1: 65226,
  /** Previously active trouble codes. */
  DM2: 65227,
  /** Freeze frames. */
  DM4: 65229,
  /** Readiness. */
  DM5: 65230,
  /** Pending emission-related codes. */
  DM6: 65231,
  /** Emission-related codes that have the lamp on. */
  DM12: 65236,
  /** Calibration identification and verification numbers. */
  DM19: 54016,
  /** Monitor performance ratios. */
  DM20: 49664,
  /** Distances and times with the lamp on and since clearing. */
  DM21: 49408,
  /** Emission-related codes that had the lamp on. */
  DM23: 64949,
  /** Parameters that freeze frames and tests support. */
  DM24: 64950,
  /** Expanded freeze frames. */
  DM25: 64951,
  /** Readiness of this trip. */
  DM26: 64952,
  /** All pending codes. */
  DM27: 64898,
  /** Permanent codes. */
  DM28: 64896,
  /** Number of codes of each kind. */
  DM29: 40448,
  VEHICLE_IDENTIFICATION: 65260,
  COMPONENT_IDENTIFICATION: 65259,
  SOFTWARE_IDENTIFICATION: 65242,
  ECU_IDENTIFICATION: 64965,
  ENGINE_HOURS: 65253,
  VEHICLE_DISTANCE: 65248,
  HIGH_RESOLUTION_VEHICLE_DISTANCE: 65217,
} as const;

export type ReadableGroup = keyof typeof READABLE_GROUPS;

/** Groups whose data is a list of trouble codes with lamps. */
export const TROUBLE_CODE_GROUPS: ReadonlySet<number> = new Set([
  READABLE_GROUPS.DM1,
  READABLE_GROUPS.DM2,
  READABLE_GROUPS.DM6,
  READABLE_GROUPS.DM12,
  READABLE_GROUPS.DM23,
  READABLE_GROUPS.DM27,
  READABLE_GROUPS.DM28,
]);

const REQUEST_PGN = 59904;
const REQUEST_PRIORITY = 6;
/** DM3 clears previously active codes, DM11 active ones. */
const CLEARING_GROUPS: ReadonlySet<number> = new Set([65228, 65235]);

export type J1939Request = {
  readonly pgn: number;
  /** The request clears trouble codes: seen from others, never sent by us. */
  readonly clears: boolean;
};

/** What a request (PGN 59904) seen on the bus asks for; undefined for any other message, or fewer than 3 bytes. */
export function readRequest(message: { readonly pgn: number; readonly data: Uint8Array }): J1939Request | undefined {
  const [low, middle, high] = message.data;
  if (message.pgn !== REQUEST_PGN || low === undefined || middle === undefined || high === undefined) return undefined;
  const pgn = low | (middle << 8) | (high << 16);
  return { pgn, clears: CLEARING_GROUPS.has(pgn) };
}

/**
 * The frame that asks one controller, or all (255), for a parameter group. `source` is our address: 249 and 250 are those of
 * service tools.
 * @throws ProtocolError `invalid-argument` for a group that is not in the list of readable ones, or an impossible address
 */
export function encodeRequest(group: ReadableGroup, destination: number, source: number): CanFrame {
  // The type says so already; what comes from configuration or a message has no type.
  if (!Object.hasOwn(READABLE_GROUPS, group)) throw new ProtocolError("invalid-argument", `not readable: ${group}`);
  const pgn = READABLE_GROUPS[group];
  return {
    id: composeIdentifier({ priority: REQUEST_PRIORITY, pgn: REQUEST_PGN, source, destination }),
    extended: true,
    data: Uint8Array.of(pgn & 0xff, (pgn >> 8) & 0xff, pgn >> 16),
  };
}
