import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { BOXES, type ComparedPicture, MASKS } from "../../daemon/vision/accuracy/average-precision.ts";
import { compare } from "../../daemon/vision/accuracy/compare.ts";
import type { LabelledPicture } from "../../daemon/vision/accuracy/labelled-pictures.ts";
import { detectImages } from "../../daemon/vision/detect-images.ts";
import { damageParts, damagePhotos } from "../eval/detector-parts.ts";
import { readTrainingHashes, wasTrainedOn } from "../eval/trained-on.ts";

const BUNDLE = import.meta.dirname;
const DATA = join(BUNDLE, "../../../shared/data");

describe("the damage model that ships", () => {
  it("counts nothing in an empty grey picture", async () => {
    const folder = await mkdtemp(join(tmpdir(), "damage-model-"));
    const grey = join(folder, "grey.png");
    await sharp({ create: { width: 640, height: 640, channels: 3, background: "#888" } })
      .png()
      .toFile(grey);
    const report = await detectImages("damage", [grey], { bundleFolder: BUNDLE, providers: ["cpu"] });
    await rm(folder, { recursive: true, force: true });
    expect(report.results.filter((result) => result.counts)).toEqual([]);
  });
});

/** The best found thing of the same label for each true one, with both overlaps. */
function bestMatches({ truth, found }: ComparedPicture) {
  return truth.map((thing) => {
    const same = found.filter(({ label }) => label === thing.label);
    const best = same.sort((a, b) => BOXES.overlap(b, thing) - BOXES.overlap(a, thing))[0];
    return best === undefined
      ? { box: 0, mask: 0 }
      : { box: BOXES.overlap(best, thing), mask: MASKS.overlap(best, thing) };
  });
}

const trainingPictures = () => damagePhotos(DATA, "train");

describe.skipIf(!existsSync(DATA))("the damage model beside the development data (skipped without them)", () => {
  // It learnt from these photos: this says that boxes, outlines and labels arrive where they belong, and nothing about how good they are.
  it("puts boxes and outlines of its own training photos where people drew them", async () => {
    const some = (await trainingPictures()).filter((_, index) => index % 75 === 0);
    const matches = (await compare(some, BUNDLE)).flatMap(bestMatches);
    const share = (overlap: "box" | "mask", least: number) =>
      matches.filter((match) => match[overlap] >= least).length / matches.length;
    expect(matches.length).toBeGreaterThan(20);
    expect(share("box", 0.5)).toBeGreaterThan(0.6);
    expect(share("mask", 0.3)).toBeGreaterThan(0.6);
  }, 180_000);

  it("is not scored on photos that it learnt from, and is on those that it only was looked at with", async () => {
    const hashes = await readTrainingHashes(BUNDLE);
    const filesOf = (pictures: readonly LabelledPicture[]) => pictures.map(({ file }) => file);
    expect(await wasTrainedOn(filesOf(await trainingPictures()), hashes)).toBeDefined();
    for (const { name, pictures } of await damageParts(DATA, undefined))
      expect([name, await wasTrainedOn(filesOf(pictures), hashes)]).toEqual([name, undefined]);
  });
});
