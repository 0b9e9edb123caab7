import { mkdtemp, rm } from "node:fs/promises";
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
