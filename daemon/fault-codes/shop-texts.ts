import { readFile, stat } from "node:fs/promises";
import { Compile } from "typebox/compile";
import type { ShopNoteView } from "../../contract/dtc-explanation.ts";
import { type FaultCodeNote, FaultCodeTexts, type FaultCodeWords } from "../../contract/fault-code-texts.ts";
import { parseDtcCode } from "../../vehicle-protocols/dtc-knowledge/index.ts";
import type { ConfigurationProblem } from "../configuration/configuration.ts";
import { type Finding, problemOf, shown } from "../configuration/problems.ts";
import { isRecord, walkSchema } from "../configuration/schema-walk.ts";
import { readSource } from "../configuration/source.ts";

/** A car as far as it is known; notes for other makes or models are left out, notes for an unknown one are not. */
export interface CarKind {
  readonly make?: string | undefined;
  readonly model?: string | undefined;
}

/** What a file with the shop's own texts holds, and everything that is wrong with it: the sound notes are used all the same. */
export interface ShopTextsRead {
  readonly texts: ShopTexts;
  /** In the order of the file. */
  readonly problems: readonly ConfigurationProblem[];
}

interface Note {
  readonly failureType: number | undefined;
  readonly view: ShopNoteView;
}

const MAX_BYTES = 4 * 1024 * 1024;
const WORDED = ["text", "cause", "fix", "note"] as const;
const wholeFile = Compile(FaultCodeTexts);

/** The shop's own notes by code. */
export class ShopTexts {
  static readonly NONE = new ShopTexts(new Map());
  readonly #notes: ReadonlyMap<string, readonly Note[]>;

  constructor(notes: ReadonlyMap<string, readonly Note[]>) {
    this.#notes = notes;
  }

  /** How many notes there are. */
  get size(): number {
    return [...this.#notes.values()].reduce((sum, notes) => sum + notes.length, 0);
  }

  /**
   * Every note on a code that fits the car, in the order of the file. A note on "P0301" also stands on "P0301-00"; a note on
   * "U0405-81" only on that.
   */
  notesFor(code: string, car: CarKind = {}): readonly ShopNoteView[] {
    const parsed = parseDtcCode(code);
    if (!parsed.ok) return [];
    const { value } = parsed;
    const failureType = value.kind === "j2012" ? value.failureType : undefined;
    return (this.#notes.get(value.code) ?? [])
      .filter((note) => note.failureType === undefined || note.failureType === failureType)
      .map(({ view }) => view)
      .filter(({ make, model }) => fits(make, car.make) && fits(model, car.model));
  }
}

function fits(asked: string | null, known: string | undefined): boolean {
  return asked === null || known === undefined || plain(asked) === plain(known);
}

function plain(name: string): string {
  return name.trim().toLowerCase();
}

/** Reads the shop's file. Never throws for what may be wrong with it: a missing file is a problem too. */
export async function readShopTexts(path: string): Promise<ShopTextsRead> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) return unreadable(`${path} has ${size} bytes`);
    text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (error) {
    return unreadable(error instanceof Error ? error.message : String(error));
  }
  return checkShopTexts(text);
}

/** Checks the text of such a file. */
export function checkShopTexts(text: string): ShopTextsRead {
  const read = readSource(text);
  if ("problems" in read)
    return { texts: ShopTexts.NONE, problems: read.problems.map((finding) => problemOf(finding, finding.place)) };
  const { source } = read;
  const walked = walkSchema(FaultCodeTexts, source.value ?? {});
  const findings = [...walked.findings];
  const faulty = new Set(walked.findings.map(({ path }) => path[1]));
  const notes = new Map<string, Note[]>();
  for (const [index, entry] of entriesOf(walked.value).entries()) {
    if (faulty.has(index)) continue;
    const wrong = checkNote(entry, index);
    if (wrong.length > 0) findings.push(...wrong);
    else addNote(notes, entry);
  }
  const problems = findings
    .map((finding) => problemOf(finding, source.locate(finding.path, finding.at)))
    .sort((a, b) => a.line - b.line || a.column - b.column);
  return { texts: new ShopTexts(notes), problems };
}

/** The entries that TypeBox calls sound; the walk has said what is wrong with the others. */
function entriesOf(value: unknown): readonly (FaultCodeNote | undefined)[] {
  if (!isRecord(value) || !Array.isArray(value.notes)) return [];
  return value.notes.map((entry: unknown) => {
    const alone = { notes: [entry] };
    return wholeFile.Check(alone) ? alone.notes?.[0] : undefined;
  });
}

/** What no schema can see: a code that is one, a model with its make, and something said. */
function checkNote(entry: FaultCodeNote | undefined, index: number): Finding[] {
  const path = ["notes", index];
  if (entry === undefined) return [invalid(path, { en: "Not a note.", "zh-CN": "不是有效的说明。" })];
  const findings: Finding[] = [];
  if (!parseDtcCode(entry.code).ok)
    findings.push({
      ...invalid([...path, "code"], { en: "Not a trouble code.", "zh-CN": "不是有效的故障码。" }),
      found: shown(entry.code),
      remedy: {
        en: "Write it like P0420, U0405-81 or SPN110-FMI0.",
        "zh-CN": "请按 P0420、U0405-81 或 SPN110-FMI0 的形式填写。",
      },
    });
  if (entry.model !== undefined && entry.make === undefined)
    findings.push(invalid([...path, "model"], { en: "A model needs its make.", "zh-CN": "填写车型时必须填写品牌。" }));
  if (WORDED.every((key) => phraseOf(entry[key]) === null))
    findings.push({
      code: "CONFIG_KEY_MISSING",
      path,
      message: { en: "This note says nothing.", "zh-CN": "此说明没有内容。" },
      remedy: { en: "Add text, cause, fix or note.", "zh-CN": "请填写 text、cause、fix 或 note。" },
    });
  return findings;
}

function addNote(notes: Map<string, Note[]>, entry: FaultCodeNote | undefined): void {
  const parsed = entry === undefined ? undefined : parseDtcCode(entry.code);
  if (entry === undefined || parsed === undefined || !parsed.ok) return;
  const { value } = parsed;
  const view: ShopNoteView = {
    make: entry.make ?? null,
    model: entry.model ?? null,
    text: phraseOf(entry.text),
    cause: phraseOf(entry.cause),
    fix: phraseOf(entry.fix),
    note: phraseOf(entry.note),
  };
  const failureType = value.kind === "j2012" ? value.failureType : undefined;
  notes.set(value.code, [...(notes.get(value.code) ?? []), { failureType, view }]);
}

/** Both languages of a text; one that is missing reads the other. Null where nothing is said. */
function phraseOf(words: FaultCodeWords | undefined): { readonly en: string; readonly "zh-CN": string } | null {
  if (words === undefined) return null;
  if (typeof words === "string") return { en: words, "zh-CN": words };
  const en = words.en ?? words["zh-CN"];
  const zh = words["zh-CN"] ?? words.en;
  return en === undefined || zh === undefined ? null : { en, "zh-CN": zh };
}

function invalid(path: readonly (string | number)[], message: Finding["message"]): Finding {
  return { code: "CONFIG_VALUE_INVALID", path, message };
}

function unreadable(reason: string): ShopTextsRead {
  const finding: Finding = {
    code: "CONFIG_FILE_UNREADABLE",
    path: [],
    found: reason,
    message: {
      en: "The file with the shop's texts for fault codes cannot be read.",
      "zh-CN": "无法读取本店的故障码说明文件。",
    },
    remedy: {
      en: "Correct the name in shop.yaml, or take the key faultCodeTexts out.",
      "zh-CN": "请更正 shop.yaml 中的文件名,或删除 faultCodeTexts。",
    },
  };
  return { texts: ShopTexts.NONE, problems: [problemOf(finding, { line: 0, column: 0 })] };
}
