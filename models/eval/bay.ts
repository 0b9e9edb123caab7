import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadBundle } from "../../daemon/vision/registry/bundle.ts";
import { measure, type PartReport } from "./measure.ts";
import { demoPart, labelledParts, renderedPart, streetPart } from "./parts.ts";

export interface BayOptions {
  readonly bundleFolder: string;
  /** Development data; without them only rendered frames are scored. */
  readonly data: string | undefined;
  readonly labels?: string | undefined;
  readonly cameras: string;
  readonly json: boolean;
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

/** Scores the bay model on rendered frames, the demo's script, and the real pictures that are there. */
export async function measureBay({ bundleFolder, data, labels, cameras, json }: BayOptions): Promise<void> {
  const { manifest } = await loadBundle(bundleFolder);
  const scratch = await mkdtemp(join(tmpdir(), "baygate-eval-"));
  try {
    const parts = [await renderedPart(scratch, Number(cameras)), await demoPart(scratch)];
    if (data !== undefined) parts.push(await streetPart(data));
    if (labels !== undefined) parts.push(...(await labelledParts(labels)));
    const reports: PartReport[] = [];
    for (const part of parts) {
      const report = await measure(part, bundleFolder);
      reports.push(report);
      if (!json) print(report);
    }
    if (json) console.log(JSON.stringify({ model: manifest.name, version: manifest.version, parts: reports }, null, 2));
  } finally {
    await rm(scratch, { recursive: true });
  }
}
