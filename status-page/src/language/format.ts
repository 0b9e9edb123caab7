import type { ApiLanguage } from "../../../contract/http-api.ts";
import type { Translate } from "./i18n.ts";

const LOCALES: Readonly<Record<ApiLanguage, string>> = { "zh-CN": "zh-CN", en: "en-GB" };

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Times, spans and amounts as the reader expects them, in the shop's time zone, 24 h. */
export interface Format {
  /** `14:02` */
  time(wallMs: number): string;
  /** `14:02:07` */
  timeWithSeconds(wallMs: number): string;
  /** `14:02`, with the date in front when it is another day than `nowMs`. */
  moment(wallMs: number, nowMs: number): string;
  /** `Sat 21 Nov 2026, 14:02` or `2026年11月21日 星期六 14:02` */
  dateAndTime(wallMs: number): string;
  /** `1 h 12 min`; seconds only under a minute. */
  span(durationMs: number): string;
  /** `1:12:07`, for a clock that runs. */
  stopwatch(durationMs: number): string;
  /** `2.1`, in hours. */
  hours(durationMs: number): string;
  number(value: number, fractionDigits?: number): string;
  /** 0 to 1 as `94 %`. */
  percent(share: number): string;
  celsius(degrees: number): string;
}

export function makeFormat(language: ApiLanguage, timeZone: string, t: Translate): Format {
  const locale = LOCALES[language];
  const zone = knownZone(timeZone);
  const with24h = { timeZone: zone, hourCycle: "h23", hour: "2-digit", minute: "2-digit" } as const;
  const time = new Intl.DateTimeFormat(locale, with24h);
  const seconds = new Intl.DateTimeFormat(locale, { ...with24h, second: "2-digit" });
  const shortDate = new Intl.DateTimeFormat(locale, { timeZone: zone, month: "short", day: "numeric" });
  const weekday = new Intl.DateTimeFormat(locale, { timeZone: zone, weekday: language === "en" ? "short" : "long" });
  const longDate = new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    year: "numeric",
    month: language === "en" ? "short" : "long",
    day: "numeric",
  });
  const day = new Intl.DateTimeFormat("en-CA", { timeZone: zone });
  const number = (value: number, fractionDigits = 0) =>
    value.toLocaleString(locale, { minimumFractionDigits: fractionDigits, maximumFractionDigits: fractionDigits });
  return {
    number,
    time: (wallMs) => time.format(wallMs),
    timeWithSeconds: (wallMs) => seconds.format(wallMs),
    moment: (wallMs, nowMs) =>
      day.format(wallMs) === day.format(nowMs)
        ? time.format(wallMs)
        : `${shortDate.format(wallMs)} ${time.format(wallMs)}`,
    dateAndTime: (wallMs) =>
      language === "en"
        ? `${weekday.format(wallMs)} ${longDate.format(wallMs)}, ${time.format(wallMs)}`
        : `${longDate.format(wallMs)} ${weekday.format(wallMs)} ${time.format(wallMs)}`,
    span: (durationMs) => spanWords(durationMs, t),
    stopwatch,
    hours: (durationMs) => number(durationMs / HOUR_MS, 1),
    percent: (share) => t("unit.percent", { n: number(share * 100) }),
    celsius: (degrees) => t("unit.celsius", { n: number(degrees) }),
  };
}

function spanWords(durationMs: number, t: Translate): string {
  const ms = Math.max(0, durationMs);
  if (ms < MINUTE_MS) return t("unit.seconds", { s: Math.floor(ms / SECOND_MS) });
  if (ms < HOUR_MS) return t("unit.minutes", { min: Math.floor(ms / MINUTE_MS) });
  if (ms < DAY_MS) {
    return t("unit.hoursMinutes", { h: Math.floor(ms / HOUR_MS), min: Math.floor((ms % HOUR_MS) / MINUTE_MS) });
  }
  return t("unit.daysHours", { d: Math.floor(ms / DAY_MS), h: Math.floor((ms % DAY_MS) / HOUR_MS) });
}

function stopwatch(durationMs: number): string {
  const total = Math.max(0, Math.floor(durationMs / SECOND_MS));
  const two = (value: number) => String(value).padStart(2, "0");
  return `${Math.floor(total / 3600)}:${two(Math.floor((total % 3600) / 60))}:${two(total % 60)}`;
}

/** An unknown zone name must not take the page down; the browser's own zone is the next best guess. */
function knownZone(timeZone: string): string | undefined {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return timeZone;
  } catch {
    return undefined;
  }
}

/** Milliseconds that `timeZone` is ahead of UTC at a moment. */
function zoneOffsetMs(wallMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: knownZone(timeZone),
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(wallMs);
  const of = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value ?? "0");
  const asUtc = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
  return asUtc - Math.floor(wallMs / SECOND_MS) * SECOND_MS;
}

/**
 * What a `datetime-local` field says (`2026-11-21T15:30`), meant in the shop's zone, as WallMs; undefined when it is no date.
 * Twice corrected, because the offset at the guessed moment may differ across a change of the clocks.
 */
export function wallMsOfField(text: string, timeZone: string): number | undefined {
  const asUtc = Date.parse(`${text}:00Z`);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) || Number.isNaN(asUtc)) return undefined;
  const guess = asUtc - zoneOffsetMs(asUtc, timeZone);
  return asUtc - zoneOffsetMs(guess, timeZone);
}
