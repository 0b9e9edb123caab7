import { type InferenceSession, Tensor } from "onnxruntime-node";
import { GatewayError } from "../../contract/errors.ts";
import type { Detection, RelativeBox, RelativePolygon } from "./detections.ts";
import { type Candidates, createCandidates, type DecodeFamily, shapesFit } from "./families/candidates.ts";
import { familyOf } from "./families/families.ts";
import { keepBest } from "./families/nms.ts";
import { createInputTensor, type InputTensor } from "./input-tensor.ts";
import { type Letterbox, relativePolygon, toRelative } from "./letterbox.ts";
import type { DecodedPicture } from "./picture.ts";
import { firstWorking, type Provider, type RefusedProvider } from "./providers.ts";
import type { ModelBundle } from "./registry/bundle.ts";
import { calibrated } from "./registry/calibration.ts";
import type { ModelManifest } from "./registry/manifest.ts";
import { openSession } from "./session.ts";

/** More things than this in one bay is noise, and noise must not fill a queue. */
const MAX_DETECTIONS = 100;
const MAX_CANDIDATES = 4000;
const NMS_IOU = 0.45;

export interface DetectorOptions {
  readonly providers: readonly Provider[];
  /** Lower than any threshold: detections from here on are found, `Found.counts` says which of them reach their label's threshold. */
  readonly floor?: number;
  /** Where a GPU provider keeps the engines that it builds; absent: it builds them anew at every start. */
  readonly enginesFolder?: string;
}

/** A detection, and whether its score reaches the card's threshold. What does not count still matters where people must be covered. */
export interface Found {
  readonly detection: Detection;
  readonly counts: boolean;
}

/** What one look at one picture, or at one tile of it, gave. Not calibrated yet: looks may be joined first. */
export interface Seen {
  readonly labelIndex: number;
  readonly score: number;
  /** Corners in network pixels of that look. */
  readonly corners: readonly [x1: number, y1: number, x2: number, y2: number];
  readonly box: RelativeBox;
  /** Works the outline out; costs more than the box and is asked for only where it is wanted. */
  readonly outline?: () => RelativePolygon[];
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
    this.#family = familyOf(manifest);
    const floor = options.floor ?? 1;
    this.#floors = Float32Array.from(manifest.labels, (label) => Math.min(floor, manifest.thresholds[label] ?? 1));
  }

  /**
   * Opens a session with the first provider that works, and runs it twice on an empty picture: the first run plans memory (and builds engines on a
   * GPU), so that no frame pays for it; the shapes that come out are compared with the card.
   * @throws GatewayError MODEL_NO_PROVIDER, MODEL_SHAPE_MISMATCH
   */
  static async open(bundle: ModelBundle, options: DetectorOptions): Promise<Detector> {
    const input = createInputTensor(bundle.manifest.input);
    const { enginesFolder } = options;
    const opened = await firstWorking(options.providers, async (provider) => {
      const session = await openSession(bundle.onnx, provider, { enginesFolder, modelSha256: bundle.manifest.sha256 });
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
    return (await this.look(picture)).map((seen) => this.judge(seen));
  }

  /**
   * One run of the network: decode family, exact NMS per class, inverse letterbox.
   * @param picture the pixels and where they lie in the tensor
   * @param whole where the network's pixels lie in the whole picture, when `picture` is a piece of it
   * @returns best score first, at most 100
   */
  async look(picture: Pick<DecodedPicture, "rgb" | "letterbox">, whole = picture.letterbox): Promise<Seen[]> {
    return this.interpret(await this.#run(picture.rgb, picture.letterbox), whole);
  }

  /** Looks at a picture in the mirror: another opinion of the same network. What is seen comes back the right way round. */
  async lookMirrored({ rgb, letterbox }: Pick<DecodedPicture, "rgb" | "letterbox">): Promise<Seen[]> {
    const outputs = await this.#run(mirroredPixels(rgb, letterbox.contentWidth), letterbox);
    return this.interpret(outputs, letterbox, (x) => 2 * letterbox.left + letterbox.contentWidth - x);
  }

  async #run(rgb: Buffer, letterbox: Letterbox): Promise<Float32Array[]> {
    const { manifest, outputNames } = this.#bundle;
    this.#input.fill(rgb, letterbox);
    const results = await this.#session.run(feedsFor(manifest, this.#input.tensor));
    return outputNames.map((name) => floats(results[name]));
  }

  /**
   * From the network's output numbers, in the family's order, to what they say about the picture.
   * @param unmirrored where a column of a mirrored look belongs, in network pixels
   */
  interpret(outputs: readonly Float32Array[], letterbox: Letterbox, unmirrored?: (x: number) => number): Seen[] {
    const { manifest } = this.#bundle;
    const family = this.#family;
    const candidates = this.#candidates;
    candidates.count = 0;
    family.decode(outputs, manifest.input, this.#floors, candidates);
    return keepBest(candidates, manifest.nmsIou ?? family.nmsIou ?? NMS_IOU, MAX_DETECTIONS).map((index) => {
      const given = cornersOf(candidates, index);
      const corners: Seen["corners"] =
        unmirrored === undefined ? given : [unmirrored(given[2]), given[1], unmirrored(given[0]), given[3]];
      const seen = {
        labelIndex: candidates.labelIndexes[index]!,
        score: candidates.scores[index]!,
        corners,
        box: toRelative(letterbox, ...corners),
      };
      if (family.outline === undefined) return seen;
      const row = candidates.rows[index]!;
      const outline = family.outline.bind(family, outputs, manifest.input, row, given);
      return { ...seen, outline: () => outline().map((polygon) => relativePolygon(letterbox, polygon, unmirrored)) };
    });
  }

  /** A detection of what was seen: label by name, calibrated probability, outline where `outlines` asks for it. */
  judge(seen: Seen, outlines = false): Found {
    const { labels, calibration, thresholds } = this.#bundle.manifest;
    const label = labels[seen.labelIndex]!;
    const table = calibration?.[label];
    return {
      counts: seen.score >= Math.fround(thresholds[label] ?? 1),
      detection: {
        label,
        score: seen.score,
        ...(table === undefined ? {} : { probability: calibrated(table, seen.score) }),
        box: seen.box,
        ...(outlines && seen.outline !== undefined ? { outline: seen.outline() } : {}),
      },
    };
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

function floats(output: Tensor | undefined): Float32Array {
  if (output?.data instanceof Float32Array) return output.data;
  if (output?.data instanceof BigInt64Array) return Float32Array.from(output.data, Number);
  throw new GatewayError("MODEL_SHAPE_MISMATCH", { detail: "no float32 or int64 output" });
}

/** What a run of the network needs: the picture, and its size where the family asks for it. */
function feedsFor(manifest: ModelManifest, picture: Tensor): Record<string, Tensor> {
  const { input } = manifest;
  const { sizeInput } = familyOf(manifest);
  if (sizeInput === undefined) return { [input.name]: picture };
  const size = BigInt64Array.of(BigInt(input.width), BigInt(input.height));
  return { [input.name]: picture, [sizeInput]: new Tensor("int64", size, [1, 2]) };
}

function cornersOf({ corners }: Candidates, index: number): Seen["corners"] {
  const at = index * 4;
  return [corners[at]!, corners[at + 1]!, corners[at + 2]!, corners[at + 3]!];
}

function mirroredPixels(rgb: Buffer, width: number): Buffer {
  const mirrored = Buffer.allocUnsafe(rgb.length);
  const rowBytes = width * 3;
  for (let row = 0; row < rgb.length; row += rowBytes) {
    for (let from = row, to = row + rowBytes - 3; from < row + rowBytes; from += 3, to -= 3) {
      mirrored[to] = rgb[from]!;
      mirrored[to + 1] = rgb[from + 1]!;
      mirrored[to + 2] = rgb[from + 2]!;
    }
  }
  return mirrored;
}

async function warmUp(session: InferenceSession, bundle: ModelBundle, input: Tensor): Promise<void> {
  const { manifest, outputNames } = bundle;
  const wanted = familyOf(manifest).outputs(manifest.input, manifest.labels.length);
  for (let run = 0; run < 2; run++) {
    const results = await session.run(feedsFor(manifest, input));
    const shapes = outputNames.map((name) => ({ shape: results[name]?.dims ?? [] }));
    if (!shapesFit(shapes, wanted))
      throw new GatewayError("MODEL_SHAPE_MISMATCH", {
        detail: `the model gives ${shapes.map(({ shape }) => `[${shape}]`).join(", ")}, ${manifest.family} needs ${wanted.map(({ shape }) => `[${shape}]`).join(", ")}`,
      });
  }
}
