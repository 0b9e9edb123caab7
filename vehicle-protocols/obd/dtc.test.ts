import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeDtc, encodeDtc } from "./dtc.ts";

test("two bytes read as J2012 codes of all four systems", () => {
  expect(decodeDtc(0x01, 0x04)).toBe("P0104");
  expect(decodeDtc(0x41, 0x23)).toBe("C0123");
  expect(decodeDtc(0x80, 0x03)).toBe("B0003");
  expect(decodeDtc(0xc1, 0x00)).toBe("U0100");
  expect(decodeDtc(0x1a, 0xbc)).toBe("P1ABC");
  expect(decodeDtc(0x3f, 0xff)).toBe("P3FFF");
});

test("0000 is padding, not P0000", () => {
  expect(decodeDtc(0, 0)).toBeUndefined();
});

test("every code but 0000 survives decoding and encoding", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 0xffff }), (raw) => {
      const code = decodeDtc(raw >> 8, raw & 0xff);
      expect(code).toBeDefined();
      expect([...encodeDtc(code ?? "")]).toEqual([raw >> 8, raw & 0xff]);
    }),
  );
});

test("text that is no code is refused", () => {
  for (const text of ["", "P030", "P03011", "X0301", "P4301", "p0301", "P03G1"]) {
    expect(() => encodeDtc(text), text).toThrow(/not a trouble code/);
  }
});
