import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tinyYolov8, writeBundle } from "../vision/registry/test-bundle.ts";
import { runBaygateHere } from "./run-baygate.fixture.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-models-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("baygate models check", { timeout: 60_000 }, () => {
  it("says what a bundle is that the gateway would take", async () => {
    await writeBundle(folder, {}, tinyYolov8());
    const { code, out } = await runBaygateHere(["models", "check", folder, "--json"]);
    expect(JSON.parse(out)).toMatchObject({
      bundles: [{ folder, ok: true, name: "tiny", role: "bay", family: "yolov8", provider: "cpu" }],
    });
    expect(code).toBe(0);
  });

  it("says why one is refused, in the asked language, and looks at the others all the same", async () => {
    await writeBundle(folder, { labels: ["person"], thresholds: { person: 0.5 } }, tinyYolov8());
    const absent = join(folder, "absent");
    const asJson = await runBaygateHere(["models", "check", folder, absent, "--json"]);
    expect(JSON.parse(asJson.out)).toMatchObject({
      bundles: [
        { folder, ok: false, code: "MODEL_LABELS_MISMATCH" },
        { folder: absent, ok: false, code: "MODEL_FILE_MISSING" },
      ],
    });
    expect(asJson.code).toBe(1);
    const { out } = await runBaygateHere(["models", "check", folder, "--lang", "zh-CN"]);
    expect(out).toContain("模型类别与模型卡不符");
  });
});

describe("baygate models add, list, rollback, remove", { timeout: 60_000 }, () => {
  const run = async (...words: string[]) => {
    const places = ["--data", join(folder, "data"), "--config", join(folder, "shop.yaml")];
    const { code, out } = await runBaygateHere(["models", ...words, ...places, "--json"]);
    return { code, document: JSON.parse(out) as Record<string, unknown> };
  };
  const speak = async (...words: string[]) => {
    const places = ["--data", join(folder, "data"), "--config", join(folder, "shop.yaml")];
    return (await runBaygateHere(["models", ...words, ...places])).out;
  };

  async function bundle(version: string): Promise<string> {
    const path = join(folder, `bundle-${version}`);
    await mkdir(path, { recursive: true });
    await writeBundle(path, { version }, tinyYolov8());
    return path;
  }

  it("adds versions, lists them in both languages, rolls back to the shipped one, and removes", async () => {
    const added = await run("add", await bundle("1.1.0"));
    expect(added).toMatchObject({
      code: 0,
      document: { ok: true, role: "bay", isNew: true, acceptance: { signature: { state: "unsigned" }, golden: null } },
    });
    const id = String(added.document.id);
    expect((await run("remove", "bay", id)).document).toMatchObject({ ok: false, code: "MODEL_IN_USE" });
    const english = await speak("list", "--lang", "en");
    expect(english).toMatch(new RegExp(`● tiny 1.1.0 {2}${id} {2}yolov8 {2}unsigned {2}not measured on a golden set`));
    expect(english).toMatch(/○ bay [0-9.]+ {2}shipped/);
    expect(await speak("list", "--lang", "zh-CN")).toMatch(/● tiny 1\.1\.0 .*未签名 {2}未用金标集测量/);
    expect((await run("rollback", "bay")).document).toMatchObject({ ok: true, active: { id: null } });
    expect(await run("rollback", "bay")).toMatchObject({ code: 1, document: { code: "MODEL_NOTHING_OLDER" } });
    expect((await run("remove", "bay", id)).document).toMatchObject({ ok: true, removed: id });
    expect((await run("remove", "bay", id)).document).toMatchObject({ code: "MODEL_VERSION_UNKNOWN" });
  });

  it("makes a card for a bare file, and leaves no copy of it elsewhere", async () => {
    const path = join(folder, "from the team.onnx");
    await writeFile(path, tinyYolov8({ names: "{0: 'person', 1: 'vehicle'}" }));
    const temporary = async () => (await readdir(tmpdir())).filter((name) => name.startsWith("baygate-model-"));
    const before = await temporary();
    const flagless = await run("add", path);
    expect(flagless).toMatchObject({ code: 1, document: { code: "MODEL_FLAGS_MISSING" } });
    expect(flagless.document.detail).toMatch(/^--role \(bay \| damage \| plate \| face\), --licence;/);
    expect((await run("add", path, "--role", "bay", "--licence", "MIT")).document).toMatchObject({
      ok: true,
      name: "from-the-team",
      version: "1.0.0",
    });
    expect(
      (await run("add", path, "--role", "bay", "--licence", "MIT", "--labels", "person,car")).document,
    ).toMatchObject({ code: "MODEL_LABELS_MISMATCH" });
    expect(await temporary()).toEqual(before);
  });

  it("keeps to the shop's rules, and refuses where they cannot be read", async () => {
    const path = await bundle("1.1.0");
    expect((await run("add", path, "--require-signature")).document).toMatchObject({
      code: "MODEL_SIGNATURE_REQUIRED",
    });
    const shop = "shop: { name: x, gateway: x, timeZone: UTC }\nbays: {}\ncameras: {}\n";
    const golden = "vision: { goldenSets: { bay: golden } }\n";
    await writeFile(join(folder, "shop.yaml"), shop + golden);
    expect((await run("add", path)).document).toMatchObject({ code: "MODEL_GOLDEN_INVALID" });
    await writeFile(join(folder, "shop.yaml"), `${shop}vision: { trustedModelKeys: [absent.pem] }\n`);
    expect((await run("add", path)).document).toMatchObject({ code: "MODEL_KEY_UNREADABLE" });
    await writeFile(join(folder, "shop.yaml"), `${shop}vision: { requireModelSignatur: true }\n`);
    expect((await run("add", path)).document).toMatchObject({ ok: false, code: expect.stringMatching(/^CONFIG_/) });
    expect((await run("add", join(folder, "absent"))).document).toMatchObject({ ok: false });
  });
});
