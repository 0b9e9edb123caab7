import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { type Corners, intersectionOverUnion } from "../../daemon/vision/accuracy/scoring.ts";
import { type DetectImagesReport, detectImages } from "../../daemon/vision/detect-images.ts";

const BUNDLE = import.meta.dirname;
const STREET = join(BUNDLE, "../../../shared/data/plates");

/** Faces on the street photos, x, y, width, height, that training/label.py found and people looked at. */
const FACES: readonly (readonly [file: string, box: readonly number[]])[] = [
  ["train/street_0432.jpg", [9, 111, 10, 14]],
  ["train/street_0450.jpg", [133, 115, 20, 26]],
  ["train/street_0450.jpg", [206, 99, 22, 33]],
  ["train/street_0464.jpg", [26, 26, 20, 32]],
  ["train/street_0468.jpg", [274, 34, 16, 24]],
  ["train/street_0510.jpg", [84, 104, 9, 13]],
  ["train/street_0520.jpg", [233, 72, 17, 22]],
  ["train/street_0567.jpg", [305, 110, 23, 31]],
  ["train/street_0573.jpg", [199, 18, 22, 33]],
  ["train/street_0574.jpg", [204, 166, 16, 21]],
  ["train/street_0583.jpg", [86, 96, 15, 19]],
  ["train/street_0622.jpg", [173, 42, 16, 24]],
];

const look = (files: readonly string[]) => detectImages("face", files, { bundleFolder: BUNDLE, providers: ["cpu"] });

describe("the face model that ships", () => {
  it("finds nobody in an empty grey picture, looked at in tiles", async () => {
    const folder = await mkdtemp(join(tmpdir(), "face-model-"));
    const grey = join(folder, "grey.png");
    await sharp({ create: { width: 640, height: 360, channels: 3, background: "#888" } })
      .png()
      .toFile(grey);
    const report = await look([grey]);
    await rm(folder, { recursive: true, force: true });
    expect(report.images).toEqual([{ id: "grey", file_name: "grey.png", width: 640, height: 360, tiled: true }]);
    expect(report.results).toEqual([]);
  });
});

describe.skipIf(!existsSync(STREET))("the face model on street photos (skipped without the development data)", () => {
  let report: DetectImagesReport;
  beforeAll(async () => {
    report = await look([...new Set(FACES.map(([file]) => join(STREET, file)))]);
  }, 120_000);

  it.each(FACES)("sees the face on %s at %j", (file, [x = 0, y = 0, w = 0, h = 0]) => {
    const there: Corners = [x, y, x + w, y + h];
    const overlaps = report.results
      .filter((result) => file.endsWith(result.file_name))
      .map(({ bbox: [left, top, width, height] }) =>
        intersectionOverUnion(there, [left, top, left + width, top + height]),
      );
    expect(Math.max(0, ...overlaps)).toBeGreaterThan(0.3);
  });
});
