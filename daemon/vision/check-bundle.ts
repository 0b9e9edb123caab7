import { GatewayError } from "../../contract/errors.ts";
import { Detector } from "./detector.ts";
import type { Provider, RefusedProvider } from "./providers.ts";
import { loadBundle } from "./registry/bundle.ts";

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
    const detector = await Detector.open(bundle, { providers });
    await detector.close();
    const { name, version, role, family, labels, sha256 } = bundle.manifest;
    const { provider, refused } = detector;
    return { folder, ok: true, name, version, role, family, labels, sha256, provider, refusedProviders: refused };
  } catch (error) {
    if (error instanceof GatewayError) return { folder, ok: false, error };
    throw error;
  }
}
