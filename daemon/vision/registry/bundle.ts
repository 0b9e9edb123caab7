import { createHash } from "node:crypto";
import { join } from "node:path";
import { GatewayError } from "../../../contract/errors.ts";
import { type FamilyOutput, shapesFit } from "../families/candidates.ts";
import { familyOf } from "../families/families.ts";
import { readBounded } from "./bundle-file.ts";
import { detects, inputShape, isLabel, type ModelManifest, parseManifest } from "./manifest.ts";
import { type DeclaredTensor, type OnnxFile, readOnnxFile } from "./onnx-file.ts";

/** A checked model bundle: the card, and the bytes that the card's hash covers. */
export interface ModelBundle {
  readonly manifest: ModelManifest;
  /** The card's bytes, as a signature covers them. */
  readonly card: Buffer;
  readonly onnx: Buffer;
  /** What the ONNX file says about itself. */
  readonly declared: OnnxFile;
  /** Names of the outputs that the decode family reads, in its order; all of them, in the file's order, where the family finds no boxes. */
  readonly outputNames: readonly string[];
  /** The second network of the family `sam`. Whether the two fit each other is seen when they are opened. */
  readonly decoder?: { readonly onnx: Buffer; readonly declared: OnnxFile };
}

/** A detector of a few hundred megabytes is a mistake on a box with 8 GB. */
export const MAX_MODEL_BYTES = 512 * 1024 * 1024;
const MAX_MANIFEST_BYTES = 256 * 1024;

/**
 * Loads a bundle folder (`model.yaml` and its ONNX file). Size and hash are checked before anything of the model is parsed, and the session is
 * later made from these very bytes, so that a file exchanged in between does no harm.
 * @throws GatewayError MODEL_FILE_MISSING, MODEL_MANIFEST_INVALID, MODEL_TOO_LARGE, MODEL_HASH_MISMATCH, MODEL_NOT_ONNX, MODEL_EXTERNAL_DATA,
 * MODEL_SHAPE_MISMATCH, MODEL_LABELS_MISMATCH, MODEL_BUNDLE_UNSAFE
 */
export async function loadBundle(
  folder: string,
  options: {
    readonly maxModelBytes?: number;
    /** Called when the hash of the network is right and nothing of it is parsed yet; what it throws refuses the bundle. */
    readonly beforeParsing?: (read: Pick<ModelBundle, "manifest" | "card">) => Promise<void>;
  } = {},
): Promise<ModelBundle> {
  const { card, manifest } = await loadCard(folder);
  const maxBytes = options.maxModelBytes ?? MAX_MODEL_BYTES;
  const onnx = await readHashed(folder, manifest, maxBytes);
  const second = manifest.decoder === undefined ? undefined : await readHashed(folder, manifest.decoder, maxBytes);
  await options.beforeParsing?.({ manifest, card });
  const declared = readOnnxFile(onnx);
  const decoder = second === undefined ? {} : { decoder: { onnx: second, declared: readOnnxFile(second) } };
  checkInput(manifest, declared);
  if (!detects(manifest.family))
    return { manifest, card, onnx, declared, outputNames: declared.outputs.map(({ name }) => name), ...decoder };
  const outputNames = checkOutputs(manifest, declared);
  checkLabelNames(manifest, declared);
  return { manifest, card, onnx, declared, outputNames };
}

/**
 * Reads a bundle's card alone.
 * @throws GatewayError MODEL_FILE_MISSING, MODEL_MANIFEST_INVALID, MODEL_BUNDLE_UNSAFE
 */
export async function loadCard(folder: string): Promise<Pick<ModelBundle, "card" | "manifest">> {
  const card = await readBounded(join(folder, "model.yaml"), MAX_MANIFEST_BYTES, "MODEL_MANIFEST_INVALID");
  return { card, manifest: parseManifest(card.toString("utf8")) };
}

/** One ONNX file of a bundle: bounded, then hashed. */
async function readHashed(
  folder: string,
  { file, sha256 }: { readonly file: string; readonly sha256: string },
  maxBytes: number,
): Promise<Buffer> {
  const onnx = await readBounded(join(folder, file), maxBytes, "MODEL_TOO_LARGE");
  const found = createHash("sha256").update(onnx).digest("hex");
  if (found !== sha256) throw new GatewayError("MODEL_HASH_MISMATCH", { details: { file, expected: sha256, found } });
  return onnx;
}

/** What the networks that find no boxes ask of their input: the picture alone, of any size. */
const ANY_SIZE = { sizeInput: undefined, coarsestStride: 1 } as const;

function checkInput(manifest: ModelManifest, file: OnnxFile): void {
  const { name, layout, width, height } = manifest.input;
  const input = file.inputs.find((candidate) => candidate.name === name);
  const { sizeInput, coarsestStride = 32 } = detects(manifest.family) ? familyOf(manifest) : ANY_SIZE;
  const others = file.inputs.filter((candidate) => candidate !== input);
  const othersFit =
    sizeInput === undefined
      ? others.length === 0
      : others.length === 1 && others.every((other) => other.name === sizeInput && other.type === "int64");
  if (input === undefined || !othersFit) {
    throw new GatewayError("MODEL_SHAPE_MISMATCH", {
      detail: `the card names the input "${name}"${sizeInput === undefined ? "" : ` and its family "${sizeInput}"`}, the file has ${list(file.inputs)}`,
    });
  }
  const wanted = {
    type: layout === "nhwc-uint8" ? "uint8" : "float32",
    shape: inputShape(manifest.input),
  };
  if (input.type !== wanted.type || !fits(input.shape, wanted.shape)) {
    throw new GatewayError("MODEL_SHAPE_MISMATCH", {
      detail: `input: the card says ${wanted.type} [${wanted.shape}], the file ${describe(input)}`,
    });
  }
  if (width % coarsestStride !== 0 || height % coarsestStride !== 0)
    throw new GatewayError("MODEL_SHAPE_MISMATCH", {
      detail: `${width} × ${height} is not a multiple of the coarsest stride, ${coarsestStride}`,
    });
}

/** @returns the outputs' names in the family's order */
function checkOutputs(manifest: ModelManifest, file: OnnxFile): string[] {
  const wanted = familyOf(manifest).outputs(manifest.input, manifest.labels.length);
  const found = wanted.map(({ name }) =>
    name === undefined ? file.outputs[0] : file.outputs.find((output) => output.name === name),
  );
  const outputs = found.flatMap((output, at) => (output?.type === (wanted[at]?.type ?? "float32") ? [output] : []));
  if (outputs.length !== wanted.length || file.outputs.length !== wanted.length) {
    const names = wanted
      .map(({ name, type = "float32", shape }) => `${name === undefined ? "" : `"${name}" `}${type} [${shape}]`)
      .join(", ");
    throw new GatewayError("MODEL_SHAPE_MISMATCH", {
      detail: `${manifest.family} has the outputs ${names}, the file has ${list(file.outputs)}`,
    });
  }
  for (const [at, output] of outputs.entries()) checkClasses(manifest, output, wanted[at]!);
  if (!shapesFit(outputs, wanted))
    throw new GatewayError("MODEL_SHAPE_MISMATCH", {
      detail: `outputs: ${manifest.family} needs ${wanted.map(({ shape }) => `[${shape}]`).join(", ")}, the file has ${list(outputs)}`,
    });
  return outputs.map((output) => output.name);
}

/** An output that fits but for its number of classes: the card's labels are wrong, not the shape. */
function checkClasses(manifest: ModelManifest, output: DeclaredTensor, wanted: FamilyOutput): void {
  if (wanted.classDimension === undefined) return;
  const { index, others } = wanted.classDimension;
  const declared = output.shape[index];
  if (declared === undefined || declared === others + manifest.labels.length) return;
  const shape = output.shape.map((size, at) => (at === index ? undefined : size));
  if (shapesFit([{ shape }], [wanted]))
    throw new GatewayError("MODEL_LABELS_MISMATCH", {
      detail: `the card names ${manifest.labels.length} classes, the file has ${declared - others}`,
    });
}

/**
 * A file that carries class names (Ultralytics' `names`) must carry the card's, in the same order. Of a name that no card can write (another script,
 * a slash) only the place is known: the card says what stands there.
 */
function checkLabelNames(manifest: ModelManifest, file: OnnxFile): void {
  const ordered = classNames(file);
  if (ordered === undefined) return;
  const same =
    ordered.length === manifest.labels.length &&
    ordered.every((name, index) => !isLabel(name) || name === manifest.labels[index]);
  if (!same)
    throw new GatewayError("MODEL_LABELS_MISMATCH", {
      detail: `card: ${manifest.labels.join(", ")}; file: ${ordered.join(", ")}`,
    });
}

/**
 * The classes that a file names in its metadata (`names`, as Ultralytics writes it: numbered, before YOLOv5 6.2 a list), as labels in the network's
 * order; undefined where it names none.
 */
export function classNames(file: OnnxFile): string[] | undefined {
  const text = file.metadata.get("names") ?? "";
  if (text.trimStart().startsWith("["))
    return [...text.matchAll(/(["'])(.*?)\1/g)].map(([, , name = ""]) => asLabel(name));
  const numbered = [...text.matchAll(/["']?(\d+)["']?\s*:\s*(["'])(.*?)\2/g)]
    .map(([, index, , name]) => ({ index: Number(index), name: asLabel(name ?? "") }))
    .sort((a, b) => a.index - b.index)
    .map((entry) => entry.name);
  return numbered.length === 0 ? undefined : numbered;
}

/** A class's name as a label: lower-case words joined by hyphens. */
export function asLabel(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, "-");
}

/** A dimension that the file leaves open is checked when the model is warmed up. */
function fits(shape: DeclaredTensor["shape"], wanted: readonly number[]): boolean {
  return (
    shape.length === wanted.length && wanted.every((size, index) => shape[index] === undefined || shape[index] === size)
  );
}

function describe(tensor: DeclaredTensor): string {
  return `${tensor.type} [${tensor.shape.map((size) => size ?? "?").join(",")}]`;
}

function list(tensors: readonly DeclaredTensor[]): string {
  return tensors.length === 0 ? "none" : tensors.map((tensor) => `"${tensor.name}" ${describe(tensor)}`).join(", ");
}
