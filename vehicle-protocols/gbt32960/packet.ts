import { type Decoded, decoded, ProtocolError, refused } from "../errors.ts";
import { ByteReader, ByteWriter, text } from "./codec.ts";

/** Which edition of GB/T 32960.3 a packet follows; its start says so (`##` or `$$`). */
export type Edition = 2016 | 2025;

/** One packet of GB/T 32960.3 (6.2). */
export type Gb32960Packet = {
  readonly edition: Edition;
  /** 01 log in, 02 real-time report, 03 late report, 04 log out, 05/06 platform in/out, 07 heartbeat, 08 time … */
  readonly command: number;
  /** FE: this is the command itself. Else the answer: 01 done, 02 refused, 03 VIN twice … */
  readonly response: number;
  /** VIN, or what a platform calls itself. */
  readonly vin: string;
  /** 01: not encrypted. */
  readonly encryption: number;
  readonly data: Uint8Array;
};

export const COMMAND = 0xfe;
export const NOT_ENCRYPTED = 0x01;
/** 2 start, command, response, 17 VIN, encryption, 2 length. */
export const HEADER_BYTES = 24;
/** The standard's longest data unit. */
export const MOST_DATA_BYTES = 65_531;

const STARTS: readonly (readonly [start: number, edition: Edition])[] = [
  [0x23, 2016],
  [0x24, 2025],
];
const VIN = text(17);

/** The edition whose start stands at this place. */
export function editionAt(bytes: Uint8Array, at: number): Edition | undefined {
  return STARTS.find(([start]) => bytes[at] === start && bytes[at + 1] === start)?.[1];
}

/**
 * Reads one whole packet.
 * @returns error `truncated` if bytes are missing or left over, `invalid-definition` if it does not begin as a packet does,
 *   `checksum-mismatch` if it was damaged. Never throws.
 */
export function decodePacket(bytes: Uint8Array): Decoded<Gb32960Packet> {
  const edition = editionAt(bytes, 0);
  if (edition === undefined) return refused("invalid-definition", "a packet begins with ## or $$");
  if (bytes.length <= HEADER_BYTES) return refused("truncated", `${bytes.length} bytes are no packet`);
  const reader = new ByteReader(bytes.subarray(2));
  const command = reader.unsigned(1);
  const response = reader.unsigned(1);
  const vin = VIN.read(reader);
  const encryption = reader.unsigned(1);
  const length = reader.unsigned(2);
  if (reader.left !== length + 1) return refused("truncated", `${length} data bytes said, ${reader.left - 1} there`);
  const data = reader.bytes(length).slice();
  if (reader.unsigned(1) !== checkByte(bytes.subarray(2, -1)))
    return refused("checksum-mismatch", "damaged on its way");
  return decoded({ edition, command, response, vin, encryption, data });
}

/**
 * Writes a packet.
 * @throws ProtocolError `invalid-argument` if something does not fit
 */
export function encodePacket({ edition, command, response, vin, encryption, data }: Gb32960Packet): Uint8Array {
  if (data.length > MOST_DATA_BYTES) throw new ProtocolError("invalid-argument", `${data.length} data bytes`);
  const body = new ByteWriter();
  for (const byte of [command, response]) body.unsigned(byte, 1);
  VIN.write(body, vin);
  body.unsigned(encryption, 1);
  body.unsigned(data.length, 2);
  body.bytes(data);
  const start = STARTS.find(([, each]) => each === edition)?.[0] ?? 0;
  return Uint8Array.from([start, start, ...body.result(), checkByte(body.result())]);
}

/** BCC: all bytes from the command to the end of the data, each on top of the other. */
function checkByte(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum ^= byte;
  return sum;
}
