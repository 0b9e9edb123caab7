import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DbcDatabase } from "./database.ts";
import { MessageDecoder } from "./decoder.ts";
import { parsed, problemsOf, valuesOf, withSignals } from "./file.fixture.ts";
import { layoutOf } from "./layout.ts";

type Layout = { startBit: number; bitLength: number; byteOrder: "intel" | "motorola" };

/** The raw value by the letter of the definition: one bit after the other, as text. */
function bitByBit({ startBit, bitLength, byteOrder }: Layout, signed: boolean, data: Uint8Array): bigint {
  let bits = "";
  let position = startBit;
  for (let n = 0; n < bitLength; n++) {
    const bit = String((data[Math.floor(position / 8)]! >> (position % 8)) & 1);
    if (byteOrder === "intel") {
      bits = bit + bits;
      position += 1;
    } else {
      bits += bit;
      position = position % 8 === 0 ? position + 15 : position - 1;
    }
  }
  const value = BigInt(`0b${bits}`);
  return signed && bits[0] === "1" ? value - (1n << BigInt(bitLength)) : value;
}

const layouts = fc
  .record({
    startBit: fc.integer({ min: 0, max: 511 }),
    bitLength: fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 65, max: 512 })),
    byteOrder: fc.constantFrom<"intel" | "motorola">("intel", "motorola"),
    signed: fc.boolean(),
    data: fc.uint8Array({ minLength: 64, maxLength: 64 }),
  })
  .filter((layout) => layoutOf(layout).bytesNeeded <= 64);

const line = ({ startBit, bitLength, byteOrder, signed }: Layout & { signed: boolean }, scale = "(1,0)") =>
  `S : ${startBit}|${bitLength}@${byteOrder === "intel" ? 1 : 0}${signed ? "-" : "+"} ${scale} [0|0] "" X`;

describe("raw values", () => {
  test("of every place, length, byte order and sign are those that the definition gives, digit by digit", () => {
    fc.assert(
      fc.property(layouts, (layout) => {
        const { data, signed } = layout;
        const message = withSignals([line(layout)], { length: 64 }).messages[0]!;
        const decoder = new MessageDecoder(message);
        const expected = bitByBit(layout, signed, data);
        const reading = decoder.decode(data).signals[0]!;
        expect(BigInt(reading.raw)).toBe(expected);
        expect(BigInt(reading.value)).toBe(expected);
        expect(typeof reading.value).toBe(Number.isSafeInteger(Number(expected)) ? "number" : "bigint");
        const slots = new Float64Array(1);
        expect(decoder.decodeInto(data, slots)).toBe(1);
        expect(slots[0]).toBe(Number(expected));
      }),
      { numRuns: 3000 },
    );
  });

  test("of floating-point signals are IEEE 754 numbers of their length, wherever they stand", () => {
    const values = [0, 1, -1.5, Math.fround(Math.PI), 65504, Number.POSITIVE_INFINITY, 2 ** -24];
    fc.assert(
      fc.property(
        fc.constantFrom(...values),
        fc.constantFrom<16 | 32 | 64>(16, 32, 64),
        fc.integer({ min: 0, max: 100 }),
        fc.constantFrom<"intel" | "motorola">("intel", "motorola"),
        (given, bitLength, at, byteOrder) => {
          const value = bitLength === 16 && given === Math.fround(Math.PI) ? 3.140625 : given;
          const bits = ieee(value, bitLength);
          // A Motorola start bit counts down within its byte.
          const startBit = byteOrder === "intel" ? at : (at & ~7) + 7 - (at & 7);
          const data = place(bits, bitLength, at, byteOrder);
          const file = withSignals(
            [`F : ${startBit}|${bitLength}@${byteOrder === "intel" ? 1 : 0}- (1,0) [0|0] "" X`],
            {
              length: 64,
              more: `SIG_VALTYPE_ 100 F : ${bitLength === 64 ? 2 : 1};`,
            },
          );
          expect(valuesOf(file, [...data])).toEqual({ F: value });
        },
      ),
    );
  });

  function ieee(value: number, bitLength: number): bigint {
    const view = new DataView(new ArrayBuffer(8));
    if (bitLength === 64) view.setFloat64(0, value);
    else if (bitLength === 32) view.setFloat32(4, value);
    else {
      const halves = new Map([
        [0, 0],
        [1, 0x3c00],
        [-1.5, 0xbe00],
        [3.140625, 0x4248],
        [65504, 0x7bff],
        [Number.POSITIVE_INFINITY, 0x7c00],
        [2 ** -24, 1],
      ]);
      view.setUint16(6, halves.get(value)!);
    }
    return view.getBigUint64(0);
  }

  function place(bits: bigint, bitLength: number, at: number, byteOrder: "intel" | "motorola"): Uint8Array {
    const data = new Uint8Array(64);
    for (let n = 0; n < bitLength; n++) {
      const bit = Number((bits >> BigInt(byteOrder === "intel" ? n : bitLength - 1 - n)) & 1n);
      const position = at + n;
      const inByte = byteOrder === "intel" ? position % 8 : 7 - (position % 8);
      data[position >> 3]! |= bit << inByte;
    }
    return data;
  }
});

describe("scaled values", () => {
  test("are raw × factor + offset, and the limits change nothing", () => {
    const file = withSignals(['T : 0|8@1+ (0.5,-40) [0|1] "degC" X', 'P : 15|16@0- (-0.125,1E+3) [0|1] "bar" X']);
    expect(valuesOf(file, [255, 0xff, 0xf8, 0, 0, 0, 0, 0])).toEqual({ T: 87.5, P: 1001 });
  });

  test("keep every digit of whole numbers beyond 2^53", () => {
    const file = withSignals([
      'U : 0|64@1+ (1,0) [0|0] "" X',
      'I : 7|64@0- (3,-1) [0|0] "" X',
      'R : 0|64@1+ (0.5,0) [0|0] "" X',
    ]);
    expect(valuesOf(file, [255, 255, 255, 255, 255, 255, 255, 255])).toEqual({
      U: 18446744073709551615n,
      I: -4,
      R: 2 ** 63,
    });
    expect(valuesOf(file, [0x7f, 255, 255, 255, 255, 255, 255, 255]).I).toBe(27670116110564327420n);
    expect(valuesOf(withSignals(['S : 0|32@1+ (4294967296,1) [0|0] "" X']), [255, 255, 255, 255]).S).toBe(
      18446744069414584321n,
    );
  });
});

describe("frames and messages", () => {
  const file = parsed(
    [
      "BO_ 100 M: 4 A",
      ' SG_ A : 0|8@1+ (1,0) [0|0] "" X',
      ' SG_ B : 15|12@0+ (1,0) [0|0] "" X',
      ' SG_ C : 24|8@1+ (1,0) [0|0] "" X',
      ' SG_ D : 32|8@1+ (1,0) [0|0] "" X',
      'VAL_ 100 A 2 "two" 255 "none" ;',
    ].join("\n"),
  );
  const decoder = new MessageDecoder(file.messages[0]!);

  test("a signal that the frame is too short for is absent and named, not zero", () => {
    const reading = decoder.decode(Uint8Array.of(1, 0xab, 0xc0));
    expect(reading.signals.map(({ signal, value }) => [signal.name, value])).toEqual([
      ["A", 1],
      ["B", 0xabc],
    ]);
    expect(reading.absent.map(({ name }) => name)).toEqual(["C", "D"]);
    const slots = new Float64Array(4);
    expect(decoder.decodeInto(Uint8Array.of(1, 0xab), slots)).toBe(1);
    expect([...slots]).toEqual([1, Number.NaN, Number.NaN, Number.NaN]);
    expect(decoder.decode(new Uint8Array()).signals).toEqual([]);
  });

  test("a signal beyond the message's length is told, and read where a frame reaches that far", () => {
    expect(problemsOf(file)).toEqual([["signal-outside-data", 5]]);
    expect(valuesOf(file, [0, 0, 0, 0, 9])).toMatchObject({ D: 9 });
  });

  test("words stand beside the number of their raw value", () => {
    expect(decoder.decode(Uint8Array.of(2)).signals[0]).toMatchObject({ value: 2, word: "two" });
    expect(decoder.decode(Uint8Array.of(3)).signals[0]).toMatchObject({ value: 3, word: undefined });
  });

  test("standard and extended identifiers are different ones, and an unknown one is unknown", () => {
    const database = new DbcDatabase([file]);
    expect(database.find(100, true)).toBeUndefined();
    expect(database.find(101, false)).toBeUndefined();
    expect(database.messageCount).toBe(1);
  });

  test("a later file replaces what an earlier one says of an identifier", () => {
    const other = withSignals(['Z : 0|8@1+ (1,0) [0|0] "" X']);
    expect(new DbcDatabase([file, other]).find(100, false)?.message.name).toBe("Message");
    expect(new DbcDatabase([other, file]).find(100, false)?.message.name).toBe("M");
  });

  test("CAN FD and transported messages are as long as they say", () => {
    const long = withSignals(['L : 511|8@0+ (1,0) [0|0] "" X', 'M : 14000|16@1+ (1,0) [0|0] "" X'], { length: 1785 });
    const data = new Array<number>(1785).fill(0);
    data[63] = 7;
    data[1750] = 1;
    data[1751] = 2;
    expect(valuesOf(long, data)).toEqual({ L: 7, M: 0x0201 });
    expect(valuesOf(long, data.slice(0, 64))).toEqual({ L: 7 });
  });
});

describe("J1939", () => {
  const text = [
    `BO_ ${0x8cf004fe} EEC1: 8 Vector__XXX`,
    ' SG_ Speed : 24|16@1+ (0.125,0) [0|0] "rpm" X',
    `BO_ ${0x8cf0040b} EEC1_Brakes: 8 Vector__XXX`,
    ' SG_ Other : 24|16@1+ (1,0) [0|0] "" X',
    `BO_ ${0x8c000003} TSC1: 8 Vector__XXX`,
    ' SG_ Mode : 0|8@1+ (1,0) [0|0] "" X',
    'BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG";',
    'BA_DEF_DEF_ "VFrameFormat" "J1939PG";',
  ].join("\n");
  const database = new DbcDatabase([parsed(text)]);
  const found = (id: number) => database.find(id, true)?.message.name;

  test("messages are found by parameter group under any priority and source, the exact one first", () => {
    expect(found(0x0cf004fe)).toBe("EEC1");
    expect(found(0x0cf0040b)).toBe("EEC1_Brakes");
    expect(found(0x18f0040b)).toBe("EEC1_Brakes");
    expect(found(0x0cf00400)).toBe("EEC1_Brakes");
    expect(found(0x0cf10400)).toBeUndefined();
    expect(database.find(0x0cf00400 & 0x7ff, false)).toBeUndefined();
  });

  test("of a group with a destination, the destination is free as well", () => {
    expect(found(0x0c000b27)).toBe("TSC1");
    expect(found(0x0c010003)).toBeUndefined();
  });

  test("the protocol of the network counts where messages have no frame format", () => {
    const plain = text.split("\n").slice(0, 2).join("\n");
    expect(new DbcDatabase([parsed(plain)]).find(0x0cf00400, true)).toBeUndefined();
    const network = `${plain}\nBA_DEF_ "ProtocolType" STRING ;\nBA_DEF_DEF_ "ProtocolType" "J1939";\n`;
    expect(new DbcDatabase([parsed(network)]).find(0x0cf00400, true)?.message.name).toBe("EEC1");
    const listed = `${plain}\nBA_DEF_ BO_ "VFrameFormat" INT 0 15;\nBA_ "VFrameFormat" BO_ ${0x8cf004fe} 3;\n`;
    expect(new DbcDatabase([parsed(listed)]).find(0x0cf00400, true)?.message.name).toBe("EEC1");
  });
});
