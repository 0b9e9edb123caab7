import type { BoxView } from "../../../contract/http-api.ts";

/** Below this somebody should look at the disk; above this at the fan. */
const FEW_DAYS_LEFT = 7;
const WARM_C = 80;

/** Which lines about the box are not as they should be. */
export function boxConcerns(box: BoxView) {
  return {
    vision: box.vision.state === "stopped" || box.vision.state === "degraded",
    cameras: box.cameras.live < box.cameras.configured,
    dongles: box.dongles.live < box.dongles.configured,
    disk: box.diskDaysLeft !== null && box.diskDaysLeft < FEW_DAYS_LEFT,
    temperature: box.temperatureC !== null && box.temperatureC > WARM_C,
    clock: box.clock === "untrusted",
    journal: box.journal !== "ok",
  };
}

/** Proper names, the same in every language. */
const PROVIDER_NAMES: Readonly<Record<string, string>> = { tensorrt: "TensorRT", cuda: "CUDA", cpu: "CPU" };

/** What a provider that was tried and refused is called. */
export function shortProviderName(provider: string): string {
  return PROVIDER_NAMES[provider] ?? provider;
}

const PROVIDERS = ["tensorrt", "cuda", "cpu"] as const;

/** The provider by the key of its words, or by its own name where the page has none for it. */
export function providerName(provider: string | null): { readonly known: (typeof PROVIDERS)[number] } | string | null {
  if (provider === null) return null;
  const known = PROVIDERS.find((name) => provider.toLowerCase().startsWith(name));
  return known === undefined ? provider : { known };
}
