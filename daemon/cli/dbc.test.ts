import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseFrameLine } from "./dbc.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const DBC = `VERSION ""
BU_: A
BO_ 291 Engine: 8 A
 SG_ Speed : 7|16@0+ (0.25,0) [0|1] "rpm" A
 SG_ Gear : 16|4@1+ (1,0) [0|0] "" A
 SG_ Total : 0|64@1+ (1,0) [0|0] "" A
 SG_ Ratio : 32|32@1- (1,0) [0|0] "" A
BO_ 2566834709 Far: 2 A
 SG_ Far : 0|8@1- (1,0) [0|0] "" A
VAL_ 291 Gear 3 "third" ;
SIG_VALTYPE_ 291 Ratio : 1;
STRANGE_ 1;
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-dbc-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function decode(words: readonly string[], input: string) {
  const child = spawn(process.execPath, ["bin/baygate.ts", "dbc", "decode", "--lang", "en", ...words], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const texts = { out: "", errors: "" };
  child.stdout.on("data", (chunk) => {
    texts.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    texts.errors += chunk;
  });
  child.stdin.end(input);
  const [code]: unknown[] = await once(child, "close");
  return { code, errors: texts.errors, lines: texts.out.split("\n").filter(Boolean) };
}

describe("baygate dbc decode", { timeout: 60_000 }, () => {
  it("answers every frame in order, with scaled numbers of all their digits, and names what the file lacks", async () => {
    const file = join(folder, "own.dbc");
    await writeFile(file, DBC);
    const input = [
      '{"id":291,"extended":false,"data":"0FA0130000000000"}',
      '{"id":291,"extended":false,"data":"ffffffff0000c07f"}',
      `{"id":${0x18feca16},"extended":true,"data":"FF"}`,
      `{"id":${0x18feca15},"extended":true,"data":"FF00"}`,
      `{"id":${0x18feca15},"data":"FE00"}`,
      '{"id":291,"data":"0FA013"}',
    ].join("\r\n");
    const { code, errors, lines } = await decode(["--dbc", file], input);
    expect(lines.slice(0, 2)).toEqual([
      `{"message":"Engine","signals":{"Speed":1000,"Gear":3,"Total":${0x13a00f},"Ratio":0}}`,
      `{"message":"Engine","signals":{"Speed":16383.75,"Gear":15,"Total":${0x7fc00000ffffffffn},"Ratio":null}}`,
    ]);
    expect(lines.slice(2).map((line) => JSON.parse(line))).toEqual([
      { message: null, signals: {}, error: expect.objectContaining({ code: "DBC_MESSAGE_UNKNOWN" }) },
      { message: "Far", signals: { Far: -1 } },
      { message: "Far", signals: { Far: -2 } },
      {
        message: "Engine",
        signals: { Speed: 1000, Gear: 3 },
        error: expect.objectContaining({ code: "DBC_FRAME_SHORT", detail: "Total, Ratio" }),
      },
    ]);
    expect(errors).toContain("own.dbc: line 12: unknown statement, left out (STRANGE_)");
    expect(code).toBe(0);
  });

  it("names what a file lost before what is only odd in it, however much that is", async () => {
    const file = join(folder, "odd.dbc");
    const odd = Array.from({ length: 30 }, (_, n) => ` SG_ S${n} : 0|8@1+ (1,0) [0|x] "" A`).join("\n");
    await writeFile(file, `BO_ 5 Odd: 1 A\n${odd}\nSTRANGE_ 1;\n`);
    const { errors, lines } = await decode(["--dbc", file], '{"id":5,"data":"07"}\n');
    expect(errors).toContain("odd.dbc: line 32: unknown statement, left out (STRANGE_)");
    expect(lines).toHaveLength(1);
  });

  it("goes on after a line that is no frame, and says so by its exit code", async () => {
    const file = join(folder, "own.dbc");
    await writeFile(file, DBC);
    const { code, lines } = await decode(
      ["--dbc", file, "--json"],
      `{"id":291\n{"id":291,"data":"0FA013"}\n${"x".repeat(30_000)}\n{"id":-1,"data":""}`,
    );
    expect(lines.map((line): unknown => JSON.parse(line).error?.code)).toEqual([
      "DBC_FRAME_INVALID",
      "DBC_FRAME_SHORT",
      "DBC_FRAME_INVALID",
      "DBC_FRAME_INVALID",
    ]);
    expect(code).toBe(1);
  });

  it("takes several files, of which the later counts, and prints words when asked", async () => {
    const [first, second] = [join(folder, "a.dbc"), join(folder, "b.dbc")];
    await writeFile(first, DBC);
    await writeFile(second, 'BO_ 5 Small: 1 A\n SG_ S : 0|8@1+ (1,0) [0|0] "" A\nBO_ 2566834709 Near: 2 A\n');
    const { lines } = await decode(
      ["--dbc", first, "--dbc", second, "--choices"],
      '{"id":291,"data":"0FA0130000000000"}\n{"id":5,"data":"07"}\n{"id":2566834709,"data":"FF00"}\n',
    );
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { message: "Engine", signals: { Gear: "third" } },
      { message: "Small", signals: { S: 7 } },
      { message: "Near", signals: {} },
    ]);
  });

  it("says what is wrong with a file that is no DBC file", async () => {
    const file = join(folder, "other.dbc");
    await writeFile(file, "[]");
    const { code, errors } = await decode(["--dbc", file], "");
    expect(code).toBe(1);
    expect(errors).toContain("[VEHICLE_FILE_INVALID]");
    expect((await decode(["--dbc", join(folder, "none.dbc")], "")).errors).toContain("[VEHICLE_FILE_UNREADABLE]");
    expect((await decode([], "")).code).toBe(2);
  });
});

describe("a line with a frame", () => {
  it.each([
    ['{"id":291,"extended":false,"data":"0a0B"}', { id: 291, extended: false, data: Buffer.of(10, 11) }],
    ['{"id":5,"extended":true,"data":""}', { id: 5, extended: true, data: Buffer.alloc(0) }],
    ['{"id":5,"extended":null,"data":""}', { id: 5, extended: undefined, data: Buffer.alloc(0) }],
    ['{"id":2566834709,"data":"00"}', { id: 0x18feca15, extended: true, data: Buffer.alloc(1) }],
    ['{"id":2048,"data":"00"}', { id: 2048, extended: true, data: Buffer.alloc(1) }],
    ['{"id":2048,"extended":false,"data":"00"}', "id has more than 11 bits, but extended is false"],
    ['{"id":"291","data":"00"}', "id is not a whole number"],
    ['{"id":1.5,"data":"00"}', "id is not a whole number"],
    ['{"id":536870912,"data":"00"}', "id is none that CAN has"],
    ['{"id":1,"extended":1,"data":"00"}', "extended is neither true nor false"],
    ['{"id":1,"data":"0"}', "data is not a text of hex bytes"],
    ['{"id":1,"data":"0g"}', "data is not a text of hex bytes"],
    ['{"id":1,"data":[1]}', "data is not a text of hex bytes"],
    ["[1]", "no id and data"],
    ["null", "no id and data"],
    ["{", "not JSON"],
  ])("%s", (line, expected) => {
    expect(parseFrameLine(line)).toEqual(expected);
  });
});
