import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { detectImages, pictureFiles } from "./detect-images.ts";
import { TINY_CELLS, tinyYolov8, writeBundle, writeTinyOnnx } from "./registry/test-bundle.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-detect-"));
  await writeBundle(folder, {}, tinyYolov8());
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("looking at picture files", () => {
  test("gives COCO results in pixels of the upright picture, and says which files failed", async () => {
    const good = join(folder, "good.png");
    const turned = join(folder, "turned.jpg");
    const bad = join(folder, "bad.jpg");
    await sharp({ create: { width: 320, height: 160, channels: 3, background: "#222" } })
      .png()
      .toFile(good);
    await sharp({ create: { width: 320, height: 160, channels: 3, background: "#222" } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toFile(turned);
    await writeFile(bad, "not a picture");
    const report = await detectImages("bay", [good, bad, turned, join(folder, "absent.jpg")], {
      bundleFolder: folder,
      providers: ["cpu"],
    });
    expect(report.categories).toEqual([
      { id: 1, name: "person" },
      { id: 2, name: "vehicle" },
    ]);
    expect(report.images).toEqual([
      { id: "good", file_name: "good.png", width: 320, height: 160, tiled: false },
      { id: "turned", file_name: "turned.jpg", width: 160, height: 320, tiled: false },
    ]);
    const boxes = report.results.map(({ image_id, category_id, category_name, bbox }) => [
      image_id,
      category_id,
      category_name,
      bbox.map((value) => Math.round(value)),
    ]);
    expect(boxes).toEqual([
      ["good", 2, "vehicle", [120, 60, 80, 40]],
      ["turned", 2, "vehicle", [40, 140, 80, 40]],
    ]);
    expect(report.failed.map(({ file_name, code }) => [file_name, code])).toEqual([
      ["bad.jpg", "PICTURE_NOT_AN_IMAGE"],
      ["absent.jpg", "PICTURE_FILE_UNREADABLE"],
    ]);
  });

  test("reports from a lower score on when asked, for evaluation", async () => {
    const dark = join(folder, "dark.png");
    await sharp({ create: { width: 64, height: 64, channels: 3, background: { r: 51, g: 51, b: 51 } } })
      .png()
      .toFile(dark);
    const usual = await detectImages("bay", [dark], { bundleFolder: folder, providers: ["cpu"] });
    const all = await detectImages("bay", [dark], { bundleFolder: folder, providers: ["cpu"], scoreFloor: 0.1 });
    expect(usual.results.map((one) => one.category_name)).toEqual(["vehicle"]);
    expect(all.results.map((one) => [one.category_name, one.score.toFixed(2)])).toEqual([
      ["vehicle", "0.90"],
      ["person", "0.20"],
    ]);
  });

  test("reports from a higher score on when asked, and nothing below it", async () => {
    const dark = join(folder, "dark.png");
    await sharp({ create: { width: 64, height: 64, channels: 3, background: "#333" } })
      .png()
      .toFile(dark);
    const from = async (scoreFloor: number) =>
      (await detectImages("bay", [dark], { bundleFolder: folder, providers: ["cpu"], scoreFloor })).results.length;
    expect([await from(0.9), await from(0.95)]).toEqual([1, 0]);
  });

  test("leaves out the outline of an empty mask, at which COCO readers stumble", async () => {
    const output = new Float32Array(7 * TINY_CELLS);
    for (const [row, value] of [32, 32, 16, 8, 0, 0.9, 1].entries()) output[row * TINY_CELLS + 3] = value;
    const withMask = (logit: number) =>
      writeBundle(
        folder,
        { family: "yolov8-seg" },
        writeTinyOnnx({
          input: { name: "images", layout: "nchw-float32", width: 64, height: 64 },
          outputs: [
            { name: "output0", shape: [1, 7, TINY_CELLS], table: output },
            { name: "output1", shape: [1, 1, 16, 16], table: new Float32Array(256).fill(logit) },
          ],
        }),
      );
    const file = join(folder, "dark.png");
    await sharp({ create: { width: 64, height: 64, channels: 3, background: "#000" } })
      .png()
      .toFile(file);
    const look = () => detectImages("bay", [file], { bundleFolder: folder, providers: ["cpu"] });
    await withMask(1);
    expect((await look()).results).toMatchObject([{ bbox: [24, 28, 16, 8], segmentation: [expect.any(Array)] }]);
    await withMask(-1);
    const { results } = await look();
    expect(results).toMatchObject([{ bbox: [24, 28, 16, 8] }]);
    expect(results[0]).not.toHaveProperty("segmentation");
  });

  test("names the pictures of a folder that it cannot read, too, and passes over what is none", async () => {
    const photos = join(folder, "photos");
    await mkdir(photos);
    for (const name of ["a.HEIC", "b.gif", "c.txt", "d.JPG"]) await writeFile(join(photos, name), "no picture");
    const names = ["a.HEIC", "b.gif", "d.JPG"];
    expect(await pictureFiles([photos])).toEqual(names.map((name) => join(photos, name)));
  });

  test("does not even read a file that is larger than any picture", async () => {
    const file = join(folder, "huge.jpg");
    await writeFile(file, "");
    await truncate(file, 300 * 1024 * 1024);
    const { failed } = await detectImages("bay", [file], { bundleFolder: folder, providers: ["cpu"] });
    expect(failed).toMatchObject([{ file_name: "huge.jpg", code: "PICTURE_TOO_LARGE" }]);
  });

  test("looks at a file once, and says of a second one with the same id that it was not looked at", async () => {
    await mkdir(join(folder, "other"));
    const files = ["front.jpg", "front.png", join("other", "front.jpg")].map((name) => join(folder, name));
    const [broken = "", front = "", namesake = ""] = files;
    await writeFile(broken, "no picture, and no hindrance to its namesake");
    for (const file of [front, namesake])
      await sharp({ create: { width: 64, height: 64, channels: 3, background: "#333" } }).toFile(file);
    const report = await detectImages("bay", [broken, front, join(folder, "other", "..", "front.png"), namesake], {
      bundleFolder: folder,
      providers: ["cpu"],
    });
    expect(report.results).toMatchObject([{ image_id: "front", file_name: "front.png" }]);
    expect(report.failed).toMatchObject([
      { file_name: "front.jpg", code: "PICTURE_NOT_AN_IMAGE" },
      { file_name: "front.jpg", code: "PICTURE_ID_TAKEN", message: expect.stringContaining(namesake) },
    ]);
  });

  test("does not use a bundle that is for something else", async () => {
    await expect(detectImages("plate", [], { bundleFolder: folder })).rejects.toMatchObject({
      code: "MODEL_MANIFEST_INVALID",
    });
  });
});
