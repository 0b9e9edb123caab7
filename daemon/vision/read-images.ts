import { basename } from "node:path";
import { type FailedPicture, failureOf, inPixels, readPictureFile, stemOf } from "./picture-files.ts";
import type { Provider } from "./providers.ts";
import { loadBundle } from "./registry/bundle.ts";
import { TextReader } from "./text-reader.ts";

/** One line of text in one picture. */
export interface ReadResult {
  readonly image_id: string;
  readonly file_name: string;
  readonly text: string;
  readonly confidence: number;
  /** Whether `confidence` reaches the recogniser's threshold. */
  readonly counts: boolean;
  /** Four corners in pixels of the upright picture, `x, y` after `x, y`, from the top left clockwise. */
  readonly quad: readonly number[];
  /** The finder's own score. */
  readonly found: number;
}

export interface ReadReport {
  readonly models: readonly {
    readonly role: "text-detection" | "text-recognition";
    readonly name: string;
    readonly version: string;
    readonly sha256: string;
    readonly provider: Provider;
  }[];
  readonly images: readonly {
    readonly id: string;
    readonly file_name: string;
    readonly width: number;
    readonly height: number;
  }[];
  /** Picture by picture, in reading order. */
  readonly results: readonly ReadResult[];
  readonly failed: readonly FailedPicture[];
}

interface ReadOptions {
  readonly finderFolder: string;
  readonly recogniserFolder: string;
  readonly providers?: readonly Provider[];
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Reads the text in picture files.
 * @throws GatewayError MODEL_* when a bundle is bad or is for another role
 */
export async function readImages(files: readonly string[], options: ReadOptions): Promise<ReadReport> {
  const finder = await loadBundle(options.finderFolder);
  const recogniser = await loadBundle(options.recogniserFolder);
  const reader = await TextReader.open(finder, recogniser, options.providers ?? ["tensorrt", "cuda", "cpu"]);
  const images: ReadReport["images"][number][] = [];
  const results: ReadResult[] = [];
  const failed: FailedPicture[] = [];
  try {
    for (const file of files) {
      const file_name = basename(file);
      const id = stemOf(file_name);
      try {
        const { width, height, lines } = await reader.read(await readPictureFile(file));
        images.push({ id, file_name, width, height });
        for (const { text, confidence, counts, quad, found } of lines)
          results.push({
            image_id: id,
            file_name,
            text,
            confidence,
            counts,
            quad: inPixels(quad, width, height),
            found,
          });
      } catch (failure) {
        failed.push({ file_name, ...failureOf(failure) });
      }
      options.onProgress?.(images.length + failed.length, files.length);
    }
  } finally {
    await reader.close();
  }
  const models = [
    { role: "text-detection" as const, manifest: finder.manifest, provider: reader.finder.provider },
    { role: "text-recognition" as const, manifest: recogniser.manifest, provider: reader.recogniser.provider },
  ].map(({ role, manifest: { name, version, sha256 }, provider }) => ({ role, name, version, sha256, provider }));
  return { models, images, results, failed };
}
