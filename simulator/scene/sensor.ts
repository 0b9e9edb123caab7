import type { LightDescription } from "./description.ts";
import { randomStream } from "./randomness.ts";

const GRAINS = 1 << 16;

let grain: Float32Array | undefined;

/** Normally distributed noise, drawn once; each row of a frame reads it from another place. */
function grainTable(): Float32Array {
  if (grain) return grain;
  const random = randomStream(20261121);
  grain = Float32Array.from({ length: GRAINS }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return radius * Math.cos(2 * Math.PI * random());
  });
  return grain;
}

/** Exposes a drawn frame in place: brightness, colour of the light, flicker bands of a rolling shutter, sensor noise. */
export function expose(
  pixels: Uint8ClampedArray,
  widthPx: number,
  heightPx: number,
  light: LightDescription,
  noiseSeed: number,
): void {
  const random = randomStream(noiseSeed);
  const table = grainTable();
  const phase = random();
  const flicker = light.flicker ?? 0;
  const warmth = light.warmth ?? 0;
  // A camera raises its gain in the dark, and the noise with it.
  const deviation = (light.noise ?? 3) * (1 + 1.5 * Math.max(0, 1 - light.brightness));
  const row = widthPx * 3;
  for (let y = 0; y < heightPx; y++) {
    const band = 0.5 + 0.5 * Math.sin(2 * Math.PI * ((2 * y) / heightPx + phase));
    const gain = light.brightness * (1 - 0.4 * flicker * band);
    const red = gain * (1 + 0.08 * warmth);
    const blue = gain * (1 - 0.1 * warmth);
    let at = Math.floor(random() * GRAINS);
    for (let o = y * row; o < (y + 1) * row; o += 3) {
      const shared = table[at & (GRAINS - 1)]! * deviation;
      pixels[o] = pixels[o]! * red + shared;
      pixels[o + 1] = pixels[o + 1]! * gain + shared;
      pixels[o + 2] = pixels[o + 2]! * blue + table[(at + 7) & (GRAINS - 1)]! * deviation;
      at += 1;
    }
  }
}
