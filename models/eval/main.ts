/**
 * Measures a model bundle as its card tells it, through the daemon's own vision code.
 *
 *     npm run models:eval -- bay    [--data DIR] [--labels FILE] [--cameras N] [--json]
 *     npm run models:eval -- damage [--data DIR] [--planted DIR] [--json]
 *     npm run models:eval -- plate  [--data DIR] [--json]
 *     npm run models:eval -- face   --faces DIR [--json]
 *     npm run models:eval -- redaction [--data DIR] [--every N] [--json]
 *     npm run models:eval -- damage --calibrate    prints thresholds and calibration tables for the card, fitted on the first part
 *
 * --data     folder with plates/ and damage/ (default: the development data beside the checkout; what is not there is left out with a note)
 * --model    a bundle folder in place of the shipped one; for redaction a folder of bundles
 * --labels   pictures.json of bay/training/label.py: adds the clips' held-out frames and the ride photos
 * --cameras  rendered cameras of 8 frames each, default 40 as in the bay model's card
 * --planted  what damage/training/plant.py wrote: whole cars with damage pasted on
 * --every    one picture in so many, for a first look (redaction)
 * --faces    what face/training/label.py wrote: faces that the teacher is sure of
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compare } from "../../daemon/vision/accuracy/compare.ts";
import { loadBundle } from "../../daemon/vision/registry/bundle.ts";
import { measureBay } from "./bay.ts";
import { calibrate } from "./calibrate.ts";
import { damageParts, type EvaluationPart, faceParts, plateParts } from "./detector-parts.ts";
import { CALIBRATED_FROM, type DetectorFigures, figuresOf, mean } from "./figures.ts";
import { measureRedaction } from "./redaction.ts";
import { readTrainingHashes, wasTrainedOn } from "./trained-on.ts";

const CHECKOUT = join(import.meta.dirname, "..", "..");

const percent = (value: number | undefined): string =>
  value === undefined ? "    –" : (value * 100).toFixed(1).padStart(5);

function print(part: EvaluationPart, figures: DetectorFigures): void {
  console.log(
    `${part.name}: ${figures.pictures} pictures, ${figures.picturesPerSecond.toFixed(1)} a second in this run`,
  );
  const rows = Object.entries(figures.labels).filter(([, { box }]) => box.wanted > 0);
  for (const [label, { box, mask, presence, recall, looseRecall, precision }] of rows) {
    console.log(
      `  ${label.padEnd(18)} ${String(box.wanted).padStart(5)} wanted   box AP50 ${percent(box.ap50)} AP ${percent(box.ap)}` +
        `${mask === undefined ? "" : `   mask AP50 ${percent(mask.ap50)} AP ${percent(mask.ap)}`}   presence AP ${percent(presence)}` +
        `   at the shipped threshold: recall ${percent(recall)} (${percent(looseRecall)} at IoU 0.3) precision ${percent(precision)}`,
    );
  }
  const labels = rows.map(([, label]) => label);
  const means = {
    "box AP50": mean(labels.map(({ box }) => box.ap50)),
    "box AP": mean(labels.map(({ box }) => box.ap)),
    "mask AP50": mean(labels.map(({ mask }) => mask?.ap50)),
    "mask AP": mean(labels.map(({ mask }) => mask?.ap)),
    "presence AP": mean(labels.map(({ presence }) => presence)),
    ...figures.sizes,
    "any damage, pixel IoU": figures.pixels?.iou,
    "pixel precision": figures.pixels?.precision,
    "pixel recall": figures.pixels?.recall,
    "scratches, line recall": figures.lengths?.lineRecall,
    "line precision": figures.lengths?.linePrecision,
    "found / true length": figures.lengths?.medianRatio,
    "length, median error": figures.lengths?.medianError,
    "calibration error": figures.calibrationError,
  };
  console.log(`  ${"false alarms".padEnd(24)} ${figures.falseAlarms.toFixed(2)} a picture`);
  for (const [name, value] of Object.entries(means))
    if (value !== undefined) console.log(`  ${name.padEnd(24)} ${percent(value)}`);
}

/** A part whose pictures the bundle learnt from is named and not scored. */
async function measureParts(parts: readonly EvaluationPart[], bundleFolder: string, json: boolean): Promise<void> {
  const { manifest } = await loadBundle(bundleFolder);
  const hashes = await readTrainingHashes(bundleFolder);
  const reports: object[] = [];
  for (const part of parts) {
    const seen = await wasTrainedOn(
      part.pictures.map(({ file }) => file),
      hashes,
    );
    if (seen !== undefined) {
      console.error(`${part.name}: not scored, ${seen} was trained on.`);
      continue;
    }
    const figures = await figuresOf(part.pictures, bundleFolder);
    reports.push({ part: part.name, ...figures });
    if (!json) print(part, figures);
  }
  if (json) console.log(JSON.stringify({ model: manifest.name, version: manifest.version, parts: reports }, null, 2));
}

/** Thresholds and tables as the card's YAML has them; only from pictures that were not trained on. */
async function printCalibration([part]: readonly EvaluationPart[], bundleFolder: string): Promise<void> {
  if (part === undefined) throw new Error("there is nothing to fit on: the development data are not here");
  const { manifest } = await loadBundle(bundleFolder);
  const files = part.pictures.map(({ file }) => file);
  const seen = await wasTrainedOn(files, await readTrainingHashes(bundleFolder));
  if (seen !== undefined) throw new Error(`${part.name}: ${seen} was trained on, a table fitted there would lie`);
  const compared = await compare(part.pictures, bundleFolder);
  const { tables, thresholds, crossFittedError } = calibrate(compared, manifest.labels, CALIBRATED_FROM);
  console.log("thresholds:");
  for (const [label, threshold] of Object.entries(thresholds)) console.log(`  ${label}: ${threshold}`);
  console.log("calibration:");
  for (const [label, table] of Object.entries(tables)) console.log(`  ${label}:\n    ${JSON.stringify(table)}`);
  console.log(
    `# ${part.name}; calibration error on the other half, cross-fitted: ${percent(crossFittedError).trim()} %`,
  );
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: "string", default: join(CHECKOUT, "..", "shared", "data") },
      model: { type: "string" },
      labels: { type: "string" },
      cameras: { type: "string", default: "40" },
      planted: { type: "string" },
      faces: { type: "string" },
      calibrate: { type: "boolean", default: false },
      every: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
    },
  });
  const [name = ""] = positionals;
  const bundleFolder = values.model ?? join(CHECKOUT, "models", name);
  const data = existsSync(values.data) ? values.data : undefined;
  if (data === undefined) console.error("The development data are not here.");
  const ofDetector = async (parts: readonly EvaluationPart[]) =>
    values.calibrate
      ? await printCalibration(parts, bundleFolder)
      : await measureParts(parts, bundleFolder, values.json);
  if (name === "bay") await measureBay({ ...values, bundleFolder, data });
  else if (name === "damage") await ofDetector(await damageParts(data, values.planted));
  else if (name === "plate") await ofDetector(await plateParts(data));
  else if (name === "face") await ofDetector(await faceParts(values.faces));
  else if (name === "redaction")
    await measureRedaction({
      data,
      models: values.model ?? join(CHECKOUT, "models"),
      every: Math.max(1, Number.parseInt(values.every, 10)),
      json: values.json,
    });
  else throw new Error("usage: npm run models:eval -- bay|damage|plate|face|redaction");
}

await main();
