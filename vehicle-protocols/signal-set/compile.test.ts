import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex } from "../can-frame.ts";
import { mutateBytes, surviveMutations } from "../mutations.fixture.ts";
import { asSigned, bitReader, readUnsigned } from "./bits.ts";
import { compileSignalSets, type EcuAnswer, type SignalDecoder } from "./compile.ts";
import { OWN_SET, OWN_STANDARD_SET } from "./own-set.fixture.ts";
import { parseSignalSet } from "./parse.ts";

function decoderOf(documents: readonly unknown[], year?: number): SignalDecoder {
  const sets = documents.map((document) => {
    const set = parseSignalSet(document);
    if (!set.ok) throw set.error;
    expect(set.value.problems).toEqual([]);
    return set.value;
  });
  return compileSignalSets(sets, { year });
}

function valuesOf(decoder: SignalDecoder, id: number, hex: string, request?: string): Record<string, unknown> {
  const decoded = decoder.decode({ id, payload: fromHex(hex) }, request === undefined ? undefined : fromHex(request));
  return Object.fromEntries(
    decoded.flatMap(({ readings }) => readings.map(({ signal, value }) => [signal.id, value] as const)),
  );
}

const WHOLE = "62D001 A0 FF38 100E 7D 20 0102030405";

describe("values of an answer", () => {
  test("scaled, signed, turned round, in words and wider than 32 bits", () => {
    expect(valuesOf(decoderOf([OWN_SET], 2024), 0x7ec, WHOLE)).toEqual({
      OWN_SOC: 80,
      OWN_CURRENT: -20,
      OWN_VOLTS_TURNED: 360,
      OWN_PRESSURE: 2,
      OWN_GEAR: "D",
      OWN_TOTAL: 0x0102030405,
    });
  });

  test("a value outside its range is held at the edge", () => {
    expect(valuesOf(decoderOf([OWN_SET], 2024), 0x7ec, "62D001 FF 7FFF")).toEqual({ OWN_SOC: 100, OWN_CURRENT: 500 });
  });

  test("what the ECU marks as not available, has no word, or is cut off, is not there", () => {
    const decoder = decoderOf([OWN_SET], 2024);
    expect(valuesOf(decoder, 0x7ec, "62D001 00 0000 0000 00")).not.toHaveProperty("OWN_PRESSURE");
    expect(valuesOf(decoder, 0x7ec, "62D001 00 0000 0000 FF")).not.toHaveProperty("OWN_PRESSURE");
    expect(valuesOf(decoder, 0x7ec, "62D001 00 0000 0000 7D 38")).not.toHaveProperty("OWN_GEAR");
    expect(valuesOf(decoder, 0x7ec, "62D001 00 00")).toEqual({ OWN_SOC: 0 });
    expect(valuesOf(decoder, 0x7ec, "62D001")).toEqual({});
  });

  test("negative answers, echoes of the question and unknown identifiers say nothing", () => {
    const decoder = decoderOf([OWN_SET], 2024);
    for (const hex of ["7F2231", "22D001", "62D0", "62", "62D009AA", ""])
      expect(valuesOf(decoder, 0x7ec, hex)).toEqual({});
  });
});

describe("which command an answer belongs to", () => {
  test("the year chooses among variants, and a single year stands beside a range", () => {
    expect(valuesOf(decoderOf([OWN_SET], 2018), 0x7ec, "62D00150")).toEqual({ OWN_SOC_OLD: 80 });
    expect(valuesOf(decoderOf([OWN_SET], 2022), 0x7ec, "62D00150")).toEqual({ OWN_SOC: 40 });
    expect(valuesOf(decoderOf([OWN_SET], 2021), 0x7ec, "62D00150")).toEqual({ OWN_SOC_OLD: 80 });
  });

  test("a filter that says nothing filters nothing", () => {
    const decoder = decoderOf([{ commands: [{ ...OWN_SET.commands[0], filter: {} }] }], 2018);
    expect(valuesOf(decoder, 0x7ec, "62D00150")).toEqual({ OWN_SOC: 40 });
  });

  test("the ECU that answers chooses, and a command without one is anybody's", () => {
    const decoder = decoderOf([OWN_SET], 2024);
    expect(valuesOf(decoder, 0x7ed, "62D00107")).toEqual({ OWN_OTHER_ECU: 7 });
    expect(valuesOf(decoder, 0x7ee, "62D00107")).toEqual({});
    expect(valuesOf(decoder, 0x7cc, "61430F")).toEqual({ OWN_ANYBODY: 15 });
    expect(valuesOf(decoder, 0x17fe007b, "62028C64")).toEqual({ OWN_LONG_ID: 100 });
  });

  test("ECUs behind one id are told apart by their address byte", () => {
    const behind = (eax: string | undefined, id: string) => ({
      hdr: "750",
      rax: "758",
      ...(eax === undefined ? {} : { eax }),
      cmd: { "21": "16" },
      freq: 1,
      signals: [{ id, fmt: { len: 8, max: 255, unit: "scalar" }, name: id }],
    });
    const commands = [behind(undefined, "OWN_GATEWAY"), behind("2A", "OWN_TYRES"), behind("40", "OWN_BODY")];
    const decoder = decoderOf([{ commands }]);
    const payload = fromHex("611607");
    const ids = (answer: EcuAnswer) => decoder.decode(answer).map(({ readings }) => readings[0]?.signal.id);
    expect(ids({ id: 0x758, addressByte: 0x2a, payload })).toEqual(["OWN_TYRES"]);
    expect(ids({ id: 0x758, addressByte: 0x40, payload })).toEqual(["OWN_BODY"]);
    expect(ids({ id: 0x758, payload })).toEqual(["OWN_GATEWAY"]);
  });

  test("the standard's commands fit whoever answers, in whichever order the sets are given", () => {
    const own = {
      commands: [
        {
          hdr: "7E0",
          rax: "7E9",
          cmd: { "01": "0D" },
          freq: 1,
          signals: [{ id: "OWN_SPEED", fmt: { len: 8, max: 500, mul: 2, unit: "kilometersPerHour" }, name: "Speed" }],
        },
        OWN_SET.commands[3],
      ],
    };
    for (const sets of [
      [OWN_STANDARD_SET, own],
      [own, OWN_STANDARD_SET],
    ]) {
      const decoder = decoderOf(sets);
      expect(valuesOf(decoder, 0x18daf111, "410D10")).toEqual({ SPEED: 16 });
      expect(valuesOf(decoder, 0x7e9, "410D10")).toEqual({ OWN_SPEED: 32 });
    }
  });

  test("a car's set of nothing but current data is not the standard beside it: its answers are of its own ECU", () => {
    const own = {
      commands: [
        {
          hdr: "7E0",
          rax: "7E8",
          cmd: { "01": "0D" },
          freq: 1,
          signals: [{ id: "OWN_SPEED", fmt: { len: 8, max: 500, mul: 2, unit: "kilometersPerHour" }, name: "Speed" }],
        },
      ],
    };
    for (const sets of [
      [OWN_STANDARD_SET, own],
      [own, OWN_STANDARD_SET],
    ]) {
      const decoder = decoderOf(sets);
      expect(valuesOf(decoder, 0x7e8, "410D10")).toEqual({ OWN_SPEED: 32 });
      expect(valuesOf(decoder, 0x7e9, "410D10")).toEqual({ SPEED: 16 });
    }
  });
});

describe("SAE J1979 against a set's own formula", () => {
  test("a trim written with the known wrong offset is put right, and said", () => {
    const decoder = decoderOf([OWN_STANDARD_SET]);
    expect(valuesOf(decoder, 0x7e8, "410680")).toEqual({ TRIM: 0 });
    expect(valuesOf(decoder, 0x7e8, "41067C")).toEqual({ TRIM: -3.125 });
    expect(decoder.corrected).toEqual(["7E0.7E8.0106: TRIM"]);
  });
});

describe("several identifiers in one answer", () => {
  test("are cut where the next requested one stands", () => {
    const decoder = decoderOf([OWN_SET], 2024);
    expect(valuesOf(decoder, 0x7ec, "62D001A0FF38D002012C", "22D001D002")).toMatchObject({
      OWN_SOC: 80,
      OWN_RANGE: 300,
    });
    expect(valuesOf(decoder, 0x7ec, "62D002012C", "22D001D002")).toEqual({ OWN_RANGE: 300 });
  });

  test("an answer that could be cut in two ways is not guessed at", () => {
    expect(valuesOf(decoderOf([OWN_SET], 2024), 0x7ec, "62D001A0D002D002012C", "22D001D002")).toEqual({});
  });

  test("J1979 knows the length of each", () => {
    const decoder = decoderOf([OWN_STANDARD_SET]);
    expect(valuesOf(decoder, 0x7e8, "410C0D0C0D30", "010C0D")).toEqual({ RPM: 835, SPEED: 48 });
  });
});

test("a bit field of any place and width reads as the same bits of one long number", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 24 }),
      fc.nat(180),
      fc.integer({ min: 1, max: 53 }),
      fc.boolean(),
      (data, firstBit, bits, turned) => {
        const reader = bitReader(firstBit, bits, turned);
        const read = readUnsigned(reader, data);
        if (firstBit + bits > data.length * 8) {
          expect(read).toBeUndefined();
          return;
        }
        const bytes = [...data];
        if (turned && bits > 8) {
          const first = Math.floor(firstBit / 8);
          const held = Math.ceil(bits / 8);
          bytes.splice(first, held, ...bytes.slice(first, first + held).reverse());
        }
        const whole = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
        const expected = (whole >> BigInt(data.length * 8 - firstBit - bits)) & ((1n << BigInt(bits)) - 1n);
        expect(read).toBe(Number(expected));
        expect(asSigned(Number(expected), bits)).toBe(Number(BigInt.asIntN(bits, expected)));
      },
    ),
    { numRuns: 5_000 },
  );
});

test("100,000 mutated answers are read without exception", { timeout: 180_000 }, () => {
  const decoder = decoderOf([OWN_SET, OWN_STANDARD_SET], 2024);
  const request = fromHex("22D001D002");
  surviveMutations({
    seeds: [WHOLE, "62D001A0FF38D002012C", "410C0D0C0D30", "6116504948", "62028C64", "7F2231"].map((hex) =>
      fromHex(hex),
    ),
    mutate: mutateBytes,
    parse: (payload) => [
      decoder.decode({ id: 0x7ec, payload }).map(({ readings }) => readings.map(({ value }) => value)),
      decoder.decode({ id: 0x7ec, payload }, request).map(({ readings }) => readings.map(({ value }) => value)),
    ],
  });
});
