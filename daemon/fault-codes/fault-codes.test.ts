import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Compile } from "typebox/compile";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DTC_SYSTEM_NAMES, DtcExplanation } from "../../contract/dtc-explanation.ts";
import { type DtcKnowledge, knownDtcs } from "../../vehicle-protocols/dtc-knowledge/index.ts";
import { mutateText, surviveMutations } from "../../vehicle-protocols/mutations.fixture.ts";
import { problemLine } from "../configuration/configuration.ts";
import { checkShopTexts, explainDtc, readShopTexts, type ShopTexts } from "./index.ts";

const EXAMPLE = new URL("../../config/fault-codes.example.yaml", import.meta.url).pathname;

const NOTES = `
notes:
  - code: p0420
    note: Fill up elsewhere.
  - code: P0420
    make: Toyota
    cause: { en: Leak, zh-CN: 漏气 }
  - code: P0420
    make: Toyota
    model: Corolla
    fix: { zh-CN: 更换垫片 }
  - code: U0405-81
    text: Only this failure type.
  - { code: P1234, make: Ford, text: Ford says this. }
  - { code: SPN110-FMI0, note: Van. }
`;

const schema = Compile(DtcExplanation);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fault-codes-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function textsOf(text: string): ShopTexts {
  const { texts, problems } = checkShopTexts(text);
  expect(problems).toEqual([]);
  return texts;
}

/** What an installer would read, one line for each problem. */
function complaints(text: string): readonly string[] {
  return checkShopTexts(text).problems.map((problem) => problemLine(problem, "fault-codes.yaml", "en"));
}

function notes(code: string, car: { make?: string; model?: string } = {}): readonly (string | undefined)[] {
  const explanation = explainDtc(code, { ...car, texts: textsOf(NOTES) });
  return (explanation?.shopNotes ?? []).map(({ text, cause, fix, note }) => (text ?? cause ?? fix ?? note)?.en);
}

describe("an explanation", () => {
  it("has the form of the contract for every known code, unknown ones, failure types and J1939", () => {
    const wrong = [...knownDtcs(), "P1234", "P3A00", "C3001", "U0405-81", "C0035-1A", "SPN110-FMI0"].filter(
      (code) => !schema.Check(explainDtc(code)),
    );
    expect(wrong).toEqual([]);
  });

  it("knows every system that the contract names", () => {
    const systems = new Set<DtcKnowledge["system"] extends { id: infer Id } | null ? Id : never>();
    for (const code of knownDtcs()) {
      const system = explainDtc(code)?.system;
      if (system) systems.add(system.id);
    }
    expect([...systems].sort()).toEqual([...DTC_SYSTEM_NAMES].sort());
  });

  it("is not given for text that is no code", () => {
    for (const text of ["", "P042", "hello", "P0420; DROP", "SPN999999-FMI99"])
      expect(explainDtc(text)).toBeUndefined();
  });
});

describe("the shop's notes", () => {
  it("stand beside the standard text, never in its place", () => {
    const explanation = explainDtc("P0420", { texts: textsOf(NOTES) });
    expect(explanation?.text?.en).toContain("Catalyst");
    expect(explanation?.shopNotes).toHaveLength(3);
    expect(explainDtc("P1234", { texts: textsOf(NOTES) })).toMatchObject({
      text: null,
      advice: "not-known",
      shopNotes: [{ make: "Ford", text: { en: "Ford says this.", "zh-CN": "Ford says this." } }],
    });
  });

  it("are for a make or model where they say so, and all are told while the car is not known", () => {
    expect(notes("P0420")).toEqual(["Fill up elsewhere.", "Leak", "更换垫片"]);
    expect(notes("P0420", { make: "toyota " })).toEqual(["Fill up elsewhere.", "Leak", "更换垫片"]);
    expect(notes("P0420", { make: "Toyota", model: "Camry" })).toEqual(["Fill up elsewhere.", "Leak"]);
    expect(notes("P0420", { make: "Toyota", model: "COROLLA" })).toEqual(["Fill up elsewhere.", "Leak", "更换垫片"]);
    expect(notes("P0420", { make: "Honda" })).toEqual(["Fill up elsewhere."]);
  });

  it("on a code hold for all its failure types, on a failure type for that alone", () => {
    expect(notes("P0420-07")).toHaveLength(3);
    expect(notes("U0405-81")).toEqual(["Only this failure type."]);
    expect(notes("U0405-82")).toEqual([]);
    expect(notes("U0405")).toEqual([]);
    expect(notes("SPN110-FMI0")).toEqual(["Van."]);
  });

  it("read the other language where one is missing", () => {
    const [note] = explainDtc("P0420", { model: "Corolla", texts: textsOf(NOTES) })?.shopNotes.slice(-1) ?? [];
    expect(note?.fix).toEqual({ en: "更换垫片", "zh-CN": "更换垫片" });
  });

  it("may be none at all", () => {
    for (const text of ["", "notes:", "notes: []", "# nothing yet\n"]) expect(textsOf(text).size).toBe(0);
  });
});

describe("the shop's file", () => {
  it("is shown by an example that has nothing wrong with it", async () => {
    const { texts, problems } = await readShopTexts(EXAMPLE);
    expect(problems).toEqual([]);
    expect(texts.size).toBe(3);
    expect(texts.notesFor("P0016", { make: "Volkswagen", model: "Tiguan" })).toHaveLength(1);
  });

  it.each([
    ["notes:\n  - { code: P0420, note: x, colour: red }", ":2:29", "Unknown key"],
    ["notes:\n  - { cod: P0420, note: x }", ":2:7", 'Did you mean "code"'],
    ["notes:\n  - code: P42\n    note: x", ":2:11", "Not a trouble code"],
    ["notes:\n  - code: 420\n    note: x", ":2:11", "Expected text"],
    ["notes:\n  - code: P0420", ":2:5", "says nothing"],
    ["notes:\n  - { code: P0420, note: {} }", ":2:5", "says nothing"],
    ["notes:\n  - { code: P0420, model: Corolla, note: x }", ":2:27", "needs its make"],
    ["notes:\n  - { code: P0420, note: 5 }", ":2:26", "Expected text"],
    ["notes:\n  - { code: P0420, note: { en: [x] } }", ":2:32", "Expected text"],
    [`notes:\n  - { code: P0420, note: ${"x".repeat(501)} }`, ":2:26", "to 500 characters"],
    ["notes:\n  P0420: x", ":2:3", "Expected a list"],
    ["notes:\n  - P0420", ":2:5", "Expected a section"],
    ["codes: []", ":1:1", "Unknown key"],
    ["- code: P0420", ":1:1", "Expected a section"],
    ["notes:\n  - { code: P0420, code: P0421, note: x }", ":2:", "the key stands twice"],
    ["notes: [", ":1:", "Not valid YAML"],
    ["notes: &x\n  - { code: P0420, note: *x }", ":1:1", "an alias stands within what it names"],
  ])("names the line of what is wrong: %j", (text, place, message) => {
    const lines = complaints(text);
    expect(lines.join("\n")).toContain(`fault-codes.yaml${place}`);
    expect(lines.join("\n")).toContain(message);
    expect(checkShopTexts(text).problems.every(({ remedy }) => /[\u4e00-\u9fff]/.test(remedy["zh-CN"]))).toBe(true);
  });

  it("loses only the notes that are wrong", () => {
    const { texts, problems } = checkShopTexts(`${NOTES}  - { code: nonsense, note: x }\n  - { code: P0300 }\n`);
    expect(problems.map(({ line }) => line)).toEqual([16, 17]);
    expect(texts.size).toBe(6);
  });

  it("is a problem, and no exception, where it is missing, a folder, not text, or far too large", async () => {
    const notText = join(folder, "binary.yaml");
    await writeFile(notText, Uint8Array.of(0xff, 0xfe, 0x00, 0xd8));
    const large = join(folder, "large.yaml");
    await writeFile(large, "#".repeat(5_000_000));
    for (const path of [join(folder, "absent.yaml"), folder, notText, large]) {
      const { texts, problems } = await readShopTexts(path);
      expect(problems, path).toMatchObject([{ code: "CONFIG_FILE_UNREADABLE", line: 0 }]);
      expect(texts.size).toBe(0);
    }
  });

  it("survives 100,000 mutations", { timeout: 600_000 }, () => {
    surviveMutations({
      seeds: [
        "notes:\n  - code: P0420\n    make: Kia\n    fix: { zh-CN: 换垫片 }\n",
        "notes:\n  - { code: U0405-81, text: &x y, fix: *x }\n",
        "notes: [{ code: P0420, note: x }]",
      ],
      mutate: mutateText,
      parse: (text) => {
        const { texts, problems } = checkShopTexts(text);
        return { size: texts.size, notes: texts.notesFor("P0420"), problems };
      },
    });
  });
});
