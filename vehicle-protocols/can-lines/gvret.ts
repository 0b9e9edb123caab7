import type { CanFrame } from "../can-frame.ts";
import { toHex } from "../can-frame.ts";
import { ProtocolError } from "../errors.ts";
import {
  type CanLineParser,
  type DataRecord,
  FD_LENGTHS,
  isIdentifier,
  type UnreadableRecord,
  unreadable,
} from "./record.ts";

export type GvretBus = { readonly enabled: boolean; readonly listenOnly: boolean; readonly bitRate: number };

/** What an adapter says beside frames. */
export type GvretReply =
  /** Its clock in microseconds; starts anew after 71 minutes. */
  | { readonly kind: "time"; readonly microseconds: number }
  | { readonly kind: "keep-alive" }
  | { readonly kind: "bus-parameters"; readonly buses: readonly [GvretBus, GvretBus] }
  | { readonly kind: "device"; readonly build: number }
  | { readonly kind: "bus-count"; readonly count: number };

const START = 0xf1;
const FRAME = 0;
const TIME_SYNC = 1;
const BUS_SETUP = 5;
const BUS_PARAMETERS = 6;
const DEVICE = 7;
const KEEP_ALIVE = 9;
const BUS_COUNT = 12;
const FD_FRAME = 20;

const EXTENDED_FLAG = 0x80000000;

/** Bytes after F1 and the command, of packets that have always the same. 2, 3: inputs; 13: further buses. */
const FIXED_LENGTHS: Readonly<Record<number, number>> = {
  [TIME_SYNC]: 4,
  2: 2,
  3: 15,
  [BUS_PARAMETERS]: 10,
  [DEVICE]: 6,
  [KEEP_ALIVE]: 2,
  [BUS_COUNT]: 1,
  13: 15,
};

/** Garbage is told in pieces of at most this many bytes, so that none is cut to an excerpt. */
const MOST_GARBAGE = 60;

/**
 * What a GVRET adapter (ESP32RET, M2RET, WiCAN in "savvycan" mode) sends in binary mode. After garbage it finds the next
 * packet that can be one: the protocol has no check of its own, so identifier, length and the closing byte (0, or the XOR of
 * the packet in early firmware) must be possible.
 */
export function gvretParser(): CanLineParser<DataRecord | GvretReply | UnreadableRecord> {
  let held: number[] = [];
  let garbage: number[] = [];
  let lastMicroseconds: number | undefined;
  let wrappedMs = 0;

  const timeMs = (microseconds: number): number => {
    // Frames of two buses may come a little out of order; only a fall by more than half the range is a wrap.
    if (lastMicroseconds !== undefined && lastMicroseconds - microseconds > 2 ** 31) wrappedMs += 2 ** 32 / 1000;
    lastMicroseconds = microseconds;
    return wrappedMs + microseconds / 1000;
  };

  const flushGarbage = (items: (DataRecord | GvretReply | UnreadableRecord)[]): void => {
    if (garbage.length > 0) items.push(unreadable(undefined, toHex(Uint8Array.from(garbage))));
    garbage = [];
  };

  const push = (bytes: Uint8Array) => {
    const items: (DataRecord | GvretReply | UnreadableRecord)[] = [];
    for (const byte of bytes) {
      held.push(byte);
      // One byte may settle that what was held is no packet, and so free others behind it.
      for (let packet = readPacket(held); packet !== "incomplete"; packet = readPacket(held)) {
        if (packet === "impossible") {
          garbage.push(held.shift()!);
          if (garbage.length === MOST_GARBAGE) flushGarbage(items);
          continue;
        }
        held = held.slice(packet.length);
        flushGarbage(items);
        if (packet.item === undefined) continue;
        if (packet.item.kind !== "frame") items.push(packet.item);
        else {
          const { frame, bus, microseconds } = packet.item;
          items.push({ kind: "data", frame, bus: String(bus), timeMs: timeMs(microseconds), direction: "rx" });
        }
      }
    }
    return items;
  };

  return {
    push,
    end: () => {
      const items: (DataRecord | GvretReply | UnreadableRecord)[] = [];
      garbage.push(...held);
      held = [];
      flushGarbage(items);
      return items;
    },
  };
}

type FrameItem = {
  readonly kind: "frame";
  readonly frame: CanFrame;
  readonly bus: number;
  readonly microseconds: number;
};
type Packet = { readonly length: number; readonly item: FrameItem | GvretReply | undefined };

function readPacket(bytes: readonly number[]): Packet | "incomplete" | "impossible" {
  const [start, command] = bytes;
  if (start === undefined) return "incomplete";
  if (start !== START) return "impossible";
  if (command === undefined) return "incomplete";
  if (command === FRAME) return readFrame(bytes, false);
  if (command === FD_FRAME) return readFrame(bytes, true);
  const payload = FIXED_LENGTHS[command];
  if (payload === undefined) return "impossible";
  if (command === KEEP_ALIVE && ((bytes[2] ?? 0xde) !== 0xde || (bytes[3] ?? 0xad) !== 0xad)) return "impossible";
  if (bytes.length < 2 + payload) return "incomplete";
  return { length: 2 + payload, item: readReply(command, bytes) };
}

function readReply(command: number, bytes: readonly number[]): GvretReply | undefined {
  switch (command) {
    case TIME_SYNC:
      return { kind: "time", microseconds: word(bytes, 2) };
    case BUS_PARAMETERS:
      return { kind: "bus-parameters", buses: [readBus(bytes, 2), readBus(bytes, 7)] };
    case DEVICE:
      return { kind: "device", build: bytes[2]! + 256 * bytes[3]! };
    case KEEP_ALIVE:
      return { kind: "keep-alive" };
    case BUS_COUNT:
      return { kind: "bus-count", count: bytes[2]! };
    default:
      return undefined;
  }
}

function readBus(bytes: readonly number[], at: number): GvretBus {
  const flags = bytes[at]!;
  return { enabled: (flags & 0x01) !== 0, listenOnly: (flags & 0x10) !== 0, bitRate: word(bytes, at + 1) };
}

/** `F1 00 <µs> <id> <bus, length> <data> <check>`, or `F1 14 <µs> <id> <length> <bus> <data> <check>`. */
function readFrame(bytes: readonly number[], fd: boolean): Packet | "incomplete" | "impossible" {
  if (bytes.length < 10) return "incomplete";
  const written = word(bytes, 6);
  const id = written >= EXTENDED_FLAG ? written - EXTENDED_FLAG : written;
  // Some firmware forgets the flag on CAN FD frames; more than 11 bits can only be extended.
  const extended = written >= EXTENDED_FLAG || id > 0x7ff;
  if (!isIdentifier(id, extended)) return "impossible";
  const [sizes, busOfFd] = [bytes[10], bytes[11]];
  if (sizes === undefined) return "incomplete";
  const length = fd ? sizes : sizes & 0x0f;
  if (fd ? !FD_LENGTHS.includes(length) : length > 8) return "impossible";
  const from = fd ? 12 : 11;
  const end = from + length;
  if (bytes.length <= end) return "incomplete";
  const check = bytes.slice(0, end).reduce((sum, byte) => sum ^ byte, 0);
  if (bytes[end] !== 0 && bytes[end] !== check) return "impossible";
  const data = Uint8Array.from(bytes.slice(from, end));
  const frame: CanFrame = fd ? { id, extended, data, fd } : { id, extended, data };
  return {
    length: end + 1,
    item: { kind: "frame", frame, bus: fd ? busOfFd! : sizes >> 4, microseconds: word(bytes, 2) },
  };
}

function word(bytes: readonly number[], at: number): number {
  return bytes[at]! + 256 * bytes[at + 1]! + 65536 * bytes[at + 2]! + 16777216 * bytes[at + 3]!;
}

export type GvretRequest = "binary-mode" | "time" | "bus-parameters" | "device" | "keep-alive" | "bus-count";

const REQUESTS: Readonly<Record<GvretRequest, readonly number[]>> = {
  "binary-mode": [0xe7, 0xe7],
  time: [START, TIME_SYNC],
  "bus-parameters": [START, BUS_PARAMETERS],
  device: [START, DEVICE],
  "keep-alive": [START, KEEP_ALIVE],
  "bus-count": [START, BUS_COUNT],
};

/** A question to the adapter itself; none of them puts a frame on the bus. */
export function encodeGvretRequest(request: GvretRequest): Uint8Array {
  return Uint8Array.from(REQUESTS[request]);
}

/**
 * Switches both buses. Old firmware takes the bit rate only, and acknowledges on the bus whatever is asked.
 * @throws ProtocolError `invalid-argument` for a bit rate above 1 Mbit/s
 */
export function encodeGvretBusSetup(buses: readonly [GvretBus, GvretBus]): Uint8Array {
  const bytes = Uint8Array.of(START, BUS_SETUP, 0, 0, 0, 0, 0, 0, 0, 0);
  const view = new DataView(bytes.buffer);
  buses.forEach(({ enabled, listenOnly, bitRate }, n) => {
    if (!Number.isInteger(bitRate) || bitRate < 0 || bitRate > 1_000_000) {
      throw new ProtocolError("invalid-argument", `no bit rate of GVRET: ${bitRate}`);
    }
    const flags = 0x80000000 + (enabled ? 0x40000000 : 0) + (listenOnly ? 0x20000000 : 0);
    view.setUint32(2 + 4 * n, flags + bitRate, true);
  });
  return bytes;
}

/**
 * The command that sends a frame.
 * @throws ProtocolError `invalid-argument` for an identifier or a length that CAN does not have
 */
export function encodeGvretFrame({ id, extended, data, fd = false }: CanFrame, bus: number): Uint8Array {
  if (!isIdentifier(id, extended) || !FD_LENGTHS.includes(data.length) || (!fd && data.length > 8)) {
    throw new ProtocolError("invalid-argument", `no CAN frame: ${id} with ${data.length} bytes`);
  }
  const bytes = new Uint8Array(9 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, START);
  view.setUint8(1, fd ? FD_FRAME : FRAME);
  view.setUint32(2, extended ? EXTENDED_FLAG + id : id, true);
  view.setUint8(6, bus);
  view.setUint8(7, data.length);
  bytes.set(data, 8);
  return bytes;
}
