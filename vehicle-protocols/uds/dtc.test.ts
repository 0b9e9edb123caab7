import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeUdsDtc, dtcFormat, encodeUdsDtc } from "./dtc.ts";
import { DTC_STATUS_BITS, decodeDtcSeverity, decodeDtcStatus } from "./dtc-status.ts";
import { DTC_CLASS_WORDS, DTC_STANDING_WORDS, DTC_STATUS_WORDS, DTC_URGENCY_WORDS, failureType } from "./words.ts";

describe("codes of three bytes", () => {
  test("are a J2012 code and a failure type", () => {
    expect(decodeUdsDtc(0xc4, 0x05, 0x81, "j2012")).toEqual({ raw: 0xc40581, code: "U0405-81", failureType: 0x81 });
    expect(decodeUdsDtc(0x03, 0x01, 0x00, "j2012-wwh-obd")?.code).toBe("P0301-00");
    expect(decodeUdsDtc(0x9b, 0x12, 0x1a, "iso-14229-1")?.code).toBe("B1B12-1A");
    expect(decodeUdsDtc(0, 0, 0, "j2012")).toBeUndefined();
    expect(decodeUdsDtc(0, 0, 0x04, "j2012")?.code).toBe("P0000-04");
  });

  test("are an SPN and an FMI in the format of J1939", () => {
    // SPN 110 (coolant temperature), FMI 3; and an SPN that needs its three high bits.
    expect(decodeUdsDtc(0x6e, 0x00, 0x03, "j1939-73")?.code).toBe("SPN110-FMI3");
    expect(decodeUdsDtc(0xff, 0xff, 0xff, "j1939-73")?.code).toBe("SPN524287-FMI31");
  });

  test("stay numbers in formats without a public notation", () => {
    expect(decodeUdsDtc(1, 2, 3, dtcFormat(3))).toEqual({ raw: 0x010203, code: undefined, failureType: undefined });
    expect(dtcFormat(9)).toBe("unknown");
    expect([0, 1, 2, 4].map(dtcFormat)).toEqual(["j2012", "iso-14229-1", "j1939-73", "j2012-wwh-obd"]);
  });

  test("survive decoding and encoding", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0xffffff }), (raw) => {
        const dtc = decodeUdsDtc(raw >> 16, (raw >> 8) & 0xff, raw & 0xff, "j2012");
        expect(encodeUdsDtc(dtc?.code ?? "")).toBe(raw);
      }),
    );
    expect(encodeUdsDtc("P0420")).toBe(0x042000);
    for (const text of ["", "P04", "U0405-8", "U0405-XX", "X0405-81"]) {
      expect(() => encodeUdsDtc(text), text).toThrow(/not a trouble code/);
    }
  });
});

describe("the status byte", () => {
  test("names its bits from the lowest", () => {
    expect(decodeDtcStatus(0x2f).bits).toEqual([
      "test-failed",
      "test-failed-this-cycle",
      "pending",
      "confirmed",
      "failed-since-clear",
    ]);
    expect(decodeDtcStatus(0x50).bits).toEqual(["not-tested-since-clear", "not-tested-this-cycle"]);
    expect(decodeDtcStatus(0x80).bits).toEqual(["warning-indicator"]);
  });

  test("says in short where a code stands", () => {
    const standing = (byte: number, availability?: number) => decodeDtcStatus(byte, availability).standing;
    expect([0x08, 0x2f, 0xaf].map((byte) => standing(byte))).toEqual(["confirmed", "confirmed", "confirmed"]);
    expect([0x04, 0x01, 0x27].map((byte) => standing(byte))).toEqual(["pending", "pending", "pending"]);
    expect([0x20, 0x02].map((byte) => standing(byte))).toEqual(["stored", "stored"]);
    expect([0x00, 0x50, 0xd0].map((byte) => standing(byte))).toEqual(["not-failed", "not-failed", "not-failed"]);
    // This ECU does not use the bit "confirmed": what it holds means nothing.
    expect(standing(0x0c, 0x05)).toBe("pending");
  });
});

test("the severity byte tells what to do and the WWH-OBD class", () => {
  expect(decodeDtcSeverity(0x82)).toEqual({ byte: 0x82, urgency: "check-immediately", classes: ["A"] });
  expect(decodeDtcSeverity(0x44)).toMatchObject({ urgency: "check-at-next-halt", classes: ["B1"] });
  expect(decodeDtcSeverity(0x30)).toMatchObject({ urgency: "maintenance-only", classes: ["C"] });
  expect(decodeDtcSeverity(0x09)).toMatchObject({ urgency: undefined, classes: ["unclassified", "B2"] });
});

describe("words in both languages", () => {
  const everyWord = [
    ...Object.values(DTC_STATUS_WORDS),
    ...Object.values(DTC_STANDING_WORDS),
    ...Object.values(DTC_URGENCY_WORDS),
    ...Object.values(DTC_CLASS_WORDS),
    ...Array.from({ length: 256 }, (_, byte) => failureType(byte)?.text).filter((text) => text !== undefined),
  ];

  test("exist for every bit, and Chinese is Chinese", () => {
    expect(Object.keys(DTC_STATUS_WORDS)).toEqual([...DTC_STATUS_BITS]);
    for (const { en, "zh-CN": zh } of everyWord) {
      expect(en).toMatch(/^[ -~]+$/);
      expect(zh).toMatch(/\p{Script=Han}/u);
    }
  });

  test("failure types are those of J2012, each name once", () => {
    expect(failureType(0x11)).toEqual({
      byte: 0x11,
      name: "short-to-ground",
      text: { en: "short circuit to ground", "zh-CN": "对地短路" },
    });
    expect(failureType(0x87)?.name).toBe("message-missing");
    expect(failureType(0xf3)).toBeUndefined();
    const names = Array.from({ length: 256 }, (_, byte) => failureType(byte)?.name).filter(
      (name) => name !== undefined,
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(95);
  });
});
