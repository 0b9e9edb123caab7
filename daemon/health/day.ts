/** A day of the shop, by its own clock and time zone: wall times from midnight to midnight. */
export interface ShopDay {
  readonly fromMs: number;
  readonly toMs: number;
}

const DAY_MS = 86_400_000;

/** The day that holds a moment. Days with a change of summer time have 23 or 25 hours. */
export function dayOf(wallMs: number, timeZone: string): ShopDay {
  const fromMs = midnightBefore(wallMs, timeZone);
  // Noon of the next day is certain to lie in it, whatever the clocks do at night.
  return { fromMs, toMs: midnightBefore(fromMs + 1.5 * DAY_MS, timeZone) };
}

function midnightBefore(wallMs: number, timeZone: string): number {
  const date = localDate(wallMs, timeZone);
  // The offset may be another one at midnight than at the moment asked for.
  const guess = date - offsetMs(wallMs, timeZone);
  const midnight = date - offsetMs(guess, timeZone);
  // Where midnight itself is skipped, the day begins an hour later.
  return localDate(midnight, timeZone) === date ? midnight : midnight + DAY_MS / 24;
}

/** The local date as if it were UTC midnight. */
function localDate(wallMs: number, timeZone: string): number {
  const local = wallMs + offsetMs(wallMs, timeZone);
  return Math.floor(local / DAY_MS) * DAY_MS;
}

function offsetMs(wallMs: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(wallMs);
  const read = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? "0");
  const local = Date.UTC(read("year"), read("month") - 1, read("day"), read("hour"), read("minute"), read("second"));
  return local - Math.floor(wallMs / 1000) * 1000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a formatter costs a millisecond; a shop has one time zone. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  formats.set(timeZone, format);
  return format;
}
