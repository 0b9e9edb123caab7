import sharp from "sharp";
import type { Colour, RelativeBox } from "../scene/index.ts";
import { plateInk } from "../scene/plate.ts";
import { randomStream } from "../scene/randomness.ts";

export interface PhotoDescription {
  readonly plate: string;
  readonly paint: Colour;
  readonly overalls: Colour;
  /** Where splinters lie, and the noise. */
  readonly seed: number;
  readonly isWindscreenCracked: boolean;
}

/** What is truly on a photo. */
export interface PhotoTruth {
  readonly plates: readonly RelativeBox[];
  readonly faces: readonly RelativeBox[];
  readonly damages: readonly { readonly label: string; readonly box: RelativeBox }[];
}

export interface TakenPhoto {
  readonly jpeg: Buffer;
  readonly truth: PhotoTruth;
}

const WIDTH = 1024;
const HEIGHT = 768;
/** The drawing's own units; it is scaled to the picture. */
const UNITS = { width: 1600, height: 1200 } as const;
const PLATE = { left: 620, top: 935, width: 280, height: 88 } as const;
const FACE = { x: 1440, y: 210, scale: 0.95 } as const;
const CRACK = { x: 720, y: 330, radius: 210 } as const;
/** Splinters are longer across than down, since the screen leans. */
const LEAN = 0.8;
const LENS_BLUR_SIGMA = 0.8;
const NOISE_STEPS = 6;

/** Draws the front of a car as a tablet would take it. */
export async function takePhoto(photo: PhotoDescription): Promise<TakenPhoto> {
  const drawing = sharp(Buffer.from(drawingOf(photo))).resize(WIDTH, HEIGHT);
  const { data } = await drawing.removeAlpha().blur(LENS_BLUR_SIGMA).raw().toBuffer({ resolveWithObject: true });
  paintPlate(data, photo.plate);
  const random = randomStream(photo.seed);
  for (let i = 0; i < data.length; i++)
    data[i] = clamp((data[i] ?? 0) + (random() + random() + random() - 1.5) * NOISE_STEPS);
  const jpeg = await sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg({ quality: 88 })
    .toBuffer();
  const { left, top, width, height } = PLATE;
  const reach = CRACK.radius;
  return {
    jpeg,
    truth: {
      plates: [relative(left, top, left + width, top + height)],
      faces: [relative(FACE.x - 75, FACE.y - 90, FACE.x + 75, FACE.y + 105)],
      damages: photo.isWindscreenCracked
        ? [
            {
              label: "cracked-glass",
              box: relative(CRACK.x - reach, CRACK.y - reach * LEAN, CRACK.x + reach, CRACK.y + reach * LEAN),
            },
          ]
        : [],
    },
  };
}

function relative(left: number, top: number, right: number, bottom: number): RelativeBox {
  return [left / UNITS.width, top / UNITS.height, right / UNITS.width, bottom / UNITS.height];
}

function paintPlate(pixels: Buffer, text: string): void {
  const inkAt = plateInk(text);
  const [x0, y0] = [(PLATE.left * WIDTH) / UNITS.width, (PLATE.top * HEIGHT) / UNITS.height];
  const [width, height] = [(PLATE.width * WIDTH) / UNITS.width, (PLATE.height * HEIGHT) / UNITS.height];
  for (let y = Math.ceil(y0); y < y0 + height; y++) {
    for (let x = Math.ceil(x0); x < x0 + width; x++) {
      const ink = inkAt((x - x0) / width, (y - y0) / height);
      for (const [channel, ground] of [11, 63, 158].entries())
        pixels[(y * WIDTH + x) * 3 + channel] = clamp(ground + (250 - ground) * ink);
    }
  }
}

function drawingOf({ paint, overalls, seed, isWindscreenCracked }: PhotoDescription): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${UNITS.width}" height="${UNITS.height}">
<defs><filter id="soft"><feGaussianBlur stdDeviation="3"/></filter>
${gradient("hall", ["#c8ccd0", "#8f969c"])}${gradient("paint", [mixed(paint, 255, 0.45), paint, mixed(paint, 0, 0.45)])}${gradient("glass", ["#5d6f7b", "#2a363e", "#141b20"])}
<radialGradient id="skin" cx="0.4" cy="0.35" r="0.8"><stop offset="0" stop-color="#e0b08e"/><stop offset="1" stop-color="#a8734f"/></radialGradient></defs>
<rect width="1600" height="1200" fill="url(#hall)"/><rect y="1000" width="1600" height="200" fill="#5b6066"/>
${personOf(overalls)}
<path d="M150 1090q-60-240 10-420q60-120 150-170l170-330q20-50 90-60q230-30 460 0q70 10 90 60l110 330q100 50 150 170q60 180 0 420z" fill="url(#paint)"/>
<path d="M350 500l150-300q20-40 70-46q230-26 440 0q50 6 66 46l90 300q-400-60-816 0z" fill="url(#glass)"/>
<path d="M340 506q410-60 830 0q60 30 110 170q-520-60-1050 0q40-120 110-170z" fill="${mixed(paint, 255, 0.3)}" fill-opacity="0.75"/>
<path d="M480 770h560l-50 130h-460z" fill="#15191c"/>
<path d="M200 740q120-60 240 10l-20 90q-130 20-220-30z" fill="#8f9ba3"/>
<path d="M1300 740q-120-60-240 10l20 90q130 20 220-30z" fill="#8f9ba3"/>
<path d="M170 960q600 60 1180 0" stroke="#3d4449" stroke-width="8" fill="none"/>
${isWindscreenCracked ? crackOf(seed) : ""}</svg>`;
}

/** Splinters run out from where a stone struck, and rings between them. */
function crackOf(seed: number): string {
  const random = randomStream(seed);
  const { x, y, radius } = CRACK;
  const spokes = Array.from({ length: 18 }, (_, spoke) => {
    const towards = (spoke / 18) * 2 * Math.PI + random() * 0.25;
    const length = radius * (0.6 + 0.4 * random());
    return Array.from({ length: 7 }, (_, step) => {
      const bent = towards + (step === 0 ? 0 : (random() - 0.5) * 0.12);
      const reach = (length * step) / 6;
      return [(x + Math.cos(bent) * reach).toFixed(1), (y + Math.sin(bent) * reach * LEAN).toFixed(1)].join(" ");
    });
  });
  const line = (points: readonly string[], width: number) =>
    `<path d="M${points.join("L")}" stroke="#e9eff3" stroke-opacity="${(0.5 + 0.5 * random()).toFixed(2)}" stroke-width="${width.toFixed(1)}" fill="none"/>`;
  const rings = [1, 2, 3, 4, 5].flatMap((step) =>
    spokes.flatMap((points, spoke) => {
      const [from, to] = [points[step], spokes[(spoke + 1) % spokes.length]?.[step]];
      return random() < 0.25 || from === undefined || to === undefined ? [] : [line([from, to], 0.6 + random() * 1.6)];
    }),
  );
  const struck = `<circle cx="${x}" cy="${y}" r="${radius * 0.09}" fill="#fff" fill-opacity="0.7" filter="url(#soft)"/>`;
  return [...spokes.map((points) => line(points, 1 + random() * 2)), ...rings, struck].join("");
}

function personOf(overalls: Colour): string {
  return `<g transform="translate(${FACE.x} ${FACE.y}) scale(${FACE.scale})">
<path d="M-190 420q10-200 110-240h160q100 40 110 240z" fill="${overalls}"/><path d="M-45 90h90v90q-45 40-90 0z" fill="#b98462"/>
<ellipse rx="86" ry="112" fill="url(#skin)"/><path d="M-92-10q-8-130 92-132q100 2 92 132q-16-70-40-84q-60 14-110-4q-24 30-34 88z" fill="#17120f"/>
<ellipse cx="-88" cy="8" rx="14" ry="26" fill="#bb8766"/><ellipse cx="88" cy="8" rx="14" ry="26" fill="#bb8766"/>
<path d="M-60-26q22-16 44-4M16-30q22-12 44 4" stroke="#1d1512" stroke-width="9" fill="none"/>
<ellipse cx="-37" cy="-4" rx="17" ry="9" fill="#f0ece8"/><ellipse cx="37" cy="-4" rx="17" ry="9" fill="#f0ece8"/><circle cx="-37" cy="-4" r="8.5" fill="#20130c"/><circle cx="37" cy="-4" r="8.5" fill="#20130c"/>
<path d="M-6-6q-8 36-16 44q18 14 40 0q-8-10-12-44" fill="#a9744f" fill-opacity="0.55"/><ellipse cx="-9" cy="41" rx="5" ry="3" fill="#5a3424"/><ellipse cx="9" cy="41" rx="5" ry="3" fill="#5a3424"/>
<path d="M-30 68q30-10 60 0q-30 22-60 0z" fill="#9a4a44"/><path d="M-30 68q30 4 60 0" stroke="#5c2522" stroke-width="3" fill="none"/></g>`;
}

function gradient(id: string, colours: readonly string[]): string {
  const stops = colours.map((colour, i) => `<stop offset="${i / (colours.length - 1)}" stop-color="${colour}"/>`);
  return `<linearGradient id="${id}" x1="0" y1="0" x2="0.1" y2="1">${stops.join("")}</linearGradient>`;
}

/** A colour on its way to black (0) or white (255). */
function mixed(colour: Colour, towards: number, share: number): string {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return `rgb(${channels.map((value) => Math.round(value + (towards - value) * share)).join(",")})`;
}

const clamp = (value: number) => Math.max(0, Math.min(255, Math.round(value)));
