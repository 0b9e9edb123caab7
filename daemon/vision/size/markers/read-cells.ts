import { type Homography, homographyBetween, project, type Quad } from "../geometry.ts";
import { brightnessAt, type GreyPicture } from "../grey.ts";
import { MARKER_DICTIONARIES, type MarkerDictionary } from "./dictionaries.ts";

/** What stands in a quadrilateral. */
export interface ReadMarker {
  readonly dictionary: MarkerDictionary;
  readonly id: number;
  /** Quarter turns by which the given corners must move on so that the first is the marker's own top left. */
  readonly turns: 0 | 1 | 2 | 3;
  /** Cells that had to be corrected. */
  readonly wrongCells: number;
}

/** Dark and light must differ by so many grey levels. */
const LEAST_CONTRAST = 20;
/** Cells must lie, in the mean, so far from the threshold towards dark or light: 1 is as far as border and margin do. */
const LEAST_CLARITY = 0.4;
/** Of border cells one in so many may be wrong where the dictionary corrects at all. */
const BORDER_FORGIVENESS = 14;

/** Asks every dictionary; the fewest wrong cells win. */
export function readMarker(picture: GreyPicture, corners: Quad): ReadMarker | undefined {
  let best: ReadMarker | undefined;
  for (const cells of [6, 5, 4] as const) {
    const dictionaries = MARKER_DICTIONARIES.filter((dictionary) => dictionary.cells === cells);
    for (const bits of readBits(picture, corners, cells)) {
      for (const dictionary of dictionaries) {
        const found = lookUp(dictionary, bits);
        if (found !== undefined && (best === undefined || found.wrongCells < best.wrongCells)) best = found;
      }
    }
  }
  return best;
}

interface Cells {
  /** Inside cells row by row, 1 is white. */
  readonly inside: Uint8Array;
  readonly wrongBorder: number;
}

/**
 * The cells as three thresholds see them: planes through margin and border, which follow slanting light; margin and border near the cell, which follow
 * the edge of a shadow; and one level for all (Otsu).
 */
function readBits(picture: GreyPicture, corners: Quad, cells: number): Cells[] {
  const side = cells + 2;
  const square: Quad = [
    [0, 0],
    [side, 0],
    [side, side],
    [0, side],
  ];
  const map = homographyBetween(square, corners);
  if (map === undefined) return [];
  const levels = Float64Array.from({ length: side * side }, (_, at) =>
    cellLevel(picture, map, at % side, Math.floor(at / side), 0.5),
  );
  const isBorder = (at: number) => {
    const [row, column] = [Math.floor(at / side), at % side];
    return row === 0 || column === 0 || row === side - 1 || column === side - 1;
  };
  const margin = marginLevels(picture, map, side);
  const border = [...levels.keys()]
    .filter(isBorder)
    .map((at) => ({ x: (at % side) + 0.5, y: Math.floor(at / side) + 0.5, level: levels[at]! }));
  const light = levelPlane(margin);
  const dark = levelPlane(border);
  const middle = (x: number, y: number) => (light(x, y) + dark(x, y)) / 2;
  // Every side must stand on light ground, or this is no marker but any dark patch.
  const contrast = light(side / 2, side / 2) - dark(side / 2, side / 2);
  if (contrast < LEAST_CONTRAST || !marginIsLight(margin, border, side)) return [];
  const otsu = otsuLevel(levels);
  const nearby = (x: number, y: number) => (nearLevel(margin, x, y) + nearLevel(border, x, y)) / 2;
  return [middle, nearby, () => otsu].flatMap((threshold) => {
    const inside = new Uint8Array(cells * cells);
    let [wrongBorder, clarity] = [0, 0];
    for (const [at, level] of levels.entries()) {
      const [row, column] = [Math.floor(at / side), at % side];
      const over = level - threshold(column + 0.5, row + 0.5);
      if (isBorder(at)) {
        if (over > 0) wrongBorder++;
        continue;
      }
      clarity += Math.min(1, Math.abs(over) / (contrast / 2));
      if (over > 0) inside[(row - 1) * cells + column - 1] = 1;
    }
    return clarity / inside.length < LEAST_CLARITY ? [] : [{ inside, wrongBorder }];
  });
}

interface LevelAt {
  readonly x: number;
  readonly y: number;
  readonly level: number;
}

/** Mean brightness of the middle of a cell; `share` of its side is looked at. */
function cellLevel(picture: GreyPicture, map: Homography, column: number, row: number, share: number): number {
  const steps = 5;
  let sum = 0;
  for (let j = 0; j < steps; j++) {
    for (let i = 0; i < steps; i++) {
      const [x, y] = project(
        map,
        column + 0.5 + share * ((i + 0.5) / steps - 0.5),
        row + 0.5 + share * ((j + 0.5) / steps - 0.5),
      );
      sum += brightnessAt(picture, x, y);
    }
  }
  return sum / (steps * steps);
}

/** Light ground beside each border cell, a third to two thirds of a cell outside. */
function marginLevels(picture: GreyPicture, map: Homography, side: number): LevelAt[] {
  return Array.from({ length: side }, (_, index) => index + 0.5).flatMap((along) =>
    (
      [
        [along, -0.5],
        [side + 0.5, along],
        [along, side + 0.5],
        [-0.5, along],
      ] as const
    ).map(([x, y]) => ({ x, y, level: cellLevel(picture, map, x - 0.5, y - 0.5, 0.3) })),
  );
}

/** Each cell of the margin beside the border cell next to it: three of four are clearly lighter, on every side. */
function marginIsLight(margin: readonly LevelAt[], border: readonly LevelAt[], side: number): boolean {
  return [0, 1, 2, 3].every((which) => {
    const ofSide = margin.filter((_, index) => index % 4 === which);
    const lighter = ofSide.filter(({ x, y, level }) => {
      const beside = border.find((at) => Math.abs(at.x - x) + Math.abs(at.y - y) === 1);
      return beside !== undefined && level - beside.level > LEAST_CONTRAST / 2;
    });
    return lighter.length >= side * 0.75;
  });
}

/** Brightness as a plane over the marker, by least squares. Positions are symmetric about the middle, so that the three terms part. */
function levelPlane(levels: readonly LevelAt[]): (x: number, y: number) => number {
  const count = levels.length;
  const middleX = levels.reduce((sum, { x }) => sum + x, 0) / count;
  const middleY = levels.reduce((sum, { y }) => sum + y, 0) / count;
  const mean = levels.reduce((sum, { level }) => sum + level, 0) / count;
  const slope = (of: (at: LevelAt) => number) =>
    levels.reduce((sum, at) => sum + of(at) * at.level, 0) / levels.reduce((sum, at) => sum + of(at) ** 2, 0);
  const slopeX = slope(({ x }) => x - middleX);
  const slopeY = slope(({ y }) => y - middleY);
  return (x, y) => mean + slopeX * (x - middleX) + slopeY * (y - middleY);
}

/** Mean level, the nearer the heavier. */
function nearLevel(levels: readonly LevelAt[], x: number, y: number): number {
  let [weights, weighted] = [0, 0];
  for (const at of levels) {
    const weight = 1 / (0.25 + (at.x - x) ** 2 + (at.y - y) ** 2) ** 2;
    weights += weight;
    weighted += weight * at.level;
  }
  return weighted / weights;
}

/** The level that parts two groups best (Otsu 1979). */
function otsuLevel(levels: Float64Array): number {
  const sorted = [...levels].sort((a, b) => a - b);
  const total = sorted.reduce((sum, level) => sum + level, 0);
  let [below, best, level] = [0, -1, 0];
  for (let count = 1; count < sorted.length; count++) {
    below += sorted[count - 1]!;
    const gap = (total - below) / (sorted.length - count) - below / count;
    const between = count * (sorted.length - count) * gap * gap;
    if (between > best) [best, level] = [between, (sorted[count - 1]! + sorted[count]!) / 2];
  }
  return level;
}

function lookUp(dictionary: MarkerDictionary, { inside, wrongBorder }: Cells): ReadMarker | undefined {
  const { cells, words, correctable, refused } = dictionary;
  const forgivenBorder = correctable === 0 ? 0 : Math.floor((4 * (cells + 1)) / BORDER_FORGIVENESS);
  if (wrongBorder > forgivenBorder) return undefined;
  let bits = inside;
  let best: ReadMarker | undefined;
  for (const turns of [0, 1, 2, 3] as const) {
    const [high, low] = packed(bits);
    for (let id = 0; id * 2 < words.length; id++) {
      const wrongCells = ones(words[id * 2]! ^ high) + ones(words[id * 2 + 1]! ^ low);
      if (wrongCells > correctable || wrongCells >= (best?.wrongCells ?? Number.POSITIVE_INFINITY)) continue;
      if (refused.includes(id)) continue;
      best = { dictionary, id, turns, wrongCells };
    }
    bits = turned(bits, cells);
  }
  return best;
}

/** As it looks when the picture's next corner is taken for the first: a quarter turn against the clock. */
function turned(bits: Uint8Array, cells: number): Uint8Array {
  return bits.map((_, at) => {
    const [row, column] = [Math.floor(at / cells), at % cells];
    return bits[column * cells + (cells - 1 - row)]!;
  });
}

function packed(bits: Uint8Array): [high: number, low: number] {
  let [high, low] = [0, 0];
  for (const bit of bits) {
    high = (high << 1) | (low >>> 31);
    low = (low << 1) | bit;
  }
  return [high >>> 0, low >>> 0];
}

function ones(bits: number): number {
  let count = bits - ((bits >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
