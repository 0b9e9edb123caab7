/**
 * What neighbours may use of the vision runtime. `detect-images.ts` is a face of its own, for the command line: it loads decoder and network into the
 * process that imports it, which the daemon never does.
 */
export { ActiveModelFollower } from "./active-model.ts";
export type { Detection, FrameResult, RelativeBox } from "./detections.ts";
export type { PhotoLook, PhotoModel } from "./photo/photo-look.ts";
export {
  createVision,
  type Vision,
  type VisionOptions,
  type VisionStatus,
  type WorkerEvent,
} from "./vision.ts";
