import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openJournal } from "../daemon/journal/index.ts";
import { systemClock } from "../machine/clock.ts";
import { createLog } from "../machine/log.ts";

const ROOT = resolve(import.meta.dirname, "..");
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-cli-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly text: string;
  readonly errors: string;
  json(): Record<string, unknown>;
}

async function baygate(...words: string[]): Promise<Ended> {
  const child = spawn(process.execPath, ["bin/baygate.ts", ...words, "--data", join(folder, "data")], {
    cwd: ROOT,
    env: { ...process.env, LANG: "en_US.UTF-8", LC_ALL: "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  const [code]: unknown[] = await once(child, "close");
  const text = Buffer.concat(output).toString("utf8").trim();
  return {
    code: typeof code === "number" ? code : null,
    text,
    errors: Buffer.concat(errors).toString("utf8"),
    json: () => JSON.parse(text.slice(text.lastIndexOf("\n") + 1)),
  };
}

describe("the command line", { timeout: 90_000 }, () => {
  it("accepts the example configuration and says what is wrong with a broken one, in either language", async () => {
    const good = await baygate("config", "check", "config/shop.example.yaml", "--json");
    expect(good.json()).toMatchObject({ ok: true, problems: [] });
    expect(good.code).toBe(0);
    const file = join(folder, "broken.yaml");
    await writeFile(file, "shop: { name: X, gateway: Shop One, timeZone: Asia/Shanghai }\nbays: {}\ncamras: {}\n");
    const english = await baygate("config", "check", file);
    expect(english.code).toBe(1);
    expect(english.text).toContain(`${file}:1:`);
    expect(english.text).toContain("cameras");
    expect(english.text).toContain("safe mode");
    const chinese = await baygate("config", "check", file, "--lang", "zh-CN");
    expect(chinese.text).toContain("安全模式");
  });

  it("says what to type into a dongle's firmware, where the configuration knows the dongle", async () => {
    const known = await baygate("device", "add", "dongle", "dongle-1", "--config", "config/shop.example.yaml");
    expect(known.text).toMatch(/^dongle\/dongle-1\t\S+$/m);
    expect(known.text).toMatch(/TX topic\twican\/[0-9a-f]{12}\/can\/tx/);
    const unknown = await baygate("device", "add", "dongle", "spare", "--config", join(folder, "none.yaml"), "--json");
    expect(unknown.json()).toMatchObject({ ok: true, devices: [{ username: "dongle/spare" }] });
    expect(unknown.text).not.toContain("setUp");
  });

  it("gives a device its password once, and refuses what is there already or is no device", async () => {
    const first = await baygate("device", "add", "camera", "bay1-north", "reader", "bay1", "--json");
    expect(first.json()).toMatchObject({
      ok: true,
      devices: [{ username: "camera/bay1-north" }, { username: "reader/bay1" }],
    });
    const again = await baygate("device", "add", "camera", "bay1-north", "--json");
    expect(again).toMatchObject({ code: 1 });
    expect(again.json()).toMatchObject({ ok: false, code: "CREDENTIAL_EXISTS" });
    expect((await baygate("device", "add", "toaster", "one", "--json")).json()).toMatchObject({
      code: "CREDENTIAL_UNKNOWN",
    });
    const list = await baygate("device", "list");
    expect(list.text).toContain("camera/bay1-north");
    const password = (first.json().devices as { password: string }[])[0]?.password ?? "";
    expect(await readFile(join(folder, "data", "device-credentials.json"), "utf8")).not.toContain(password);
  });

  it("adds people whose passwords come from files, and lists them without", async () => {
    const file = join(folder, "password");
    await writeFile(file, "correct horse battery\n");
    expect(
      (await baygate("user", "add", "wang", "--role", "technician", "--badge", "04A1", "--password-file", file)).code,
    ).toBe(0);
    expect((await baygate("user", "add", "wang", "--role", "technician", "--json")).json()).toMatchObject({
      code: "PEOPLE_LOGIN_TAKEN",
    });
    const list = await baygate("user", "list");
    expect(list.text).toContain("wang\ttechnician");
    expect(list.text).not.toContain("horse");
  });

  it("finds the parts of the box well, and writes a support bundle without secrets", async () => {
    await writeFile(join(folder, "shop.yaml"), await readFile(join(ROOT, "config/shop.example.yaml"), "utf8"));
    const doctor = await baygate("doctor", "--json", "--config", join(folder, "shop.yaml"));
    const { findings } = doctor.json() as { findings: { check: string; state: string }[] };
    const states = Object.fromEntries(findings.map(({ check, state }) => [check, state]));
    expect(states).toMatchObject({
      node: "ok",
      database: expect.stringMatching(/ok|warning/),
      configuration: "ok",
      gateway: "warning",
    });
    expect(states.model).not.toBe("fault");
    const clock = systemClock({ demo: false });
    const journal = await openJournal({ directory: join(folder, "data", "journal"), clock, log: createLog("test") });
    await journal.close(clock.stamp());
    const file = join(folder, "support.json.gz");
    expect((await baygate("support-bundle", file, "--config", join(folder, "shop.yaml"))).code).toBe(0);
    const bundle: Record<string, unknown> = JSON.parse(gunzipSync(await readFile(file)).toString("utf8"));
    expect(Object.keys(bundle)).toEqual(expect.arrayContaining(["doctor", "configuration", "machine"]));
    expect(bundle.journalBytes).toBeGreaterThan(0);
  });

  it("says what fault codes mean, with the shop's own notes beside it", async () => {
    const texts = join(folder, "fault-codes.yaml");
    await writeFile(texts, "notes:\n  - { code: P0420, make: Toyota, fix: New gasket. }\n  - { code: P0420 }\n");
    const shop = join(folder, "shop.yaml");
    const bare = "shop: { name: X, gateway: x, timeZone: UTC }\nbays: {}\ncameras: {}\n";
    await writeFile(shop, `${bare}diagnostics: { faultCodeTexts: fault-codes.yaml }\n`);
    const english = await baygate("dtc", "p0420", "P1234-1A", "--config", shop);
    expect(english.code).toBe(0);
    expect(english.text).toMatch(/P0420 {2}Catalyst, bank 1/);
    expect(english.text).toMatch(/This shop \(Toyota\):\s+fix: New gasket\./);
    expect(english.text).toContain(`${texts}:3:`);
    expect(english.text).toContain("All together: not known whether it may be driven (P1234-1A)");
    const chinese = await baygate("dtc", "P0420", "--lang", "zh-CN", "--make", "Honda", "--config", shop);
    expect(chinese.text).toContain("三元催化器 1排");
    expect(chinese.text).not.toContain("gasket");
    const json = await baygate("dtc", "P0AA6", "nonsense", "--json", "--config", join(folder, "absent.yaml"));
    expect(json.code).toBe(1);
    expect(json.json()).toMatchObject({
      codes: [{ code: "P0AA6", advice: "do-not-drive", system: { id: "high-voltage" } }],
      invalid: ["nonsense"],
      car: { advice: "do-not-drive" },
    });
    expect((await baygate("config", "check", shop)).text).toContain(`${texts}:3:`);
  });

  it("says what it does not know, with exit code 2 for wrong usage", async () => {
    expect((await baygate("journal", "verify", "--json")).json()).toMatchObject({
      ok: false,
      code: "JOURNAL_NOT_FOUND",
    });
    expect((await baygate("no-such-command")).code).toBe(2);
    expect((await baygate("start", "--planted-bug", "slow-disk", "--json")).json()).toMatchObject({
      code: "JOURNAL_FAULTS_FORBIDDEN",
    });
    expect((await baygate("vision", "detect", "x.jpg", "--role", "damage", "--json")).json()).toMatchObject({
      failed: [{ file_name: "x.jpg" }],
    });
  });
});
