import type { InferenceSession, Tensor } from "onnxruntime-node";
import sharp from "sharp";
import { GatewayError } from "../../contract/errors.ts";
import { type CtcText, charactersOf, readGreedily } from "./families/ctc.ts";
import { createInputTensor, type InputTensor } from "./input-tensor.ts";
import { firstWorking, type Provider, type RefusedProvider } from "./providers.ts";
import type { ModelBundle } from "./registry/bundle.ts";
import { floatOutput, openSession } from "./session.ts";
import type { FullPicture } from "./size/full-picture.ts";

/** What stands on one line, and whether its confidence reaches the card's threshold. */
export interface RecognisedText extends CtcText {
  readonly counts: boolean;
}

/** Reads one line of text at a time. Not for two lines at the same time. */
export class TextRecogniser {
  readonly provider: Provider;
  readonly refused: readonly RefusedProvider[];
  readonly #bundle: ModelBundle;
  readonly #session: InferenceSession;
  readonly #input: InputTensor;
  readonly #characters: readonly string[];

  private constructor(bundle: ModelBundle, opened: Opened) {
    this.#bundle = bundle;
    this.#session = opened.session;
    this.#input = opened.input;
    this.#characters = opened.characters;
    this.provider = opened.provider;
    this.refused = opened.refused;
  }

  /**
   * Opens a session with the first provider that works, and reads an empty line: only then is it known how many classes there are.
   * @throws GatewayError MODEL_NO_PROVIDER, MODEL_SHAPE_MISMATCH, MODEL_LABELS_MISMATCH, MODEL_MANIFEST_INVALID where the bundle reads no text
   */
  static async open(bundle: ModelBundle, providers: readonly Provider[]): Promise<TextRecogniser> {
    const { manifest, declared, onnx } = bundle;
    if (manifest.family !== "ctc")
      throw new GatewayError("MODEL_MANIFEST_INVALID", {
        detail: `a network of the family "${manifest.family}" reads no text`,
      });
    const input = createInputTensor(manifest.input);
    let characters: string[] = [];
    const opened = await firstWorking(providers, async (provider) => {
      const session = await openSession(onnx, provider);
      const { dims } = (await classesOf(session, bundle, input.tensor)).tensor;
      const [batch, columns = 0, classes = 0] = dims;
      if (dims.length !== 3 || batch !== 1 || columns < 1)
        throw new GatewayError("MODEL_SHAPE_MISMATCH", { detail: `the model gives [${dims}], ctc needs [1,T,K]` });
      characters = charactersOf(manifest, declared, classes);
      return session;
    });
    return new TextRecogniser(bundle, { ...opened, input, characters });
  }

  /**
   * Reads one line: as high as the input, its shape kept as far as the input is long (rounded up, as PP-OCR does it), squeezed where it is longer.
   * @param line text that runs to the right
   */
  async recognise(line: FullPicture): Promise<RecognisedText> {
    const { input, labels, thresholds } = this.#bundle.manifest;
    const contentWidth = Math.min(input.width, Math.ceil((input.height * line.width) / line.height));
    const rgb = await sharp(line.rgb, { raw: { width: line.width, height: line.height, channels: 3 } })
      .resize(contentWidth, input.height, { fit: "fill", kernel: "linear" })
      .raw()
      .toBuffer();
    this.#input.fill(rgb, { contentWidth, contentHeight: input.height, left: 0, top: 0 });
    const { data } = await classesOf(this.#session, this.#bundle, this.#input.tensor);
    const read = readGreedily(data, this.#characters);
    const threshold = Math.fround(thresholds[labels[0]!] ?? 1);
    return { ...read, counts: read.text !== "" && read.confidence >= threshold };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

interface Opened {
  readonly session: InferenceSession;
  readonly input: InputTensor;
  readonly characters: readonly string[];
  readonly provider: Provider;
  readonly refused: readonly RefusedProvider[];
}

async function classesOf(session: InferenceSession, { manifest, outputNames }: ModelBundle, line: Tensor) {
  const [name] = outputNames;
  const results = await session.run({ [manifest.input.name]: line });
  return floatOutput(name === undefined || outputNames.length > 1 ? undefined : results[name]);
}
