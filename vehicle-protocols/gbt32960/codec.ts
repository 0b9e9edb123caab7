import { ProtocolError } from "../errors.ts";

/** A sender's own word that it has no value: a fault (all ones less one on the wire), or nothing to say (all ones). */
export type Unavailable = "abnormal" | "invalid";

export type Reading = number | Unavailable;

/** Reads bytes from front to back, most significant first. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** @throws ProtocolError `truncated` */
  bytes(count: number): Uint8Array {
    const start = this.#take(count);
    return this.#bytes.subarray(start, this.#at);
  }

  /** An unsigned whole number. @throws ProtocolError `truncated` */
  unsigned(count: number): number {
    let value = 0;
    for (let place = this.#take(count); place < this.#at; place++) value = value * 256 + (this.#bytes[place] ?? 0);
    return value;
  }

  #take(count: number): number {
    if (count > this.left) throw new ProtocolError("truncated", `${count} bytes expected, ${this.left} left`);
    const start = this.#at;
    this.#at += count;
    return start;
  }
}

/** Writes what `ByteReader` reads. */
export class ByteWriter {
  readonly #bytes: number[] = [];

  bytes(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#bytes.push(byte);
  }

  unsigned(value: number, count: number): void {
    for (let place = count - 1; place >= 0; place--) this.#bytes.push(Math.floor(value / 256 ** place) % 256);
  }

  result(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** How one piece of data is read and written; writing what was read gives the same bytes. */
export type Codec<T, Written = T> = {
  /** @throws ProtocolError `truncated` */
  readonly read: (reader: ByteReader) => T;
  /** @throws ProtocolError `invalid-argument` on a value that the wire cannot carry */
  readonly write: (writer: ByteWriter, value: Written) => void;
};

/** A codec whose value is not known here; every `Codec<T>` is one. */
export type AnyCodec = Codec<unknown, never>;

export type ValueOf<C> = C extends Codec<infer T, never> ? T : never;

/**
 * A number of one, two or four bytes: value = (raw − zero) ÷ divisor. The two highest raw values are `abnormal` and
 * `invalid`. Values outside the standard's range are kept as they came.
 */
export function number(bytes: 1 | 2 | 4, divisor = 1, zero = 0): Codec<Reading> {
  const highest = 256 ** bytes - 1;
  return {
    read: (reader) => {
      const raw = reader.unsigned(bytes);
      if (raw === highest) return "invalid";
      return raw === highest - 1 ? "abnormal" : (raw - zero) / divisor;
    },
    write: (writer, value) => {
      if (typeof value === "string") {
        writer.unsigned(value === "invalid" ? highest : highest - 1, bytes);
        return;
      }
      const raw = Math.round(value * divisor + zero);
      if (!(raw >= 0 && raw < highest - 1))
        throw new ProtocolError("invalid-argument", `${value} does not fit ${bytes} bytes`);
      writer.unsigned(raw, bytes);
    },
  };
}

/** A number without words for "no value". */
export function whole(bytes: 1 | 2 | 4): Codec<number> {
  return {
    read: (reader) => reader.unsigned(bytes),
    write: (writer, value) => {
      if (!Number.isInteger(value) || value < 0 || value >= 256 ** bytes)
        throw new ProtocolError("invalid-argument", `${value} does not fit ${bytes} bytes`);
      writer.unsigned(value, bytes);
    },
  };
}

/** A byte that stands for a word. One that stands for none is kept as its number. */
export function word<const Words extends Readonly<Record<number, string>>>(
  words: Words,
): Codec<Words[keyof Words] | Unavailable | number> {
  const byWord = new Map(Object.entries(words).map(([raw, text]) => [text, Number(raw)]));
  return {
    read: (reader) => {
      const raw = reader.unsigned(1);
      if (raw === 0xff) return "invalid";
      if (raw === 0xfe) return "abnormal";
      const text: Words[keyof Words] | undefined = words[raw as keyof Words];
      return text ?? raw;
    },
    write: (writer, value) => {
      const raw = typeof value === "number" ? value : { abnormal: 0xfe, invalid: 0xff }[value as Unavailable];
      const byte = raw ?? byWord.get(String(value));
      if (byte === undefined) throw new ProtocolError("invalid-argument", `"${String(value)}" is no word here`);
      whole(1).write(writer, byte);
    },
  };
}

/** Several pieces behind each other, by name. */
export function struct<const Fields extends Readonly<Record<string, AnyCodec>>>(
  fields: Fields,
): Codec<{ readonly [Name in keyof Fields]: ValueOf<Fields[Name]> }> {
  type Values = { readonly [Name in keyof Fields]: ValueOf<Fields[Name]> };
  const entries = Object.entries(fields);
  return {
    read: (reader) => {
      const values: Record<string, unknown> = {};
      for (const [name, codec] of entries) values[name] = codec.read(reader);
      // Each codec makes the value of its own name; the mapped type says no more than that.
      return values as Values;
    },
    write: (writer, values) => {
      for (const [name, codec] of entries) codec.write(writer, values[name] as never);
    },
  };
}

/** A count and so many items. A count of `abnormal` or `invalid` has none. */
export function counted<T>(countBytes: 1 | 2, item: Codec<T>): Codec<readonly T[] | Unavailable> {
  const count = number(countBytes);
  return {
    read: (reader) => {
      const length = count.read(reader);
      if (typeof length === "string") return length;
      // Every item has at least a byte: a count beyond the data must not make a long list first.
      if (length > reader.left) throw new ProtocolError("truncated", `${length} items expected`);
      return Array.from({ length }, () => item.read(reader));
    },
    write: (writer, items) => {
      count.write(writer, typeof items === "string" ? items : items.length);
      if (typeof items !== "string") for (const each of items) item.write(writer, each);
    },
  };
}

/** Text of a fixed length in ASCII, filled with zeros behind; bytes above 7F are kept one for one. */
export function text(bytes: number): Codec<string> {
  return {
    read: (reader) => String.fromCharCode(...reader.bytes(bytes)).replace(/\0+$/, ""),
    write: (writer, value) => {
      const codes = [...value].map((character) => character.codePointAt(0) ?? 0);
      if (codes.length > bytes || codes.some((code) => code > 0xff))
        throw new ProtocolError("invalid-argument", `"${value}" does not fit ${bytes} bytes`);
      writer.bytes([...codes, ...new Array<number>(bytes - codes.length).fill(0)]);
    },
  };
}

/** A length of two bytes and so many bytes. */
export const blob: Codec<Uint8Array> = {
  read: (reader) => reader.bytes(reader.unsigned(2)).slice(),
  write: (writer, value) => {
    whole(2).write(writer, value.length);
    writer.bytes(value);
  },
};
