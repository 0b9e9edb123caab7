import { basename } from "node:path";
import { type Figures, type JudgedPicture, score } from "../../daemon/vision/accuracy/scoring.ts";
import { detectImages } from "../../daemon/vision/detect-images.ts";
import { loadBundle } from "../../daemon/vision/registry/bundle.ts";
import type { Part } from "./parts.ts";
import { readTrainingHashes, refuseTrainedOn } from "./trained-on.ts";

/** Scores from here on go into the precision curve. */
const CURVE_FLOOR = 0.01;

export interface PartReport {
  readonly part: string;
  readonly pictures: number;
  readonly figures: Readonly<Record<string, Figures>>;
}

/**
 * Looks at a part's pictures as the vision worker does, and scores what was found.
 * Throws when the bundle was trained on one of them, or when one cannot be decoded.
 */
export async function measure(part: Part, bundleFolder: string): Promise<PartReport> {
  const { manifest } = await loadBundle(bundleFolder);
  const files = part.pictures.map((picture) => picture.file);
  await refuseTrainedOn(files, await readTrainingHashes(bundleFolder));
  const report = await detectImages(manifest.role, files, {
    bundleFolder,
    providers: ["cpu"],
    scoreFloor: CURVE_FLOOR,
  });
  const [failure] = report.failed;
  if (failure !== undefined) throw new Error(`${failure.file_name} could not be looked at: ${failure.message}`);
  const judged = part.pictures.map(
    ({ truth, file }): JudgedPicture => ({
      truth,
      found: report.results
        .filter((result) => result.file_name === basename(file))
        .map(({ category_name: label, bbox: [x, y, w, h], score: value }) => ({
          label,
          corners: [x, y, x + w, y + h],
          score: value,
        })),
    }),
  );
  const figures = Object.fromEntries(
    part.labels.map((label) => [label, score(judged, label, manifest.thresholds[label] ?? 1)]),
  );
  return { part: part.name, pictures: files.length, figures };
}
