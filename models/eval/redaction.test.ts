import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { detectImages } from "../../daemon/vision/detect-images.ts";
import { decodeFully } from "../../daemon/vision/picture.ts";
import { coveredShare } from "../../daemon/vision/redaction/covers.ts";
import { Redactor } from "../../daemon/vision/redaction/redactor.ts";
import { plateParts } from "./detector-parts.ts";

const MODELS = join(import.meta.dirname, "..");
const DATA = join(MODELS, "../../shared/data");
/** A dozen of the photos that the plate model never saw. */
const EVERY = 15;
/** What the network says at this score or more is a plate that it knows. */
const FOUND_FROM = 0.3;

describe.skipIf(!existsSync(DATA))("redaction of real photos (skipped without the development data)", () => {
  let redactor: Redactor;
  beforeAll(async () => {
    const bundle = (role: string) => join(MODELS, role);
    redactor = await Redactor.open({ face: bundle("face"), plate: bundle("plate"), bay: bundle("bay") }, ["cpu"]);
  });
  afterAll(async () => redactor.close());

  it("leaves no labelled plate uncovered that the plate model finds", async () => {
    const pictures = (await plateParts(DATA))
      .flatMap((part) => part.pictures)
      .filter((_, index) => index % EVERY === 0);
    expect(pictures.length).toBeGreaterThanOrEqual(12);
    const files = pictures.map(({ file }) => file);
    const { results } = await detectImages("plate", files, { bundleFolder: join(MODELS, "plate"), providers: ["cpu"] });
    const shown: string[] = [];
    let plates = 0;
    for (const { file, truth } of pictures) {
      const pixels = await decodeFully(await readFile(file));
      const boxes = (await redactor.redact(pixels)).map(({ box }) => box);
      for (const { corners } of truth) {
        const found = results.some(
          ({ file_name, score, bbox: [x, y, w, h] }) =>
            file_name === basename(file) && score >= FOUND_FROM && overlaps(corners, [x, y, x + w, y + h]),
        );
        if (!found) continue;
        plates++;
        const [x1, y1, x2, y2] = corners;
        const { width, height } = pixels;
        const share = coveredShare([x1 / width, y1 / height, x2 / width, y2 / height], boxes, pixels);
        if (share < 0.95) shown.push(`${basename(file)}: ${Math.round(share * 100)} % covered`);
      }
    }
    expect(plates).toBeGreaterThan(8);
    expect(shown).toEqual([]);
  }, 300_000);
});

/** Whether the middle of one lies in the other. */
function overlaps(label: readonly number[], box: readonly number[]): boolean {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = label;
  const [left = 0, top = 0, right = 0, bottom = 0] = box;
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  return x >= left && x <= right && y >= top && y <= bottom;
}
