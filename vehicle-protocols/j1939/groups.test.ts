import { expect, test } from "vitest";
import { fromHex, toHex } from "../can-frame.ts";
import { encodeRequest, READABLE_GROUPS, readRequest, TROUBLE_CODE_GROUPS } from "./groups.ts";

test("what may be asked for is asked of one controller or of all", () => {
  const frame = encodeRequest("DM2", 0, 249);
  expect([frame.id.toString(16), frame.extended, toHex(frame.data)]).toEqual(["18ea00f9", true, "CBFE00"]);
  expect(encodeRequest("VEHICLE_IDENTIFICATION", 255, 249).id.toString(16)).toBe("18eafff9");
  expect(toHex(encodeRequest("DM29", 255, 249).data)).toBe("009E00");
});

test("clearing codes cannot be asked for, whatever the name", () => {
  expect(Object.values(READABLE_GROUPS)).not.toContain(65228);
  expect(Object.values(READABLE_GROUPS)).not.toContain(65235);
  for (const name of ["DM3", "DM11", "toString", "__proto__", 65228]) {
    // A name out of a message has no type.
    expect(() => Reflect.apply(encodeRequest, undefined, [name, 0, 249])).toThrow(/not readable/);
  }
});

test("requests of others are read, and those that clear recognised", () => {
  expect(readRequest({ pgn: 59904, data: fromHex("CAFE00") })).toEqual({ pgn: 65226, clears: false });
  expect(readRequest({ pgn: 59904, data: fromHex("CCFE00") })).toEqual({ pgn: 65228, clears: true });
  expect(readRequest({ pgn: 59904, data: fromHex("D3FE00") })).toEqual({ pgn: 65235, clears: true });
  expect(readRequest({ pgn: 59904, data: fromHex("CCFE") })).toBeUndefined();
  expect(readRequest({ pgn: 65226, data: fromHex("CCFE00") })).toBeUndefined();
});

test("lists of trouble codes are the groups of their form, not freeze frames or readiness", () => {
  expect(TROUBLE_CODE_GROUPS.has(READABLE_GROUPS.DM1)).toBe(true);
  expect(TROUBLE_CODE_GROUPS.has(READABLE_GROUPS.DM4)).toBe(false);
  expect(TROUBLE_CODE_GROUPS.has(READABLE_GROUPS.DM5)).toBe(false);
});
