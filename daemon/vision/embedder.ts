import type { InferenceSession, Tensor } from "onnxruntime-node";
import { GatewayError } from "../../contract/errors.ts";
import { createInputTensor, type InputTensor } from "./input-tensor.ts";
import { decodePicture } from "./picture.ts";
import { firstWorking, type Provider, type RefusedProvider } from "./providers.ts";
import type { ModelBundle } from "./registry/bundle.ts";
import { floatOutput, openSession } from "./session.ts";

/**
 * Turns pictures into vectors, so that pictures of the same thing lie close together. The network has one output, `[1, D]` or `[1, D, 1, 1]` of float32;
 * its vectors are brought to length 1 here. Not for two pictures at the same time.
 */
export class Embedder {
  readonly provider: Provider;
  readonly refused: readonly RefusedProvider[];
  /** How many numbers a vector has. */
  readonly dimensions: number;
  readonly #bundle: ModelBundle;
  readonly #session: InferenceSession;
  readonly #input: InputTensor;

  private constructor(bundle: ModelBundle, opened: Opened) {
    this.#bundle = bundle;
    this.#session = opened.session;
    this.#input = opened.input;
    this.dimensions = opened.dimensions;
    this.provider = opened.provider;
    this.refused = opened.refused;
  }

  /**
   * Opens a session with the first provider that works, and looks at an empty picture to see how long its vectors are.
   * @throws GatewayError MODEL_NO_PROVIDER, MODEL_SHAPE_MISMATCH, MODEL_MANIFEST_INVALID where the bundle embeds nothing
   */
  static async open(bundle: ModelBundle, providers: readonly Provider[]): Promise<Embedder> {
    const { manifest, onnx } = bundle;
    if (manifest.family !== "embedding")
      throw new GatewayError("MODEL_MANIFEST_INVALID", {
        detail: `a network of the family "${manifest.family}" gives no vectors`,
      });
    const input = createInputTensor(manifest.input);
    let dimensions = 0;
    const opened = await firstWorking(providers, async (provider) => {
      const session = await openSession(onnx, provider);
      const { tensor } = await vectorOf(session, bundle, input.tensor);
      const [batch, length = 0, ...rest] = tensor.dims;
      if (batch !== 1 || length < 1 || rest.some((size) => size !== 1))
        throw new GatewayError("MODEL_SHAPE_MISMATCH", {
          detail: `the model gives [${tensor.dims}], embedding needs [1,D]`,
        });
      dimensions = length;
      return session;
    });
    return new Embedder(bundle, { ...opened, input, dimensions });
  }

  /**
   * @param bytes the picture's file
   * @returns a vector of length 1
   * @throws GatewayError PICTURE_*, MODEL_OUTPUT_UNUSABLE
   */
  async embed(bytes: Buffer): Promise<Float32Array> {
    const { rgb, letterbox } = await decodePicture(bytes, this.#bundle.manifest.input);
    this.#input.fill(rgb, letterbox);
    return normalised((await vectorOf(this.#session, this.#bundle, this.#input.tensor)).data);
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

interface Opened {
  readonly session: InferenceSession;
  readonly input: InputTensor;
  readonly dimensions: number;
  readonly provider: Provider;
  readonly refused: readonly RefusedProvider[];
}

async function vectorOf(session: InferenceSession, { manifest, outputNames }: ModelBundle, picture: Tensor) {
  const [name] = outputNames;
  const results = await session.run({ [manifest.input.name]: picture });
  return floatOutput(name === undefined || outputNames.length > 1 ? undefined : results[name]);
}

/**
 * The vector of the same direction and of length 1 (L2).
 * @throws GatewayError MODEL_OUTPUT_UNUSABLE where it has none
 */
export function normalised(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (!(length > 0 && length < Number.POSITIVE_INFINITY))
    throw new GatewayError("MODEL_OUTPUT_UNUSABLE", { detail: "a vector without direction" });
  return vector.map((value) => value / length);
}

/**
 * How alike two pictures are: cosine of the angle between their vectors, from -1 to 1.
 * @throws RangeError where the vectors are of different models
 */
export function cosine(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new RangeError(`vectors of ${a.length} and ${b.length} numbers`);
  const dot = a.reduce((sum, value, index) => sum + value * b[index]!, 0);
  return Math.min(1, Math.max(-1, dot));
}
