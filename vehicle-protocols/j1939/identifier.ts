import { ProtocolError } from "../errors.ts";

/** SAE J1939-21: what a 29-bit identifier says. */
export type J1939Identifier = {
  /** 0 is the most urgent. */
  readonly priority: number;
  /** Parameter group number, 18 bits; with 00 in its low byte where that byte of the identifier is a destination. */
  readonly pgn: number;
  readonly source: number;
  /** 255 is everyone; of groups that name no destination (PDU2) too. */
  readonly destination: number;
};

export const GLOBAL_ADDRESS = 255;
/** Who has no address of its own (yet). */
export const NULL_ADDRESS = 254;

/** From this PDU format on the low byte belongs to the group and all are addressed (PDU2). */
const FIRST_PDU2_FORMAT = 240;

/** Takes a 29-bit identifier apart; undefined if both data page bits are set, which is ISO 15765-3 and not J1939. */
export function splitIdentifier(id: number): J1939Identifier | undefined {
  const pages = (id >>> 24) & 3;
  if (pages === 3) return undefined;
  const format = (id >>> 16) & 0xff;
  const specific = (id >>> 8) & 0xff;
  const addressed = format < FIRST_PDU2_FORMAT;
  return {
    priority: (id >>> 26) & 7,
    pgn: (pages << 16) | (format << 8) | (addressed ? 0 : specific),
    source: id & 0xff,
    destination: addressed ? specific : GLOBAL_ADDRESS,
  };
}

/**
 * The 29-bit identifier of a parameter group.
 * @throws ProtocolError `invalid-argument` for a number out of range, or a destination where the group has none
 */
export function composeIdentifier({ priority, pgn, source, destination }: J1939Identifier): number {
  const inRange = (value: number, most: number) => Number.isInteger(value) && value >= 0 && value <= most;
  const addressed = ((pgn >>> 8) & 0xff) < FIRST_PDU2_FORMAT;
  const possible =
    inRange(priority, 7) &&
    inRange(pgn, 0x2ffff) &&
    inRange(source, 255) &&
    (addressed ? inRange(destination, 255) && (pgn & 0xff) === 0 : destination === GLOBAL_ADDRESS);
  if (!possible) {
    throw new ProtocolError("invalid-argument", `no J1939 identifier: group ${pgn} from ${source} to ${destination}`);
  }
  return priority * 2 ** 26 + (pgn << 8) + (addressed ? destination << 8 : 0) + source;
}
