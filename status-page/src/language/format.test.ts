import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { makeFormat, wallMsOfField } from "./format.ts";
import { RESOURCES, translateIn } from "./i18n.ts";

/** 21 November 2026, 14:02:07 in Shanghai. */
const MOMENT = Date.UTC(2026, 10, 21, 6, 2, 7);
const HOUR_MS = 3_600_000;

beforeAll(async () => {
  await i18next.init({ resources: RESOURCES, lng: "en", interpolation: { escapeValue: false } });
});

const zh = () => makeFormat("zh-CN", "Asia/Shanghai", translateIn("zh-CN"));
const en = () => makeFormat("en", "Asia/Shanghai", translateIn("en"));

describe("formats", () => {
  it("show dates and times as the reader expects, in the shop's zone, 24 h", () => {
    expect(zh().dateAndTime(MOMENT)).toBe("2026年11月21日 星期六 14:02");
    expect(en().dateAndTime(MOMENT)).toBe("Sat 21 Nov 2026, 14:02");
    expect(en().timeWithSeconds(MOMENT)).toBe("14:02:07");
    expect(makeFormat("en", "Europe/Berlin", translateIn("en")).time(MOMENT)).toBe("07:02");
    expect(en().time(Date.UTC(2026, 10, 20, 16, 5))).toBe("00:05");
  });

  it("name the day only when it is another one in the shop's zone", () => {
    expect(en().moment(MOMENT - HOUR_MS, MOMENT)).toBe("13:02");
    // 23:30 the evening before in Shanghai is the same day in UTC.
    expect(en().moment(Date.UTC(2026, 10, 20, 15, 30), MOMENT)).toBe("20 Nov 23:30");
    expect(zh().moment(Date.UTC(2026, 10, 20, 15, 30), MOMENT)).toBe("11月20日 23:30");
  });

  it("show spans in the largest units that say enough", () => {
    expect([12_000, 38 * 60_000, 72 * 60_000, 50 * HOUR_MS].map(en().span)).toEqual([
      "12 s",
      "38 min",
      "1 h 12 min",
      "2 d 2 h",
    ]);
    expect([12_000, 38 * 60_000, 72 * 60_000, -5].map(zh().span)).toEqual(["12 秒", "38 分", "1 小时 12 分", "0 秒"]);
    expect([0, 61_000, 72 * 60_000 + 7_000, 100 * HOUR_MS].map(en().stopwatch)).toEqual([
      "0:00:00",
      "0:01:01",
      "1:12:07",
      "100:00:00",
    ]);
  });

  it("group numbers and keep one decimal of hours", () => {
    expect(zh().number(1204)).toBe("1,204");
    expect(en().hours(2.14 * HOUR_MS)).toBe("2.1");
    expect(en().percent(0.941)).toBe("94 %");
    expect(en().celsius(58.4)).toBe("58 °C");
  });

  it("survive a zone that this browser does not know", () => {
    expect(makeFormat("en", "Mars/Olympus", translateIn("en")).time(MOMENT)).toMatch(/^\d\d:\d\d$/);
  });
});

describe("a promised time typed into the form", () => {
  it("is meant in the shop's zone, across changes of the clocks too", () => {
    expect(wallMsOfField("2026-11-21T14:02", "Asia/Shanghai")).toBe(Date.UTC(2026, 10, 21, 6, 2));
    expect(wallMsOfField("2026-07-01T08:00", "Europe/Berlin")).toBe(Date.UTC(2026, 6, 1, 6, 0));
    expect(wallMsOfField("2026-03-29T03:30", "Europe/Berlin")).toBe(Date.UTC(2026, 2, 29, 1, 30));
  });

  it("is nothing when it is no date", () => {
    for (const text of ["", "tomorrow", "2026-13-01T10:00", "2026-11-21"])
      expect(wallMsOfField(text, "Asia/Shanghai")).toBeUndefined();
  });
});
