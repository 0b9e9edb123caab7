import { expect, test } from "vitest";
import { toHex } from "./can-frame.ts";
import { encodeClearRequest } from "./clearing.ts";
import * as face from "./index.ts";

test("clears by SAE J1979 or a group of codes by ISO 14229-1", () => {
  expect(toHex(encodeClearRequest({ kind: "emissions" }))).toBe("04");
  expect(toHex(encodeClearRequest({ kind: "group" }))).toBe("14FFFFFF");
  expect(toHex(encodeClearRequest({ kind: "group", group: 0xffff33 }))).toBe("14FFFF33");
  for (const group of [-1, 0x1000000, 0.5, Number.NaN]) {
    expect(() => encodeClearRequest({ kind: "group", group })).toThrow(/no group/);
  }
});

test("the general face knows nothing of it", () => {
  expect(Object.keys(face).filter((name) => /clear/i.test(name))).toEqual([]);
});
