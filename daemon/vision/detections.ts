import type { CameraId } from "../../contract/ids.ts";
import type { Stamp } from "../../contract/records.ts";

/** Relative to the picture: x1, y1, x2, y2 from 0 (top left) to 1. */
export type RelativeBox = readonly [x1: number, y1: number, x2: number, y2: number];

/** Relative to the picture: x, y after x, y, from 0 to 1, closed. */
export type RelativePolygon = readonly number[];

/** One thing a model found. `score` is the model's own; `probability` is calibrated where the bundle brings a table. */
export interface Detection {
  readonly label: string;
  readonly score: number;
  readonly probability?: number;
  readonly box: RelativeBox;
  /** Its outline, from families with masks and where it was asked for; the largest part first. */
  readonly outline?: readonly RelativePolygon[];
}

/** What the bay model saw in one frame. Telemetry: bounded, newest wins, never a fact by itself. */
export interface FrameResult {
  readonly cameraId: CameraId;
  /** When the frame arrived at the gateway. */
  readonly at: Stamp;
  readonly width: number;
  readonly height: number;
  readonly detections: readonly Detection[];
  /** False when the motion gate found the scene still and the previous detections were kept. */
  readonly inferred: boolean;
}
