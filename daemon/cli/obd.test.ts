import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseSignalSet, type SignalSet } from "../../vehicle-protocols/signal-set/index.ts";
import { editionsFor } from "./obd.ts";
import { jsonLines, runBaygateHere, spawnBaygate } from "./run-baygate.fixture.ts";

const SET = {
  commands: [
    {
      hdr: "7E4",
      rax: "7EC",
      cmd: { "22": "D001" },
      freq: 1,
      filter: { from: 2020 },
      signals: [{ id: "SOC", name: "Charge", fmt: { len: 8, max: 100, div: 2, unit: "percent" } }],
    },
    {
      hdr: "7E4",
      rax: "7EC",
      cmd: { "22": "D001" },
      freq: 1,
      filter: { to: 2019 },
      signals: [{ id: "SOC_OLD", name: "Charge", fmt: { len: 8, max: 255, unit: "percent" } }],
    },
  ],
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-obd-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function decode(file: string, input: string) {
  const { code, out, errors } = await spawnBaygate(["obd", "decode", "--signalset", file, "--lang", "en"], input);
  return { code, errors, lines: jsonLines(out) };
}

describe("baygate obd decode", { timeout: 120_000 }, () => {
  it("answers every line in order, takes the year for the variant, and goes on after a line that is none", async () => {
    const file = join(folder, "own.json");
    await writeFile(file, `\uFEFF${JSON.stringify(SET)}`);
    const { code, lines } = await decode(
      file,
      [
        '{"command":"7E4.7EC.22D001","frames":["7EC0462D00150"],"year":2024}',
        '{"command":"7E4.7EC.22D001","frames":["7EC0462D00150"],"year":2015}',
        "",
        "{cut off",
        '{"command":"7E4.7EC.22D001","frames":["7EC 04 62 D0 01 50","NO DATA"],"year":"2024"}',
        '{"command":"7E4.7EC.22D001","frames":["7EC037F2231"]}',
      ].join("\r\n"),
    );
    expect(lines).toEqual([
      { payloads: [["7EC", "62D00150"]], values: { SOC: 40 } },
      { payloads: [["7EC", "62D00150"]], values: { SOC_OLD: 80 } },
      { error: expect.objectContaining({ code: "CAPTURE_LINE_INVALID", detail: "not JSON" }) },
      { payloads: [["7EC", "62D00150"]], values: { SOC: 40 }, ignored: ["NO DATA"] },
      { payloads: [["7EC", "7F2231"]], values: {} },
    ]);
    expect(code).toBe(1);
  });

  it("says what is wrong with a file that is no signal set", async () => {
    const file = join(folder, "other.json");
    await writeFile(file, "[]");
    const words = ["obd", "decode", "--lang", "en", "--signalset"];
    expect(await runBaygateHere([...words, file])).toMatchObject({
      code: 1,
      errors: expect.stringContaining("[VEHICLE_FILE_INVALID]"),
    });
    expect((await runBaygateHere([...words, join(folder, "none.json")])).errors).toContain("[VEHICLE_FILE_UNREADABLE]");
  });
});

describe("several files of one vehicle", () => {
  const files = ["a/2017-2019.json", "a/2018.json", "a/default.json", "b/default.json"].map((file) => ({
    file,
    set: ownSet(),
  }));
  const chosen = (names: readonly string[], year: number | undefined) => {
    const some = files.filter(({ file }) => names.includes(file));
    const sets = editionsFor(some, year);
    return some.filter(({ set }) => sets.includes(set)).map(({ file }) => file);
  };
  const names = files.map(({ file }) => file);

  it.each([
    [2018, ["a/2018.json", "b/default.json"]],
    [2019, ["a/2017-2019.json", "b/default.json"]],
    [2024, ["a/default.json", "b/default.json"]],
    [undefined, ["a/default.json", "b/default.json"]],
  ])("whose names tell years: for %s it is %s", (year, expected) => {
    expect(chosen(names, year)).toEqual(expected);
  });

  it("a file that stands alone counts, whatever years its name tells", () => {
    expect(chosen(["a/2018.json"], 2024)).toEqual(["a/2018.json"]);
  });

  function ownSet(): SignalSet {
    const set = parseSignalSet({ commands: [] });
    if (!set.ok) throw set.error;
    return set.value;
  }
});
