import type { CanFrame } from "../can-frame.ts";
import { ProtocolError } from "../errors.ts";
import { CLASSIC_DATA_LENGTH, FRAME_LENGTHS, type FrameLength } from "./pci.ts";

/**
 * One ISO-TP conversation seen from the tester: the CAN id we send on, the CAN id the ECU answers on.
 * The address bytes exist with extended addressing (target address) and mixed addressing (address extension),
 * where they stand before the PCI byte.
 */
export type IsoTpAddress = {
  readonly transmitId: number;
  readonly receiveId: number;
  /** true for 29-bit identifiers. */
  readonly extended: boolean;
  readonly transmitAddressByte?: number;
  readonly receiveAddressByte?: number;
};

/** Address of the tester in normal-fixed addressing (ISO 15765-4). */
const TESTER_ADDRESS = 0xf1;

/** ISO 15765-4: everybody listens on these ids. */
const FUNCTIONAL_ID_11_BIT = 0x7df;
const FUNCTIONAL_ID_29_BIT = 0x18db33f1;

const FIRST_RESPONSE_ID_11_BIT = 0x7e8;
const LAST_RESPONSE_ID_11_BIT = 0x7ef;

/**
 * Normal addressing with two free ids.
 * @throws ProtocolError `invalid-argument` if an id does not fit its width.
 */
export function normalAddress(transmitId: number, receiveId: number, extended = false): IsoTpAddress {
  requireId(transmitId, extended);
  requireId(receiveId, extended);
  return { transmitId, receiveId, extended };
}

/**
 * Normal fixed addressing (29-bit, physical): 18DA target source, answered on 18DA source target.
 * @throws ProtocolError `invalid-argument` if an address is not a byte.
 */
export function normalFixedAddress(ecuAddress: number, testerAddress: number = TESTER_ADDRESS): IsoTpAddress {
  requireByte(ecuAddress);
  requireByte(testerAddress);
  return {
    transmitId: 0x18da0000 + (ecuAddress << 8) + testerAddress,
    receiveId: 0x18da0000 + (testerAddress << 8) + ecuAddress,
    extended: true,
  };
}

/**
 * Extended addressing (both bytes are target addresses) and mixed addressing (both bytes are the same extension).
 * @throws ProtocolError `invalid-argument` if an id or a byte is out of range.
 */
export function addressWithByte(
  base: IsoTpAddress,
  transmitAddressByte: number,
  receiveAddressByte: number,
): IsoTpAddress {
  requireByte(transmitAddressByte);
  requireByte(receiveAddressByte);
  return { ...base, transmitAddressByte, receiveAddressByte };
}

/**
 * Mixed addressing on 29 bits (physical): 18CE target source, and the same address extension before the PCI both ways.
 * @throws ProtocolError `invalid-argument` if an address or the extension is not a byte.
 */
export function mixedFixedAddress(
  ecuAddress: number,
  addressExtension: number,
  testerAddress: number = TESTER_ADDRESS,
): IsoTpAddress {
  requireByte(ecuAddress);
  requireByte(testerAddress);
  const transmitId = 0x18ce0000 + (ecuAddress << 8) + testerAddress;
  const receiveId = 0x18ce0000 + (testerAddress << 8) + ecuAddress;
  return addressWithByte({ transmitId, receiveId, extended: true }, addressExtension, addressExtension);
}

/** The id for a request to all emission-related ECUs. */
export function functionalId(idBits: 11 | 29): number {
  return idBits === 11 ? FUNCTIONAL_ID_11_BIT : FUNCTIONAL_ID_29_BIT;
}

/**
 * The physical conversation with the ECU that answers on this id: 7E0 for 7E8, 18DAxxF1 for 18DAF1xx.
 * Flow control must go there, never to the functional id.
 * @returns undefined when the id is not one of the legislated response ids.
 */
export function physicalAddressOf(responseId: number, extended: boolean): IsoTpAddress | undefined {
  if (extended) {
    if (responseId >>> 8 !== 0x18daf1) return undefined;
    return normalFixedAddress(responseId & 0xff);
  }
  if (responseId < FIRST_RESPONSE_ID_11_BIT || responseId > LAST_RESPONSE_ID_11_BIT) return undefined;
  return normalAddress(responseId - 8, responseId);
}

/** Number of data bytes before the PCI in frames that the ECU sends. */
export function receiveOffset(address: IsoTpAddress): number {
  return address.receiveAddressByte === undefined ? 0 : 1;
}

/** Number of data bytes before the PCI in frames that we send. */
export function transmitOffset(address: IsoTpAddress): number {
  return address.transmitAddressByte === undefined ? 0 : 1;
}

/** Whether a frame belongs to the answering side of this conversation. */
export function isFromPeer(address: IsoTpAddress, frame: CanFrame): boolean {
  return (
    frame.id === address.receiveId &&
    frame.extended === address.extended &&
    (address.receiveAddressByte === undefined || frame.data[0] === address.receiveAddressByte)
  );
}

/**
 * Wraps PCI and payload bytes into a frame to the ECU. Classic frames are padded to eight bytes, as ISO 15765-4 demands,
 * CAN FD frames to the next length that exists.
 * @param frameLength TX_DL; above 8 the frame is a CAN FD frame, also when it is short
 */
export function frameToPeer(
  address: IsoTpAddress,
  pdu: readonly number[],
  paddingByte: number,
  frameLength: FrameLength = CLASSIC_DATA_LENGTH,
): CanFrame {
  const offset = transmitOffset(address);
  const length = FRAME_LENGTHS.find((candidate) => candidate >= offset + pdu.length) ?? frameLength;
  const data = new Uint8Array(length).fill(paddingByte);
  if (address.transmitAddressByte !== undefined) data[0] = address.transmitAddressByte;
  data.set(pdu, offset);
  const frame = { id: address.transmitId, extended: address.extended, data };
  return frameLength > CLASSIC_DATA_LENGTH ? { ...frame, fd: true } : frame;
}

function requireId(id: number, extended: boolean): void {
  const highest = extended ? 0x1fffffff : 0x7ff;
  if (!Number.isInteger(id) || id < 0 || id > highest) {
    throw new ProtocolError("invalid-argument", `CAN id ${id} does not fit ${extended ? 29 : 11} bits`);
  }
}

function requireByte(byte: number): void {
  if (!Number.isInteger(byte) || byte < 0 || byte > 0xff) {
    throw new ProtocolError("invalid-argument", `address ${byte} is not one byte`);
  }
}
