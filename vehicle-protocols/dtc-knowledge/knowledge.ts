import { type Decoded, decoded } from "../errors.ts";
import { failureType } from "../uds/words.ts";
import { type ParsedDtc, parseDtcCode } from "./code.ts";
import { type DriveAdvice, DTC_SYSTEMS, type DtcSeverity, type DtcSystem, FAMILIES } from "./families.ts";
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
  /** Null where the text is not known. */
  readonly severity: DtcSeverity | null;
  /** `not-known` for every code without a text: never "drive" out of ignorance. */
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
  if (parsed.kind === "j1939") {
    const { code, spn, fmi } = parsed;
    return { code, ...UNKNOWN, structure: { kind: "j1939", spn, fmi }, system: null };
  }
  const { areaSystem, ...structure } = structureOf(parsed.code);
  const failure =
    parsed.failureType === undefined
      ? null
      : { byte: hexByte(parsed.failureType), text: failureType(parsed.failureType)?.text ?? null };
  const common = {
    code: failure === null ? parsed.code : `${parsed.code}-${failure.byte}`,
    structure: {
      kind: "j2012" as const,
      ...structure,
      failureType: failure,
    },
  };
  const entry = ENTRIES.get(parsed.code);
  if (entry === undefined) return { ...common, ...UNKNOWN, system: areaSystem === null ? null : systemOf(areaSystem) };
  const family = FAMILIES[entry.family];
  return {
    ...common,
    text: phrase(entry),
    otherReading: entry.otherReading === undefined ? null : phrase(entry.otherReading),
    system: systemOf(family.system),
    severity: family.severity,
    advice: family.advice,
    hint: phrase(HINTS[entry.family]),
  };
}

const UNKNOWN = { text: null, otherReading: null, severity: null, advice: "not-known", hint: null } as const;

function systemOf(id: DtcSystem): { readonly id: DtcSystem; readonly name: DtcPhrase } {
  return { id, name: phrase(DTC_SYSTEMS[id]) };
}

function phrase({ en, zh }: { readonly en: string; readonly zh: string }): DtcPhrase {
  return { en, "zh-CN": zh };
}

function hexByte(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, "0");
}
