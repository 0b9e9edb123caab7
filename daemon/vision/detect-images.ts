import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { GatewayError } from "../../contract/errors.ts";
import { Detector } from "./detector.ts";
import { decodePicture } from "./picture.ts";
import type { Provider, RefusedProvider } from "./providers.ts";
import { loadBundle } from "./registry/bundle.ts";
import type { ModelRole } from "./registry/manifest.ts";

/** One line of COCO results (cocodataset.org, "results format") with the names that its ids stand for. */
export interface CocoResult {
  /** Position of the file in the order given, from 1. */
  readonly image_id: number;
  readonly file_name: string;
  /** Position of the label in the card, from 1. */
  readonly category_id: number;
  readonly category_name: string;
  /** x, y, width, height in pixels of the upright picture. */
  readonly bbox: readonly [x: number, y: number, width: number, height: number];
  readonly score: number;
  /** Calibrated, where the card brings a table. */
  readonly probability?: number;
}

export interface DetectImagesReport {
  readonly model: {
    readonly name: string;
    readonly version: string;
    readonly sha256: string;
    readonly role: ModelRole;
  };
  readonly provider: Provider;
  readonly refusedProviders: readonly RefusedProvider[];
  readonly categories: readonly { readonly id: number; readonly name: string }[];
  readonly images: readonly {
    readonly id: number;
    readonly file_name: string;
    readonly width: number;
    readonly height: number;
  }[];
  readonly results: readonly CocoResult[];
  /** Pictures that could not be looked at; the others were. */
  readonly failed: readonly { readonly file_name: string; readonly code: string; readonly message: string }[];
}

/**
 * Looks at picture files with a bundle, by the very functions that the vision worker uses.
 * @param role what the bundle must be for
 * @param options.scoreFloor report from this score on instead of the card's thresholds, for evaluation curves
 * @throws GatewayError MODEL_* when the bundle is bad or is for another role
 */
export async function detectImages(
  role: ModelRole,
  files: readonly string[],
  options: { readonly bundleFolder: string; readonly providers?: readonly Provider[]; readonly scoreFloor?: number },
): Promise<DetectImagesReport> {
  const bundle = await loadBundle(options.bundleFolder);
  const { manifest } = bundle;
  if (manifest.role !== role)
    throw new GatewayError("MODEL_MANIFEST_INVALID", { detail: `the bundle is for "${manifest.role}", not "${role}"` });
  const floor = options.scoreFloor;
  const detector = await Detector.open(bundle, {
    providers: options.providers ?? ["tensorrt", "cuda", "cpu"],
    ...(floor === undefined ? {} : { floor }),
  });
  const images: DetectImagesReport["images"][number][] = [];
  const results: CocoResult[] = [];
  const failed: DetectImagesReport["failed"][number][] = [];
  try {
    for (const [index, file] of files.entries()) {
      const image = { id: index + 1, file_name: basename(file) };
      try {
        const picture = await decodePicture(await readFile(file), manifest.input);
        const { sourceWidth: width, sourceHeight: height } = picture.letterbox;
        images.push({ ...image, width, height });
        for (const { detection, counts } of await detector.detect(picture)) {
          if (!counts && (floor === undefined || detection.score < floor)) continue;
          const [x1, y1, x2, y2] = detection.box;
          results.push({
            image_id: image.id,
            file_name: image.file_name,
            category_id: manifest.labels.indexOf(detection.label) + 1,
            category_name: detection.label,
            bbox: [x1 * width, y1 * height, (x2 - x1) * width, (y2 - y1) * height],
            score: detection.score,
            ...(detection.probability === undefined ? {} : { probability: detection.probability }),
          });
        }
      } catch (error) {
        failed.push({ file_name: image.file_name, ...describe(error) });
      }
    }
  } finally {
    await detector.close();
  }
  const { name, version, sha256 } = manifest;
  return {
    model: { name, version, sha256, role },
    provider: detector.provider,
    refusedProviders: detector.refused,
    categories: manifest.labels.map((label, index) => ({ id: index + 1, name: label })),
    images,
    results,
    failed,
  };
}

/** A picture's fault is that picture's; a network that fails is everybody's. */
function describe(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof GatewayError && error.code.startsWith("PICTURE_"))
    return { code: error.code, message: error.message };
  if (error instanceof Error && "code" in error && typeof error.code === "string" && "syscall" in error)
    return { code: error.code, message: error.message };
  throw error;
}
