import { GatewayError } from "../../../contract/errors.ts";
import { type DetectingFamily, detects, type ModelManifest } from "../registry/manifest.ts";
import { blazeface } from "./blazeface.ts";
import { boxes } from "./boxes.ts";
import { boxesMasks } from "./boxes-masks.ts";
import type { DecodeFamily } from "./candidates.ts";
import { classification, classificationLogits } from "./classification.ts";
import { rfDetr, rtDetr, rtDetrSized } from "./detr.ts";
import { maskRcnn } from "./mask-rcnn.ts";
import { ppocrDet } from "./ppocr-det.ts";
import { yoloNmsFree } from "./yolo-nms-free.ts";
import { yolov5 } from "./yolov5.ts";
import { yolov8 } from "./yolov8.ts";
import { yolov8Seg } from "./yolov8-seg.ts";
import { yolox } from "./yolox.ts";
import { yunet } from "./yunet.ts";

/** The families of detectors that this build knows. A new one is one file and one line here and in the manifest's schema. */
export const FAMILIES: Readonly<Record<DetectingFamily, DecodeFamily>> = {
  yolox,
  yolov5,
  yolov8,
  "yolov8-seg": yolov8Seg,
  "yolo-nms-free": yoloNmsFree,
  "rf-detr": rfDetr,
  "rt-detr": rtDetr,
  "rt-detr-sized": rtDetrSized,
  "mask-rcnn": maskRcnn,
  yunet,
  blazeface,
  classification,
  "classification-logits": classificationLogits,
  "ppocr-det": ppocrDet,
  boxes,
  "boxes-masks": boxesMasks,
};

/**
 * The family by which a card's network detects.
 * @throws GatewayError MODEL_MANIFEST_INVALID for a network that does something else
 */
export function familyOf({ family }: Pick<ModelManifest, "family">): DecodeFamily {
  if (detects(family)) return FAMILIES[family];
  throw new GatewayError("MODEL_MANIFEST_INVALID", { detail: `a network of the family "${family}" finds no boxes` });
}
