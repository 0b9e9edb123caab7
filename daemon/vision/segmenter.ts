import { createHash } from "node:crypto";
import { type InferenceSession, Tensor } from "onnxruntime-node";
import { GatewayError } from "../../contract/errors.ts";
import type { RelativePolygon } from "./detections.ts";
import { EmbeddingCache } from "./embedding-cache.ts";
import { bestMask, maskOutline, type Prompt, promptPoints, type SamWiring, samWiring } from "./families/sam.ts";
import { createInputTensor, type InputTensor } from "./input-tensor.ts";
import { type Letterbox, relativePolygon } from "./letterbox.ts";
import { decodePicture } from "./picture.ts";
import { firstWorking, type Provider, type RefusedProvider } from "./providers.ts";
import type { ModelBundle } from "./registry/bundle.ts";
import type { DeclaredTensor } from "./registry/onnx-file.ts";
import { floatOutput, openSession } from "./session.ts";

export type { Prompt } from "./families/sam.ts";

/** Embeddings of SAM take 4 MB, of SAM 2 16 MB: a walk around one car fits. */
const CACHE_BYTES = 64 * 1024 * 1024;
/** Side of SAM's own earlier masks, where the file does not say. */
const EARLIER_MASK_PX = 256;

export interface SegmenterOptions {
  readonly providers: readonly Provider[];
  /** Most bytes of embeddings that are kept between questions. */
  readonly cacheBytes?: number;
}

/** What belongs to the thing that a prompt marks. */
export interface Segment {
  /** How well the network thinks that its mask fits: predicted intersection over union. */
  readonly iou: number;
  /** Whether `iou` reaches the card's threshold. */
  readonly counts: boolean;
  /** Its parts, the largest first; none where the network sees nothing there. */
  readonly outline: readonly RelativePolygon[];
}

export interface SegmentedPicture {
  /** Size of the upright picture in pixels. */
  readonly width: number;
  readonly height: number;
  /** In the prompts' order. */
  readonly segments: readonly Segment[];
}

interface Embedding {
  readonly letterbox: Letterbox;
  /** By the decoder's input names. */
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly bytes: number;
}

interface Networks {
  readonly encoder: InferenceSession;
  readonly decoder: InferenceSession;
}

/** A promptable segmenter: encoder, decoder, and the embeddings of the last pictures. May be asked by several at the same time. */
export class Segmenter {
  readonly provider: Provider;
  readonly refused: readonly RefusedProvider[];
  readonly #bundle: ModelBundle;
  readonly #networks: Networks;
  readonly #input: InputTensor;
  readonly #wiring: SamWiring;
  readonly #embeddings: EmbeddingCache<Embedding>;
  #encoderRuns = 0;
  /** One picture's numbers are in the input tensor at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(bundle: ModelBundle, cacheBytes: number, opened: Opened) {
    this.#bundle = bundle;
    this.#networks = opened.session;
    this.#input = opened.input;
    this.#wiring = opened.wiring;
    this.provider = opened.provider;
    this.refused = opened.refused;
    this.#embeddings = new EmbeddingCache(cacheBytes, ({ bytes }) => bytes);
  }

  /**
   * Opens both networks with the first provider that works for both, and asks them once about an empty picture.
   * @throws GatewayError MODEL_NO_PROVIDER, MODEL_SHAPE_MISMATCH, MODEL_MANIFEST_INVALID where the bundle is no segmenter
   */
  static async open(bundle: ModelBundle, options: SegmenterOptions): Promise<Segmenter> {
    const { manifest, declared, onnx, decoder: second } = bundle;
    if (manifest.family !== "sam" || second === undefined)
      throw new GatewayError("MODEL_MANIFEST_INVALID", {
        detail: `a network of the family "${manifest.family}" takes no prompts`,
      });
    const input = createInputTensor(manifest.input);
    const wiring = samWiring(declared, second.declared);
    const opened = await firstWorking(options.providers, async (provider) => {
      const networks = {
        encoder: await openSession(onnx, provider),
        decoder: await openSession(second.onnx, provider),
      };
      await warmUp(networks, bundle, wiring, input.tensor);
      return networks;
    });
    return new Segmenter(bundle, options.cacheBytes ?? CACHE_BYTES, { ...opened, input, wiring });
  }

  /** How often the encoder has looked at a picture: what an embedding saves. */
  get encoderRuns(): number {
    return this.#encoderRuns;
  }

  /**
   * Answers prompts about one picture; the encoder looks at it once, however many there are and however often it is asked about.
   * @param bytes the picture's file
   * @throws GatewayError PICTURE_*, PROMPT_INVALID, MODEL_OUTPUT_UNUSABLE
   */
  async segment(bytes: Buffer, prompts: readonly Prompt[]): Promise<SegmentedPicture> {
    const hash = createHash("sha256").update(bytes).digest("hex");
    const embedding = await this.#embeddings.get(hash, () => this.#embed(bytes));
    const points = this.#wiring.coords.shape.at(-2);
    // All are judged before any is carried out.
    const marked = prompts.map((prompt) => promptPoints(prompt, embedding.letterbox, points));
    const segments: Segment[] = [];
    for (const { coords, labels } of marked) segments.push(await this.#answer(embedding, coords, labels));
    const { sourceWidth: width, sourceHeight: height } = embedding.letterbox;
    return { width, height, segments };
  }

  async #embed(bytes: Buffer): Promise<Embedding> {
    const { rgb, letterbox } = await decodePicture(bytes, this.#bundle.manifest.input);
    const run = this.#turn.then(async () => {
      this.#input.fill(rgb, letterbox);
      this.#encoderRuns++;
      return embeddingsOf(this.#networks, this.#bundle, this.#wiring, this.#input.tensor);
    });
    this.#turn = run.catch(() => undefined);
    return { letterbox, ...(await run) };
  }

  async #answer({ feeds, letterbox }: Embedding, coords: Float32Array, labels: readonly number[]): Promise<Segment> {
    const { manifest } = this.#bundle;
    const prompt = promptFeeds(this.#wiring, manifest.input, coords, labels);
    const { ious, masks, columns, rows } = await ask(this.#networks, this.#wiring, { ...feeds, ...prompt });
    const best = bestMask(ious);
    if (best === undefined) throw new GatewayError("MODEL_OUTPUT_UNUSABLE", { detail: "no predicted IoU is a number" });
    const iou = ious[best]!;
    const logits = masks.subarray(best * columns * rows, (best + 1) * columns * rows);
    return {
      iou,
      counts: iou >= Math.fround(manifest.thresholds[manifest.labels[0]!] ?? 1),
      outline: maskOutline(logits, columns, rows, manifest.input, letterbox).map((polygon) =>
        relativePolygon(letterbox, polygon),
      ),
    };
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#networks.encoder.release();
    await this.#networks.decoder.release();
  }
}

interface Opened {
  readonly session: Networks;
  readonly input: InputTensor;
  readonly wiring: SamWiring;
  readonly provider: Provider;
  readonly refused: readonly RefusedProvider[];
}

async function embeddingsOf(
  { encoder }: Networks,
  { manifest }: ModelBundle,
  { embeddings }: SamWiring,
  picture: Tensor,
): Promise<Omit<Embedding, "letterbox">> {
  const results = await encoder.run({ [manifest.input.name]: picture });
  const found = embeddings.map(({ input, output }) => ({ input, ...floatOutput(results[output]) }));
  return {
    feeds: Object.fromEntries(found.map(({ input, tensor }) => [input, tensor])),
    bytes: found.reduce((sum, { data }) => sum + data.byteLength, 0),
  };
}

/** What the decoder is told beside the picture's embeddings. */
function promptFeeds(
  { coords, labels, maskInput, hasMaskInput, size }: SamWiring,
  network: { readonly width: number; readonly height: number },
  places: Float32Array,
  kinds: readonly number[],
): Record<string, Tensor> {
  const batch = Array.from({ length: coords.shape.length - 2 }, () => 1);
  const feeds: Record<string, Tensor> = {
    [coords.name]: new Tensor("float32", places, [...batch, kinds.length, 2]),
    [labels.name]: tensorOf(labels, kinds, [...batch, kinds.length]),
  };
  if (maskInput !== undefined) {
    const [rows = EARLIER_MASK_PX, columns = EARLIER_MASK_PX] = maskInput.shape.slice(2);
    feeds[maskInput.name] = new Tensor("float32", new Float32Array(rows * columns), [1, 1, rows, columns]);
  }
  if (hasMaskInput !== undefined) feeds[hasMaskInput.name] = tensorOf(hasMaskInput, [0], [1]);
  if (size !== undefined) feeds[size.name] = tensorOf(size, [network.height, network.width], [2]);
  return feeds;
}

function tensorOf({ type }: DeclaredTensor, values: readonly number[], shape: readonly number[]): Tensor {
  if (type === "int64") return new Tensor("int64", BigInt64Array.from(values, BigInt), shape);
  if (type === "int32") return new Tensor("int32", Int32Array.from(values), shape);
  return new Tensor("float32", Float32Array.from(values), shape);
}

/** @throws GatewayError MODEL_SHAPE_MISMATCH where masks and predictions do not go together */
async function ask({ decoder }: Networks, wiring: SamWiring, feeds: Record<string, Tensor>) {
  const results = await decoder.run(feeds, [wiring.masks, wiring.ious]);
  const masks = floatOutput(results[wiring.masks]);
  const ious = floatOutput(results[wiring.ious]);
  const [rows = 0, columns = 0] = masks.tensor.dims.slice(-2);
  if (ious.data.length === 0 || rows < 1 || columns < 1 || masks.data.length !== ious.data.length * rows * columns)
    throw new GatewayError("MODEL_SHAPE_MISMATCH", {
      detail: `the decoder gives masks [${masks.tensor.dims}] and predictions [${ious.tensor.dims}]`,
    });
  return { masks: masks.data, ious: ious.data, rows, columns };
}

/** One look and one question: memory is planned, and shapes that the files leave open are seen. */
async function warmUp(networks: Networks, bundle: ModelBundle, wiring: SamWiring, picture: Tensor): Promise<void> {
  const { input } = bundle.manifest;
  const points = wiring.coords.shape.at(-2) ?? 2;
  const places = new Float32Array(points * 2);
  const labels = Array.from({ length: points }, (_, index) => (index === 0 ? 1 : -1));
  const { feeds } = await embeddingsOf(networks, bundle, wiring, picture);
  await ask(networks, wiring, { ...feeds, ...promptFeeds(wiring, input, places, labels) });
}
