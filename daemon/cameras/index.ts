/** What neighbours may use of the cameras. */
export { type CameraSettings, type CameraStatus, type Cameras, createCameras } from "./cameras.ts";
export { SEQUENTIAL_SCAN } from "./jpeg-header.ts";
export { LatestSlot } from "./latest-slot.ts";
export { MAX_PICTURE_PIXELS, type Orientation, type PictureHeader, readPictureHeader } from "./picture-header.ts";
export type { CameraQuality } from "./quality.ts";
