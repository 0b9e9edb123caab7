import { describe, expect, test } from "vitest";
import { problemsOf, valuesOf, withSignals } from "./file.fixture.ts";

const rest = '(1,0) [0|0] "" X';

describe("simple multiplexing", () => {
  const file = withSignals([
    `Page M : 0|4@1+ ${rest}`,
    `Always : 4|4@1+ ${rest}`,
    `First m0 : 8|8@1+ ${rest}`,
    `Second m1 : 8|16@1+ ${rest}`,
    `Moved m0 : 16|8@1+ ${rest}`,
    `Moved m1 : 24|8@1+ ${rest}`,
  ]);

  test("a signal is there when the multiplexor has its number", () => {
    expect(problemsOf(file)).toEqual([]);
    expect(valuesOf(file, [0x50, 1, 2, 3])).toEqual({ Page: 0, Always: 5, First: 1, Moved: 2 });
    expect(valuesOf(file, [0x51, 1, 2, 3])).toEqual({ Page: 1, Always: 5, Second: 0x0201, Moved: 3 });
  });

  test("a number that no signal has leaves only those that are always there", () => {
    expect(valuesOf(file, [0x5f, 1, 2, 3])).toEqual({ Page: 15, Always: 5 });
  });

  test("the raw value selects, not the scaled one", () => {
    const scaled = withSignals([`M M : 0|8@1+ (10,5) [0|0] "" X`, `S m2 : 8|8@1+ ${rest}`]);
    expect(valuesOf(scaled, [2, 9])).toEqual({ M: 25, S: 9 });
  });

  test("a signed multiplexor selects by its bits, since no selector is negative", () => {
    const signed = withSignals([`M M : 0|8@1- ${rest}`, `Low m5 : 8|8@1+ ${rest}`, `High m200 : 8|8@1+ ${rest}`]);
    expect(valuesOf(signed, [5, 9])).toEqual({ M: 5, Low: 9 });
    expect(valuesOf(signed, [200, 9])).toEqual({ M: -56, High: 9 });
  });

  test("a multiplexor that the frame is too short for selects nothing", () => {
    const late = withSignals([`M M : 8|8@1+ ${rest}`, `S m0 : 0|8@1+ ${rest}`]);
    expect(valuesOf(late, [7])).toEqual({});
    expect(valuesOf(late, [7, 0])).toEqual({ M: 0, S: 7 });
  });
});

describe("extended multiplexing", () => {
  const file = withSignals(
    [
      `Top M : 0|8@1+ ${rest}`,
      `Deep m1M : 8|8@1+ ${rest}`,
      `Leaf m3 : 16|8@1+ ${rest}`,
      `Wide m2 : 16|8@1+ ${rest}`,
      `Plain m0 : 8|8@1+ ${rest}`,
    ],
    {
      more: [
        "SG_MUL_VAL_ 100 Deep Top 1-1;",
        "SG_MUL_VAL_ 100 Leaf Deep 3-3, 5-7;",
        "SG_MUL_VAL_ 100 Wide Top 2-2, 100-4294967295;",
        "SG_MUL_VAL_ 100 Plain Top 0-0;",
      ].join("\n"),
    },
  );

  test("ranges select, over any number of levels", () => {
    expect(problemsOf(file)).toEqual([]);
    expect(valuesOf(file, [0, 9, 8])).toEqual({ Top: 0, Plain: 9 });
    expect(valuesOf(file, [1, 9, 8])).toEqual({ Top: 1, Deep: 9 });
    expect(valuesOf(file, [1, 6, 8])).toEqual({ Top: 1, Deep: 6, Leaf: 8 });
    expect(valuesOf(file, [1, 4, 8])).toEqual({ Top: 1, Deep: 4 });
    expect(valuesOf(file, [200, 6, 8])).toEqual({ Top: 200, Wide: 8 });
    expect(valuesOf(file, [3, 6, 8])).toEqual({ Top: 3 });
  });

  test("two multiplexors side by side select each for itself", () => {
    const two = withSignals(
      [`A M : 0|8@1+ ${rest}`, `B M : 8|8@1+ ${rest}`, `OfA m1 : 16|8@1+ ${rest}`, `OfB m1 : 24|8@1+ ${rest}`],
      { more: "SG_MUL_VAL_ 100 OfA A 1-1;\nSG_MUL_VAL_ 100 OfB B 1-1;" },
    );
    expect(valuesOf(two, [1, 0, 5, 6])).toEqual({ A: 1, B: 0, OfA: 5 });
    expect(valuesOf(two, [1, 1, 5, 6])).toEqual({ A: 1, B: 1, OfA: 5, OfB: 6 });
  });
});

describe("multiplexing that the file leaves unclear", () => {
  test("without SG_MUL_VAL_, the only multiplexor that is not multiplexed itself is meant", () => {
    const file = withSignals([`Top M : 0|8@1+ ${rest}`, `Deep m1M : 8|8@1+ ${rest}`, `Leaf m2 : 16|8@1+ ${rest}`]);
    expect(problemsOf(file)).toEqual([]);
    expect(valuesOf(file, [2, 1, 9])).toEqual({ Top: 2, Leaf: 9 });
    expect(valuesOf(file, [1, 2, 9])).toEqual({ Top: 1, Deep: 2 });
  });

  test("between two multiplexors nothing is guessed", () => {
    const file = withSignals([`A M : 0|8@1+ ${rest}`, `B M : 8|8@1+ ${rest}`, `S m1 : 16|8@1+ ${rest}`]);
    expect(problemsOf(file)).toEqual([["multiplexor-unclear", 6]]);
    expect(valuesOf(file, [1, 1, 9])).toEqual({ A: 1, B: 1 });
  });

  test("in a message without any, the mark has nothing to say", () => {
    const file = withSignals([`S m1 : 16|8@1+ ${rest}`]);
    expect(problemsOf(file)).toEqual([["multiplexor-missing", 4]]);
    expect(valuesOf(file, [0, 0, 9])).toEqual({ S: 9 });
  });

  test("where the multiplexor itself could not be read, its signals are left out with it", () => {
    const unread = withSignals([`Top M : 0|8@1+ (1;0) [0|0] "" X`, `S m1 : 16|8@1+ ${rest}`]);
    expect(problemsOf(unread)).toEqual([
      ["broken-statement", 4],
      ["multiplexor-unclear", 5],
    ]);
    const impossible = withSignals([`Top M : 0|0@1+ ${rest}`, `S m1 : 16|8@1+ ${rest}`]);
    expect(impossible.messages[0]?.signals).toEqual([]);
  });

  test("a circle, an unknown multiplexor and an unmarked signal are told", () => {
    const file = withSignals(
      [`A m1M : 0|8@1+ ${rest}`, `B m1M : 8|8@1+ ${rest}`, `C m1 : 16|8@1+ ${rest}`, `D : 24|8@1+ ${rest}`],
      {
        more: "SG_MUL_VAL_ 100 A B 1-1;\nSG_MUL_VAL_ 100 B A 1-1;\nSG_MUL_VAL_ 100 C Nobody 1-1;\nSG_MUL_VAL_ 100 D A 1-1;",
      },
    );
    expect(problemsOf(file).sort(([, a], [, b]) => a - b)).toEqual([
      ["multiplexor-unclear", 4],
      ["multiplexor-circular", 5],
      ["multiplexor-unclear", 6],
      ["multiplexing-contradiction", 7],
    ]);
    expect(valuesOf(file, [1, 1, 9, 4])).toEqual({ D: 4 });
  });

  test("bits shared under different numbers are no overlap, under one they are", () => {
    const file = withSignals([
      `M M : 0|8@1+ ${rest}`,
      `A m0 : 8|8@1+ ${rest}`,
      `B m1 : 8|8@1+ ${rest}`,
      `C m1 : 15|4@0+ ${rest}`,
    ]);
    expect(problemsOf(file)).toEqual([["signals-overlap", 7]]);
  });
});
