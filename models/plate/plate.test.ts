import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { detectImages } from "../../daemon/vision/detect-images.ts";
import { plateParts } from "../eval/detector-parts.ts";
import { figuresOf } from "../eval/figures.ts";

const BUNDLE = import.meta.dirname;
const DATA = join(BUNDLE, "../../../shared/data");

describe("the plate model that ships", () => {
  it("finds nothing in an empty grey picture", async () => {
    const folder = await mkdtemp(join(tmpdir(), "plate-model-"));
    const grey = join(folder, "grey.png");
    await sharp({ create: { width: 1280, height: 720, channels: 3, background: "#888" } })
      .png()
      .toFile(grey);
    const report = await detectImages("plate", [grey], { bundleFolder: BUNDLE, providers: ["cpu"] });
    await rm(folder, { recursive: true, force: true });
    expect(report.results).toEqual([]);
  });
});

describe.skipIf(!existsSync(DATA))(
  "the plate model on photos it never saw (skipped without the development data)",
  () => {
    it("sees the plates on every fifth photo of the validation split", async () => {
      for (const part of await plateParts(DATA)) {
        const some = part.pictures.filter((_, index) => index % 5 === 0);
        const { labels } = await figuresOf(some, BUNDLE);
        expect(labels.plate?.looseRecall, part.name).toBeGreaterThan(0.75);
      }
    }, 180_000);
  },
);
