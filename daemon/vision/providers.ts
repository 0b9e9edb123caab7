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

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split("\n")[0] ?? "").slice(0, 300);
}
