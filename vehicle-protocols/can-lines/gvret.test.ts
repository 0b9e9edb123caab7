import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../can-frame.ts";
import { encodeGvretBusSetup, encodeGvretFrame, encodeGvretRequest, gvretParser } from "./gvret.ts";
import { inShort, readAll, readInAnyPieces } from "./pieces.fixture.ts";

const read = (hex: string) =>
  readInAnyPieces(gvretParser, fromHex(hex)).map((item) =>
    item.kind === "data" || item.kind === "unreadable" ? inShort(item) : item,
  );

const FRAME = "F1 00 E8030000 E8070000 18 03410C1AF8000000 00";
const EXTENDED = "F1 00 D0070000 10F1DA98 02 410C 00";
const FD = `F1 14 B80B0000 00030000 0C 01 ${"07".repeat(12)} 00`;

describe("what a GVRET adapter sends", () => {
  test("frames of both lengths on several buses, CAN FD, and what it says of itself", () => {
    expect(
      read(
        `${FRAME} ${EXTENDED} ${FD} F109DEAD F1 01 40420F00 F1 06 11 20A10700 00 48E80100 F1 07 6A 02 20 00 00 00 F1 0C 03 F1 0D ${"00".repeat(15)}`,
      ),
    ).toEqual([
      "1 1 rx 7E8#03410C1AF8000000",
      "2 0 rx 18DAF110#410C",
      `3 1 rx 300##${"07".repeat(12)}`,
      { kind: "keep-alive" },
      { kind: "time", microseconds: 1_000_000 },
      {
        kind: "bus-parameters",
        buses: [
          { enabled: true, listenOnly: true, bitRate: 500_000 },
          { enabled: false, listenOnly: false, bitRate: 125_000 },
        ],
      },
      { kind: "device", build: 618 },
      { kind: "bus-count", count: 3 },
    ]);
  });

  test("time goes on over the wrap of the adapter's clock", () => {
    const late = "F1 00 FFFFFFFF 01000000 00 00";
    const early = "F1 00 00000000 01000000 00 00";
    expect(read(late + early)).toEqual(["4294967.295 0 rx 001#", "4294967.296 0 rx 001#"]);
  });

  test("after garbage the next packet is found, and the garbage told", () => {
    expect(read(`68656C6C6F F1 ${FRAME} F1 00 ${EXTENDED} F1 FF ${FRAME}`)).toEqual([
      "unreadable undefined: 68656C6C6FF1",
      "1 1 rx 7E8#03410C1AF8000000",
      "unreadable undefined: F100",
      "2 0 rx 18DAF110#410C",
      "unreadable undefined: F1FF",
      "1 1 rx 7E8#03410C1AF8000000",
    ]);
    expect(read("F1 00 E8")).toEqual(["unreadable undefined: F100E8"]);
    expect(read("00".repeat(100))).toEqual([60, 40].map((count) => `unreadable undefined: ${"00".repeat(count)}`));
  });

  test("packets that cannot be are not taken for frames", () => {
    // Nine bytes of data; an identifier of 30 bits; a closing byte that is neither 0 nor the check.
    for (const hex of [
      "F1 00 00000000 01000000 09 010203040506070809 00",
      "F1 00 00000000 00000020 00 00",
      "F1 00 00000000 01000000 01 07 55",
      "F1 09 DEAF",
      `F1 14 00000000 01000000 09 00 ${"00".repeat(10)}`,
    ]) {
      expect(
        readAll(gvretParser(), fromHex(hex)).every(({ kind }) => kind === "unreadable"),
        hex,
      ).toBe(true);
    }
    const checked = fromHex("F1 00 00000000 01000000 01 07 00");
    checked[checked.length - 1] = checked.slice(0, -1).reduce((sum, byte) => sum ^ byte, 0);
    expect(readAll(gvretParser(), checked)).toHaveLength(1);
  });

  test("frames between arbitrary garbage without the mark of a packet are all found", () => {
    const noise = fc.array(
      fc.integer({ min: 0, max: 255 }).filter((byte) => byte !== 0xf1),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(fc.array(noise, { minLength: 1, maxLength: 8 }), (pieces) => {
        const parser = gvretParser();
        const items = pieces.flatMap((piece) => parser.push(Uint8Array.from([...piece, ...fromHex(FRAME)])));
        expect(items.filter(({ kind }) => kind === "data")).toHaveLength(pieces.length);
      }),
    );
  });
});

describe("what is sent to a GVRET adapter", () => {
  test("requests, bus setup and frames", () => {
    expect(toHex(encodeGvretRequest("binary-mode"))).toBe("E7E7");
    expect(toHex(encodeGvretRequest("keep-alive"))).toBe("F109");
    expect(
      toHex(
        encodeGvretBusSetup([
          { enabled: true, listenOnly: true, bitRate: 500_000 },
          { enabled: false, listenOnly: false, bitRate: 0 },
        ]),
      ),
    ).toBe("F10520A107E000000080");
    const data = fromHex("02010C");
    expect(toHex(encodeGvretFrame({ id: 0x7df, extended: false, data }, 1))).toBe("F100DF0700000103" + "02010C00");
    expect(toHex(encodeGvretFrame({ id: 0x18db33f1, extended: true, data, fd: true }, 0))).toBe(
      "F114F133DB980003" + "02010C00",
    );
  });

  test("nothing that CAN does not have", () => {
    expect(() => encodeGvretFrame({ id: 0x800, extended: false, data: new Uint8Array() }, 0)).toThrow(/no CAN frame/);
    expect(() => encodeGvretFrame({ id: 1, extended: false, data: new Uint8Array(12) }, 0)).toThrow(/no CAN frame/);
    const bus = { enabled: true, listenOnly: true, bitRate: 2_000_000 };
    expect(() => encodeGvretBusSetup([bus, bus])).toThrow(/no bit rate/);
  });
});
