import { env, InferenceSession, type Tensor } from "onnxruntime-node";
import { GatewayError } from "../../contract/errors.ts";
import type { Detection } from "./detections.ts";
import { type Candidates, createCandidates, type DecodeFamily } from "./families/candidates.ts";
import { FAMILIES } from "./families/families.ts";
import { keepBest } from "./families/nms.ts";
import { createInputTensor, type InputTensor } from "./input-tensor.ts";
import { toRelative } from "./letterbox.ts";
import type { DecodedPicture } from "./picture.ts";
import { firstWorking, type Provider, type RefusedProvider } from "./providers.ts";
import type { ModelBundle } from "./registry/bundle.ts";
import { calibrated } from "./registry/calibration.ts";

// An absent GPU library is an expected answer here and is kept as a reason; the runtime would print it to stderr as an error.
env.logLevel = "fatal";

/** More things than this in one bay is noise, and noise must not fill a queue. */
const MAX_DETECTIONS = 100;
const MAX_CANDIDATES = 4000;
const NMS_IOU = 0.45;

export interface DetectorOptions {
  readonly providers: readonly Provider[];
  /** Lower than any threshold: detections from here on are found, `Found.counts` says which of them reach their label's threshold. */
  readonly floor?: number;
}

/** A detection, and whether its score reaches the card's threshold. What does not count still matters where people must be covered. */
export interface Found {
  readonly detection: Detection;
  readonly counts: boolean;
}

/** One model, ready to look: session, tensors and decode family of a bundle. Not for two pictures at the same time. */
export class Detector {
  readonly provider: Provider;
  readonly refused: readonly RefusedProvider[];
  readonly #bundle: ModelBundle;
  readonly #session: InferenceSession;
  readonly #input: InputTensor;
  readonly #family: DecodeFamily;
  readonly #floors: Float32Array;
  readonly #candidates: Candidates = createCandidates(MAX_CANDIDATES);

  private constructor(bundle: ModelBundle, options: DetectorOptions, opened: Opened) {
    const { manifest } = bundle;
    this.#bundle = bundle;
    this.#session = opened.session;
    this.#input = opened.input;
    this.provider = opened.provider;
    this.refused = opened.refused;
    this.#family = FAMILIES[manifest.family];
    const floor = options.floor ?? 1;
    this.#floors = Float32Array.from(manifest.labels, (label) => Math.min(floor, manifest.thresholds[label] ?? 1));
  }

  /**
   * Opens a session with the first provider that works, and runs it twice on an empty picture: the first run plans memory (and builds engines on a
   * GPU), so that no frame pays for it; the shape that comes out is compared with the card.
   * @throws GatewayError MODEL_NO_PROVIDER, MODEL_SHAPE_MISMATCH
   */
  static async open(bundle: ModelBundle, options: DetectorOptions): Promise<Detector> {
    const input = createInputTensor(bundle.manifest.input);
    const opened = await firstWorking(options.providers, async (provider) => {
      const session = await InferenceSession.create(bundle.onnx, {
        executionProviders: [provider],
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
      });
      await warmUp(session, bundle, input.tensor);
      return session;
    });
    return new Detector(bundle, options, { ...opened, input });
  }

  /**
   * Looks at one decoded picture.
   * @returns best score first, at most 100
   */
  async detect(picture: DecodedPicture): Promise<Found[]> {
    this.#input.fill(picture.rgb, picture.letterbox);
    const outputs = await this.#session.run({ [this.#bundle.manifest.input.name]: this.#input.tensor });
    const output = outputs[this.#bundle.outputName];
    if (output === undefined || !(output.data instanceof Float32Array))
      throw new GatewayError("MODEL_SHAPE_MISMATCH", { detail: "no float32 output" });
    return this.interpret(output.data, picture);
  }

  /** From the network's output numbers to detections in the picture: decode family, exact NMS per class, inverse letterbox, calibration. */
  interpret(output: Float32Array, picture: Pick<DecodedPicture, "letterbox">): Found[] {
    const { manifest } = this.#bundle;
    const candidates = this.#candidates;
    candidates.count = 0;
    this.#family.decode(output, manifest.input, this.#floors, candidates);
    return keepBest(candidates, manifest.nmsIou ?? NMS_IOU, MAX_DETECTIONS).map((index) => {
      const [x1, y1, x2, y2] = candidates.corners.subarray(index * 4, index * 4 + 4);
      const score = candidates.scores[index]!;
      const label = manifest.labels[candidates.labelIndexes[index]!]!;
      const table = manifest.calibration?.[label];
      const box = toRelative(picture.letterbox, x1!, y1!, x2!, y2!);
      const counts = score >= Math.fround(manifest.thresholds[label] ?? 1);
      return {
        counts,
        detection:
          table === undefined ? { label, score, box } : { label, score, probability: calibrated(table, score), box },
      };
    });
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

interface Opened {
  readonly session: InferenceSession;
  readonly input: InputTensor;
  readonly provider: Provider;
  readonly refused: readonly RefusedProvider[];
}

async function warmUp(session: InferenceSession, bundle: ModelBundle, input: Tensor): Promise<void> {
  const { manifest, outputName } = bundle;
  const wanted = FAMILIES[manifest.family].outputShape(
    manifest.input.width,
    manifest.input.height,
    manifest.labels.length,
  );
  for (let run = 0; run < 2; run++) {
    const output = (await session.run({ [manifest.input.name]: input }))[outputName];
    const same =
      output !== undefined &&
      output.dims.length === wanted.length &&
      output.dims.every((size, index) => size === wanted[index]);
    if (!same)
      throw new GatewayError("MODEL_SHAPE_MISMATCH", {
        detail: `the model gives [${output?.dims}], ${manifest.family} needs [${wanted}]`,
      });
  }
}
