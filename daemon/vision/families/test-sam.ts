import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tinyCard, writeBundle } from "../registry/test-bundle.ts";
import { attribute, ELEMENT, type GraphTensor, node, onnxFile } from "../registry/test-onnx.ts";

/** Network pixels along a side, and cells of the embedding and of the masks. */
export const SAM_PX = 64;
export const SAM_CELLS = 16;
const CELL_PX = SAM_PX / SAM_CELLS;

/** How the exports differ: SAM's own, SAM 2 with its fine features, EfficientSAM with one axis more and whole numbers. */
export type SamKind = "sam" | "sam2" | "efficient";

/** What the tiny decoder makes of a prompt, mask by mask; the reference in the test says the same in plain loops. */
export const SAM_MASKS = {
  radius: [14, 9, 20, 5],
  slope: [1, 0.8, 1.3, 0.5],
  brightness: [3, -2, 1, 4],
  iou: [0.5, 0.52, 0.48, 0.2],
  iouPerPx: [0.001, 0.0005, 0.004, 0],
  pull: 0.4,
} as const;

const pool = (from: string, to: string, size: number) =>
  node("AveragePool", [from], to, attribute("kernel_shape", [size, size]), attribute("strides", [size, size]));

/** The mean of each cell's pixels, channel by channel. */
export function tinySamEncoder(kind: SamKind): Buffer {
  const outputs: GraphTensor[] = [
    { name: kind === "sam2" ? "image_embed" : "seen", shape: [1, 3, SAM_CELLS, SAM_CELLS] },
    ...(kind === "sam2"
      ? [
          { name: "high_res_feats_0", shape: [1, 3, 64, 64] },
          { name: "high_res_feats_1", shape: [1, 3, 32, 32] },
        ]
      : []),
  ];
  return onnxFile({
    nodes: outputs.map(({ name, shape }) => pool("image", name, SAM_PX / (shape[2] ?? SAM_PX))),
    constants: {},
    inputs: [{ name: "image", shape: [1, 3, SAM_PX, SAM_PX] }],
    outputs,
  });
}

interface SamDecoderOptions {
  /** How many points the file takes; any number where absent. */
  readonly points?: number;
  /** Multiplied with all IoUs; `Number.NaN` makes a network that is broken. */
  readonly iouGain?: number;
  /** Added to all logits. */
  readonly bias?: number;
}

/**
 * Four masks, each a diamond around a place: the mean over the points of coordinates times label, so that each label, the padding and its number matter.
 * Predicted IoU tells of place, labels, picture size, and of an earlier mask, of which there must be none.
 */
export function tinySamDecoder(kind: SamKind, { points, iouGain = 1, bias = 0 }: SamDecoderOptions = {}): Buffer {
  const efficient = kind === "efficient";
  const batch = efficient ? [1, 1] : [1];
  const [coords, labels] = efficient
    ? ["batched_point_coords", "batched_point_labels"]
    : ["point_coords", "point_labels"];
  const axis = batch.length + 1;
  const swapped = efficient ? [0, 1, 3, 2] : [0, 2, 1];
  const perMask = (values: readonly number[]) => ({ shape: [...batch, 4, 1, 1], values });
  const cells = Array.from({ length: SAM_CELLS ** 2 }, (_, at) => at);
  const [masks, ...moreMasks] = efficient ? ["output_masks"] : kind === "sam" ? ["low_res_masks", "masks"] : ["masks"];
  const sizeType = { sam: "float32", sam2: "int32", efficient: "int64" } as const;
  const fine = kind === "sam2" ? ["high_res_feats_0", "high_res_feats_1"] : [];
  const earlier = efficient ? [] : ["mask_input", "has_mask_input"];
  const means = [...earlier, ...fine];
  const embedding = kind === "sam2" ? "image_embed" : "image_embeddings";
  return onnxFile({
    nodes: [
      node("Cast", [labels], "labels", attribute("to", ELEMENT.float32)),
      node("Transpose", [coords], "columns", attribute("perm", swapped)),
      node("Mul", ["columns", "labels"], "weighed"),
      node("ReduceMean", ["weighed"], "mean place", attribute("axes", [axis]), attribute("keepdims", 1)),
      node("Mul", ["mean place", "pull"], "place"),
      node("MatMul", ["first", "place"], "px"),
      node("MatMul", ["second", "place"], "py"),
      node("Sub", ["xs", "px"], "right"),
      node("Sub", ["ys", "py"], "down"),
      node("Abs", ["right"], "across"),
      node("Abs", ["down"], "along"),
      node("Add", ["across", "along"], "distance"),
      node("Mul", ["distance", "slope"], "fall"),
      node("ReduceMean", [embedding], "brightness", attribute("axes", [1]), attribute("keepdims", 1)),
      node("Mul", ["brightness", "brightness gain"], "lift"),
      node("Sub", ["radius", "fall"], "diamond"),
      node("Add", ["diamond", "lift"], "logits"),
      node("Add", ["logits", "bias"], masks),
      ...moreMasks.map((name) => node("Neg", ["logits"], name)),
      node("ReduceMean", ["place"], "how far", attribute("keepdims", 0)),
      node("Mul", ["how far", "iou per px"], "iou by place"),
      node("Add", ["iou", "iou by place"], "iou 1"),
      node("ReduceMean", ["labels"], "mean label", attribute("keepdims", 0)),
      node("Mul", ["mean label", "hundredth"], "label part"),
      node("Add", ["iou 1", "label part"], "iou 2"),
      node("Cast", ["orig_im_size"], "size", attribute("to", ELEMENT.float32)),
      node("Mul", ["size", "size gain"], "size parts"),
      node("ReduceMean", ["size parts"], "size part", attribute("keepdims", 0)),
      node("Add", ["iou 2", "size part"], "iou 3"),
      ...means.flatMap((name, at) => [
        node("ReduceMean", [name], `${name} mean`, attribute("keepdims", 0)),
        node("Add", [`iou ${3 + at}`, `${name} mean`], `iou ${4 + at}`),
      ]),
      node("Mul", [`iou ${3 + means.length}`, "iou gain"], "iou_predictions"),
    ],
    constants: {
      pull: { shape: [1], values: [SAM_MASKS.pull] },
      first: { shape: [1, 2], values: [1, 0] },
      second: { shape: [1, 2], values: [0, 1] },
      xs: { shape: [1, 1, SAM_CELLS, SAM_CELLS], values: cells.map((at) => ((at % SAM_CELLS) + 0.5) * CELL_PX) },
      ys: {
        shape: [1, 1, SAM_CELLS, SAM_CELLS],
        values: cells.map((at) => (Math.floor(at / SAM_CELLS) + 0.5) * CELL_PX),
      },
      radius: perMask(SAM_MASKS.radius),
      slope: perMask(SAM_MASKS.slope),
      "brightness gain": perMask(SAM_MASKS.brightness),
      bias: { shape: [1], values: [bias] },
      iou: { shape: [...batch, 4], values: SAM_MASKS.iou },
      "iou per px": { shape: [...batch, 4], values: SAM_MASKS.iouPerPx },
      hundredth: { shape: [1], values: [0.01] },
      "size gain": { shape: [2], values: [0.001, 0.002] },
      "iou gain": { shape: [1], values: [iouGain] },
    },
    inputs: [
      { name: embedding, shape: [1, 3, SAM_CELLS, SAM_CELLS] },
      ...fine.map((name, at) => ({ name, shape: [1, 3, 64 / (at + 1), 64 / (at + 1)] })),
      { name: coords, shape: [...batch, points, 2] },
      { name: labels, type: efficient ? "int64" : "float32", shape: [...batch, points] },
      ...earlier.map((name) => ({ name, shape: name === "mask_input" ? [1, 1, undefined, undefined] : [1] })),
      { name: "orig_im_size", type: sizeType[kind], shape: [2] },
    ],
    outputs: [
      ...[masks, ...moreMasks].map((name) => ({ name, shape: [...batch, 4, SAM_CELLS, SAM_CELLS] })),
      { name: "iou_predictions", shape: [...batch, 4] },
    ],
  });
}

/** Writes the two networks and their card. */
export async function writeSamBundle(
  folder: string,
  encoder: Buffer,
  decoder: Buffer,
  card: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await writeFile(join(folder, "decoder.onnx"), decoder);
  const { input } = tinyCard(encoder);
  await writeBundle(
    folder,
    {
      role: "segment",
      family: "sam",
      labels: ["thing"],
      thresholds: { thing: 0.5 },
      decoder: { file: "decoder.onnx", sha256: createHash("sha256").update(decoder).digest("hex") },
      input: {
        ...input,
        name: "image",
        width: SAM_PX,
        height: SAM_PX,
        range: "imagenet",
        letterbox: { anchor: "top-left-rounded", pad: 124, zeroPadding: true },
      },
      ...card,
    },
    encoder,
  );
}

/** Even-odd rule over all parts. */
export function covers(outline: readonly (readonly number[])[], x: number, y: number): boolean {
  let odd = false;
  for (const polygon of outline)
    for (let at = 0; at < polygon.length; at += 2) {
      const after = (at + 2) % polygon.length;
      const [ax, ay, bx, by] = [polygon[at]!, polygon[at + 1]!, polygon[after]!, polygon[after + 1]!];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
    }
  return odd;
}
