import type { CanFrame } from "../../vehicle-protocols/index.ts";

// linux/can.h: id with three flags, length, flags, two unused bytes, data; in the order of bytes of x64 and arm64.
const HEADER_SIZE = 8;
const CLASSIC_DATA = 8;
const FD_DATA = 64;
const FLAG_EXTENDED = 0x80;
const FLAG_REMOTE = 0x40;
const FLAG_ERROR = 0x20;
const FLAG_BIT_RATE_SWITCH = 0x01;

/** What the kernel passes on: data, a request for a frame, or what the controller says of the bus. */
export type Heard =
  | { readonly kind: "data"; readonly frame: CanFrame }
  | { readonly kind: "remote" }
  /** `classes`: bits of linux/can/error.h. */
  | { readonly kind: "error"; readonly classes: number };

/** The controller has left the bus after too many errors, and has come back (linux/can/error.h). */
export const ERROR_BUS_OFF = 0x40;
export const ERROR_RESTARTED = 0x100;

/** Whether these bytes are a data frame, which nobody needs to read when nobody listens. */
export function isDataFrame(bytes: Uint8Array): boolean {
  return bytes.length > HEADER_SIZE && ((bytes[3] ?? 0) & (FLAG_REMOTE | FLAG_ERROR)) === 0;
}

/** One frame of the kernel; undefined where the bytes are none. */
export function readKernelFrame(bytes: Uint8Array): Heard | undefined {
  const room = bytes.length - HEADER_SIZE;
  const length = bytes[4] ?? 0;
  if ((room !== CLASSIC_DATA && room !== FD_DATA) || length > room) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const id = view.getUint32(0, true) & 0x1fffffff;
  const flags = view.getUint8(3);
  if ((flags & FLAG_ERROR) !== 0) return { kind: "error", classes: id };
  if ((flags & FLAG_REMOTE) !== 0) return { kind: "remote" };
  const frame = { id, extended: (flags & FLAG_EXTENDED) !== 0, data: bytes.slice(HEADER_SIZE, HEADER_SIZE + length) };
  return { kind: "data", frame: room === FD_DATA ? { ...frame, fd: true } : frame };
}

/**
 * A frame as the kernel takes it; data of CAN FD with its faster bit rate, as cars use it.
 * @throws RangeError for more than 8 bytes, or 64 with CAN FD
 */
export function writeKernelFrame({ id, extended, data, fd = false }: CanFrame): Uint8Array {
  const bytes = new Uint8Array(HEADER_SIZE + (fd ? FD_DATA : CLASSIC_DATA));
  new DataView(bytes.buffer).setUint32(0, id, true);
  if (extended) bytes[3] = (id >>> 24) | FLAG_EXTENDED;
  bytes[4] = data.length;
  if (fd) bytes[5] = FLAG_BIT_RATE_SWITCH;
  bytes.set(data, HEADER_SIZE);
  return bytes;
}
