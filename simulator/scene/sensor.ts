import type { LightDescription } from "./description.ts";
import { randomStream } from "./randomness.ts";

const GRAINS = 1 << 16;

let standardGrain: Float32Array | undefined;

/** Normally distributed noise, drawn once; each row of a frame reads it from another place. */
function grain(): Float32Array {
  if (standardGrain) return standardGrain;
  const random = randomStream(20261121);
  standardGrain = Float32Array.from({ length: GRAINS }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return radius * Math.cos(2 * Math.PI * random());
  });
  return standardGrain;
}

let scaled: { readonly deviation: number; readonly grain: Int16Array } | undefined;

function scaledGrain(deviation: number): Int16Array {
  if (scaled?.deviation !== deviation) {
    scaled = { deviation, grain: Int16Array.from(grain(), (value) => Math.round(value * deviation)) };
  }
  return scaled.grain;
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
  const phase = random();
  const flicker = light.flicker ?? 0;
  const warmth = light.warmth ?? 0;
  // A camera raises its gain in the dark, and the noise with it.
  const noise = scaledGrain((light.noise ?? 3) * (1 + 1.5 * Math.max(0, 1 - light.brightness)));
  const [red, green, blue] = [new Uint8ClampedArray(256), new Uint8ClampedArray(256), new Uint8ClampedArray(256)];
  const row = widthPx * 3;
  let tabulated = Number.NaN;
  for (let y = 0; y < heightPx; y++) {
    const band = 0.5 + 0.5 * Math.sin(2 * Math.PI * ((2 * y) / heightPx + phase));
    const gain = light.brightness * (1 - 0.4 * flicker * band);
    if (gain !== tabulated) {
      for (let level = 0; level < 256; level++) {
        red[level] = level * gain * (1 + 0.08 * warmth);
        green[level] = level * gain;
        blue[level] = level * gain * (1 - 0.1 * warmth);
      }
      tabulated = gain;
    }
    let at = Math.floor(random() * GRAINS);
    for (let o = y * row; o < (y + 1) * row; o += 3, at++) {
      const shared = noise[at & (GRAINS - 1)]!;
      pixels[o] = red[pixels[o]!]! + shared;
      pixels[o + 1] = green[pixels[o + 1]!]! + shared;
      pixels[o + 2] = blue[pixels[o + 2]!]! + noise[(at + 7) & (GRAINS - 1)]!;
    }
  }
}
