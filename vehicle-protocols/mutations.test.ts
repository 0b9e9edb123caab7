import { describe, expect, test } from "vitest";
import { fromHex } from "./can-frame.ts";
import { mutateBytes, mutateList, mutateText, surviveMutations } from "./mutations.fixture.ts";

const BYTES = [fromHex("0102030405060708"), fromHex("FFFEFDFCFBFAF9F8F7F6")];

describe("a trial by mutation", () => {
  test("passes a parser that takes everything, with as many different inputs as were asked for", () => {
    const seen = new Set<string>();
    let runs = 0;
    surviveMutations({
      seeds: BYTES,
      mutate: mutateBytes,
      runs: 5000,
      parse: (bytes) => {
        runs += 1;
        if (seen.size < 5000) seen.add(bytes.join());
        return bytes.length;
      },
    });
    expect(runs).toBe(5000);
    expect(seen.size).toBeGreaterThan(3000);
    expect(BYTES).toEqual([fromHex("0102030405060708"), fromHex("FFFEFDFCFBFAF9F8F7F6")]);
  });

  test("finds the parser that throws and shows the input", () => {
    const parse = (bytes: Uint8Array) => {
      if (bytes[1] === 0x82) throw new RangeError("no such thing");
    };
    expect(() => surviveMutations({ seeds: BYTES, mutate: mutateBytes, parse })).toThrow(
      /mutated input \d+ of 100000: no such thing; the input was "[0-9A-F]{2}82/,
    );
  });

  test("finds the parser whose result outgrows its input or is no number", () => {
    const grow = (text: string) => (text.includes("\0") ? new Uint8Array(30_000) : undefined);
    expect(() => surviveMutations({ seeds: ["a\nb\nc"], mutate: mutateText, parse: grow })).toThrow(/20000 values/);
    const nan = (text: string) => [{ value: Number(text) }];
    expect(() => surviveMutations({ seeds: ["17"], mutate: mutateText, parse: nan })).toThrow(/a number that is none/);
  });

  test("finds the parser that keeps what it has seen", () => {
    const kept: string[][] = [];
    const parse = (text: string) => void kept.push([...text].map((letter) => letter + letter));
    expect(() => surviveMutations({ seeds: ["a b c"], mutate: mutateText, parse })).toThrow(/bytes stayed behind/);
  });

  test("finds the parser that hangs", () => {
    const parse = (items: readonly Uint8Array[]) => {
      while (items.length > 5) items[0]?.at(0);
    };
    const trial = { seeds: [BYTES], mutate: mutateList(mutateBytes), parse, hangMs: 300 };
    expect(() => surviveMutations(trial)).toThrow(/timed out/);
  });
});
