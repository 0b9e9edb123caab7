import type { ElectricView, LiveSignalView } from "../../contract/diagnostics-api.ts";
import type { SignalSample } from "../../contract/payloads.ts";
import { vocabularyRow } from "../../contract/vocabulary.ts";
import type { Reading } from "./board.ts";
import { inOrder, type Numbered, numberOf } from "./numbered.ts";
import { byVocabulary, wordsOf } from "./words.ts";

export type Readings = Iterable<readonly [name: string, reading: Reading]>;

/** What the charts of a traction battery show. */
export const CHARTED = [
  "state-of-charge",
  "pack-voltage",
  "pack-current",
  "cell-voltage-max",
  "cell-voltage-min",
  "cell-voltage-spread",
  "probe-temperature-max",
  "probe-temperature-min",
  "probe-temperature-spread",
  "insulation-resistance",
  "low-voltage-battery",
] as const;

/** Groups whose values make a car an electric one. A 12 V battery is in every car. */
const TRACTION = ["pack", "cell", "probe"];
const SHOWN = [...TRACTION, "motor", "low-voltage"];

/** Highest, lowest and spread, and which cell has them, where the car tells them one by one or tells highest and lowest alone. */
export function derivedFrom(readings: Readings): readonly SignalSample[] {
  const all = [...readings].filter(([, { value, stale }]) => typeof value === "number" && !stale);
  return [...extremes(all, "cell-voltage"), ...extremes(all, "probe-temperature")];
}

function extremes(readings: readonly (readonly [string, Reading])[], word: Numbered): readonly SignalSample[] {
  const told = new Map(readings);
  const single = readings.flatMap(([name, { value, at }]) => {
    const number = numberOf(name, word);
    return number === undefined || typeof value !== "number" ? [] : [{ number, value, at }];
  });
  const [first] = single;
  const { unit } = wordsOf(word);
  const samples: SignalSample[] = [];
  if (first !== undefined && single.length > 1) {
    const highest = single.reduce((best, each) => (each.value > best.value ? each : best), first);
    const lowest = single.reduce((best, each) => (each.value < best.value ? each : best), first);
    const at = Math.max(...single.map((each) => each.at));
    samples.push(
      { name: `${word}-max`, value: highest.value, unit, at },
      { name: `${word}-min`, value: lowest.value, unit, at },
      { name: `${word}-spread`, value: rounded(highest.value - lowest.value), unit, at },
    );
    if (word === "cell-voltage")
      samples.push(
        { name: "cell-voltage-max-number", value: highest.number, at },
        { name: "cell-voltage-min-number", value: lowest.number, at },
      );
    return samples;
  }
  const [max, min] = [told.get(`${word}-max`), told.get(`${word}-min`)];
  if (typeof max?.value !== "number" || typeof min?.value !== "number") return samples;
  const spread = rounded(max.value - min.value);
  return [{ name: `${word}-spread`, value: spread, unit, at: Math.max(max.at, min.at) }];
}

/** Volts and degrees come in thousandths at best; a difference of such numbers claims no more. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** A traction battery from what the dongle tells now; null where it tells nothing of one. */
export function electricOf(readings: Readings, history: ElectricView["history"]): ElectricView | null {
  const all = [...readings];
  const group = (name: string) => vocabularyRow(name)?.group;
  if (!all.some(([name]) => TRACTION.includes(group(name) ?? ""))) return null;
  const shown = all.filter(([name]) => SHOWN.includes(group(name) ?? ""));
  const values = all.map(([name, { value }]) => [name, value] as const);
  return {
    asOf: Math.max(0, ...shown.map(([, { at }]) => at)),
    stale: shown.every(([, { stale }]) => stale),
    source: "live",
    values: shown
      .filter(([name]) => !isSingle(name))
      .toSorted(([a], [b]) => byVocabulary(a, b))
      .map(([name, reading]) => liveViewOf(name, reading)),
    cellVolts: inOrder(values, "cell-voltage"),
    probeTemperaturesC: inOrder(values, "probe-temperature"),
    history,
  };
}

/** The same from what a scan kept: old, and without history. */
export function electricOfScan(signals: readonly SignalSample[]): ElectricView | null {
  const readings = [...readingsOfScan(signals, 0)].map(
    ([name, reading]) => [name, { ...reading, stale: true }] as const,
  );
  const view = electricOf(readings, { at: [], columns: {} });
  return view === null ? null : { ...view, source: "scan" };
}

/**
 * The values of a scan, and what can be reckoned from them, as the latest of their names.
 * @param receivedMs when the scan came, monotonic milliseconds of the shop
 */
export function readingsOfScan(signals: readonly SignalSample[], receivedMs: number): ReadonlyMap<string, Reading> {
  const readings = new Map<string, Reading>();
  const add = ({ name, value, unit = "", at, stale = false }: SignalSample) =>
    readings.set(name, { value, unit, at, stale, minimum: null, maximum: null, receivedMs });
  for (const signal of signals) add(signal);
  for (const signal of derivedFrom(readings)) if (!readings.has(signal.name)) add(signal);
  return readings;
}

/** One value for the page; `undefined` for one that never came. */
export function liveViewOf(name: string, reading: Reading | undefined): LiveSignalView {
  const words = wordsOf(name, reading?.unit);
  if (reading === undefined)
    return { name, ...words, value: null, minimum: null, maximum: null, lastSeen: null, stale: true };
  const { value, minimum, maximum, at, stale } = reading;
  return { name, ...words, value, minimum, maximum, lastSeen: at, stale };
}

function isSingle(name: string): boolean {
  return numberOf(name, "cell-voltage") !== undefined || numberOf(name, "probe-temperature") !== undefined;
}
