import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OWN_SET } from "../../vehicle-protocols/signal-set/own-set.fixture.ts";
import { runBaygateHere } from "./run-baygate.fixture.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-vehicles-cli-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const vehicles = (...words: string[]) => runBaygateHere(["vehicles", ...words, "--data", join(folder, "data")]);

describe("baygate vehicles", () => {
  it("imports a file, lists it, finds it for a car and forgets it", async () => {
    const file = join(folder, "own.json");
    await writeFile(file, JSON.stringify(OWN_SET));
    const flags = [
      "--make",
      "Kia",
      "--model",
      "EV9",
      "--years",
      "2023-",
      "--wmi",
      "KNA",
      "--licence",
      "own",
      "--by",
      "Li",
    ];
    expect(await vehicles("import", file, ...flags, "--lang", "en")).toMatchObject({
      code: 0,
      out: expect.stringContaining("✓ imported: kia-ev9-2023-obdb"),
    });
    const listed = await vehicles("list", "--lang", "zh-CN");
    expect(listed.out).toMatch(/^kia-ev9-2023-obdb\t.*OBDb 信号集\t.*own\town\.json\t.* Li$/m);
    const which = await vehicles("which", "KNAAAAAA5R0000001", "--lang", "en");
    expect(which).toMatchObject({ code: 0, out: expect.stringContaining("kia-ev9-2023-obdb\t") });
    expect((await vehicles("remove", "kia-ev9-2023-obdb", "--lang", "zh-CN")).out).toContain("✓ 已删除");
    expect((await vehicles("list", "--lang", "en")).out).toContain("Nothing was imported yet.");
  });

  it("asks for what a file does not tell, and says in both languages what to do", async () => {
    const file = join(folder, "own.json");
    await writeFile(file, JSON.stringify(OWN_SET));
    expect(await vehicles("import", file, "--licence", "own", "--lang", "en")).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/--make[\s\S]*\[VEHICLE_UNNAMED\]/),
    });
    expect(await vehicles("import", file, "--make", "Kia", "--lang", "zh-CN")).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/--licence[\s\S]*\[VEHICLE_LICENCE_NEEDED\]/),
    });
    await writeFile(file, "[1, 2");
    expect(await vehicles("import", file, "--make", "Kia", "--licence", "own", "--lang", "en")).toMatchObject({
      code: 1,
      errors: expect.stringContaining("[VEHICLE_FILE_INVALID]"),
    });
    expect(await vehicles("remove", "nothing", "--lang", "en")).toMatchObject({
      code: 1,
      errors: expect.stringContaining("[VEHICLE_UNKNOWN]"),
    });
    expect((await vehicles("list", "--lang", "zh-CN")).out).toContain("尚未导入");
  });
});
