import { type Decoded, decoded } from "../errors.ts";
import { describeFailureMode, describeParameter } from "../j1939/index.ts";
import { failureType } from "../uds/words.ts";
import { type ParsedDtc, parseDtcCode } from "./code.ts";
import {
  type DriveAdvice,
  DTC_SYSTEMS,
  type DtcSeverity,
  type DtcSystem,
  FAMILIES,
  type FamilyName,
} from "./families.ts";
import { HINTS } from "./hints.ts";
import { type DtcOrigin, type DtcPhrase, type DtcStructure, structureOf } from "./structure.ts";
import { TABLES } from "./tables/index.ts";
import type { Entry } from "./wording.ts";

/** What the characters of a code say by themselves. */
export type DtcStructureExplained =
  | {
      readonly kind: "j2012";
      readonly letter: DtcStructure["letter"];
      readonly group: DtcPhrase;
      readonly origin: DtcOrigin;
      readonly originText: DtcPhrase;
      readonly area: DtcPhrase | null;
      /** The failure type byte in two hex digits, with its meaning where the standard gives one; null in the two-byte form. */
      readonly failureType: { readonly byte: string; readonly text: DtcPhrase | null } | null;
    }
  | { readonly kind: "j1939"; readonly spn: number; readonly fmi: number };

/** What BayGate knows of one code, as plain data. */
export interface DtcKnowledge {
  /** As parsed, with the failure type byte where it was given. */
  readonly code: string;
  /** Null: we do not know this code. Its structure still says whose it is. */
  readonly text: DtcPhrase | null;
  /** What the other list in use says, where two lists give one code two meanings. */
  readonly otherReading: DtcPhrase | null;
  readonly structure: DtcStructureExplained;
  readonly system: { readonly id: DtcSystem; readonly name: DtcPhrase } | null;
  /** Null where we cannot judge. */
  readonly severity: DtcSeverity | null;
  /** `not-known` wherever we cannot judge: never "drive" out of ignorance. */
  readonly advice: DriveAdvice;
  /** What to look at first. */
  readonly hint: DtcPhrase | null;
}

const ENTRIES: ReadonlyMap<string, Entry> = new Map(TABLES.flatMap((table) => Object.entries(table)));

/** All codes that have a text, without order. */
export function knownDtcs(): readonly string[] {
  return [...ENTRIES.keys()];
}

/**
 * What is known of a code, however it is written.
 * @returns refused with `invalid-argument` if the text is no trouble code
 */
export function knowDtc(text: string): Decoded<DtcKnowledge> {
  const parsed = parseDtcCode(text);
  return parsed.ok ? decoded(describe(parsed.value)) : parsed;
}

function describe(parsed: ParsedDtc): DtcKnowledge {
  return parsed.kind === "j1939" ? describeJ1939(parsed) : describeJ2012(parsed);
}

function describeJ2012({ code: base, failureType: byte }: ParsedDtc & { readonly kind: "j2012" }): DtcKnowledge {
  const { areaSystem, ...structure } = structureOf(base);
  const failure = byte === undefined ? null : { byte: hexByte(byte), text: failureType(byte)?.text ?? null };
  const common = {
    code: failure === null ? base : `${base}-${failure.byte}`,
    structure: { kind: "j2012" as const, ...structure, failureType: failure },
  };
  const entry = ENTRIES.get(base);
  if (entry === undefined)
    return { ...common, text: null, otherReading: null, ...NOT_JUDGED, system: areaSystem && systemOf(areaSystem) };
  return {
    ...common,
    text: phrase(entry),
    otherReading: entry.otherReading === undefined ? null : phrase(entry.otherReading),
    ...judgementOf(entry.family),
  };
}

/** SAE J1939 puts a code together from a parameter and a failure mode, so that there is a text for every code. */
function describeJ1939({ code, spn, fmi }: ParsedDtc & { readonly kind: "j1939" }): DtcKnowledge {
  const [parameter, mode] = [describeParameter(spn), describeFailureMode(fmi)];
  const family = GRAVE_J1939.get(code);
  return {
    code,
    text: { en: `${parameter.en}: ${mode.en}`, "zh-CN": `${parameter["zh-CN"]}:${mode["zh-CN"]}` },
    otherReading: null,
    structure: { kind: "j1939", spn, fmi },
    ...(family === undefined ? { ...NOT_JUDGED, system: null } : judgementOf(family)),
  };
}

/** What no van or truck may be driven with; of all others its lamps say whether it may (`adviceFor`). */
const GRAVE_J1939: ReadonlyMap<string, FamilyName> = new Map<string, FamilyName>([
  ["SPN100-FMI1", "oil-pressure-lost"],
  ["SPN110-FMI0", "overheating"],
  ["SPN111-FMI1", "overheating"],
  ["SPN175-FMI0", "overheating"],
  ["SPN177-FMI0", "transmission-hot"],
]);

const NOT_JUDGED = { severity: null, advice: "not-known", hint: null } as const;

function judgementOf(family: FamilyName): Pick<DtcKnowledge, "system" | "severity" | "advice" | "hint"> {
  const { system, severity, advice } = FAMILIES[family];
  return { system: systemOf(system), severity, advice, hint: phrase(HINTS[family]) };
}

function systemOf(id: DtcSystem): { readonly id: DtcSystem; readonly name: DtcPhrase } {
  return { id, name: phrase(DTC_SYSTEMS[id]) };
}

function phrase({ en, zh }: { readonly en: string; readonly zh: string }): DtcPhrase {
  return { en, "zh-CN": zh };
}

function hexByte(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, "0");
}
