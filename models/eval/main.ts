/**
 * Measures a model bundle as its card tells it, through the daemon's own vision code.
 *
 *     npm run models:eval -- bay [--data DIR] [--labels FILE] [--cameras N] [--json]
 *
 * --data     folder with plates/ (default: the development data beside the checkout, skipped with a note when absent)
 * --labels   pictures.json of training/label.py: adds the clips' held-out frames and the ride photos
 * --cameras  rendered cameras of 8 frames each, default 40 as in the card
 */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { detectImages } from "../../daemon/vision/detect-images.ts";
import { loadBundle } from "../../daemon/vision/registry/bundle.ts";
import { labelledParts, type Part, renderedPart, streetPart } from "./parts.ts";
import { type Figures, type JudgedPicture, score } from "./scoring.ts";
import { readTrainingHashes, refuseTrainedOn } from "./trained-on.ts";

const CHECKOUT = join(import.meta.dirname, "..", "..");
/** Scores from here on go into the precision curve. */
const CURVE_FLOOR = 0.01;

interface PartReport {
  readonly part: string;
  readonly pictures: number;
  readonly figures: Readonly<Record<string, Figures>>;
}

async function measure(
  part: Part,
  bundleFolder: string,
  thresholds: Readonly<Record<string, number>>,
): Promise<PartReport> {
  const files = part.pictures.map((picture) => picture.file);
  const report = await detectImages("bay", files, { bundleFolder, providers: ["cpu"], scoreFloor: CURVE_FLOOR });
  const [failure] = report.failed;
  if (failure !== undefined) throw new Error(`${failure.file_name} could not be looked at: ${failure.message}`);
  const judged = part.pictures.map(
    ({ truth }, i): JudgedPicture => ({
      truth,
      found: report.results
        .filter((result) => result.image_id === i + 1)
        .map(({ category_name: label, bbox: [x, y, w, h], score: value }) => ({
          label,
          corners: [x, y, x + w, y + h],
          score: value,
        })),
    }),
  );
  const figures = Object.fromEntries(part.labels.map((label) => [label, score(judged, label, thresholds[label] ?? 1)]));
  return { part: part.name, pictures: files.length, figures };
}

const percent = (value: number | undefined): string =>
  value === undefined ? "    –" : (value * 100).toFixed(1).padStart(5);

function print(report: PartReport): void {
  console.log(`${report.part}: ${report.pictures} pictures`);
  for (const [label, figures] of Object.entries(report.figures)) {
    console.log(
      `  ${label.padEnd(8)} ${String(figures.wanted).padStart(5)} wanted   AP50 ${percent(figures.averagePrecision)}   ` +
        `at the shipped threshold: recall ${percent(figures.recall)} precision ${percent(figures.precision)}`,
    );
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: "string", default: join(CHECKOUT, "..", "shared", "data") },
      labels: { type: "string" },
      cameras: { type: "string", default: "40" },
      json: { type: "boolean", default: false },
    },
  });
  if (positionals[0] !== "bay") throw new Error("usage: npm run models:eval -- bay");
  const bundleFolder = join(CHECKOUT, "models", "bay");
  const { manifest } = await loadBundle(bundleFolder);
  const hashes = await readTrainingHashes(bundleFolder);
  const scratch = await mkdtemp(join(tmpdir(), "baygate-eval-"));
  const say = (text: string): void => (values.json ? console.error(text) : console.log(text));
  try {
    const parts = [await renderedPart(scratch, Number(values.cameras))];
    if (existsSync(values.data)) parts.push(await streetPart(values.data));
    else say("The development data are not here; only rendered frames are scored.");
    if (values.labels !== undefined) parts.push(...(await labelledParts(values.labels)));
    const reports: PartReport[] = [];
    for (const part of parts) {
      await refuseTrainedOn(
        part.pictures.map((picture) => picture.file),
        hashes,
      );
      const report = await measure(part, bundleFolder, manifest.thresholds);
      reports.push(report);
      if (!values.json) print(report);
    }
    if (values.json)
      console.log(JSON.stringify({ model: manifest.name, version: manifest.version, parts: reports }, null, 2));
  } finally {
    await rm(scratch, { recursive: true });
  }
}

await main();
