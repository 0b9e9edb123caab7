/**
 * Number plates drawn with our own strokes, so that no font of the machine is needed.
 * A glyph lives on a grid of 5 × 7 points; two digits are one point, "|" lifts the pen.
 */
const GLYPHS: Readonly<Record<string, string>> = {
  "0": "10 30 41 45 36 16 05 01 10",
  "1": "11 20 26|16 36",
  "2": "01 10 30 41 42 06 46",
  "3": "00 40 23 33 44 45 36 16 05",
  "4": "36 30 04 44",
  "5": "40 00 03 33 44 45 36 16 05",
  "6": "40 20 02 05 16 36 45 44 33 03",
  "7": "00 40 16",
  "8": "13 02 01 10 30 41 42 33 13 04 05 16 36 45 44 33",
  "9": "06 26 44 41 30 10 01 02 13 43",
  A: "06 20 46|14 34",
  B: "00 06 36 45 44 33 03|33 42 41 30 00",
  C: "41 30 10 01 05 16 36 45",
  D: "00 06 26 44 42 20 00",
  E: "40 00 06 46|03 33",
  F: "40 00 06|03 33",
  G: "41 30 10 01 05 16 36 45 43 23",
  H: "00 06|40 46|03 43",
  I: "10 30|20 26|16 36",
  J: "40 45 36 16 05",
  K: "00 06|40 03 46",
  L: "00 06 46",
  M: "06 00 23 40 46",
  N: "06 00 46 40",
  O: "10 30 41 45 36 16 05 01 10",
  P: "06 00 30 41 42 33 03",
  Q: "10 30 41 45 36 16 05 01 10|34 46",
  R: "06 00 30 41 42 33 03|23 46",
  S: "41 30 10 01 02 13 33 44 45 36 16 05",
  T: "00 40|20 26",
  U: "00 05 16 36 45 40",
  V: "00 26 40",
  W: "00 16 22 36 40",
  X: "00 46|40 06",
  Y: "00 23 40|23 26",
  Z: "00 40 06 46",
  京: "20 21|01 41|12 32 34 14 12|24 26 16|14 05|34 45",
  沪: "00 11|02 13|06 14|30 31|21 41 43 23|21 24 16",
  粤: "20 11|04 01 41 44|22 24|12 33|32 13|05 45|15 35 36 26",
  苏: "01 41|10 12|30 32|03 33 36 26|23 06|43 44",
  浙: "00 11|02 12|06 14|20 26 16|13 32|40 31 34 25|32 42|42 46",
  川: "10 14 06|20 25|40 46",
};

/** The province characters that the strokes above know. */
export const PROVINCES = ["京", "沪", "粤", "苏", "浙", "川"] as const;

/** China's small blue plate: 440 × 140 mm (GA 36). */
export const PLATE_WIDTH_M = 0.44;
export const PLATE_HEIGHT_M = 0.14;

const WIDTH_PX = 176;
const HEIGHT_PX = 56;
const CELL_WIDTH_PX = 12;
const CELL_HEIGHT_PX = 36;
const STROKE_PX = 2.6;
const RIM_PX = 2;
/** Drawn plates are few in a run of the shop, so a small memory is enough. */
const REMEMBERED = 64;

const drawn = new Map<string, Float32Array>();

/** How much of a stroke covers each point of the plate, 0..1, row by row, 176 × 56. */
function strokes(text: string): Float32Array {
  const known = drawn.get(text);
  if (known) return known;
  const ink = new Float32Array(WIDTH_PX * HEIGHT_PX);
  const characters = [...text].slice(0, 8);
  const pitch = (WIDTH_PX - 12) / Math.max(7, characters.length);
  characters.forEach((character, i) => {
    // The gap after the second character holds the dot on a real plate.
    const left = 6 + pitch * i + (pitch - CELL_WIDTH_PX) / 2 + (i < 2 ? -1.5 : 1);
    const top = (HEIGHT_PX - CELL_HEIGHT_PX) / 2;
    for (const line of (GLYPHS[character] ?? "").split("|")) {
      const points = line.split(" ").flatMap((pair) => {
        const column = Number(pair[0]);
        const row = Number(pair[1]);
        return pair.length === 2
          ? [{ x: left + (column * CELL_WIDTH_PX) / 4, y: top + (row * CELL_HEIGHT_PX) / 6 }]
          : [];
      });
      for (let k = 1; k < points.length; k++) stroke(ink, points[k - 1]!, points[k]!);
    }
  });
  if (drawn.size >= REMEMBERED) drawn.clear();
  drawn.set(text, ink);
  return ink;
}

interface Dot {
  readonly x: number;
  readonly y: number;
}

function stroke(ink: Float32Array, from: Dot, to: Dot): void {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const squared = dx * dx + dy * dy + 1e-9;
  const reach = STROKE_PX;
  const x1 = Math.min(WIDTH_PX - 1, Math.ceil(Math.max(from.x, to.x) + reach));
  const y1 = Math.min(HEIGHT_PX - 1, Math.ceil(Math.max(from.y, to.y) + reach));
  for (let y = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach)); y <= y1; y++) {
    for (let x = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach)); x <= x1; x++) {
      const t = Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / squared));
      const distance = Math.hypot(x - from.x - t * dx, y - from.y - t * dy);
      const cover = Math.min(1, Math.max(0, STROKE_PX / 2 + 0.6 - distance));
      const pixel = y * WIDTH_PX + x;
      if (cover > ink[pixel]!) ink[pixel] = cover;
    }
  }
}

/** Reads the plate at `across`, `down` (both 0..1 from its top left as one reads it): 0 ground, 1 character or rim. */
export function plateInk(text: string): (across: number, down: number) => number {
  const ink = strokes(text);
  return (across, down) => {
    const x = Math.min(WIDTH_PX - 1, Math.max(0, Math.floor(across * WIDTH_PX)));
    const y = Math.min(HEIGHT_PX - 1, Math.max(0, Math.floor(down * HEIGHT_PX)));
    const edge = Math.min(x, y, WIDTH_PX - 1 - x, HEIGHT_PX - 1 - y);
    return edge >= RIM_PX && edge < RIM_PX + 1.5 ? 1 : ink[y * WIDTH_PX + x]!;
  };
}

/** Eight characters are a new-energy plate: black on green. */
export function isNewEnergyPlate(text: string): boolean {
  return [...text].length === 8;
}
