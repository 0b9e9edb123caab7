import type { CanFrame } from "../can-frame.ts";

// A sender of its own, by the letter of SAE J1939-21, so that it cannot share a mistake with the receiver.

export type LongMessage = {
  readonly pgn: number;
  readonly source: number;
  readonly destination: number;
  readonly data: Uint8Array;
};

function frame(group: number, destination: number, source: number, data: readonly number[]): CanFrame {
  return { id: 0x1c000000 + group * 65536 + destination * 256 + source, extended: true, data: Uint8Array.from(data) };
}

const groupBytes = (pgn: number) => [pgn % 256, Math.floor(pgn / 256) % 256, Math.floor(pgn / 65536)];

function packets({ data, source, destination }: LongMessage): CanFrame[] {
  const frames: CanFrame[] = [];
  for (let at = 0; at < data.length; at += 7) {
    const content = [...data.subarray(at, at + 7)];
    while (content.length < 7) content.push(0xff);
    frames.push(frame(0xeb, destination, source, [frames.length + 1, ...content]));
  }
  return frames;
}

/** TP.CM_BAM and all its packets. */
export function broadcast(message: Omit<LongMessage, "destination">): CanFrame[] {
  const all = { ...message, destination: 255 };
  const data = packets(all);
  const { length } = message.data;
  const announcement = [32, length % 256, Math.floor(length / 256), data.length, 255, ...groupBytes(message.pgn)];
  return [frame(0xec, 255, message.source, announcement), ...data];
}

/** TP.CM_RTS. */
export function requestToSend(message: LongMessage, mostAtOnce = 255): CanFrame {
  const { length } = message.data;
  const count = Math.ceil(length / 7);
  return frame(0xec, message.destination, message.source, [
    16,
    length % 256,
    Math.floor(length / 256),
    count,
    mostAtOnce,
    ...groupBytes(message.pgn),
  ]);
}

/** TP.CM_CTS, sent by the message's receiver. */
export function clearToSend(message: LongMessage, count: number, next: number): CanFrame {
  return frame(0xec, message.source, message.destination, [17, count, next, 255, 255, ...groupBytes(message.pgn)]);
}

/** TP.CM_EndOfMsgACK, sent by the message's receiver. */
export function endOfMessage(message: LongMessage): CanFrame {
  const { length } = message.data;
  const bytes = [19, length % 256, Math.floor(length / 256), Math.ceil(length / 7), 255, ...groupBytes(message.pgn)];
  return frame(0xec, message.source, message.destination, bytes);
}

/** TP.Conn_Abort, sent by the message's sender. */
export function abort(message: LongMessage): CanFrame {
  return frame(0xec, message.destination, message.source, [255, 3, 255, 255, 255, ...groupBytes(message.pgn)]);
}

/** The packets from `from` to `to`, both counted from 1 and included. */
export function dataPackets(message: LongMessage, from = 1, to = 255): CanFrame[] {
  return packets(message).slice(from - 1, to);
}
