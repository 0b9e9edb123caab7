import { env, InferenceSession } from "onnxruntime-node";
import type { Provider } from "./providers.ts";

// An absent GPU library is an expected answer here and is kept as a reason; the runtime would print it to stderr as an error.
env.logLevel = "fatal";

/**
 * A session of ONNX Runtime on one provider, with one thread: the other cores belong to decoding and to the rest of the house.
 * @param onnx the file's bytes, as the card's hash covers them
 */
export function openSession(onnx: Buffer, provider: Provider): Promise<InferenceSession> {
  return InferenceSession.create(onnx, {
    executionProviders: [provider],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
}
