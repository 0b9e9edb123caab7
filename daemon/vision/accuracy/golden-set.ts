import { createHash } from "node:crypto";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import Type from "typebox";
import Value from "typebox/value";
import { GatewayError } from "../../../contract/errors.ts";
import type { Provider } from "../providers.ts";
import { asLabel, loadBundle } from "../registry/bundle.ts";
import { readBounded } from "../registry/bundle-file.ts";
import { detects, type ModelManifest } from "../registry/manifest.ts";
import { averagePrecision, BOXES } from "./average-precision.ts";
import { compare } from "./compare.ts";
import { ANNOTATIONS, type LabelledPicture, labelledPictures } from "./labelled-pictures.ts";

/** Pictures with the truth about them, by which a model is measured before it is taken: a folder with COCO annotations and their pictures. */
export interface GoldenSet {
  readonly folder: string;
  /** SHA-256 of the annotations: names the set in a card. */
  readonly sha256: string;
  readonly pictures: readonly LabelledPicture[];
}

/** What a model reached on a golden set, in percent, and what it had to reach. */
export interface GoldenFigures {
  readonly sha256: string;
  readonly pictures: number;
  /** Mean of the labels that occur in the set. */
  readonly ap50: number;
  readonly labels: Readonly<Record<string, number>>;
  /** Undefined: neither the card nor a model at work says what to expect, so that nothing was compared. */
  readonly expected: { readonly ap50: number; readonly of: string } | undefined;
}

/** A look at each takes seconds on a small box. */
const MAX_PICTURES = 2000;
const MAX_ANNOTATION_BYTES = 16 * 1024 * 1024;
/** What a model may lose, in points of AP50. */
const MAX_LOSS = 1;

/** What a card says that it reaches: `metrics.golden`, one entry or several. Percent; below 1 somebody has written a fraction. */
const Percent = Type.Number({ minimum: 1, maximum: 100 });
const Stated = Type.Object({
  /** Of the set that this figure is for; absent: of whichever set is used. */
  sha256: Type.Optional(Type.String({ pattern: "^[0-9a-f]{64}$" })),
  ap50: Type.Optional(Percent),
  boxAp50: Type.Optional(Percent),
});
const StatedList = Type.Union([Stated, Type.Array(Stated, { maxItems: 50 })]);

/**
 * Reads a golden set for a model: `_annotations.coco.json`, its categories named as the model's labels, and the pictures beside it.
 * @throws GatewayError MODEL_GOLDEN_INVALID
 */
export async function readGoldenSet(folder: string, labels: readonly string[]): Promise<GoldenSet> {
  try {
    const bytes = await readBounded(join(folder, ANNOTATIONS), MAX_ANNOTATION_BYTES, "MODEL_GOLDEN_INVALID");
    const known = new Set(labels);
    const pictures = await labelledPictures(folder, {
      outlines: false,
      labelOf: (category) => (known.has(asLabel(category)) ? asLabel(category) : undefined),
    });
    if (pictures.length === 0 || pictures.length > MAX_PICTURES)
      throw unusable(folder, `${pictures.length} pictures; it needs 1 to ${MAX_PICTURES}`);
    if (pictures.every(({ truth }) => truth.length === 0))
      throw unusable(folder, `it shows none of the labels ${labels.join(", ")}`);
    for (const { file } of pictures)
      if (!(await lstat(file)).isFile()) throw unusable(folder, `${file} is no plain file`);
    return { folder, sha256: createHash("sha256").update(bytes).digest("hex"), pictures };
  } catch (error) {
    if (error instanceof GatewayError && error.code === "MODEL_GOLDEN_INVALID") throw error;
    throw unusable(folder, error instanceof Error ? error.message : String(error), error);
  }
}

/**
 * Measures a bundle on a golden set through the gateway's own look at pictures, and refuses it when it loses more than a point of AP50 against what its
 * card states for this set; where the card states nothing, against the model that is at work.
 * @param atWork the bundle to compare with where the card is silent
 * @throws GatewayError MODEL_GOLDEN_WORSE with both figures, MODEL_GOLDEN_INVALID, MODEL_MANIFEST_INVALID for a figure that is no percentage
 */
export async function checkOnGoldenSet(
  bundleFolder: string,
  golden: GoldenSet,
  options: {
    readonly providers: readonly Provider[];
    readonly atWork?: { readonly folder: string; readonly name: string };
  },
): Promise<GoldenFigures> {
  const { manifest } = await loadBundle(bundleFolder);
  if (!detects(manifest.family))
    throw unusable(golden.folder, `a network of the family "${manifest.family}" finds no boxes that could be compared`);
  const stated = statedFor(golden.sha256, manifest);
  const { ap50, labels } = await measure(bundleFolder, manifest.labels, golden, options.providers);
  const expected =
    stated !== undefined
      ? { ap50: stated, of: "card" }
      : options.atWork === undefined
        ? undefined
        : await expectedOf(options.atWork, manifest.labels, golden, options.providers);
  const figures = { sha256: golden.sha256, pictures: golden.pictures.length, ap50, labels, expected };
  if (expected !== undefined && ap50 < expected.ap50 - MAX_LOSS)
    throw new GatewayError("MODEL_GOLDEN_WORSE", {
      detail: `AP50 ${ap50.toFixed(1)} on ${golden.pictures.length} pictures, ${expected.of}: ${expected.ap50.toFixed(1)}`,
      details: { ...figures },
    });
  return figures;
}

/** The model at work may be for other labels, or not be whole: then it is no measure. */
async function expectedOf(
  { folder, name }: { readonly folder: string; readonly name: string },
  labels: readonly string[],
  golden: GoldenSet,
  providers: readonly Provider[],
): Promise<GoldenFigures["expected"]> {
  try {
    return { ap50: (await measure(folder, labels, golden, providers)).ap50, of: name };
  } catch (error) {
    if (error instanceof GatewayError && error.code !== "MODEL_GOLDEN_INVALID") return undefined;
    throw error;
  }
}

async function measure(
  bundleFolder: string,
  labels: readonly string[],
  { folder, pictures }: GoldenSet,
  providers: readonly Provider[],
): Promise<Pick<GoldenFigures, "ap50" | "labels">> {
  const compared = await compare(pictures, bundleFolder, providers).catch((error: unknown) => {
    if (error instanceof GatewayError) throw error;
    throw unusable(folder, error instanceof Error ? error.message : String(error), error);
  });
  const perLabel = labels.flatMap((label): [string, number][] => {
    const { ap50 } = averagePrecision(compared, label, BOXES);
    return ap50 === undefined ? [] : [[label, ap50 * 100]];
  });
  const sum = perLabel.reduce((total, [, ap50]) => total + ap50, 0);
  return { ap50: sum / perLabel.length, labels: Object.fromEntries(perLabel) };
}

function statedFor(sha256: string, { metrics }: ModelManifest): number | undefined {
  const golden = metrics?.golden;
  if (golden === undefined) return undefined;
  if (!Value.Check(StatedList, golden))
    throw new GatewayError("MODEL_MANIFEST_INVALID", {
      detail: "/metrics/golden is { sha256?, ap50 }, ap50 in percent, or a list of these",
    });
  const entries = Array.isArray(golden) ? golden : [golden];
  const entry = entries.find((one) => one.sha256 === sha256) ?? entries.find((one) => one.sha256 === undefined);
  return entry?.ap50 ?? entry?.boxAp50;
}

function unusable(folder: string, detail: string, cause?: unknown): GatewayError {
  return new GatewayError("MODEL_GOLDEN_INVALID", { detail: `${folder}: ${detail}`, cause });
}
