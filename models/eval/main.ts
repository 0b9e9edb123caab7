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
import { loadBundle } from "../../daemon/vision/registry/bundle.ts";
import { measure, type PartReport } from "./measure.ts";
import { demoPart, labelledParts, renderedPart, streetPart } from "./parts.ts";

const CHECKOUT = join(import.meta.dirname, "..", "..");

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
  const scratch = await mkdtemp(join(tmpdir(), "baygate-eval-"));
  const say = (text: string): void => (values.json ? console.error(text) : console.log(text));
  try {
    const parts = [await renderedPart(scratch, Number(values.cameras)), await demoPart(scratch)];
    if (existsSync(values.data)) parts.push(await streetPart(values.data));
    else say("The development data are not here; only rendered frames are scored.");
    if (values.labels !== undefined) parts.push(...(await labelledParts(values.labels)));
    const reports: PartReport[] = [];
    for (const part of parts) {
      const report = await measure(part, bundleFolder);
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
