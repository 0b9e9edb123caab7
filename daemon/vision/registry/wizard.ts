import { shapesFit } from "../families/candidates.ts";
import { FAMILIES } from "../families/families.ts";
import { classNames } from "./bundle.ts";
import { type DetectingFamily, isLabel, type ModelInput, type ModelManifest } from "./manifest.ts";
import type { DeclaredTensor, OnnxFile } from "./onnx-file.ts";

/** What a person says about a bare ONNX file; everything else is read from it or proposed. */
export interface Answers {
  readonly role?: string | undefined;
  readonly family?: string | undefined;
  /** In the order of the network's outputs. */
  readonly labels?: readonly string[] | undefined;
  readonly licence?: string | undefined;
  readonly size?: { readonly width: number; readonly height: number } | undefined;
  readonly channels?: string | undefined;
  readonly range?: string | undefined;
  readonly anchor?: string | undefined;
  readonly pad?: number | undefined;
  readonly threshold?: number | undefined;
  readonly name?: string | undefined;
  readonly version?: string | undefined;
}

export type Question = "role" | "family" | "labels" | "licence" | "size" | "channels" | "range" | "anchor";

export interface Missing {
  readonly question: Question;
  /** What fits the file, as far as it tells; empty: anything. */
  readonly choices: readonly string[];
  /** How many of them, for labels, where the file tells. */
  readonly count?: number | undefined;
}

export interface Proposal {
  /** A card that lacks what `missing` names. */
  readonly card: Readonly<Record<string, unknown>>;
  readonly missing: readonly Missing[];
  /** What was read from the file, for a person to compare. */
  readonly file: {
    readonly producer: string;
    readonly opset: number | undefined;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
  };
}

type Convention = Pick<ModelInput, "channels" | "range" | "letterbox">;

const RGB_01_CENTRE: Convention = { channels: "rgb", range: "0-1", letterbox: { anchor: "centre", pad: 114 } };
/** How each family's own project feeds its networks: a proposal, because an ONNX file does not tell. Families that are only a form of output have none. */
const CONVENTIONS: Partial<Record<DetectingFamily, Convention>> = {
  yolox: { channels: "bgr", range: "0-255", letterbox: { anchor: "top-left", pad: 114 } },
  yolov5: RGB_01_CENTRE,
  yolov8: RGB_01_CENTRE,
  "yolov8-seg": RGB_01_CENTRE,
  "yolo-nms-free": RGB_01_CENTRE,
  "rf-detr": { channels: "rgb", range: "imagenet", letterbox: { anchor: "stretch", pad: 0 } },
  "rt-detr": { channels: "rgb", range: "0-1", letterbox: { anchor: "stretch", pad: 0 } },
  "rt-detr-sized": { channels: "rgb", range: "0-1", letterbox: { anchor: "stretch", pad: 0 } },
  yunet: { channels: "bgr", range: "0-255", letterbox: { anchor: "top-left", pad: 0 } },
  blazeface: { channels: "rgb", range: "-1-1", letterbox: { anchor: "centre", pad: 0 } },
};

/** Until it is measured; the trade-off is the shop's. */
const THRESHOLD = 0.3;
const ROLES = ["bay", "damage", "plate", "face"] as const;

/**
 * Makes a card of what an ONNX file tells and a person answers: input and size from its tensors or Ultralytics' `imgsz`, labels from `names`, licence from
 * `license`, the family by trying which one's outputs fit, and that family's usual way of feeding pictures.
 * @param fileName without folder
 */
export function proposeCard(fileName: string, sha256: string, file: OnnxFile, answers: Answers): Proposal {
  const missing: Missing[] = [];
  const ask = (question: Question, choices: readonly string[] = [], count?: number) => {
    missing.push({ question, choices, count });
    return undefined;
  };
  const picture = pictureInput(file);
  const size = answers.size ?? sizeOf(picture, file);
  const named = classNames(file);
  // Names that no card can write are a person's to translate; how many there are is known all the same.
  const labelsGiven = answers.labels ?? (named?.every(isLabel) ? named : undefined);
  const count = labelsGiven?.length ?? named?.length;
  const fitting = size === undefined ? [] : fittingFamilies(file, size, count);
  const [only, ...others] = new Set(fitting.map(({ family }) => family));
  const family = answers.family ?? (others.length === 0 ? only : undefined);
  const counts = new Set(fitting.filter((one) => one.family === family).map(({ classes }) => classes));
  const labels = labelsGiven ?? ask("labels", [], count ?? (counts.size === 1 ? [...counts][0] : undefined));
  const usual = family !== undefined && isDetecting(family) ? CONVENTIONS[family] : undefined;
  const layout = layoutOf(picture);
  const asBytes = layout === "nhwc-uint8";
  const input = {
    name: picture?.name ?? "images",
    width: size?.width,
    height: size?.height,
    layout,
    channels: answers.channels ?? usual?.channels ?? ask("channels", ["rgb", "bgr"]),
    ...(asBytes ? {} : { range: answers.range ?? usual?.range ?? ask("range", ["0-255", "0-1", "-1-1", "imagenet"]) }),
    letterbox: {
      anchor: answers.anchor ?? usual?.letterbox.anchor ?? ask("anchor", ["top-left", "centre", "stretch"]),
      pad: answers.pad ?? usual?.letterbox.pad ?? 114,
    },
  };
  if (size === undefined) ask("size");
  const threshold = answers.threshold ?? THRESHOLD;
  const card = {
    name: answers.name ?? nameFrom(fileName),
    version: answers.version ?? "1.0.0",
    role: answers.role ?? ask("role", ROLES),
    family:
      family ??
      ask("family", others.length === 0 ? Object.keys(FAMILIES) : [...new Set(fitting.map((one) => one.family))]),
    file: fileName,
    sha256,
    input,
    labels,
    thresholds: Object.fromEntries((labels ?? []).map((label) => [label, threshold])),
    licence: (answers.licence ?? file.metadata.get("license") ?? ask("licence"))?.slice(0, 200),
  };
  return {
    card,
    missing: missing.toSorted((a, b) => ORDER.indexOf(a.question) - ORDER.indexOf(b.question)),
    file: {
      producer: file.producer,
      opset: file.opset,
      inputs: file.inputs.map(describe),
      outputs: file.outputs.map(describe),
    },
  };
}

/** A size is needed to tell the family, and a family to tell how pictures are fed: asked in this order, later answers need fewer questions. */
const ORDER: readonly Question[] = ["role", "size", "family", "labels", "channels", "range", "anchor", "licence"];

/** The input that holds a picture: the one with three channels. */
function pictureInput({ inputs }: OnnxFile): DeclaredTensor | undefined {
  return inputs.find((input) => layoutOf(input) !== undefined) ?? inputs[0];
}

function layoutOf(input: DeclaredTensor | undefined): ModelInput["layout"] | undefined {
  const { type, shape } = input ?? { type: "other", shape: [] };
  if (shape.length === 4 && shape[3] === 3) return type === "uint8" ? "nhwc-uint8" : "nhwc-float32";
  if (shape.length === 4 && shape[1] === 3) return "nchw-float32";
  return shape.length === 3 && shape[0] === 3 ? "chw-float32" : undefined;
}

function sizeOf(input: DeclaredTensor | undefined, file: OnnxFile): Answers["size"] {
  const shape = input?.shape ?? [];
  const [height, width] = layoutOf(input)?.startsWith("nhwc") === true ? shape.slice(1, 3) : shape.slice(-2);
  if (height !== undefined && width !== undefined) return { width, height };
  // Ultralytics: "[height, width]".
  const [, rows, columns] = /^\[?\s*(\d+)\s*,\s*(\d+)\s*\]?$/.exec(file.metadata.get("imgsz") ?? "") ?? [];
  return rows === undefined || columns === undefined ? undefined : { width: Number(columns), height: Number(rows) };
}

/** Families whose outputs the file's could be, and the number of classes that each would mean. */
function fittingFamilies(
  file: OnnxFile,
  size: { readonly width: number; readonly height: number },
  labels: number | undefined,
): { readonly family: DetectingFamily; readonly classes: number }[] {
  return Object.entries(FAMILIES).flatMap(([name, decode]) => {
    if (!isDetecting(name)) return [];
    if ((decode.sizeInput === undefined) !== (file.inputs.length === 1)) return [];
    return classCounts(name, file, size, labels).flatMap((classes) => {
      const wanted = decode.outputs(size, classes);
      const outputs = wanted.flatMap((want) => {
        const found =
          want.name === undefined ? file.outputs[0] : file.outputs.find((output) => output.name === want.name);
        return found?.type === (want.type ?? "float32") ? [found] : [];
      });
      const fits =
        file.outputs.length === wanted.length && outputs.length === wanted.length && shapesFit(outputs, wanted);
      return fits ? [{ family: name, classes }] : [];
    });
  });
}

/** The number that is known, or those that the outputs' lengths would mean. */
function classCounts(
  family: DetectingFamily,
  file: OnnxFile,
  size: { readonly width: number; readonly height: number },
  labels: number | undefined,
): number[] {
  if (labels !== undefined) return [labels];
  const counts = FAMILIES[family].outputs(size, 1).flatMap(({ classDimension, name }) => {
    const output = name === undefined ? file.outputs[0] : file.outputs.find((one) => one.name === name);
    const length = classDimension === undefined ? undefined : output?.shape[classDimension.index];
    const classes = length === undefined ? 0 : length - (classDimension?.others ?? 0);
    return classes > 0 && classes <= 400 ? [classes] : [];
  });
  return counts.length === 0 ? [1] : counts;
}

function isDetecting(name: string): name is DetectingFamily {
  return Object.hasOwn(FAMILIES, name);
}

function nameFrom(fileName: string): ModelManifest["name"] {
  const stem = fileName
    .replace(/\.onnx$/i, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 40);
  return stem === "" ? "model" : stem;
}

function describe({ name, type, shape }: DeclaredTensor): string {
  return `${name} ${type} [${shape.map((length) => length ?? "?").join(",")}]`;
}
