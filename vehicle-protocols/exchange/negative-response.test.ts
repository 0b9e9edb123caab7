import { expect, test } from "vitest";
import { fromHex } from "../can-frame.ts";
import { deniesAccess, parseNegativeResponse } from "./negative-response.ts";

test("a refusal names its service and its code", () => {
  expect(parseNegativeResponse(fromHex("7F2231"))).toEqual({ service: 0x22, code: 0x31, name: "request-out-of-range" });
  expect(parseNegativeResponse(fromHex("7F1934AAAA"))?.name).toBe("authentication-required");
  expect(parseNegativeResponse(fromHex("7F1994"))?.name).toBe("resource-temporarily-not-available");
});

test("codes without a name keep their number, those of makers are marked", () => {
  expect(parseNegativeResponse(fromHex("7F1940"))?.name).toBe("unknown-40");
  expect(parseNegativeResponse(fromHex("7F19F3"))?.name).toBe("maker-specific-F3");
  expect(parseNegativeResponse(fromHex("7F19FF"))?.name).toBe("unknown-FF");
});

test("everything else is no refusal", () => {
  for (const hex of ["", "7F", "7F22", "62F190", "007F2231"])
    expect(parseNegativeResponse(fromHex(hex))).toBeUndefined();
});

test("security access denied and authentication required are the words of a secure gateway", () => {
  expect([0x33, 0x34, 0x31, 0x11].map(deniesAccess)).toEqual([true, true, false, false]);
});
