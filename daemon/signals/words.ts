import type { LiveSignalView } from "../../contract/diagnostics-api.ts";
import { VOCABULARY, type VocabularyRow, vocabularyRow } from "../../contract/vocabulary.ts";
import { knownPids, pidSignals } from "../../vehicle-protocols/index.ts";
import { inChinese } from "./j1979-words.ts";

/** How a value is called and written. */
export type SignalWords = Pick<LiveSignalView, "label" | "unit" | "digits" | "group">;

/** SAE J1979 acronyms that mean what a word of the vocabulary means. */
const VOCABULARY_OF_ACRONYM: ReadonlyMap<string, string> = new Map([
  ["LOAD_PCT", "engine-load"],
  ["ECT", "coolant-temperature"],
  ["SHRTFT1", "short-term-fuel-trim"],
  ["LONGFT1", "long-term-fuel-trim"],
  ["RPM", "engine-speed"],
  ["VSS", "vehicle-speed"],
  ["IAT", "intake-air-temperature"],
  ["MAF", "mass-air-flow"],
  ["TP", "throttle-position"],
  ["FLI", "fuel-level"],
  ["VPWR", "low-voltage-battery"],
  ["AAT", "ambient-temperature"],
  ["BAT_PWR", "state-of-charge"],
  ["BAT_SOH", "state-of-health"],
  ["EOT", "oil-temperature"],
  ["HEV_BATT_V", "pack-voltage"],
  ["ODO", "odometer"],
]);

/** The name under which a J1979 value travels. */
export function nameOfAcronym(acronym: string): string {
  return VOCABULARY_OF_ACRONYM.get(acronym) ?? acronym;
}

/** Decimals by unit where nothing says it better: what such sensors resolve. */
const DIGITS: Readonly<Record<string, number>> = {
  V: 2,
  A: 1,
  mA: 2,
  "%": 1,
  "°C": 0,
  "°": 1,
  kPa: 0,
  Pa: 0,
  rpm: 0,
  "km/h": 0,
  km: 0,
  s: 0,
  min: 0,
  h: 0,
  "g/s": 2,
  "L/h": 1,
  Nm: 0,
  ppm: 0,
};
const OTHER_DIGITS = 2;

const J1979: ReadonlyMap<string, SignalWords> = new Map(
  knownPids().flatMap((pid) =>
    pidSignals(pid).map(({ id, name, unit }) => {
      const shown = unit === "1" || unit === "word" ? "" : unit;
      const label = { en: name, "zh-CN": inChinese(name) };
      return [id, { label, unit: shown, digits: DIGITS[shown] ?? OTHER_DIGITS, group: "other" }] as const;
    }),
  ),
);

/**
 * The words for a value, by its name: the vocabulary's, those of SAE J1979, or the name itself where the firmware alone knows what it means.
 * @param unit as the value came with it, where the name does not say it
 */
export function wordsOf(name: string, unit = ""): SignalWords {
  const row = vocabularyRow(name);
  if (row !== undefined) return fromVocabulary(name, row);
  const standard = J1979.get(name) ?? J1979.get(name.toUpperCase());
  if (standard !== undefined) return standard;
  return { label: { en: name, "zh-CN": name }, unit, digits: DIGITS[unit] ?? OTHER_DIGITS, group: "other" };
}

/** Which tyre. */
const CORNERS: ReadonlyMap<string, { readonly en: string; readonly "zh-CN": string }> = new Map([
  ["front-left", { en: "front left", "zh-CN": "左前" }],
  ["front-right", { en: "front right", "zh-CN": "右前" }],
  ["rear-left", { en: "rear left", "zh-CN": "左后" }],
  ["rear-right", { en: "rear right", "zh-CN": "右后" }],
]);

function fromVocabulary(name: string, { en, "zh-CN": zh, unit, digits, group }: VocabularyRow): SignalWords {
  const dot = name.indexOf(".");
  const which = dot < 0 ? "" : name.slice(dot + 1);
  const part = CORNERS.get(which) ?? { en: which, "zh-CN": which };
  const label = which === "" ? { en, "zh-CN": zh } : { en: `${en} ${part.en}`, "zh-CN": `${zh} ${part["zh-CN"]}` };
  return { label, unit, digits, group };
}

const ORDER: ReadonlyMap<string, number> = new Map(Object.keys(VOCABULARY).map((word, index) => [word, index]));

/** Orders names as the vocabulary does; what it does not name comes last, by its name. */
export function byVocabulary(a: string, b: string): number {
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

function rank(name: string): number {
  return ORDER.get(name.split(".")[0] ?? name) ?? ORDER.size;
}
