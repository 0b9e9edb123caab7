import sharp from "sharp";
import { renderFrame } from "../simulator/scene/index.ts";
import { randomScenes } from "../simulator/scene/random-scene.ts";

const SEED = 11;
/** As a small sensor has in the evening. */
const NOISE_LEVELS = 17;
const BYTES = 250_000;

/** Bays of the simulator with true cars and people, and sensor noise, as JPEG of about 250 KB. The same on every run. */
export async function noisyScenes(count: number, width: number, height: number): Promise<Buffer[]> {
  let state = 2_654_435_761;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const jpegs: Buffer[] = [];
  for (const scene of randomScenes(SEED, count, width, height)) {
    const { jpeg } = await renderFrame(scene);
    const pixels = await sharp(jpeg).removeAlpha().raw().toBuffer();
    for (let at = 0; at < pixels.length; at += 3) {
      const noise = (random() - 0.5) * NOISE_LEVELS;
      for (let channel = 0; channel < 3; channel++)
        pixels[at + channel] = Math.min(255, Math.max(0, (pixels[at + channel] ?? 0) + noise));
    }
    jpegs.push(await encodeNear(pixels, width, height));
  }
  return jpegs;
}

/** The quality between 60 and 90 that comes nearest to the size of a camera's picture. */
async function encodeNear(pixels: Buffer, width: number, height: number): Promise<Buffer> {
  let low = 60;
  let high = 90;
  let best: Buffer = Buffer.alloc(0);
  while (low <= high) {
    const quality = (low + high) >> 1;
    const jpeg = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .jpeg({ quality })
      .toBuffer();
    if (Math.abs(jpeg.length - BYTES) < Math.abs(best.length - BYTES)) best = jpeg;
    if (jpeg.length > BYTES) high = quality - 1;
    else low = quality + 1;
  }
  return best;
}
