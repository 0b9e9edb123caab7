import { renderFrame, type SceneDescription } from "../simulator/scene/index.ts";

/** What cameras of the trade send at 1080p, as the figure has it. */
export const WANTED_BYTES = 250_000;
export const PICTURE_SIZE = { widthPx: 1920, heightPx: 1080 } as const;
/** As a small sensor has in the evening: it fills the file as a real camera's does. */
const NOISE_LEVELS = 6;
const QUALITY = { low: 40, high: 90 } as const;

/** What changes from one frame of a still camera to the next. */
export type SceneChange = (scene: SceneDescription, at: number, count: number) => SceneDescription;

/**
 * Frames of one camera as JPEG of about 250 KB: the same scene with fresh sensor noise each time.
 * @param change what differs from frame to frame besides
 */
export async function picturesOf(
  scene: SceneDescription,
  count: number,
  change: SceneChange = (same) => same,
): Promise<Buffer[]> {
  const noisy = { ...scene, ...PICTURE_SIZE, light: { ...scene.light, noise: NOISE_LEVELS } };
  const quality = await qualityFor(noisy);
  const pictures: Buffer[] = [];
  for (let at = 0; at < count; at++) {
    const { jpeg } = await renderFrame({ ...change(noisy, at, count), quality, noiseSeed: 1000 + at });
    pictures.push(jpeg);
  }
  return pictures;
}

async function qualityFor(scene: SceneDescription): Promise<number> {
  let { low, high }: { low: number; high: number } = QUALITY;
  while (high - low > 2) {
    const quality = (low + high) >> 1;
    const { jpeg } = await renderFrame({ ...scene, quality });
    if (jpeg.length > WANTED_BYTES) high = quality;
    else low = quality;
  }
  return low;
}
