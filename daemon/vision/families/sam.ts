import { GatewayError } from "../../../contract/errors.ts";
import { type Letterbox, type Place, toNetwork } from "../letterbox.ts";
import type { DeclaredTensor, OnnxFile } from "../registry/onnx-file.ts";
import { bilinear } from "./bilinear.ts";
import type { NetworkSize } from "./candidates.ts";
import { contours } from "./contours.ts";

/**
 * Segment Anything (Kirillov et al. 2023, arXiv 2304.02643): an encoder that looks at the picture once, and a decoder that answers prompts about it.
 * SAM, MobileSAM, NanoSAM, EfficientSAM and SAM 2 differ in names, which are read from the decoder's file; all tensors are float32 but where said.
 *
 * Decoder inputs:
 * - one or more embeddings, each an output of the encoder: `image_embeddings` or `image_embed`; SAM 2 has `high_res_feats_0` and `_1` as well;
 * - `point_coords` `[1, N, 2]`, x and y in network pixels, and `point_labels` `[1, N]` (float or integer): 1 in the thing, 0 beside it, 2 and 3 a box's
 *   top left and bottom right corner, -1 padding, of which there is one where there is no box. EfficientSAM: `batched_…` with one axis more;
 * - `mask_input` `[1, 1, h, w]` zeros and `has_mask_input` `[1]` zero: no earlier mask;
 * - `orig_im_size` `[2]` (float or integer), height and width that `masks` is to have: the network's own, so that no mask is larger than that.
 *
 * Decoder outputs: `iou_predictions`, k numbers, and `low_res_masks`, or `masks` where there are none (EfficientSAM: `output_masks`): k masks
 * `[…, h, w]` of logits over the network's whole input.
 */
export interface SamWiring {
  readonly coords: DeclaredTensor;
  readonly labels: DeclaredTensor;
  readonly maskInput: DeclaredTensor | undefined;
  readonly hasMaskInput: DeclaredTensor | undefined;
  readonly size: DeclaredTensor | undefined;
  /** What the decoder takes from the encoder: the name of its input, and of the encoder's output. */
  readonly embeddings: readonly { readonly input: string; readonly output: string }[];
  readonly masks: string;
  readonly ious: string;
}

const COORDS = ["point_coords", "batched_point_coords"];
const LABELS = ["point_labels", "batched_point_labels"];
const MASKS = ["low_res_masks", "masks", "output_masks"];
/** Names of the embedding that all exports have; the encoder's only output of four axes may have any name. */
const EMBEDDING = ["image_embeddings", "image_embed"];

/**
 * How encoder and decoder go together, by their declared names, types and shapes.
 * @throws GatewayError MODEL_SHAPE_MISMATCH, naming what the decoder lacks or what the encoder does not give
 */
export function samWiring(encoder: OnnxFile, decoder: OnnxFile): SamWiring {
  const known = new Set<DeclaredTensor>();
  const optional = (names: readonly string[], types: readonly DeclaredTensor["type"][], axes: readonly number[]) => {
    const found = named(decoder.inputs, names);
    if (found === undefined) return undefined;
    if (!types.includes(found.type) || !axes.includes(found.shape.length))
      throw mismatch(
        `the decoder's input "${found.name}" is ${found.type} [${found.shape.map((size) => size ?? "?")}]`,
      );
    known.add(found);
    return found;
  };
  const coords = optional(COORDS, ["float32"], [3, 4]);
  const labels = optional(LABELS, ["float32", "int32", "int64"], coords === undefined ? [] : [coords.shape.length - 1]);
  if (coords === undefined || labels === undefined) throw mismatch(`the decoder needs ${COORDS[0]} and ${LABELS[0]}`);
  const maskInput = optional(["mask_input"], ["float32"], [4]);
  const hasMaskInput = optional(["has_mask_input"], ["float32"], [1]);
  const size = optional(["orig_im_size"], ["float32", "int32", "int64"], [1]);
  const embeddings = decoder.inputs
    .filter((input) => !known.has(input))
    .map((input) => ({ input: input.name, output: sourceOf(input, encoder).name }));
  if (embeddings.length === 0) throw mismatch("the decoder takes nothing from the encoder");
  const masks = named(decoder.outputs, MASKS);
  const ious = named(decoder.outputs, ["iou_predictions"]);
  if (masks?.type !== "float32" || ious?.type !== "float32")
    throw mismatch(`the decoder needs float32 outputs iou_predictions and one of ${MASKS.join(", ")}`);
  return { coords, labels, maskInput, hasMaskInput, size, embeddings, masks: masks.name, ious: ious.name };
}

/** The encoder's output behind a decoder's input: of the same name, or the image embedding by any of its names. */
function sourceOf(input: DeclaredTensor, encoder: OnnxFile): DeclaredTensor {
  const same = named(encoder.outputs, [input.name]);
  const only = encoder.outputs.length === 1 ? encoder.outputs[0] : undefined;
  const output = same ?? (EMBEDDING.includes(input.name) ? (named(encoder.outputs, EMBEDDING) ?? only) : undefined);
  const fits =
    output?.type === input.type &&
    output.shape.length === input.shape.length &&
    input.shape.every((size, axis) => [undefined, size].includes(output.shape[axis]) || size === undefined);
  if (output === undefined || !fits)
    throw mismatch(
      `the decoder's input "${input.name}" is no output of the encoder (${encoder.outputs.map(({ name }) => name).join(", ")})`,
    );
  return output;
}

function named(tensors: readonly DeclaredTensor[], names: readonly string[]): DeclaredTensor | undefined {
  for (const name of names) {
    const found = tensors.find((tensor) => tensor.name === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function mismatch(detail: string): GatewayError {
  return new GatewayError("MODEL_SHAPE_MISMATCH", { detail });
}

/** What a person marks: a box, points in the thing and beside it, or both. In pixels of the upright picture. */
export interface Prompt {
  readonly box?: readonly [x1: number, y1: number, x2: number, y2: number];
  readonly points?: readonly { readonly x: number; readonly y: number; readonly inside: boolean }[];
}

/** More points than a person sets are a mistake. */
const MAX_POINTS = 64;
const LABEL = { beside: 0, inside: 1, topLeft: 2, bottomRight: 3, padding: -1 } as const;

/**
 * Coordinates and labels as the decoder takes them: points, then the box's corners, then padding. A box is cut at the picture's edges.
 * @param fixed how many points the file takes, where it says so
 * @throws GatewayError PROMPT_INVALID
 */
export function promptPoints(
  { box, points = [] }: Prompt,
  letterbox: Letterbox,
  fixed: number | undefined,
): { readonly coords: Float32Array; readonly labels: number[] } {
  const { sourceWidth, sourceHeight } = letterbox;
  const places: (readonly [x: number, y: number])[] = [];
  const labels: number[] = [];
  for (const { x, y, inside } of points) {
    // NaN is nowhere.
    if (!(x >= 0 && x <= sourceWidth && y >= 0 && y <= sourceHeight))
      throw invalid(`the point ${x}, ${y} is outside ${sourceWidth} × ${sourceHeight}`);
    places.push(toNetwork(letterbox, x, y));
    labels.push(inside ? LABEL.inside : LABEL.beside);
  }
  if (box !== undefined) {
    const [x1, y1, x2, y2] = [
      Math.max(0, box[0]),
      Math.max(0, box[1]),
      Math.min(sourceWidth, box[2]),
      Math.min(sourceHeight, box[3]),
    ];
    if (!(x2 > x1 && y2 > y1))
      throw invalid(`the box ${box.join(", ")} holds nothing of ${sourceWidth} × ${sourceHeight}`);
    places.push(toNetwork(letterbox, x1, y1), toNetwork(letterbox, x2, y2));
    labels.push(LABEL.topLeft, LABEL.bottomRight);
  } else if (!labels.includes(LABEL.inside)) throw invalid("neither a box nor a point in the thing");
  const most = fixed ?? MAX_POINTS;
  if (labels.length > most) throw invalid(`${labels.length} points, at most ${most}`);
  const wanted = fixed ?? labels.length + (box === undefined ? 1 : 0);
  while (labels.length < wanted) {
    places.push([0, 0]);
    labels.push(LABEL.padding);
  }
  return { coords: Float32Array.from(places.flat()), labels };
}

function invalid(detail: string): GatewayError {
  return new GatewayError("PROMPT_INVALID", { detail });
}

/**
 * The mask of which the decoder thinks most; of equals the first.
 * @returns undefined where no prediction is a number
 */
export function bestMask(ious: Float32Array): number | undefined {
  let best: number | undefined;
  for (const [mask, iou] of ious.entries()) {
    if (Number.isFinite(iou) && (best === undefined || iou > ious[best]!)) best = mask;
  }
  return best;
}

/**
 * The outline of a mask where it lies on the picture; what the network drew on the padding is cut off.
 * @param logits one mask, `rows × columns` over the network's whole input; positive is inside
 * @returns polygons in network pixels, the largest first; empty where nothing is inside
 */
export function maskOutline(
  logits: Float32Array,
  columns: number,
  rows: number,
  network: NetworkSize,
  { left, top, contentWidth, contentHeight }: Place,
): number[][] {
  const [cellWidth, cellHeight] = [network.width / columns, network.height / rows];
  const cell = (column: number, row: number) =>
    logits[Math.min(Math.max(row, 0), rows - 1) * columns + Math.min(Math.max(column, 0), columns - 1)]!;
  return contours(
    cellCentres(left, left + contentWidth, cellWidth),
    cellCentres(top, top + contentHeight, cellHeight),
    (x, y) => bilinear(cell, x / cellWidth - 0.5, y / cellHeight - 0.5),
  );
}

/** Both ends, and the middle of each cell between them: between these a bilinear mask is straight along its axes. */
function cellCentres(from: number, to: number, cellSize: number): Float64Array {
  const centres: number[] = [from];
  for (let index = Math.floor(from / cellSize); (index + 0.5) * cellSize < to; index++) {
    const centre = (index + 0.5) * cellSize;
    if (centre > from) centres.push(centre);
  }
  return Float64Array.from([...centres, to]);
}
