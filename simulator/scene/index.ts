import sharp from "sharp";
import type { SceneDescription, SceneTruth } from "./description.ts";
import { drawScene } from "./render.ts";
import { expose } from "./sensor.ts";

export type {
  BayDescription,
  BodyType,
  CameraDescription,
  CarDescription,
  Colour,
  LightDescription,
  Posture,
  RelativeBox,
  SceneDescription,
  TechnicianDescription,
} from "./description.ts";

const LARGEST_WIDTH_PX = 1920;
const LARGEST_HEIGHT_PX = 1080;
const SMALLEST_SIDE_PX = 64;

/** A frame as a bay camera would send it, and what is truly in it. */
export interface RenderedFrame {
  readonly jpeg: Buffer;
  readonly truth: SceneTruth;
}

/**
 * Renders a scene. The same description gives the same bytes.
 * The first frame of a new bay, camera or gate position takes about a second, the next ones some tens of milliseconds.
 * Throws a RangeError for a picture size outside 64×64 … 1920×1080.
 */
export async function renderFrame(scene: SceneDescription): Promise<RenderedFrame> {
  const widthPx = scene.widthPx ?? 1280;
  const heightPx = scene.heightPx ?? 720;
  for (const [side, largest] of [
    [widthPx, LARGEST_WIDTH_PX],
    [heightPx, LARGEST_HEIGHT_PX],
  ] as const) {
    if (!Number.isInteger(side) || side < SMALLEST_SIDE_PX || side > largest) {
      throw new RangeError(`picture size ${widthPx}×${heightPx} is outside 64×64 … 1920×1080`);
    }
  }
  const { pixels, truth } = drawScene(scene, widthPx, heightPx);
  expose(pixels, widthPx, heightPx, scene.light, scene.noiseSeed);
  const jpeg = await sharp(pixels, { raw: { width: widthPx, height: heightPx, channels: 3 } })
    .jpeg({ quality: scene.quality ?? 82 })
    .toBuffer();
  return { jpeg, truth };
}
