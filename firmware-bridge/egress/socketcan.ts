import type { CanFrame } from "../../vehicle-protocols/index.ts";
import type { Approvals } from "./approvals.ts";
import type { LineGuard } from "./guards.ts";
import { EgressRefusal } from "./refusal.ts";

// linux/can.h: struct can_frame (16 bytes) and canfd_frame (72): id with flags, length, flags, two unused bytes, data.
const CLASSIC_SIZE = 16;
const FD_SIZE = 72;
const HEADER_SIZE = 8;
const FLAG_EXTENDED = 0x8000_0000;
const FLAG_REMOTE = 0x4000_0000;
const FLAG_ERROR = 0x2000_0000;
const FD_LENGTHS: ReadonlySet<number> = new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64]);

/** SocketCAN: each write is one frame as the kernel takes it, and belongs to the approved question. */
export function guardSocketCan(approvals: Approvals): LineGuard {
  return { check: (bytes) => void approvals.passFrame(kernelFrameOf(bytes)) };
}

/**
 * The data frame that these bytes are to the kernel.
 * @throws EgressRefusal `frame` for everything else
 */
export function kernelFrameOf(bytes: Uint8Array): CanFrame {
  const fd = bytes.length === FD_SIZE;
  if (!fd && bytes.length !== CLASSIC_SIZE)
    throw new EgressRefusal("frame", `${bytes.length} bytes are no frame of the kernel`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = view.getUint32(0, true);
  const length = view.getUint8(4);
  const extended = word >= FLAG_EXTENDED;
  const id = word & 0x1fff_ffff;
  if ((word & (FLAG_REMOTE | FLAG_ERROR)) !== 0 || (!extended && id > 0x7ff))
    throw new EgressRefusal("frame", `${word.toString(16)} is no identifier of a data frame`);
  if (!(fd ? FD_LENGTHS.has(length) : length <= 8) || bytes.subarray(HEADER_SIZE + length).some((byte) => byte !== 0))
    throw new EgressRefusal("frame", `a frame of ${length} bytes cannot be sent as it is meant`);
  const data = bytes.slice(HEADER_SIZE, HEADER_SIZE + length);
  return fd ? { id, extended, data, fd } : { id, extended, data };
}

/** What the package heard, as the kernel had it. CAN FD is known by its length only, since the package does not tell. */
export function kernelBytesOf(message: {
  readonly id: number;
  readonly ext?: boolean;
  readonly rtr?: boolean;
  readonly err?: boolean;
  readonly data: Uint8Array;
}): Uint8Array {
  const length = Math.min(message.data.length, FD_SIZE - HEADER_SIZE);
  const bytes = new Uint8Array(length > CLASSIC_SIZE - HEADER_SIZE ? FD_SIZE : CLASSIC_SIZE);
  const flags =
    (message.ext === true ? FLAG_EXTENDED : 0) +
    (message.rtr === true ? FLAG_REMOTE : 0) +
    (message.err === true ? FLAG_ERROR : 0);
  new DataView(bytes.buffer).setUint32(0, flags + (message.id & 0x1fff_ffff), true);
  bytes[4] = length;
  bytes.set(message.data.subarray(0, length), HEADER_SIZE);
  return bytes;
}
