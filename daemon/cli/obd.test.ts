import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
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
  const child = spawn(process.execPath, ["bin/baygate.ts", "obd", "decode", "--signalset", file, "--lang", "en"], {
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
  return {
    code,
    errors: texts.errors,
    lines: texts.out
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  };
}

describe("baygate obd decode", { timeout: 60_000 }, () => {
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
    const { code, errors } = await decode(file, "");
    expect(code).toBe(1);
    expect(errors).toContain("[VEHICLE_FILE_INVALID]");
    expect((await decode(join(folder, "none.json"), "")).errors).toContain("[VEHICLE_FILE_UNREADABLE]");
  });
});
