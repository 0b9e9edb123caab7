import fc from "fast-check";
import { expect, test } from "vitest";
import { composeIdentifier, splitIdentifier } from "./identifier.ts";

test("identifiers seen on trucks", () => {
  expect(splitIdentifier(0x0cf00400)).toEqual({ priority: 3, pgn: 61444, source: 0, destination: 255 });
  expect(splitIdentifier(0x18feca03)).toEqual({ priority: 6, pgn: 65226, source: 3, destination: 255 });
  expect(splitIdentifier(0x18ea00f9)).toEqual({ priority: 6, pgn: 59904, source: 249, destination: 0 });
  // A data page of its own, and both page bits: ISO 15765-3, which is not J1939.
  expect(splitIdentifier(0x19f11223)).toMatchObject({ pgn: 0x1f112 });
  expect(splitIdentifier(0x1bda00f1)).toBeUndefined();
});

test("every identifier comes back from its parts", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x1fffffff }), (id) => {
      const parts = splitIdentifier(id);
      if (parts !== undefined) expect(composeIdentifier(parts)).toBe(id);
    }),
  );
});

test("parts that no identifier has are refused", () => {
  const good = { priority: 6, pgn: 59904, source: 249, destination: 0 };
  expect(composeIdentifier(good)).toBe(0x18ea00f9);
  for (const wrong of [{ priority: 8 }, { pgn: 0x30000 }, { source: 256 }, { destination: -1 }, { pgn: 59905 }]) {
    expect(() => composeIdentifier({ ...good, ...wrong }), JSON.stringify(wrong)).toThrow(/no J1939 identifier/);
  }
  expect(() => composeIdentifier({ ...good, pgn: 65226 })).toThrow(/no J1939 identifier/);
});
