import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { type Homography, type Point, project } from "../geometry.ts";
import type { GreyPicture } from "../grey.ts";
import {
  markerCorners,
  markerPaint,
  must,
  type Paint,
  renderPlane,
  type View,
  viewOf,
} from "../plane-picture.fixture.ts";
import { type Random, seededRandom } from "../random.ts";
import { cellIsWhite, MARKER_DICTIONARIES } from "./dictionaries.ts";
import { detectMarkers, type Marker } from "./markers.ts";

const PHOTOS = join(import.meta.dirname, "../../../../../shared/data");
const CALM = { blurPx: 0.7, noise: 3, slant: 0.2 };
const SIDE_MM = 50;

interface Case {
  readonly picture: GreyPicture;
  readonly name: string;
  readonly id: number;
  readonly corners: readonly Point[];
}

function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.uniform();
}

function randomView(random: Random): View {
  return {
    width: 300,
    height: 240,
    target: [between(random, -10, 10), between(random, -10, 10)],
    distance: 400,
    tilt: between(random, 0, 0.95),
    azimuth: between(random, 0, 2 * Math.PI),
    roll: between(random, 0, 2 * Math.PI),
    focal: between(random, 420, 1100),
  };
}

/** One marker in random pose, light, blur and noise. */
function randomCase(seed: number): Case {
  const random = seededRandom(seed);
  const dictionary = must(MARKER_DICTIONARIES[seed % MARKER_DICTIONARIES.length]);
  const ids = Array.from({ length: dictionary.words.length / 2 }, (_, id) => id).filter(
    (id) => !dictionary.refused.includes(id),
  );
  const id = must(ids[Math.floor(random.uniform() * ids.length)]);
  const turn = between(random, 0, 2 * Math.PI);
  // The marker's middle stands at the plane's origin.
  const at: Point = [-25 * (Math.cos(turn) - Math.sin(turn)), -25 * (Math.sin(turn) + Math.cos(turn))];
  const view = randomView(random);
  const toPixels = viewOf(view);
  const weather = { blurPx: between(random, 0.3, 1.5), noise: between(random, 0, 10), slant: between(random, 0, 0.6) };
  const picture = renderPlane(view, toPixels, [markerPaint(dictionary.name, id, SIDE_MM, at, turn)], weather, random);
  const corners = markerCorners(SIDE_MM, at, turn).map(([x, y]) => project(toPixels, x, y));
  return { picture, name: dictionary.name, id, corners };
}

/** A frontal 36h11 marker of 110 px with something painted over it, cell by cell. */
function spoilt(over: Paint, id = 77): GreyPicture {
  const marker = markerPaint("apriltag-36h11", id, SIDE_MM, [0, 0]);
  return renderPlane({ width: 220, height: 220 }, FRONTAL, [over, marker], CALM, seededRandom(5));
}

/** 2.2 pixels a millimetre, the origin at 55, 55. */
const FRONTAL: Homography = Float64Array.of(2.2, 0, 55, 0, 2.2, 55, 0, 0, 1);
const CELL_MM = SIDE_MM / 8;

function overCells(cells: readonly (readonly [row: number, column: number])[], id = 77): Paint {
  const dictionary = must(MARKER_DICTIONARIES.find(({ name }) => name === "apriltag-36h11"));
  return (x, y) => {
    const cell = cells.find(
      ([row, column]) => Math.floor(x / CELL_MM) - 1 === column && Math.floor(y / CELL_MM) - 1 === row,
    );
    if (cell === undefined) return undefined;
    return cellIsWhite(dictionary, id, ...cell) ? 25 : 235;
  };
}

const named = ({ dictionary, id }: Marker) => `${dictionary} ${id}`;

describe("markers in rendered pictures", () => {
  it("are found with their corners, in any pose, slanting light, blur and noise, and never called by another id", () => {
    const errors: number[] = [];
    let [found, strangers] = [0, 0];
    const cases = 210;
    for (let seed = 0; seed < cases; seed++) {
      const { picture, name, id, corners } = randomCase(seed);
      for (const marker of detectMarkers(picture)) {
        if (named(marker) !== `${name} ${id}`) {
          strangers++;
          continue;
        }
        found++;
        // In the marker's own order: a turned marker has turned corners.
        errors.push(...marker.corners.map(([x, y], at) => Math.hypot(x - corners[at]![0], y - corners[at]![1])));
      }
    }
    errors.sort((a, b) => a - b);
    expect(strangers).toBe(0);
    expect(found).toBeGreaterThanOrEqual(0.95 * cases);
    expect(found).toBeLessThanOrEqual(cases);
    expect(errors[errors.length >> 1]).toBeLessThan(0.15);
    expect(errors[Math.floor(errors.length * 0.95)]).toBeLessThan(0.6);
  }, 120_000);

  it("say how sure their corners are", () => {
    const ratios: number[] = [];
    for (let seed = 1000; seed < 1049; seed++) {
      const { picture, corners } = randomCase(seed);
      const marker = detectMarkers(picture)[0];
      if (marker === undefined) continue;
      for (const [at, [x, y]] of marker.corners.entries())
        ratios.push(Math.hypot(x - corners[at]![0], y - corners[at]![1]) / marker.sigmaPx);
    }
    ratios.sort((a, b) => a - b);
    // Of two normal coordinates 99 % lie within 3.03 standard deviations; neither far too sure nor far too modest.
    expect(ratios[Math.floor(ratios.length * 0.95)]).toBeLessThan(3.03);
    expect(ratios[ratios.length >> 1]).toBeGreaterThan(0.2);
  }, 60_000);

  it("are found large as well as small", () => {
    for (const pixelsPerMm of [0.5, 1, 4, 14]) {
      const toPixels = Float64Array.of(pixelsPerMm, 0, 40, 0, pixelsPerMm, 40, 0, 0, 1);
      const size = Math.ceil(SIDE_MM * pixelsPerMm) + 80;
      const paint = markerPaint("aruco-4x4-50", 7, SIDE_MM, [0, 0]);
      const picture = renderPlane({ width: size, height: size }, toPixels, [paint], CALM, seededRandom(3));
      expect(detectMarkers(picture).map(named)).toEqual(["aruco-4x4-50 7"]);
    }
  });

  it("are found several at a time, the largest first", () => {
    const paints = [
      markerPaint("apriltag-36h11", 1, 30, [0, 0]),
      markerPaint("aruco-6x6-250", 2, 45, [60, 0], 0.3),
      markerPaint("aruco-5x5-100", 3, 25, [0, 60], -0.2),
    ];
    const picture = renderPlane({ width: 360, height: 300 }, FRONTAL, paints, CALM, seededRandom(1));
    expect(detectMarkers(picture).map(named)).toEqual(["aruco-6x6-250 2", "apriltag-36h11 1", "aruco-5x5-100 3"]);
  });
});

describe("a marker that is partly covered", () => {
  it("is read with up to three wrong cells, and not at all with more", () => {
    const cells = [
      [0, 0],
      [2, 3],
      [4, 1],
      [5, 5],
      [1, 4],
    ] as const;
    for (const wrong of [0, 1, 2, 3])
      expect(detectMarkers(spoilt(overCells(cells.slice(0, wrong))))).toMatchObject([
        { id: 77, dictionary: "apriltag-36h11", wrongCells: wrong },
      ]);
    expect(detectMarkers(spoilt(overCells(cells)))).toEqual([]);
  });

  it("is read with a bite out of its border, and its corners stay where they are", () => {
    const bite: Paint = (x, y) => (Math.hypot(x - 27, y) < 4 ? 200 : undefined);
    const [marker, ...others] = detectMarkers(spoilt(bite));
    expect(others).toEqual([]);
    for (const [at, [x, y]] of must(marker).corners.entries()) {
      const [wantedX, wantedY] = markerCorners(SIDE_MM, [0, 0]).map((corner) => project(FRONTAL, ...corner))[at]!;
      expect(Math.hypot(x - wantedX, y - wantedY)).toBeLessThan(0.4);
    }
  });
});

describe("what is no marker", () => {
  const none = (paint: Paint) =>
    detectMarkers(renderPlane({ width: 220, height: 220 }, FRONTAL, [paint], CALM, seededRandom(9)));
  const marker = markerPaint("apriltag-36h11", 77, SIDE_MM, [0, 0]);

  it("white on black, and in the mirror", () => {
    expect(none((x, y) => 260 - (marker(x, y) ?? 130))).toEqual([]);
    expect(none((x, y) => marker(SIDE_MM - x, y))).toEqual([]);
  });

  it("without light ground around it", () => {
    expect(none((x, y) => (x < 0 || y < 0 || x > SIDE_MM || y > SIDE_MM ? 25 : marker(x, y)))).toEqual([]);
  });

  it("stripes, chequers, a black square, a window", () => {
    expect(none((x, y) => (Math.sin(x * 0.9) > 0 ? 220 : 20) + y * 0)).toEqual([]);
    expect(none((x, y) => ((Math.floor(x / CELL_MM) + Math.floor(y / CELL_MM)) % 2 === 0 ? 220 : 20))).toEqual([]);
    expect(none((x, y) => (x > 0 && y > 0 && x < 50 && y < 50 ? 20 : 220))).toEqual([]);
    expect(
      none((x, y) => (Math.max(Math.abs(x - 25), Math.abs(y - 25)) < 25 && Math.hypot(x - 25, y - 25) > 18 ? 20 : 220)),
    ).toEqual([]);
  });

  it("any bytes of any size, which do no harm either", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 70 }), fc.integer({ min: 0, max: 70 }), fc.nat(), (width, height, seed) => {
        const random = seededRandom(seed);
        const pixels = Uint8Array.from({ length: width * height }, () => random.uniform() * 256);
        expect(detectMarkers({ width, height, pixels })).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it.skipIf(!existsSync(PHOTOS))(
    "ordinary photos of cars and streets (skipped without the development data)",
    async () => {
      const folders = ["plates/valid", "damage/valid"].map((folder) => join(PHOTOS, folder));
      const files = folders.flatMap((folder) =>
        readdirSync(folder)
          .filter((name) => name.endsWith(".jpg"))
          .map((name) => join(folder, name)),
      );
      const wrong: string[] = [];
      for (const file of files.filter((_, index) => index % 5 === 0)) {
        const { data, info } = await sharp(file).greyscale().raw().toBuffer({ resolveWithObject: true });
        const markers = detectMarkers({ width: info.width, height: info.height, pixels: data });
        wrong.push(...markers.map((one) => `${file}: ${named(one)}`));
      }
      expect(files.length).toBeGreaterThan(300);
      expect(wrong).toEqual([]);
    },
    120_000,
  );
});

describe("the dictionaries", () => {
  it.each(MARKER_DICTIONARIES)(
    "$name forgives less than half the distance between its words",
    ({ cells, words, correctable }) => {
      const asBits = (id: number) => (BigInt(words[id * 2]!) << 32n) | BigInt(words[id * 2 + 1]!);
      const all = Array.from({ length: words.length / 2 }, (_, id) => asBits(id));
      expect(new Set(all).size).toBe(all.length);
      expect(all.every((word) => word < 1n << BigInt(cells * cells))).toBe(true);
      if (correctable === 0) return;
      let least = cells * cells;
      for (const [id, word] of all.entries()) {
        let turned = word;
        for (let turns = 0; turns < 4; turns++) {
          for (let other = turns === 0 ? id + 1 : id; other < all.length; other++)
            least = Math.min(least, onesOf(turned ^ all[other]!));
          turned = quarterTurn(turned, cells);
        }
      }
      expect(2 * correctable).toBeLessThan(least);
    },
  );
});

function onesOf(bits: bigint): number {
  let count = 0;
  for (let rest = bits; rest > 0n; rest &= rest - 1n) count++;
  return count;
}

function quarterTurn(word: bigint, cells: number): bigint {
  let turned = 0n;
  for (let row = 0; row < cells; row++)
    for (let column = 0; column < cells; column++)
      turned = (turned << 1n) | ((word >> BigInt(cells * cells - 1 - (column * cells + cells - 1 - row))) & 1n);
  return turned;
}
