import { env, InferenceSession, type Tensor } from "onnxruntime-node";
import { GatewayError } from "../../contract/errors.ts";
import { engineKey, readyEngineFolder } from "./engines.ts";
import { type Provider, providerConfig } from "./providers.ts";

// An absent GPU library is an expected answer here and is kept as a reason; the runtime would print it to stderr as an error.
env.logLevel = "fatal";

/**
 * A session of ONNX Runtime on one provider, with one thread: the other cores belong to decoding and to the rest of the house.
 * @param onnx the file's bytes, as the card's hash covers them
 * @param engines where a provider that builds engines keeps them; absent: it builds them anew each time
 */
export async function openSession(
  onnx: Buffer,
  provider: Provider,
  engines: { readonly enginesFolder?: string | undefined; readonly modelSha256?: string } = {},
): Promise<InferenceSession> {
  const { enginesFolder, modelSha256 } = engines;
  const engineFolder =
    provider !== "tensorrt" || enginesFolder === undefined || modelSha256 === undefined
      ? undefined
      : await readyEngineFolder(enginesFolder, await engineKey(modelSha256, env.versions));
  return InferenceSession.create(onnx, {
    executionProviders: [providerConfig(provider, engineFolder, process.env)],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
}

/** @throws GatewayError MODEL_SHAPE_MISMATCH where an output is not there or holds no floats */
export function floatOutput(output: Tensor | undefined): { readonly tensor: Tensor; readonly data: Float32Array } {
  if (output?.data instanceof Float32Array) return { tensor: output, data: output.data };
  throw new GatewayError("MODEL_SHAPE_MISMATCH", { detail: "no float32 output" });
}
