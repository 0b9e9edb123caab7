import { GatewayError } from "../../contract/errors.ts";
import { Detector } from "./detector.ts";
import { Embedder } from "./embedder.ts";
import type { Provider, RefusedProvider } from "./providers.ts";
import { loadBundle, type ModelBundle } from "./registry/bundle.ts";
import { Segmenter } from "./segmenter.ts";
import { TextRecogniser } from "./text-recogniser.ts";

/** Whether the gateway would take a bundle, and what it is. */
export type CheckedBundle = { readonly folder: string } & (
  | {
      readonly ok: true;
      readonly name: string;
      readonly version: string;
      readonly role: string;
      readonly family: string;
      readonly labels: readonly string[];
      readonly sha256: string;
      readonly provider: Provider;
      readonly refusedProviders: readonly RefusedProvider[];
    }
  | { readonly ok: false; readonly error: GatewayError }
);

/**
 * Does with a bundle what the worker does before its first frame: size, card, hash, tensors, then two runs on an empty picture.
 * @param providers tried one by one
 * @throws what is not the bundle's fault
 */
export async function checkBundle(folder: string, providers: readonly Provider[]): Promise<CheckedBundle> {
  try {
    const bundle = await loadBundle(folder);
    const opened = await openOf(bundle, providers);
    await opened.close();
    const { name, version, role, family, labels, sha256 } = bundle.manifest;
    const { provider, refused } = opened;
    return { folder, ok: true, name, version, role, family, labels, sha256, provider, refusedProviders: refused };
  } catch (error) {
    if (error instanceof GatewayError) return { folder, ok: false, error };
    throw error;
  }
}

/** What works with a bundle of this family, open and tried on an empty picture. */
function openOf(bundle: ModelBundle, providers: readonly Provider[]): Promise<Opened> {
  switch (bundle.manifest.family) {
    case "sam":
      return Segmenter.open(bundle, { providers });
    case "ctc":
      return TextRecogniser.open(bundle, providers);
    case "embedding":
      return Embedder.open(bundle, providers);
    default:
      return Detector.open(bundle, { providers });
  }
}

interface Opened {
  readonly provider: Provider;
  readonly refused: readonly RefusedProvider[];
  close(): Promise<void>;
}
