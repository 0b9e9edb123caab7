import { tinyCard, writeBundle } from "../registry/test-bundle.ts";
import { attribute, node, onnxFile } from "../registry/test-onnx.ts";

/** Mean of each channel (0 to 1) to five numbers; a black picture gives `bias`. */
export const EMBEDDING_WEIGHTS = [
  [1, -2, 0.5, 0, 3],
  [0, 1, 4, -1, 0.25],
  [-3, 0, 1, 2, 0.5],
] as const;

export function tinyEmbedding({
  bias = [0, 0, 0, 0, 0],
  shape = [1, 5],
  asPicture = false,
}: {
  readonly bias?: readonly number[];
  readonly shape?: readonly number[];
  /** Answers `[1, 5, 1, 1]`, by a convolution. */
  readonly asPicture?: boolean;
} = {}): Buffer {
  const columns = [0, 1, 2, 3, 4].map((at) => EMBEDDING_WEIGHTS.map((row) => row[at]!));
  return onnxFile({
    nodes: [
      node("ReduceMean", ["image"], "means", attribute("axes", [2, 3]), attribute("keepdims", asPicture ? 1 : 0)),
      ...(asPicture
        ? [node("Conv", ["means", "columns"], "vector")]
        : // The shape of the bias is the shape of the answer.
          [node("MatMul", ["means", "weights"], "weighed"), node("Add", ["weighed", "bias"], "vector")]),
    ],
    constants: asPicture
      ? { columns: { shape: [5, 3, 1, 1], values: columns.flat() } }
      : { weights: { shape: [3, 5], values: EMBEDDING_WEIGHTS.flat() }, bias: { shape, values: bias } },
    inputs: [{ name: "image", shape: [1, 3, 64, 64] }],
    outputs: [{ name: "vector", shape: asPicture ? [1, 5, 1, 1] : shape }],
  });
}

export async function writeEmbeddingBundle(folder: string, onnx: Buffer): Promise<void> {
  const input = { ...tinyCard(onnx).input, name: "image", letterbox: { anchor: "stretch", pad: 0 } };
  const card = {
    role: "embedding",
    family: "embedding",
    labels: ["same-part"],
    thresholds: { "same-part": 0.9 },
    input,
  };
  await writeBundle(folder, card, onnx);
}
