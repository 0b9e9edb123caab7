import { basename } from "node:path";
import { cosine, Embedder } from "./embedder.ts";
import { type FailedPicture, failureOf, readPictureFile, stemOf } from "./picture-files.ts";
import type { Provider, RefusedProvider } from "./providers.ts";
import { loadBundle } from "./registry/bundle.ts";

export interface EmbedResult {
  readonly image_id: string;
  readonly file_name: string;
  /** Length 1. */
  readonly vector: readonly number[];
  /** How alike the picture is to the first one that could be looked at: cosine, from -1 to 1. */
  readonly likeness: number;
  /** Whether `likeness` reaches the card's threshold. */
  readonly counts: boolean;
}

export interface EmbedReport {
  readonly model: {
    readonly name: string;
    readonly version: string;
    readonly sha256: string;
    readonly dimensions: number;
  };
  readonly provider: Provider;
  readonly refusedProviders: readonly RefusedProvider[];
  readonly results: readonly EmbedResult[];
  readonly failed: readonly FailedPicture[];
}

interface EmbedOptions {
  readonly bundleFolder: string;
  readonly providers?: readonly Provider[];
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Turns picture files into vectors, and says how alike each is to the first.
 * @throws GatewayError MODEL_* when the bundle is bad or embeds nothing
 */
export async function embedImages(files: readonly string[], options: EmbedOptions): Promise<EmbedReport> {
  const bundle = await loadBundle(options.bundleFolder);
  const { name, version, sha256, labels, thresholds } = bundle.manifest;
  const threshold = thresholds[labels[0]!] ?? 1;
  const embedder = await Embedder.open(bundle, options.providers ?? ["tensorrt", "cuda", "cpu"]);
  const results: EmbedResult[] = [];
  const failed: FailedPicture[] = [];
  let first: Float32Array | undefined;
  try {
    for (const file of files) {
      const file_name = basename(file);
      try {
        const vector = await embedder.embed(await readPictureFile(file));
        first ??= vector;
        const likeness = cosine(first, vector);
        results.push({
          image_id: stemOf(file_name),
          file_name,
          vector: [...vector],
          likeness,
          counts: likeness >= threshold,
        });
      } catch (failure) {
        failed.push({ file_name, ...failureOf(failure) });
      }
      options.onProgress?.(results.length + failed.length, files.length);
    }
  } finally {
    await embedder.close();
  }
  return {
    model: { name, version, sha256, dimensions: embedder.dimensions },
    provider: embedder.provider,
    refusedProviders: embedder.refused,
    results,
    failed,
  };
}
