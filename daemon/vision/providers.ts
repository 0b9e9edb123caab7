import { GatewayError } from "../../contract/errors.ts";

export const PROVIDERS = ["tensorrt", "cuda", "cpu"] as const;
/** What carries out a network: TensorRT or CUDA on an NVIDIA GPU, or the processor. */
export type Provider = (typeof PROVIDERS)[number];

export interface RefusedProvider {
  readonly provider: Provider;
  readonly reason: string;
}

/** No provider would run the model; `refused` holds the reasons. */
export class NoProviderError extends GatewayError {
  readonly refused: readonly RefusedProvider[];

  constructor(refused: readonly RefusedProvider[]) {
    super("MODEL_NO_PROVIDER", {
      detail: refused.map(({ provider, reason }) => `${provider}: ${reason}`).join("; "),
      details: { refused },
    });
    this.refused = refused;
  }
}

/**
 * Opens a session with the first provider that works. They are tried one by one, because ONNX Runtime's Node binding throws on a list whose first
 * entry is absent instead of falling back; why each was refused is kept for the page.
 * @param open makes a session and proves it (a provider may list itself and fail at its first run)
 * @throws NoProviderError
 */
export async function firstWorking<Session>(
  providers: readonly Provider[],
  open: (provider: Provider) => Promise<Session>,
): Promise<{ readonly session: Session; readonly provider: Provider; readonly refused: readonly RefusedProvider[] }> {
  const refused: RefusedProvider[] = [];
  for (const provider of providers) {
    try {
      return { session: await open(provider), provider, refused };
    } catch (error) {
      // A model that contradicts its card does so on every provider.
      if (error instanceof GatewayError) throw error;
      refused.push({ provider, reason: firstLine(error) });
    }
  }
  throw new NoProviderError(refused);
}

/** What a session is made with. The runtime's types name only some of a provider's options. */
export type ProviderConfig = Provider | Readonly<{ name: Provider } & Record<string, string | number>>;

/**
 * How a provider is asked for. TensorRT keeps the engines that it builds in `engineFolder`, because a first build takes minutes. It is told so twice:
 * by its own options (onnxruntime.ai, TensorRT execution provider), for bindings that hand them on, and by its environment variables, because the
 * binding of onnxruntime-node 1.30 hands on the device's number alone, and the provider reads its environment then.
 * @param environment changed where the provider reads it
 */
export function providerConfig(
  provider: Provider,
  engineFolder: string | undefined,
  environment: Record<string, string | undefined>,
): ProviderConfig {
  if (provider !== "tensorrt" || engineFolder === undefined) return provider;
  environment.ORT_TENSORRT_ENGINE_CACHE_ENABLE = "1";
  environment.ORT_TENSORRT_CACHE_PATH = engineFolder;
  return { name: provider, deviceId: 0, trt_engine_cache_enable: "1", trt_engine_cache_path: engineFolder };
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split("\n")[0] ?? "").slice(0, 300);
}
