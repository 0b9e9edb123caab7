import { basename } from "node:path";
import { GatewayError } from "../../contract/errors.ts";
import { Detector, type Found, type Seen } from "./detector.ts";
import { type DecodedPicture, decodePicture } from "./picture.ts";
import { eachOnce, type FailedPicture, failureOf, inPixels, readPictureFile, stemOf } from "./picture-files.ts";
import type { Provider, RefusedProvider } from "./providers.ts";
import { loadBundle, type ModelBundle } from "./registry/bundle.ts";
import type { ModelManifest, ModelRole } from "./registry/manifest.ts";
import { lookCarefully, wantsTiles } from "./tiles.ts";

/** This file is the vision runtime's face for the command line. */
export { type AddedBundle, type AddStage, addBundle } from "./add-bundle.ts";
export { type CheckedBundle, checkBundle } from "./check-bundle.ts";
export { type EmbedReport, embedImages } from "./embed-images.ts";
export { type FailedPicture, pictureFiles, readPictureFile } from "./picture-files.ts";
export { type ReadReport, readImages } from "./read-images.ts";
export { type RedactedFile, type RedactImagesReport, redactImages } from "./redaction/redact-images.ts";
export { type SegmentReport, segmentImage } from "./segment-image.ts";
export type { Prompt } from "./segmenter.ts";
export type { Interval } from "./size/estimate.ts";
export type { PixelBox } from "./size/mask.ts";
export {
  boxAround,
  enclosesNothing,
  type MeasureReport,
  type MeasureRequest,
  measurePicture,
} from "./size/measure-picture.ts";
export { CARDS, printableCard } from "./size/printable-card.ts";
export { checkedPlane, readPlaneFile } from "./size/references/plane-file.ts";

/** One line of COCO results (cocodataset.org, "results format") with the names that its ids stand for. */
export interface CocoResult {
  /** The file's name without its extension. */
  readonly image_id: string;
  readonly file_name: string;
  /** Position of the label in the card, from 1. */
  readonly category_id: number;
  readonly category_name: string;
  /** x, y, width, height in pixels of the upright picture. */
  readonly bbox: readonly [x: number, y: number, width: number, height: number];
  readonly score: number;
  /** Calibrated, where the card brings a table. */
  readonly probability?: number;
  /** Outline in pixels of the upright picture, `x, y` after `x, y`, from models with masks; absent where the mask is empty, which no COCO reader takes. */
  readonly segmentation?: readonly (readonly number[])[];
  /** Whether the score reaches the card's threshold; the others are there for curves. */
  readonly counts: boolean;
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
    readonly id: string;
    readonly file_name: string;
    readonly width: number;
    readonly height: number;
    /** Whether it was looked at piece by piece as well. */
    readonly tiled: boolean;
  }[];
  readonly results: readonly CocoResult[];
  /** Pictures that could not be looked at; the others were. */
  readonly failed: readonly FailedPicture[];
}

export interface DetectImagesOptions {
  readonly bundleFolder: string;
  readonly providers?: readonly Provider[];
  /** Report from this score on, be it lower or higher, instead of the card's `resultsFloor` or thresholds. */
  readonly scoreFloor?: number;
  /** `auto` (the card decides by the picture's size) where absent. */
  readonly tiles?: "auto" | "always" | "never";
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Looks at picture files with a bundle, by the very functions that the vision worker uses; the next picture is read and decoded while the network runs.
 * A file named twice is looked at once. Results name a picture by its `image_id`: of two readable files with one id the later one fails.
 * @param role what the bundle must be for; undefined where its own role is right
 * @throws GatewayError MODEL_* when the bundle is bad or is for another role
 */
export async function detectImages(
  role: ModelRole | undefined,
  files: readonly string[],
  options: DetectImagesOptions,
): Promise<DetectImagesReport> {
  const bundle = await loadBundle(options.bundleFolder);
  const { manifest } = bundle;
  if (role !== undefined && manifest.role !== role)
    throw new GatewayError("MODEL_MANIFEST_INVALID", { detail: `the bundle is for "${manifest.role}", not "${role}"` });
  const floor = options.scoreFloor ?? manifest.resultsFloor;
  const listed = ({ detection: { score }, counts }: Found) =>
    (counts && options.scoreFloor === undefined) || (floor !== undefined && score >= Math.fround(floor));
  const detector = await Detector.open(bundle, {
    providers: options.providers ?? ["tensorrt", "cuda", "cpu"],
    ...(floor === undefined ? {} : { floor }),
  });
  const images: DetectImagesReport["images"][number][] = [];
  const results: CocoResult[] = [];
  const failed: DetectImagesReport["failed"][number][] = [];
  const distinct = eachOnce(files);
  const fileOfId = new Map<string, string>();
  try {
    for await (const decoded of decodedAhead(distinct, bundle)) {
      const file_name = basename(decoded.file);
      try {
        if (!decoded.ok) throw decoded.error;
        const { picture, bytes } = decoded;
        const id = stemOf(file_name);
        const namesake = fileOfId.get(id);
        if (namesake !== undefined)
          throw new GatewayError("PICTURE_ID_TAKEN", { detail: `"${id}": ${namesake}, ${decoded.file}` });
        fileOfId.set(id, decoded.file);
        const { sourceWidth: width, sourceHeight: height } = picture.letterbox;
        const tiles = tilesFor(options.tiles ?? "auto", manifest, picture);
        const seen = await lookCarefully(detector, bytes, picture, manifest, tiles);
        const image = { id, file_name, width, height, tiled: tiles !== undefined };
        images.push(image);
        results.push(...seen.flatMap((one) => cocoResult(detector, one, image, listed)));
      } catch (failure) {
        failed.push({ file_name, ...failureOf(failure) });
      }
      options.onProgress?.(images.length + failed.length, distinct.length);
    }
  } finally {
    await detector.close();
  }
  const { name, version, sha256 } = manifest;
  return {
    model: { name, version, sha256, role: manifest.role },
    provider: detector.provider,
    refusedProviders: detector.refused,
    categories: manifest.labels.map((label, index) => ({ id: index + 1, name: label })),
    images,
    results,
    failed,
  };
}

function tilesFor(wish: "auto" | "always" | "never", { tiles }: ModelManifest, picture: DecodedPicture) {
  if (wish === "never") return undefined;
  return wish === "always" || wantsTiles(tiles, picture.letterbox) ? tiles : undefined;
}

function cocoResult(
  detector: Detector,
  seen: Seen,
  image: DetectImagesReport["images"][number],
  listed: (found: Found) => boolean,
): CocoResult[] {
  if (!listed(detector.judge(seen))) return [];
  const { detection, counts } = detector.judge(seen, true);
  const { outline = [] } = detection;
  const { width, height } = image;
  const [x1, y1, x2, y2] = detection.box;
  return [
    {
      image_id: image.id,
      file_name: image.file_name,
      category_id: seen.labelIndex + 1,
      category_name: detection.label,
      bbox: [x1 * width, y1 * height, (x2 - x1) * width, (y2 - y1) * height],
      score: detection.score,
      ...(detection.probability === undefined ? {} : { probability: detection.probability }),
      ...(outline.length === 0 ? {} : { segmentation: outline.map((polygon) => inPixels(polygon, width, height)) }),
      counts,
    },
  ];
}

type Decoded =
  | { readonly ok: true; readonly file: string; readonly picture: DecodedPicture; readonly bytes: Buffer }
  | { readonly ok: false; readonly file: string; readonly error: unknown };

async function* decodedAhead(files: readonly string[], { manifest }: ModelBundle): AsyncGenerator<Decoded> {
  const begin = async (file: string): Promise<Decoded> => {
    try {
      const bytes = await readPictureFile(file);
      return { ok: true, file, bytes, picture: await decodePicture(bytes, manifest.input) };
    } catch (error) {
      return { ok: false, file, error };
    }
  };
  let coming = files[0] === undefined ? undefined : begin(files[0]);
  for (const index of files.keys()) {
    const decoded = await coming;
    const following = files[index + 1];
    coming = following === undefined ? undefined : begin(following);
    if (decoded !== undefined) yield decoded;
  }
}
