import type { ByteAt } from "./expression.ts";

const FRAME = 8;

/**
 * The numbering of WiCAN's expressions over an answer put together by ISO-TP: `Bn` counts the bytes of the raw frames as
 * they were on the bus, each frame's PCI bytes among them (B0 is the PCI of the first frame, B8 that of the second, and so
 * on). Padding behind the end of a message is not known any more and reads as absent.
 * @param addressByte with extended or mixed addressing, the byte that stands before the PCI in every frame
 */
export function framedBytes(payload: Uint8Array, addressByte?: number): ByteAt {
  const before = addressByte === undefined ? [] : [addressByte];
  const room = FRAME - before.length;
  const { length } = payload;
  if (length < room) return numbered(Uint8Array.from([...before, length, ...payload]));
  const inFirst = room - 2;
  const frames = 1 + Math.ceil((length - inFirst) / (room - 1));
  const bytes = new Uint8Array(frames * FRAME);
  bytes.set([...before, 0x10 | (length >> 8), length & 0xff, ...payload.subarray(0, inFirst)]);
  let end = FRAME;
  for (let frame = 1, next = inFirst; frame < frames; frame++, next += room - 1) {
    const piece = payload.subarray(next, next + room - 1);
    bytes.set([...before, 0x20 | (frame & 0x0f), ...piece], frame * FRAME);
    end = frame * FRAME + before.length + 1 + piece.length;
  }
  return numbered(bytes.subarray(0, end));
}

function numbered(bytes: Uint8Array): ByteAt {
  return (index) => bytes[index];
}
