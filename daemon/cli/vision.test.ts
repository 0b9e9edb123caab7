import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tinyYolov8, writeBundle } from "../vision/registry/test-bundle.ts";
import { runBaygateHere } from "./run-baygate.fixture.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-vision-"));
  await writeBundle(folder, {}, tinyYolov8());
  for (const car of ["a", "b"]) {
    await mkdir(join(folder, car));
    await sharp({ create: { width: 64, height: 64, channels: 3, background: "#333" } })
      .jpeg()
      .toFile(join(folder, car, "front.jpg"));
  }
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function detect(...words: string[]) {
  const { code, out } = await runBaygateHere([
    "vision",
    "detect",
    "--role",
    "bay",
    "--model",
    folder,
    "--json",
    ...words,
  ]);
  return { code, document: JSON.parse(out) as Record<string, unknown> };
}

describe("baygate vision detect", { timeout: 60_000 }, () => {
  it("writes COCO results into a folder that is not there yet", async () => {
    const file = join(folder, "new", "results.json");
    expect(await detect(join(folder, "a"), join(folder, "a", "front.jpg"), "--out", file)).toMatchObject({ code: 0 });
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject([
      { image_id: "front", category_name: "vehicle", bbox: [24, 28, 16, 8] },
    ]);
  });

  it("says by a code, before it looks, that results cannot be written", async () => {
    const front = join(folder, "a", "front.jpg");
    for (const file of [join(front, "results.json"), join(folder, "a")])
      expect(await detect(front, "--out", file)).toMatchObject({
        code: 1,
        document: { ok: false, code: "OUTPUT_FILE_UNWRITABLE" },
      });
  });
});
