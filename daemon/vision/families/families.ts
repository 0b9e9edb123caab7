import type { ModelManifest } from "../registry/manifest.ts";
import { boxes } from "./boxes.ts";
import { boxesMasks } from "./boxes-masks.ts";
import type { DecodeFamily } from "./candidates.ts";
import { yolov8 } from "./yolov8.ts";
import { yolox } from "./yolox.ts";

/** The decode families that this build knows. A new one is one file and one line here and in the manifest's schema. */
export const FAMILIES: Readonly<Record<ModelManifest["family"], DecodeFamily>> = {
  yolox,
  yolov8,
  boxes,
  "boxes-masks": boxesMasks,
};
