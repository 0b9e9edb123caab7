import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GatewayError } from "../../../contract/errors.ts";
import { charactersOf, readGreedily } from "./ctc.ts";

const CHARACTERS = ["", "京", "A", "8", " "];

/** Column by column, one object at a time, and by a regular expression what the reader does with a loop. */
function slowly(columns: readonly (readonly number[])[]) {
  const best = columns.map((column) => {
    const order = column
      .map((value, index) => ({ value, index }))
      .filter(({ value }) => !Number.isNaN(value))
      .sort((a, b) => b.value - a.value || a.index - b.index);
    return order[0] ?? { value: 0, index: 0 };
  });
  // One letter for each column; runs become one letter, blanks go last.
  const runs = best.map(({ index }) => "-abcd"[index]).join("");
  const starts = [...runs.matchAll(/(.)\1*/g)].filter(([run]) => run[0] !== "-").map(({ index }) => best[index]!);
  return {
    text: starts.map(({ index }) => CHARACTERS[index]).join(""),
    confidence: starts.length === 0 ? 0 : starts.reduce((sum, { value }) => sum + value, 0) / starts.length,
  };
}

describe("greedy reading", () => {
  test("says what a slow reference says, ties and what is no number included", () => {
    const value = fc.oneof(
      fc.constantFrom(0, 0.25, 0.5, 1),
      fc.constant(Number.NaN),
      fc.float({ min: 0, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(fc.array(value, { minLength: 5, maxLength: 5 }), { maxLength: 30 }), (columns) => {
        const rounded = columns.map((column) => column.map(Math.fround));
        const { text, confidence } = readGreedily(Float32Array.from(rounded.flat()), CHARACTERS);
        const wanted = slowly(rounded);
        expect(text).toBe(wanted.text);
        expect(confidence).toBeCloseTo(wanted.confidence, 6);
      }),
    );
  });

  const column = (best: number) => CHARACTERS.map((_, index) => (index === best ? 0.5 : 0.125));
  const read = (...classes: number[]) => readGreedily(Float32Array.from(classes.flatMap(column)), CHARACTERS);

  test("joins what is repeated, and keeps what a blank parts", () => {
    expect(read(1, 1, 1, 0, 2, 2, 0, 2, 3, 2)).toEqual({ text: "京AA8A", confidence: 0.5 });
  });

  test("reads nothing from blanks, and nothing from nothing", () => {
    expect(read(0, 0, 0)).toEqual({ text: "", confidence: 0 });
    expect(read()).toEqual({ text: "", confidence: 0 });
  });

  test("leaves a piece of a column alone", () => {
    expect(readGreedily(Float32Array.from([...column(1), 0, 0, 1]), CHARACTERS).text).toBe("京");
  });
});

describe("the dictionary", () => {
  const file = (character?: string) => ({
    inputs: [],
    outputs: [],
    metadata: new Map(character === undefined ? [] : [["character", character]]),
  });
  const codeOf = (work: () => unknown) => {
    try {
      return work();
    } catch (error) {
      if (error instanceof GatewayError) return error.code;
      throw error;
    }
  };

  test("is the card's or the file's, behind a blank, and before a space where there is one class more", () => {
    expect(charactersOf({ characters: ["a", "b"] }, file(), 3)).toEqual(["", "a", "b"]);
    expect(charactersOf({ characters: ["a", "b"] }, file("a\nb"), 4)).toEqual(["", "a", "b", " "]);
    expect(charactersOf({}, file("京\r\n \n\u3000\n"), 4)).toEqual(["", "京", " ", "\u3000"]);
  });

  test.each([
    ["too short", ["a"], undefined, 4],
    ["too long", ["a", "b", "c"], undefined, 3],
    ["absent", undefined, undefined, 3],
    ["empty", undefined, "", 3],
    ["another in card and file", ["a", "b"], "a\nc", 3],
    ["in another order in card and file", ["a", "b"], "b\na", 3],
  ])("is refused when it is %s", (_, characters, listed, classes) => {
    const card = characters === undefined ? {} : { characters };
    expect(codeOf(() => charactersOf(card, file(listed), classes))).toBe("MODEL_LABELS_MISMATCH");
  });
});
