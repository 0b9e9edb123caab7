/** One field of a protobuf message: a number (varint, fixed) or a range of bytes. */
export type ProtobufField =
  | { readonly number: number; readonly kind: "bytes"; readonly bytes: Buffer }
  | { readonly number: number; readonly kind: "number"; readonly value: number };

/**
 * Walks the fields of one protobuf message (wire format of developers.google.com/protocol-buffers) without copying. Groups are refused: nothing
 * we read has them.
 * @throws RangeError when the bytes are not a whole message
 */
export function* protobufFields(message: Buffer): Generator<ProtobufField> {
  let at = 0;
  while (at < message.length) {
    const tag = varint(message, at);
    at = tag.end;
    const number = Math.floor(tag.value / 8);
    const wire = tag.value % 8;
    if (number === 0) throw new RangeError("field number 0");
    if (wire === 0) {
      const { value, end } = varint(message, at);
      yield { number, kind: "number", value };
      at = end;
    } else if (wire === 2) {
      const { value: length, end } = varint(message, at);
      if (end + length > message.length) throw new RangeError("a field ends beyond its message");
      yield { number, kind: "bytes", bytes: message.subarray(end, end + length) };
      at = end + length;
    } else if (wire === 5 || wire === 1) {
      const size = wire === 5 ? 4 : 8;
      if (at + size > message.length) throw new RangeError("a field ends beyond its message");
      yield {
        number,
        kind: "number",
        value: wire === 5 ? message.readUInt32LE(at) : Number(message.readBigUInt64LE(at)),
      };
      at += size;
    } else {
      throw new RangeError(`wire type ${wire}`);
    }
  }
}

/** Values beyond 2^53 (negative numbers as unsigned) lose their low bits; sizes and field numbers never get there. */
function varint(bytes: Buffer, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  let factor = 1;
  for (let at = from; at < from + 10; at++) {
    const byte = bytes[at];
    if (byte === undefined) throw new RangeError("a number is cut off");
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value, end: at + 1 };
    factor *= 128;
  }
  throw new RangeError("a number longer than 64 bits");
}
