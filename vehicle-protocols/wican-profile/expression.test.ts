import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex } from "../can-frame.ts";
import { mutateText, surviveMutations } from "../mutations.fixture.ts";
import { evaluateExpression, parseExpression } from "./expression.ts";

const DATA = fromHex("10 2E 62 D0 01 7F 80 FF 21 C2 05 FF FF FF FE 0C 81 00 00 7F");

function value(text: string, voltage?: number): number | undefined {
  const expression = parseExpression(text);
  if (!expression.ok) throw expression.error;
  return evaluateExpression(expression.value, (index) => DATA[index], voltage);
}

describe("an expression", () => {
  test.each([
    ["B9/2", 97],
    ["S9", -62],
    ["B1:1", 1],
    ["B1:0", 0],
    ["B6:7", 1],
    ["[B9:B10]", 0xc205],
    ["[S9:S10]", 0xc205 - 0x10000],
    ["[S11:S14]", -2],
    ["[S5:S7]", 0x7f80ff],
    ["[S9:S11]", 0xc205ff - 0x1000000],
    ["[B9]", 0xc2],
    ["[B9:B16]", Number(0xc205ffffff_fe0c81n)],
    ["(65536-([B9:B10]))/10", 1586.7],
    ["((B9*65536)+[B10:B11])/10000", 1271.5519],
    ["10 - 2 * 3", 4],
    ["100/10/2", 5],
    ["2+3<<1", 10],
    ["(B9 & 0xF0) >> 4", 12],
    ["B9 & 15 | 64", 66],
    ["5 ^ 2", 7],
    ["[B11:B14] >> 1", 0x7fffffff],
    ["[B11:B14] & 0xFF000000", 0xff000000],
    [".5*B10", 2.5],
    ["-B10", -5],
    ["2*-B10+1", -9],
    ["8/-B10/2", -0.8],
    ["-(3-B10)", 2],
    ["V-0.5", 12],
  ])("%s", (text, expected) => {
    expect(value(text, 12.5)).toBeCloseTo(expected, 9);
  });

  test.each(["B20", "[B18:B20]", "1/0", "0/0", "1<<99999", "V"])("%s has no value here", (text) => {
    expect(value(text)).toBeUndefined();
  });

  test.each([
    "",
    " ",
    "B",
    "B1:8",
    "S1:0",
    "[B4:S5]",
    "[B5:B4]",
    "[B0:B8]",
    "B99999",
    "(B1",
    "B1)",
    "(B5*256)+B4)/100",
    "B1 B2",
    "1+",
    "*2",
    "()",
    "B1;B2",
    "process.exit(1)",
    "1<2",
    "__proto__",
    `${"(".repeat(33)}1${")".repeat(33)}`,
    "1+".repeat(300),
  ])("%j is refused", (text) => {
    expect(parseExpression(text)).toMatchObject({ ok: false, error: { code: "invalid-definition" } });
  });
});

test("arithmetic agrees with arithmetic, whatever is nested in what", () => {
  const tree = fc.letrec<{ node: { text: string; value: number } }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 6 },
      fc.nat(255).map((number) => ({ text: String(number), value: number })),
      fc.nat(19).map((index) => ({ text: `B${index}`, value: DATA[index] ?? 0 })),
      fc.tuple(tie("node"), fc.constantFrom("+", "-", "*", "/"), tie("node")).map(([left, operator, right]) => ({
        text: `(${left.text} ${operator} ${right.text})`,
        value:
          operator === "+"
            ? left.value + right.value
            : operator === "-"
              ? left.value - right.value
              : operator === "*"
                ? left.value * right.value
                : left.value / right.value,
      })),
    ),
  })).node;
  fc.assert(
    fc.property(tree, ({ text, value: expected }) => {
      if (text.length > 500) return;
      const got = value(text);
      if (got !== undefined) expect(got).toBe(expected);
      else expect(text).toContain("/");
    }),
    { numRuns: 2_000 },
  );
});

test("100,000 mutated expressions are read or refused", { timeout: 120_000 }, () => {
  surviveMutations({
    seeds: ["(65536-([B17:B18]))/10", "((B39*65536)+[B41:B42])/10000", "(B0 & 0xF0) >> 4 | S3", "B10:3", "V*-1.5^2"],
    mutate: mutateText,
    parse: (text) => {
      const expression = parseExpression(text);
      return expression.ok ? evaluateExpression(expression.value, (index) => DATA[index], 12) : expression;
    },
  });
});
