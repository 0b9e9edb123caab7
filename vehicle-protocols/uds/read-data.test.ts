import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../can-frame.ts";
import { mutateBytes, surviveMutations } from "../mutations.fixture.ts";
import { type ReadDataOptions, splitIdentifiedData } from "./read-data.ts";

function split(hex: string, dids: readonly number[], options?: ReadDataOptions): string[] | string {
  const values = splitIdentifiedData(fromHex(hex), dids, options);
  if (!values.ok) return values.error.code;
  return values.value.map(({ did, data }) => `${did.toString(16)}=${toHex(data)}`);
}

describe("an answer to data identifiers", () => {
  test("to one is that one's, whole", () => {
    expect(split("62F190313233", [0xf190])).toEqual(["f190=313233"]);
    expect(split("62F19031F190", [0xf190])).toEqual(["f190=31F190"]);
  });

  test("to several is cut where they stand, in the order of the question", () => {
    expect(split("62F190313233F18C4142F1950102", [0xf190, 0xf18c, 0xf195])).toEqual([
      "f190=313233",
      "f18c=4142",
      "f195=0102",
    ]);
  });

  test("may leave out what the ECU does not know", () => {
    expect(split("62F190313233F1950102", [0xf190, 0xf18c, 0xf195])).toEqual(["f190=313233", "f195=0102"]);
    expect(split("62F1950102", [0xf190, 0xf195])).toEqual(["f195=0102"]);
  });

  test("that could be cut in two ways is ambiguous, unless a length decides", () => {
    // F18C stands twice: once it may be data.
    const hex = "62F19001F18C01F18C02";
    expect(split(hex, [0xf190, 0xf18c])).toBe("ambiguous");
    const didLength = (did: number) => (did === 0xf190 ? 4 : undefined);
    expect(split(hex, [0xf190, 0xf18c], { didLength })).toEqual(["f190=01F18C01", "f18c=02"]);
  });

  test("is held to known lengths", () => {
    const didLength = () => 2;
    expect(split("62F1900102F18C0304", [0xf190, 0xf18c], { didLength })).toEqual(["f190=0102", "f18c=0304"]);
    expect(split("62F190010203F18C0304", [0xf190, 0xf18c], { didLength })).toBe("unexpected-service");
    expect(split("62F1900102F18C03", [0xf190, 0xf18c], { didLength })).toBe("unexpected-service");
  });

  test("about something else, or cut short, is refused", () => {
    expect(split("62F1910102", [0xf190])).toBe("unexpected-service");
    expect(split("62F1910102", [0xf190, 0xf18c])).toBe("unexpected-service");
    expect(split("41F1900102", [0xf190])).toBe("unexpected-service");
    expect(split("62F190", [0xf190])).toBe("truncated");
    expect(split("62F190F18C", [0xf190, 0xf18c])).toEqual(["f190=F18C"]);
  });
});

test("what an ECU puts together is cut as it was, or said to be ambiguous", () => {
  const value = fc.record({
    did: fc.integer({ min: 0xf100, max: 0xf1ff }),
    data: fc.uint8Array({ minLength: 1, maxLength: 20 }),
  });
  let cut = 0;
  let ambiguous = 0;
  fc.assert(
    fc.property(fc.uniqueArray(value, { minLength: 2, maxLength: 8, selector: ({ did }) => did }), (values) => {
      const payload = Uint8Array.from([0x62, ...values.flatMap(({ did, data }) => [did >> 8, did & 0xff, ...data])]);
      const got = splitIdentifiedData(
        payload,
        values.map(({ did }) => did),
      );
      if (!got.ok) expect(got.error.code).toBe("ambiguous");
      if (got.ok)
        expect(got.value.map(({ did, data }) => [did, toHex(data)])).toEqual(
          values.map(({ did, data }) => [did, toHex(data)]),
        );
      if (got.ok) cut += 1;
      else ambiguous += 1;
    }),
    { numRuns: 2000 },
  );
  expect(cut).toBeGreaterThan(1900);
  expect(ambiguous).toBeLessThan(100);
});

test("100,000 mutated answers neither throw nor hang nor grow, and no byte is given twice", {
  timeout: 120_000,
}, () => {
  const dids = [0xf190, 0xf18c, 0xf187, 0x0101];
  surviveMutations({
    seeds: ["62F190313233F18C4142F1950102", "62F190F18C01F18C02F187", "620101010101010101F1900101"].map(fromHex),
    mutate: mutateBytes,
    parse: (payload) => {
      const didLength = (did: number) => (payload.length % 2 === 0 && did === 0x0101 ? 2 : undefined);
      const values = splitIdentifiedData(payload, dids, { didLength });
      const bytes = values.ok ? values.value.reduce((sum, { data }) => sum + 2 + data.length, 1) : payload.length;
      if (bytes !== payload.length) throw new Error("the pieces are not the whole");
      return values;
    },
  });
});

test("a long answer full of matches takes no time to speak of", () => {
  const body = new Uint8Array(4095).fill(0x01);
  body[0] = 0x62;
  const dids = Array.from({ length: 60 }, (_, n) => (n === 0 ? 0x0101 : 0x0200 + n));
  expect(splitIdentifiedData(body, dids)).toMatchObject({ ok: true });
  const zeros = new Uint8Array(4095);
  zeros[0] = 0x62;
  expect(splitIdentifiedData(zeros, [0x0000, 0x0001])).toMatchObject({ ok: true });
});
