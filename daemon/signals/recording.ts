import type { SignalSample } from "../../contract/payloads.ts";
import type { RecordedSeries, Stamp } from "../../contract/records.ts";

type Point = readonly [ms: number, value: number];

/** Bound of the record. */
const MOST_POINTS = 600;

/** Values that a person asked to keep, while they come. Bounded: a long recording keeps fewer points, and always the extremes. */
export class Recording {
  readonly from: Stamp;
  readonly names: ReadonlySet<string>;
  readonly #series = new Map<string, Series>();

  constructor(names: Iterable<string>, from: Stamp) {
    this.names = new Set(names);
    this.from = from;
  }

  /** Takes a live value; what is no number, or not among the names, is passed over. */
  take({ name, value, unit = "" }: SignalSample, at: Stamp): void {
    if (!this.names.has(name) || typeof value !== "number") return;
    const series = this.#series.get(name) ?? new Series(unit);
    this.#series.set(name, series);
    series.add(Math.max(0, Math.round(at.monoMs - this.from.monoMs)), value);
  }

  /** In the order of the names; a name of which nothing came is left out. */
  series(): RecordedSeries[] {
    return [...this.names].flatMap((name) => {
      const series = this.#series.get(name);
      return series === undefined ? [] : [{ name, ...series.record() }];
    });
  }
}

class Series {
  readonly #unit: string;
  #points: Point[] = [];
  #minimum = Number.POSITIVE_INFINITY;
  #maximum = Number.NEGATIVE_INFINITY;
  #last = 0;
  #count = 0;

  constructor(unit: string) {
    this.#unit = unit;
  }

  add(ms: number, exact: number): void {
    const value = asKept(exact);
    this.#count += 1;
    this.#last = value;
    this.#minimum = Math.min(this.#minimum, value);
    this.#maximum = Math.max(this.#maximum, value);
    this.#points.push([ms, value]);
    if (this.#points.length >= 2 * MOST_POINTS) this.#points = thinned(this.#points, MOST_POINTS);
  }

  record(): Omit<RecordedSeries, "name"> {
    return {
      unit: this.#unit,
      minimum: this.#minimum,
      maximum: this.#maximum,
      last: this.#last,
      count: this.#count,
      points: thinned(this.#points, MOST_POINTS).map(([ms, value]) => [ms, value]),
    };
  }
}

/** Seven digits are more than any sensor of a car has. */
function asKept(value: number): number {
  return Number(value.toPrecision(7));
}

/** At most so many points in the order of time: the first, the last, and of each stretch between them the lowest and the highest. */
export function thinned(points: readonly Point[], most: number): Point[] {
  const [first, last] = [points[0], points.at(-1)];
  if (points.length <= most || first === undefined || last === undefined) return [...points];
  const inner = points.slice(1, -1);
  const stretches = Math.floor((most - 2) / 2);
  const kept: Point[] = [first];
  for (let n = 0; n < stretches; n += 1) {
    const stretch = inner.slice(
      Math.floor((n * inner.length) / stretches),
      Math.floor(((n + 1) * inner.length) / stretches),
    );
    const [start] = stretch;
    if (start === undefined) continue;
    const lowest = stretch.reduce((best, point) => (point[1] < best[1] ? point : best), start);
    const highest = stretch.reduce((best, point) => (point[1] > best[1] ? point : best), start);
    if (lowest === highest) kept.push(lowest);
    else kept.push(...(lowest[0] <= highest[0] ? [lowest, highest] : [highest, lowest]));
  }
  return [...kept, last];
}
