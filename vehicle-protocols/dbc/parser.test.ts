import { describe, expect, test } from "vitest";
import { parsed, problemsOf, valuesOf, withSignals } from "./file.fixture.ts";
import { parseDbc } from "./parser.ts";
import { describeProblem, isLoss, lossesFirst } from "./problems.ts";

const WHOLE_FILE = `VERSION "HNPBNNNYNNNNNNNNNNNNNNNN/4/%%%/4/'%**4YYY///"

NS_ :
	NS_DESC_
	CM_
	BA_DEF_
	BA_
	VAL_
	SG_MUL_VAL_

BS_: 500 : 1,2

BU_: Engine Gateway
  Dashboard
VAL_TABLE_ Switch 1 "on" 0 "off" ;

BO_ 291 EngineData: 8 Engine
 SG_ Speed : 0|16@1+ (0.25,0) [0|16383.75] "rpm" Gateway,Dashboard
 SG_ Temperature:16|8@1+(1,-40)[-40|215]"degC"Dashboard
 SG_ Torque : 39|12@0- (0.5,0) [0|0] "N\\"m" Vector__XXX
 SG_ Lamp : 48|1@1+ (1,0) [0|1] "" Dashboard

BO_ 2566834709 Diagnosis: 8 Vector__XXX
 SG_ Counter : 0|8@1+ (1,0) [0|0] "" Gateway

BO_ 3221225472 VECTOR__INDEPENDENT_SIG_MSG: 0 Vector__XXX
 SG_ Unused : 0|8@1+ (1,0) [0|0] "" Vector__XXX

BO_TX_BU_ 291 : Engine,Gateway;
EV_ Ignition: 0 [0|1] "" 0 1 DUMMY_NODE_VECTOR0 Gateway;
EV_ Text: 0 [0|0] "" 0 2 DUMMY_NODE_VECTOR8000 Gateway;
CM_ "A network";
CM_ BU_ Engine "The engine";
CM_ BO_ 291 "Two lines:
BO_ 5 is not a message here";
CM_ SG_ 291 Lamp "Says \\"on\\"; or \\"off\\"";
CM_ EV_ Ignition "Key";
BA_DEF_ "BusType" STRING ;
BA_DEF_ BO_ "GenMsgCycleTime" INT 0 65535;
BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG";
BA_DEF_ SG_ "GenSigStartValue" FLOAT -1E+10 1E+10;
BA_DEF_ SG_ "SystemSignalLongSymbol" STRING ;
BA_DEF_ BO_ "SystemMessageLongSymbol" STRING ;
BA_DEF_DEF_ "BusType" "CAN";
BA_DEF_DEF_ "GenMsgCycleTime" 100;
BA_DEF_DEF_ "VFrameFormat" "StandardCAN";
BA_ "BusType" "CAN FD";
BA_ "GenMsgCycleTime" BO_ 291 20;
BA_ "VFrameFormat" BO_ 2566834709 3;
BA_ "GenSigStartValue" SG_ 291 Temperature 65.5;
BA_ "SystemSignalLongSymbol" SG_ 291 Speed "SpeedOfTheEngineWithAVeryLongName_Really";
BA_ "SystemMessageLongSymbol" BO_ 291 "EngineDataWithAVeryLongName_MoreThan32";
BA_DEF_REL_ BU_SG_REL_ "GenSigTimeoutTime" INT 0 65535;
BA_REL_ "GenSigTimeoutTime" BU_SG_REL_ Gateway SG_ 291 Lamp 5;
VAL_ 291 Lamp 1 "lit" 0 "dark" ;
VAL_ 291 Temperature Switch ;
VAL_ Ignition 0 "off" 1 "on" ;
SIG_GROUP_ 291 Both 1 : Speed Lamp;
SIG_VALTYPE_ 291 Speed : 0;
FILTER 1 2 3;
`;

describe("a whole file", () => {
  const file = parsed(WHOLE_FILE);
  const engine = file.messages[0]!;

  test("holds nothing that is not understood", () => {
    expect(problemsOf(file)).toEqual([]);
    expect(file.version).toMatch(/^HNPBNNNY/);
    expect(file.nodes.map(({ name }) => name)).toEqual(["Engine", "Gateway", "Dashboard"]);
    expect(file.nodes[0]?.comment).toBe("The engine");
    expect(file.comment).toBe("A network");
    expect(file.attributes.get("BusType")).toBe("CAN FD");
    expect(Object.fromEntries(file.passedOver)).toEqual({ BA_DEF_REL_: 1, BA_REL_: 1, FILTER: 1 });
  });

  test("names messages and signals by their long names", () => {
    expect(engine).toMatchObject({ id: 291, extended: false, length: 8, j1939: false, cycleTimeMs: 20 });
    expect(engine.name).toBe("EngineDataWithAVeryLongName_MoreThan32");
    expect(engine.shortName).toBe("EngineData");
    expect(engine.senders).toEqual(["Engine", "Gateway"]);
    expect(engine.signals.map(({ name }) => name)).toEqual([
      "SpeedOfTheEngineWithAVeryLongName_Really",
      "Temperature",
      "Torque",
      "Lamp",
    ]);
    expect(engine.groups).toEqual([{ name: "Both", repetitions: 1, signals: ["Speed", "Lamp"] }]);
  });

  test("describes signals with layout, scale, unit, words and comments", () => {
    const [speed, temperature, torque, lamp] = engine.signals;
    expect(speed).toMatchObject({ startBit: 0, bitLength: 16, byteOrder: "intel", signed: false, factor: 0.25 });
    expect(speed).toMatchObject({ receivers: ["Gateway", "Dashboard"], unit: "rpm", encoding: "integer" });
    expect(temperature).toMatchObject({ minimum: -40, maximum: 215, offset: -40 });
    expect(temperature?.attributes.get("GenSigStartValue")).toBe(65.5);
    expect(temperature?.words.get(1)).toBe("on");
    expect(torque).toMatchObject({
      byteOrder: "motorola",
      signed: true,
      unit: 'N"m',
      receivers: [],
      minimum: undefined,
    });
    expect(lamp?.words).toEqual(
      new Map([
        [1, "lit"],
        [0, "dark"],
      ]),
    );
    expect(lamp?.comment).toBe('Says "on"; or "off"');
    expect(engine.comment).toBe("Two lines:\nBO_ 5 is not a message here");
  });

  test("tells extended and J1939 identifiers by their marks", () => {
    expect(file.messages[1]).toMatchObject({
      id: 0x18feca15,
      extended: true,
      j1939: true,
      cycleTimeMs: 100,
      senders: [],
    });
  });

  test("keeps signals of no message and variables apart", () => {
    expect(file.messages).toHaveLength(2);
    expect(file.unassignedSignals.map(({ name }) => name)).toEqual(["Unused"]);
    expect(file.environmentVariables).toEqual([
      { name: "Ignition", kind: "integer", unit: "", comment: "Key" },
      { name: "Text", kind: "text", unit: "", comment: undefined },
    ]);
  });

  test("reads the same with the line ends of other systems", () => {
    const lines = (text: string) => parsed(text).messages.map(({ name, line }) => [name, line]);
    expect(lines(WHOLE_FILE.replaceAll("\n", "\r\n"))).toEqual(lines(WHOLE_FILE));
    expect(lines(WHOLE_FILE.replaceAll("\n", "\r"))).toEqual(lines(WHOLE_FILE));
  });
});

describe("what is not understood", () => {
  test("is named with its line and costs nothing but itself", () => {
    const file = parsed(
      [
        'VERSION "1"',
        "NEW_STATEMENT_ 1 2 3;",
        "BO_ 100 Message: 8 A",
        ' SG_ Good : 0|8@1+ (1,0) [0|0] "" A',
        ' SG_ Order : 8|8@2+ (1,0) [0|0] "" A',
        ' SG_ Mark X : 8|8@1+ (1,0) [0|0] "" A',
        " SG_ Half : 8|8@1+ (1,0) [0|0",
        ' SG_ Empty : 8|0@1+ (1,0) [0|0] "" A',
        ' SG_ Comma : 8|8@1+ (0,5,0) [0|0] "" A',
        ' SG_ AlsoGood : 8|8@1+ (1,0) [0|1.#INF] "" A',
        'CM_ SG_ 100 Good "no semicolon"',
        'CM_ SG_ 100 AlsoGood "with one";',
        'VAL_ 100 Good 0 "zero" one "one";',
        "",
      ].join("\n"),
    );
    expect(problemsOf(file)).toEqual([
      ["unknown-statement", 2],
      ["signal-layout-impossible", 5],
      ["broken-statement", 6],
      ["broken-statement", 7],
      ["broken-statement", 9],
      ["limits-unreadable", 10],
      ["broken-statement", 11],
      ["broken-statement", 13],
      ["signal-layout-impossible", 8],
    ]);
    expect(file.messages[0]?.signals.map(({ name, comment }) => [name, comment])).toEqual([
      ["Good", undefined],
      ["AlsoGood", "with one"],
    ]);
    expect(describeProblem(file.problems[0]!, "en")).toBe("line 2: unknown statement, left out (NEW_STATEMENT_)");
    expect(describeProblem(file.problems[0]!, "zh-CN")).toBe("第 2 行:未知语句,已忽略(NEW_STATEMENT_)");
    expect(isLoss(file.problems[0]!)).toBe(true);
    expect(isLoss(file.problems[5]!)).toBe(false);
    expect(lossesFirst(file.problems).map(({ line }) => line)).toEqual([2, 5, 6, 7, 9, 11, 13, 8, 10]);
  });

  test("does not take the statement below it along, when its own end is missing", () => {
    const file = parsed(
      [
        "BU_: A B",
        "  C",
        "NEW_STATEMENT_ 1 2 3;",
        "BO_ 100 Message: 8 A",
        ' SG_ Comma : 0|8@1+ (1,0) [0|0] "" A,B,',
        ' SG_ Limits : 8|8@1+ (1,0) [|] "" A',
        "BO_TX_BU_ 100 : A,B",
        "SIG_GROUP_ 100 Group 1 : Comma Limits",
        'VAL_ 100 Comma 0 "zero"',
        'VAL_ 100 Limits 1 "one" ;',
        'CM_ BO_ 100 "comment";',
        "",
      ].join("\n"),
    );
    expect(problemsOf(file)).toEqual([
      ["unknown-statement", 3],
      ["limits-unreadable", 6],
      ["broken-statement", 7],
      ["broken-statement", 8],
      ["broken-statement", 9],
    ]);
    expect(file.nodes.map(({ name }) => name)).toEqual(["A", "B", "C"]);
    expect(file.messages[0]).toMatchObject({ comment: "comment", senders: ["A"], groups: [] });
    expect(file.messages[0]?.signals).toMatchObject([
      { name: "Comma", receivers: ["A", "B"], words: new Map() },
      { name: "Limits", minimum: undefined, words: new Map([[1, "one"]]) },
    ]);
  });

  test("does not lend its signals to the message before", () => {
    const file = parsed(
      'BO_ 1 First: 8 A\nBO_ 5x Second: 8 A\n SG_ Lost : 0|8@1+ (1,0) [0|0] "" A\nCM_ "";\n SG_ Stray : 0|8@1+ (1,0) [0|0] "" A\n',
    );
    expect(file.messages.map(({ name, signals }) => [name, signals.length])).toEqual([["First", 0]]);
    expect(problemsOf(file)).toEqual([
      ["broken-statement", 2],
      ["signal-outside-message", 5],
    ]);
  });

  test("may be a text without an end, which does not swallow the file", () => {
    const file = parsed(
      'BO_ 1 M: 8 A\n SG_ S : 0|8@1+ (1,0) [0|0] "km A\nBO_ 2 N: 8 A\n SG_ T : 0|8@1+ (1,0) [0|0] A\n',
    );
    expect(file.messages.map(({ name }) => name)).toEqual(["M", "N"]);
    expect(problemsOf(file)).toEqual([
      ["unterminated-text", 2],
      ["broken-statement", 4],
    ]);
  });

  test("is the whole input where it is no DBC file at all", () => {
    for (const input of ["", "hello", '{"json": true}', "\u0000\u0001"]) {
      expect(parseDbc(input)).toMatchObject({ ok: false, error: { code: "not-understood" } });
    }
  });
});

describe("contradictions", () => {
  test("identifiers that cannot be, or that lack the mark of an extended one", () => {
    const file = parsed("BO_ 1073741824 Impossible: 8 A\nBO_ 2048 Unmarked: 8 A\nBO_ 3758096384 TooLong: 8 A\n");
    expect(problemsOf(file)).toEqual([
      ["message-id-impossible", 1],
      ["identifier-flag-missing", 2],
      ["message-id-impossible", 3],
    ]);
    expect(file.messages).toMatchObject([{ id: 2048, extended: true }]);
  });

  test("an identifier described twice: the later counts, and standard and extended are different ones", () => {
    const file = parsed(
      'BO_ 5 A: 1 X\n SG_ S : 0|8@1+ (1,0) [0|0] "" X\nBO_ 2147483653 B: 1 X\nBO_ 5 C: 1 X\n SG_ S : 0|8@1+ (2,0) [0|0] "" X\n',
    );
    expect(problemsOf(file)).toEqual([["duplicate-message-id", 4]]);
    expect(valuesOf(file, [7], 5)).toEqual({ S: 14 });
    expect(valuesOf(file, [7], 5, true)).toEqual({});
  });

  test("signals that share bits are told, and each is read where it stands", () => {
    const file = withSignals([
      'A : 0|12@1+ (1,0) [0|0] "" X',
      'B : 11|4@1+ (1,0) [0|0] "" X',
      'C : 23|8@0+ (1,0) [0|0] "" X',
      'D : 23|1@1+ (1,0) [0|0] "" X',
      'E : 24|8@1+ (1,0) [0|0] "" X',
    ]);
    expect(problemsOf(file)).toEqual([
      ["signals-overlap", 5],
      ["signals-overlap", 7],
    ]);
    expect(valuesOf(file, [0xff, 0x0f, 0x81, 5, 0, 0, 0, 0])).toEqual({ A: 0xfff, B: 1, C: 0x81, D: 1, E: 5 });
  });

  test("names used twice, factors of nothing, and statements about what is not there", () => {
    const file = withSignals(['A : 0|8@1+ (0,3) [0|0] "" X', 'A : 8|8@1+ (1,0) [0|0] "" X'], {
      more: 'CM_ SG_ 100 B "";\nVAL_ 101 A 0 "";\nSIG_VALTYPE_ 100 C : 1;\nSG_MUL_VAL_ 7 A B 0-1;\nVAL_ 100 A NoTable ;',
    });
    expect(problemsOf(file)).toEqual([
      ["reference-unknown", 6],
      ["reference-unknown", 7],
      ["reference-unknown", 10],
      ["reference-unknown", 8],
      ["reference-unknown", 9],
      ["reference-unknown", 9],
      ["duplicate-signal-name", 5],
      ["factor-zero", 4],
    ]);
    expect(valuesOf(file, [1, 2, 0, 0, 0, 0, 0, 0])).toEqual({ A: 2 });
  });

  test("attribute values that do not fit their definitions", () => {
    const file = parsed(
      'BU_: A\nBA_DEF_ "N" INT 0 1;\nBA_DEF_ "E" ENUM "a","b";\nBA_ "N" "x";\nBA_ "E" 7;\nBA_ "E" BU_ A "b";\nBA_ "Undefined" 5;\n',
    );
    expect(problemsOf(file)).toEqual([
      ["value-out-of-form", 4],
      ["value-out-of-form", 5],
    ]);
    expect(file.nodes[0]?.attributes.get("E")).toBe("b");
    expect(file.attributes.get("Undefined")).toBe(5);
  });
});

describe("hostile files", () => {
  test("that are too large, or hold too many messages, are refused", () => {
    expect(parseDbc(new Uint8Array(64_000_001))).toMatchObject({ ok: false, error: { code: "too-large" } });
    const many = Array.from({ length: 50_002 }, (_, n) => `BO_ ${n} M${n}: 8 A`).join("\n");
    expect(parseDbc(many)).toMatchObject({ ok: false, error: { code: "too-large" } });
  });

  test("cannot fill the memory with complaints", () => {
    const file = parsed(`BO_ 1 M: 8 A\n${"FOO_ 1;\n".repeat(5000)}`);
    expect(file.problems).toHaveLength(1000);
    expect(file.furtherProblems).toBe(4000);
  });

  test("of one endless line, deep nests, or thousands of signals in one place come to an end", () => {
    parsed(`BO_ 1 M: 8 A${' SG_ S : 0|8@1+ (1,0) [0|0] "" A'.repeat(20_000)}`);
    parsed(`VERSION ""\n${'CM_ "'.repeat(100_001)}`);
    parsed(`BO_ 1 M: 8 A\n${" ".repeat(1_000_000)}\n${"BA_REL_ BO_ ".repeat(100_000)}`);
    const nested = Array.from({ length: 5_000 }, (_, n) => `SG_ N${n} m1M : 0|8@1+ (1,0) [0|0] "" A`);
    const chain = Array.from({ length: 5_000 }, (_, n) => `SG_MUL_VAL_ 1 N${n} N${n + 1} 0-4294967295;`);
    const file = parsed(["BO_ 1 M: 8 A", ...nested, ...chain].join("\n"));
    expect(file.messages[0]?.signals).toEqual([]);
    parsed(`BO_ 1 M: 4096 A\n${'SG_ S : 0|32768@1+ (1,0) [0|0] "" A\n'.repeat(3_000)}`);
  });

  test("with names that JavaScript knows change nothing but themselves", () => {
    const file = withSignals(['__proto__ : 0|8@1+ (1,0) [0|0] "" X', 'constructor : 8|8@1+ (1,0) [0|0] "" X']);
    expect(file.messages[0]?.signals.map(({ name }) => name)).toEqual(["__proto__", "constructor"]);
  });
});
