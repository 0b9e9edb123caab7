import type { YearFilter } from "./signal-set.ts";

/**
 * Whether a command with this filter is for this model year. A range whose `from` lies after its `to` means "since … or
 * until …", with a gap between; single years are for it besides the range. One with an empty list only is for no year.
 */
export function isForYear(filter: YearFilter | undefined, year: number): boolean {
  if (filter === undefined) return true;
  const { from, to, years } = filter;
  if (years.includes(year)) return true;
  if (from === undefined) return to !== undefined && year <= to;
  if (to === undefined) return year >= from;
  return from <= to ? year >= from && year <= to : year >= from || year <= to;
}

/** The filter as command ids write it: `2011-`, `-2018`, `2007-2012;2020`. */
export function filterText({ from, to, years }: YearFilter): string {
  const range =
    from !== undefined && to !== undefined && from < to
      ? [`${from}-${to}`]
      : [...(from === undefined ? [] : [`${from}-`]), ...(to === undefined ? [] : [`-${to}`])];
  return [...range, ...years.toSorted((a, b) => a - b)].join(";");
}
