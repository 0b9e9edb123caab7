import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex, toHex } from "../can-frame.ts";
import { parsePdu, separationByteFromMs, separationMsFromByte } from "./pci.ts";

test("STmin reads milliseconds, 100 to 900 microseconds, and takes reserved values for the longest gap", () => {
  const cases = [
    [0x00, 0],
    [0x01, 1],
    [0x7f, 127],
    [0xf1, 0.1],
    [0xf9, 0.9],
    [0x80, 127],
    [0xf0, 127],
    [0xfa, 127],
    [0xff, 127],
  ] as const;
  for (const [byte, ms] of cases) expect(separationMsFromByte(byte), byte.toString(16)).toBe(ms);
});

test("STmin is written so that the peer is never faster than asked", () => {
  expect([0, 0.05, 0.3, 0.9, 0.95, 1, 1.2, 127, 500, -1, Number.NaN].map(separationByteFromMs)).toEqual([
    0, 0xf1, 0xf3, 0xf9, 1, 1, 2, 127, 127, 0, 0,
  ]);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 127, noNaN: true }), (ms) => {
      expect(separationMsFromByte(separationByteFromMs(ms))).toBeGreaterThanOrEqual(ms - 1e-9);
    }),
  );
});

test("single, first, consecutive and flow-control frames are told apart", () => {
  expect(parsePdu(fromHex("03410C1AAAAAAAAA"), 0)).toEqual({ kind: "single", payload: fromHex("410C1A") });
  expect(parsePdu(fromHex("1014490201314434"), 0)).toEqual({
    kind: "first",
    length: 20,
    payload: fromHex("490201314434"),
  });
  expect(parsePdu(fromHex("1000000010001122"), 0)).toEqual({ kind: "first", length: 4096, payload: fromHex("1122") });
  expect(parsePdu(fromHex("2F01020304050607"), 0)).toMatchObject({ kind: "consecutive", sequence: 15 });
  expect(parsePdu(fromHex("3108F5"), 0)).toEqual({
    kind: "flow-control",
    flowStatus: 1,
    blockSize: 8,
    separationMs: 0.5,
  });
  expect(parsePdu(fromHex("2A024112"), 1)).toEqual({ kind: "single", payload: fromHex("4112") });
});

test("CAN FD frames say their length in a second byte, and first frames fill theirs", () => {
  expect(parsePdu(fromHex("000862F190414243444500AA"), 0)).toEqual({
    kind: "single",
    payload: fromHex("62F1904142434445"),
  });
  expect(parsePdu(fromHex(`F1003D${"22".repeat(61)}`), 1)).toEqual({
    kind: "single",
    payload: fromHex("22".repeat(61)),
  });
  expect(parsePdu(fromHex(`100B${"33".repeat(10)}`), 0)).toMatchObject({ kind: "first", length: 11 });
  expect(parsePdu(fromHex(`103F${"33".repeat(62)}`), 0)).toMatchObject({ kind: "first", length: 63 });
  expect(parsePdu(fromHex(`F1103E${"33".repeat(61)}`), 1)).toMatchObject({ kind: "first", length: 62 });
  expect(parsePdu(fromHex(`100000012345${"33".repeat(58)}`), 0)).toMatchObject({ kind: "first", length: 0x12345 });
});

test("what the standard tells a receiver to ignore is ignored", () => {
  const ignored = [
    "", // no PCI
    "0000000000000000", // zero-length single frame
    "08112233445566", // longer than a frame can hold
    "0711223344", // cut short
    "1006112233445566", // would fit a single frame
    "1014490201", // a first frame that does not fill its frame
    "1000000000081122", // the escape for a length that needs none
    "3000", // flow control cut short
    "4011223344556677", // unknown type
    "0A0102030405060708090A", // more than eight bytes without the length escape of CAN FD
    `0000${"11".repeat(10)}`, // zero-length single frame on CAN FD
    `000B${"11".repeat(10)}`, // longer than its CAN FD frame
    `100A${"11".repeat(10)}`, // would fit a single CAN FD frame
    `1020${"11".repeat(9)}`, // a first frame of a length that CAN FD does not know
    `00${"11".repeat(64)}`, // longer than any frame
  ];
  for (const hex of ignored) expect(parsePdu(fromHex(hex), 0), hex).toBeUndefined();
});

test("any bytes give a PDU within the frame or nothing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.constantFrom(0, 1), (data, offset) => {
      const pdu = parsePdu(data, offset);
      if (pdu !== undefined && "payload" in pdu) expect(toHex(data)).toContain(toHex(pdu.payload));
    }),
    { numRuns: 20_000 },
  );
});
