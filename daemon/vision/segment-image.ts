import { basename } from "node:path";
import type { Prompt } from "./families/sam.ts";
import { inPixels, readPictureFile, stemOf } from "./picture-files.ts";
import type { Provider, RefusedProvider } from "./providers.ts";
import { loadBundle } from "./registry/bundle.ts";
import { Segmenter } from "./segmenter.ts";

/** One line in the manner of COCO results: what a prompt marks. */
export interface SegmentResult {
  readonly image_id: string;
  readonly file_name: string;
  readonly category_id: 1;
  /** The card's one label. */
  readonly category_name: string;
  readonly prompt: Prompt;
  /** Outlines in pixels of the upright picture, `x, y` after `x, y`, the largest first; none where nothing is seen. */
  readonly segmentation: readonly (readonly number[])[];
  /** x, y, width, height around the outlines in pixels; all 0 where there are none. */
  readonly bbox: readonly [x: number, y: number, width: number, height: number];
  /** Square pixels inside the outlines. */
  readonly area: number;
  /** How well the network thinks that its mask fits. */
  readonly iou: number;
  /** Whether `iou` reaches the card's threshold. */
  readonly counts: boolean;
}

export interface SegmentReport {
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly provider: Provider;
  readonly refusedProviders: readonly RefusedProvider[];
  readonly image: { readonly id: string; readonly file_name: string; readonly width: number; readonly height: number };
  /** In the prompts' order. */
  readonly results: readonly SegmentResult[];
}

/**
 * Answers prompts about one picture file.
 * @param prompts in pixels of the upright picture
 * @throws GatewayError MODEL_*, PICTURE_*, PROMPT_INVALID
 */
export async function segmentImage(
  file: string,
  prompts: readonly Prompt[],
  {
    bundleFolder,
    providers = ["tensorrt", "cuda", "cpu"],
  }: { readonly bundleFolder: string; readonly providers?: readonly Provider[] },
): Promise<SegmentReport> {
  const bytes = await readPictureFile(file);
  const bundle = await loadBundle(bundleFolder);
  const segmenter = await Segmenter.open(bundle, { providers });
  try {
    const { width, height, segments } = await segmenter.segment(bytes, prompts);
    const { name, version, sha256, labels } = bundle.manifest;
    const file_name = basename(file);
    const id = stemOf(file_name);
    const results = segments.map(({ iou, counts, outline }, index): SegmentResult => {
      const segmentation = outline.map((polygon) => inPixels(polygon, width, height));
      return {
        image_id: id,
        file_name,
        category_id: 1,
        category_name: labels[0]!,
        prompt: prompts[index]!,
        segmentation,
        bbox: boxAround(segmentation),
        area: segmentation.reduce((sum, polygon) => sum + areaOf(polygon), 0),
        iou,
        counts,
      };
    });
    return {
      model: { name, version, sha256 },
      provider: segmenter.provider,
      refusedProviders: segmenter.refused,
      image: { id, file_name, width, height },
      results,
    };
  } finally {
    await segmenter.close();
  }
}

function boxAround(polygons: readonly (readonly number[])[]): SegmentResult["bbox"] {
  if (polygons.length === 0) return [0, 0, 0, 0];
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
  for (const polygon of polygons) {
    for (let at = 0; at < polygon.length; at += 2) {
      left = Math.min(left, polygon[at]!);
      right = Math.max(right, polygon[at]!);
      top = Math.min(top, polygon[at + 1]!);
      bottom = Math.max(bottom, polygon[at + 1]!);
    }
  }
  return [left, top, right - left, bottom - top];
}

function areaOf(polygon: readonly number[]): number {
  let twice = 0;
  for (let at = 0; at < polygon.length; at += 2) {
    const after = (at + 2) % polygon.length;
    twice += polygon[at]! * polygon[after + 1]! - polygon[after]! * polygon[at + 1]!;
  }
  return Math.abs(twice) / 2;
}
