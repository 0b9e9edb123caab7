import { InferenceSession, type Tensor } from "onnxruntime-node";
import type { Detection } from "../daemon/vision/detections.ts";
import { createInputTensor } from "../daemon/vision/input-tensor.ts";
import { decodePicture } from "../daemon/vision/picture.ts";
import type { ModelBundle } from "../daemon/vision/registry/bundle.ts";
import { cpuMsSince } from "./processor-time.ts";

/** How a network's output is read. */
export interface ReadingOptions {
  /** Of the pictures, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Score from which a detection counts. */
  readonly threshold: number;
}

/**
 * The yardstick of the runtime: bare `session.run` on tensors that were prepared before, and its detections by a plain reading of YOLOX that shares no
 * code with the runtime's.
 * @param bundle of family `yolox`
 * @param jpegs all of one size
 */
export async function openBareNetwork(bundle: ModelBundle, jpegs: readonly Buffer[], options: ReadingOptions) {
  const { input } = bundle.manifest;
  const session = await InferenceSession.create(bundle.onnx, {
    executionProviders: ["cpu"],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const tensors: Tensor[] = [];
  for (const jpeg of jpegs) {
    const picture = await decodePicture(jpeg, input);
    const filled = createInputTensor(input);
    filled.fill(picture.rgb, picture.letterbox);
    tensors.push(filled.tensor);
  }
  const outputs: Float32Array[] = [];
  return {
    async run(frames: number): Promise<number> {
      const before = process.cpuUsage();
      for (let frame = 0; frame < frames; frame++) {
        const tensor = tensors[frame % tensors.length];
        if (tensor === undefined) continue;
        const output = (await session.run({ [input.name]: tensor }))[bundle.outputNames[0] ?? ""];
        if (output?.data instanceof Float32Array) outputs[frame % tensors.length] = output.data;
      }
      return cpuMsSince(before);
    },
    tensors: () => tensors.map(({ data }) => Buffer.from(data as Uint8Array)),
    detections: () => outputs.map((output) => plainYolox(output, bundle, options)),
    close: () => session.release(),
  };
}

/** Straight from the paper: grid, exp, best first, drop what overlaps. Boxes relative, as the picture's size over the resize ratio gives them. */
function plainYolox(
  output: Float32Array,
  bundle: ModelBundle,
  { width, height, threshold }: ReadingOptions,
): Detection[] {
  const { labels, input } = bundle.manifest;
  const ratio = Math.min(input.width / width, input.height / height);
  const found: { label: string; score: number; box: [number, number, number, number] }[] = [];
  let row = 0;
  for (const stride of [8, 16, 32]) {
    for (let y = 0; y < input.height / stride; y++) {
      for (let x = 0; x < input.width / stride; x++, row++) {
        const at = row * (5 + labels.length);
        const [tx = 0, ty = 0, tw = 0, th = 0, objectness = 0] = output.subarray(at, at + 5);
        const [cx, cy, w, h] = [(tx + x) * stride, (ty + y) * stride, Math.exp(tw) * stride, Math.exp(th) * stride];
        labels.forEach((label, index) => {
          const score = objectness * (output[at + 5 + index] ?? 0);
          if (score >= threshold) found.push({ label, score, box: [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2] });
        });
      }
    }
  }
  const kept: typeof found = [];
  for (const one of found.sort((a, b) => b.score - a.score)) {
    if (kept.length < 100 && kept.every((other) => other.label !== one.label || iou(one.box, other.box) <= 0.45))
      kept.push(one);
  }
  const clip = (value: number) => Math.min(1, Math.max(0, value));
  return kept.map(({ label, score, box: [x1, y1, x2, y2] }) => ({
    label,
    score,
    box: [clip(x1 / ratio / width), clip(y1 / ratio / height), clip(x2 / ratio / width), clip(y2 / ratio / height)],
  }));
}

function iou(a: readonly [number, number, number, number], b: readonly [number, number, number, number]): number {
  const area = (box: typeof a) => (box[2] - box[0]) * (box[3] - box[1]);
  const shared =
    Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  return shared / (area(a) + area(b) - shared);
}
