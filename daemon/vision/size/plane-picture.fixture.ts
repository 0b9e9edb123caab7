import { type Homography, homographyBetween, inverse, type Point, type Quad } from "./geometry.ts";
import type { GreyPicture } from "./grey.ts";
import { cellIsWhite, MARKER_DICTIONARIES, type MarkerDictionaryName } from "./markers/dictionaries.ts";
import type { Random } from "./random.ts";

/** Brightness of a plane at a place in millimetres, 0 to 255; undefined: the ground shows. */
export type Paint = (x: number, y: number) => number | undefined;

/** A pinhole camera above a plane. */
export interface View {
  readonly width: number;
  readonly height: number;
  /** Place in the plane that the picture's middle shows, mm. */
  readonly target: Point;
  /** From the target, mm. */
  readonly distance: number;
  /** Between the line of sight and the plane's normal, and the direction from which it is tilted, radians. */
  readonly tilt: number;
  readonly azimuth: number;
  /** About the line of sight, radians. */
  readonly roll: number;
  /** Focal length in pixels. */
  readonly focal: number;
}

/** The plane's millimetres to pixels. */
export function viewOf({ width, height, target, distance, tilt, azimuth, roll, focal }: View): Homography {
  const see = (point: Point): Point => {
    const [east, north] = [point[0] - target[0], point[1] - target[1]];
    const along = east * Math.cos(azimuth) + north * Math.sin(azimuth);
    const across = -east * Math.sin(azimuth) + north * Math.cos(azimuth);
    const depth = distance + along * Math.sin(tilt);
    const [u, v] = [(focal * along * Math.cos(tilt)) / depth, (focal * across) / depth];
    const turn = roll + azimuth;
    return [width / 2 + u * Math.cos(turn) - v * Math.sin(turn), height / 2 + u * Math.sin(turn) + v * Math.cos(turn)];
  };
  const reach = distance / 8;
  const square: Quad = [
    [target[0] - reach, target[1] - reach],
    [target[0] + reach, target[1] - reach],
    [target[0] + reach, target[1] + reach],
    [target[0] - reach, target[1] + reach],
  ];
  return must(homographyBetween(square, square.map(see)));
}

export function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the scene is impossible");
  return value;
}

/** A marker with its white margin of one cell; the black square's top left corner stands at `at`, turned by `turn` about it. */
export function markerPaint(name: MarkerDictionaryName, id: number, sideMm: number, at: Point, turn = 0): Paint {
  const dictionary = must(MARKER_DICTIONARIES.find((one) => one.name === name));
  const side = dictionary.cells + 2;
  const [along, across] = [(Math.cos(turn) * side) / sideMm, (Math.sin(turn) * side) / sideMm];
  return (x, y) => {
    const column = Math.floor((x - at[0]) * along + (y - at[1]) * across);
    const row = Math.floor((y - at[1]) * along - (x - at[0]) * across);
    if (column < -1 || row < -1 || column > side || row > side) return undefined;
    if (column < 0 || row < 0 || column === side || row === side) return 235;
    if (column === 0 || row === 0 || column === side - 1 || row === side - 1) return 25;
    return cellIsWhite(dictionary, id, row - 1, column - 1) ? 235 : 25;
  };
}

/** Corners of such a marker in the plane, from its own top left. */
export function markerCorners(sideMm: number, [x, y]: Point, turn = 0): Quad {
  const place = (along: number, down: number): Point => [
    x + along * Math.cos(turn) - down * Math.sin(turn),
    y + along * Math.sin(turn) + down * Math.cos(turn),
  ];
  return [place(0, 0), place(sideMm, 0), place(sideMm, sideMm), place(0, sideMm)];
}

export interface Weather {
  /** Standard deviation of the blur, pixels, and of the noise, grey levels. */
  readonly blurPx: number;
  readonly noise: number;
  /** Light falls off by this share from one side of the picture to the other. */
  readonly slant: number;
  /** Everything right of this column lies in shade; a share of the light is left there. */
  readonly shade?: { readonly fromX: number; readonly left: number };
}

/** Renders planes painted in this order (the first that paints a place wins) on a grey ground. Nine rays a pixel. */
export function renderPlane(
  { width, height }: { readonly width: number; readonly height: number },
  toPixels: Homography,
  paints: readonly Paint[],
  { blurPx, noise, slant, shade }: Weather,
  random: Random,
): GreyPicture {
  const toPlane = must(inverse(toPixels));
  const [h0 = 0, h1 = 0, h2 = 0, h3 = 0, h4 = 0, h5 = 0, h6 = 0, h7 = 0, h8 = 1] = toPlane;
  const light = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const level = (ray: number) => {
        const x = column + ((ray % 3) + 0.5) / 3;
        const y = row + (Math.floor(ray / 3) + 0.5) / 3;
        const w = h6 * x + h7 * y + h8;
        return levelAt(paints, (h0 * x + h1 * y + h2) / w, (h3 * x + h4 * y + h5) / w);
      };
      // Where two corners show the ground alone, so does the rest; nothing painted here is smaller than a pixel.
      const [first, last] = [level(0), level(8)];
      let mean = GROUND;
      if (first !== undefined || last !== undefined) {
        mean = (first ?? GROUND) + (last ?? GROUND);
        for (let ray = 1; ray < 8; ray++) mean += level(ray) ?? GROUND;
        mean /= 9;
      }
      const shaded = shade !== undefined && column >= shade.fromX ? shade.left : 1;
      light[row * width + column] = mean * (1 - (slant * column) / width) * shaded;
    }
  }
  const blurred = blurPx > 0 ? blur(blur(light, width, height, blurPx, 1), width, height, blurPx, width) : light;
  const pixels = Uint8Array.from(blurred, (level) =>
    Math.round(Math.min(255, Math.max(0, level + noise * random.normal()))),
  );
  return { width, height, pixels };
}

const GROUND = 130;

function levelAt(paints: readonly Paint[], x: number, y: number): number | undefined {
  for (const paint of paints) {
    const level = paint(x, y);
    if (level !== undefined) return level;
  }
  return undefined;
}

function blur(light: Float32Array, width: number, height: number, sigma: number, stride: number): Float32Array {
  const reach = Math.ceil(sigma * 3);
  const kernel = Float32Array.from({ length: 2 * reach + 1 }, (_, at) =>
    Math.exp(-((at - reach) ** 2) / (2 * sigma ** 2)),
  );
  const whole = kernel.reduce((sum, weight) => sum + weight, 0);
  const last = stride === 1 ? width - 1 : height - 1;
  return light.map((_, at) => {
    const place = stride === 1 ? at % width : Math.floor(at / width);
    let sum = 0;
    for (let step = -reach; step <= reach; step++) {
      const neighbour = Math.min(last, Math.max(0, place + step));
      sum += kernel[step + reach]! * light[at + (neighbour - place) * stride]!;
    }
    return sum / whole;
  });
}
