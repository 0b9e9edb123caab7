import Type, { type Static } from "typebox";
import Value from "typebox/value";
import { parseDocument } from "yaml";
import { GatewayError } from "../../../contract/errors.ts";
import { OneOf, Sha256 } from "../../../contract/ids.ts";

const closed = { additionalProperties: false } as const;
const Probability = Type.Number({ minimum: 0, maximum: 1 });
const Label = Type.String({ pattern: "^[a-z][a-z0-9-]{0,39}$" });

/** Whether a card can name a class so. */
export function isLabel(text: string): boolean {
  return Value.Check(Label, text);
}

export const MODEL_ROLES = [
  "bay",
  "damage",
  "plate",
  "face",
  "segment",
  "text-detection",
  "text-recognition",
  "embedding",
] as const;
export type ModelRole = (typeof MODEL_ROLES)[number];

/** Families whose answers are boxes, each with a label and a score. */
const DETECTING_FAMILIES = [
  "yolox",
  "yolov5",
  "yolov8",
  "yolov8-seg",
  "yolo-nms-free",
  "rf-detr",
  "rt-detr",
  "rt-detr-sized",
  "mask-rcnn",
  "yunet",
  "blazeface",
  "classification",
  "classification-logits",
  "ppocr-det",
  "boxes",
  "boxes-masks",
] as const;
export type DetectingFamily = (typeof DETECTING_FAMILIES)[number];

/** Families whose answers are no boxes, and the one role that each is for. */
const OTHER_FAMILIES = { sam: "segment", ctc: "text-recognition", embedding: "embedding" } as const satisfies Readonly<
  Record<string, ModelRole>
>;

/** An ONNX file in the bundle's own folder. */
const OnnxFileName = Type.String({ pattern: "^[A-Za-z0-9._-]+\\.onnx$", maxLength: 100 });

/** How a picture becomes the network's input tensor. */
const ModelInput = Type.Object(
  {
    /** The input's name in the ONNX file. */
    name: Type.String({ minLength: 1, maxLength: 100 }),
    width: Type.Integer({ minimum: 32, maximum: 2048 }),
    height: Type.Integer({ minimum: 32, maximum: 2048 }),
    layout: OneOf(["nhwc-uint8", "nhwc-float32", "nchw-float32", "chw-float32"]),
    channels: OneOf(["bgr", "rgb"]),
    /**
     * What black and white become in a float tensor: YOLOX is trained on 0 to 255, YOLOv8 on 0 to 1, BlazeFace on -1 to 1; `imagenet` is 0 to 1
     * less 0.485, 0.456, 0.406 and divided by 0.229, 0.224, 0.225 for the first, second and third channel. A uint8 tensor always holds 0 to 255.
     */
    range: Type.Optional(OneOf(["0-255", "0-1", "-1-1", "imagenet"])),
    /**
     * Where the picture lies in the tensor (YOLOX top-left, Ultralytics centre) and the grey value around it. A picture that is stretched fills the
     * tensor and loses its shape, as RF-DETR and RT-DETR were trained. `top-left-rounded` is SAM's: as `top-left`, but rounded to whole pixels and
     * not cut.
     */
    letterbox: Type.Object(
      {
        anchor: OneOf(["top-left", "top-left-rounded", "centre", "stretch"]),
        pad: Type.Integer({ minimum: 0, maximum: 255 }),
        /** Padding is 0 in the float tensor, whatever `range` makes of `pad`: SAM and PP-OCR pad what is normalised already. */
        zeroPadding: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
  },
  closed,
);
export type ModelInput = Static<typeof ModelInput>;

/** The input tensor's shape. */
export function inputShape({ layout, width, height }: Pick<ModelInput, "layout" | "width" | "height">): number[] {
  if (layout === "nchw-float32") return [1, 3, height, width];
  return layout === "chw-float32" ? [3, height, width] : [1, height, width, 3];
}

/** Tiles see what is too small in the whole picture; what is large is seen better in the whole. */
const ModelTiles = Type.Object(
  {
    /** Tiles along the picture's longer side; several numbers make several passes, coarse and fine. */
    along: Type.Array(Type.Integer({ minimum: 2, maximum: 16 }), { minItems: 1, maxItems: 4, uniqueItems: true }),
    /** Shared by neighbours, as a part of a tile's side: what is smaller than this is whole in one of them. */
    overlap: Type.Number({ minimum: 0, maximum: 0.5 }),
    /** Scores of what a tile sees are multiplied by this: a tile has less to go by than the whole. */
    weight: Type.Number({ minimum: 0.05, maximum: 1 }),
    /** Boxes larger than this part of a tile's side are left to the whole picture. */
    largest: Type.Number({ minimum: 0.05, maximum: 1 }),
    /** Pictures whose longer side is shorter than this are looked at whole only; 0: all are tiled. */
    fromPx: Type.Integer({ minimum: 0, maximum: 20_000 }),
  },
  closed,
);
export type ModelTiles = Static<typeof ModelTiles>;

/** `model.yaml`: the card of a model bundle (DESIGN §5). Unknown keys are errors. */
export const ModelManifest = Type.Object(
  {
    name: Type.String({ pattern: "^[a-z0-9-]{1,40}$" }),
    version: Type.String({ pattern: "^[0-9]+\\.[0-9]+\\.[0-9]+(-[a-z0-9.-]+)?$", maxLength: 40 }),
    role: OneOf(MODEL_ROLES),
    /** Decode family: how output numbers become an answer. One file each in `families/`. */
    family: OneOf([...DETECTING_FAMILIES, "sam", "ctc", "embedding"]),
    file: OnnxFileName,
    sha256: Sha256,
    /** Family `sam`: the network that answers prompts; `file` is the encoder. */
    decoder: Type.Optional(Type.Object({ file: OnnxFileName, sha256: Sha256 }, closed)),
    /** Family `ctc`: the characters behind the network's classes, without the blank; the file's own (metadata `character`) where absent. */
    characters: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 8 }), { minItems: 1, maxItems: 30_000 }),
    ),
    input: ModelInput,
    /**
     * In the order of the network's class outputs; compared with the file. Families without classes have one label, and its threshold is of what
     * they say instead of a score: `sam` a mask's predicted IoU, `ctc` confidence, `embedding` cosine likeness.
     */
    labels: Type.Array(Label, { minItems: 1, maxItems: 400, uniqueItems: true }),
    /** Per label, the model's own score from which a detection counts. */
    thresholds: Type.Record(Label, Probability),
    /** What COCO results list from, for curves and second looks, where it is lower than the thresholds. Daily work counts from the thresholds. */
    resultsFloor: Type.Optional(Probability),
    /** Whether photos (not live frames) are looked at in the mirror as well: a second opinion for the price of a second look. */
    mirrored: Type.Optional(Type.Boolean()),
    /** How large photos are looked at piece by piece, beside the look at the whole; absent: never. */
    tiles: Type.Optional(ModelTiles),
    /** Overlap above which the weaker of two boxes of one class is dropped; the family's own where absent. */
    nmsIou: Type.Optional(Probability),
    /** Per label, points `[score, probability]` with rising score: the isotonic table, read with straight lines between points. */
    calibration: Type.Optional(
      Type.Record(
        Label,
        Type.Array(Type.Unsafe<[number, number]>(Type.Array(Probability, { minItems: 2, maxItems: 2 })), {
          minItems: 2,
          maxItems: 200,
        }),
      ),
    ),
    /** Measured figures, as the card tells them. */
    metrics: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    licence: Type.String({ minLength: 1, maxLength: 200 }),
    /** File in the bundle's folder with an Ed25519 signature (64 bytes, as base64) of this card's bytes; the card names the network's hash. */
    signature: Type.Optional(Type.String({ pattern: "^[A-Za-z0-9._-]+\\.sig$", maxLength: 100 })),
    trainingData: Type.Optional(
      Type.Union([Type.String({ maxLength: 4000 }), Type.Array(Type.String({ maxLength: 1000 }), { maxItems: 100 })]),
    ),
  },
  closed,
);
export type ModelManifest = Static<typeof ModelManifest>;

/**
 * Reads and checks a manifest.
 * @param text content of `model.yaml`
 * @throws GatewayError MODEL_MANIFEST_INVALID with `details.problems`: each names the key path and what is wrong
 */
export function parseManifest(text: string): ModelManifest {
  const document = parseDocument(text, { uniqueKeys: true });
  const syntax = document.errors[0];
  if (syntax !== undefined) throw invalid([syntax.message.split("\n")[0] ?? "not YAML"], syntax);
  const value = plainValue(document);
  if (!Value.Check(ModelManifest, value)) {
    const problems = Value.Errors(ModelManifest, value).map(
      (error) => `${error.instancePath === "" ? "/" : error.instancePath} ${error.message}`,
    );
    throw invalid(problems);
  }
  const problems = contradictions(value);
  if (problems.length > 0) throw invalid(problems);
  return value;
}

/** A card needs no aliases, and they could multiply themselves into gigabytes. */
function plainValue(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw invalid([error instanceof Error ? error.message : String(error)], error);
  }
}

/** What the schema cannot say: keys that must agree with each other. */
function contradictions(manifest: ModelManifest): string[] {
  const problems: string[] = [];
  for (const label of manifest.labels) {
    if (manifest.thresholds[label] === undefined) problems.push(`/thresholds has no entry for label "${label}"`);
  }
  for (const [key, table] of [
    ["thresholds", manifest.thresholds],
    ["calibration", manifest.calibration ?? {}],
  ] as const) {
    for (const label of Object.keys(table)) {
      if (!manifest.labels.includes(label)) problems.push(`/${key}/${label} is not one of the labels`);
    }
  }
  for (const [label, points] of Object.entries(manifest.calibration ?? {})) {
    const rising = points.every(([score, probability], index) => {
      const before = points[index - 1];
      return before === undefined || (score > before[0] && probability >= before[1]);
    });
    if (!rising) problems.push(`/calibration/${label} must rise in score and never fall in probability`);
  }
  problems.push(...familyContradictions(manifest));
  const { layout, range = "0-255", letterbox } = manifest.input;
  if (layout !== "nhwc-uint8" && manifest.input.range === undefined)
    problems.push("/input/range must be given for a float input");
  if (layout === "nhwc-uint8" && range !== "0-255") problems.push(`/input/range ${range} cannot be held by uint8`);
  if (layout === "nhwc-uint8" && letterbox.zeroPadding === true)
    problems.push("/input/letterbox/zeroPadding is for a float input");
  return problems;
}

/** Which keys and which role go with which family. */
function familyContradictions({ family, role, decoder, characters, labels }: ModelManifest): string[] {
  const problems: string[] = [];
  const wanted = detects(family) ? undefined : OTHER_FAMILIES[family];
  const roleFits = wanted === undefined ? !Object.values<ModelRole>(OTHER_FAMILIES).includes(role) : role === wanted;
  if (!roleFits) problems.push(`/role "${role}" is not what the family "${family}" is for`);
  if (wanted !== undefined && labels.length !== 1) problems.push(`/labels must be one, for the family "${family}"`);
  if ((decoder !== undefined) !== (family === "sam"))
    problems.push(`/decoder ${decoder === undefined ? "is missing" : `is not for the family "${family}"`}`);
  if (characters !== undefined && family !== "ctc") problems.push(`/characters are not for the family "${family}"`);
  return problems;
}

/** Whether a family's answers are boxes. */
export function detects(family: ModelManifest["family"]): family is DetectingFamily {
  return !(family in OTHER_FAMILIES);
}

function invalid(problems: readonly string[], cause?: unknown): GatewayError {
  return new GatewayError("MODEL_MANIFEST_INVALID", {
    detail: problems.slice(0, 5).join("; "),
    details: { problems },
    cause,
  });
}
