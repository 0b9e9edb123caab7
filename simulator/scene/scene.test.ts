import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { type RelativeBox, renderFrame, type SceneDescription, type TechnicianDescription } from "./index.ts";
import { PROVINCES, plateInk } from "./plate.ts";
import { randomScenes } from "./random-scene.ts";

const EMPTY: SceneDescription = {
  bay: {
    seed: 3,
    floor: "#8b8d8c",
    wall: "#c9ccc6",
    marking: "#d9b32a",
    lift: "two-post",
    liftColour: "#1f5fae",
    clutter: 0.4,
  },
  camera: { viewpoint: "front-left" },
  gateOpen: true,
  cars: [],
  technicians: [],
  liftHeightM: 0,
  light: { brightness: 1 },
  occluders: [],
  noiseSeed: 1,
  widthPx: 480,
  heightPx: 270,
};

const RED_SEDAN = { pose: 1, body: "sedan", colour: "#b01f24", plate: "京A8Z52K" } as const;
const TECHNICIAN: TechnicianDescription = {
  x: 1.6,
  y: 2.8,
  headingDeg: 200,
  posture: "standing",
  overalls: "#24457d",
};

async function pixelsOf(scene: SceneDescription): Promise<{ data: Buffer; width: number; height: number }> {
  const { jpeg } = await renderFrame(scene);
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** The smallest box around pixels that differ clearly between two pictures of equal size, and how many there are. */
async function difference(a: SceneDescription, b: SceneDescription): Promise<{ box: RelativeBox; pixels: number }> {
  const [first, second] = [await pixelsOf(a), await pixelsOf(b)];
  let [minX, minY, maxX, maxY, pixels] = [first.width, first.height, -1, -1, 0];
  for (let y = 0; y < first.height; y++) {
    for (let x = 0; x < first.width; x++) {
      const o = (y * first.width + x) * 3;
      const change = [0, 1, 2].reduce((sum, k) => sum + Math.abs(first.data[o + k]! - second.data[o + k]!), 0);
      if (change < 110) continue;
      pixels += 1;
      [minX, minY, maxX, maxY] = [Math.min(minX, x), Math.min(minY, y), Math.max(maxX, x), Math.max(maxY, y)];
    }
  }
  const box = [minX / first.width, minY / first.height, (maxX + 1) / first.width, (maxY + 1) / first.height] as const;
  return { box, pixels };
}

function overlap(a: RelativeBox, b: RelativeBox): number {
  const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const area = (box: RelativeBox): number => (box[2] - box[0]) * (box[3] - box[1]);
  return (width * height) / (area(a) + area(b) - width * height);
}

describe("a rendered bay", () => {
  it("is the same picture, byte for byte, for the same scene, also after other scenes were drawn", async () => {
    const scene = { ...EMPTY, cars: [RED_SEDAN], technicians: [TECHNICIAN] };
    const first = await renderFrame(scene);
    await renderFrame({ ...scene, cars: [], noiseSeed: 9 });
    const again = await renderFrame(structuredClone(scene));
    expect(again.jpeg.equals(first.jpeg)).toBe(true);
    expect(again.truth).toEqual(first.truth);
  });

  it("has the size asked for, and 1280×720 when none is asked", async () => {
    const { widthPx: _width, heightPx: _height, ...unsized } = EMPTY;
    const metadata = await sharp((await renderFrame(unsized)).jpeg).metadata();
    expect([metadata.format, metadata.width, metadata.height]).toEqual(["jpeg", 1280, 720]);
    const wide = await pixelsOf({ ...EMPTY, widthPx: 1920, heightPx: 96 });
    expect([wide.width, wide.height]).toEqual([1920, 96]);
  });

  it("refuses picture sizes it cannot draw", async () => {
    for (const widthPx of [0, 63, 1921, 640.5, Number.NaN]) {
      await expect(renderFrame({ ...EMPTY, widthPx })).rejects.toThrow(RangeError);
    }
  });

  it("changes only in noise when only the noise seed changes", async () => {
    const { pixels } = await difference(EMPTY, { ...EMPTY, noiseSeed: 77 });
    expect(pixels).toBe(0);
    const [a, b] = [await renderFrame(EMPTY), await renderFrame({ ...EMPTY, noiseSeed: 77 })];
    expect(a.jpeg.equals(b.jpeg)).toBe(false);
  });

  it("grows darker with the light and shows flicker as bands", async () => {
    const mean = async (scene: SceneDescription): Promise<number> => {
      const { data } = await pixelsOf(scene);
      return data.reduce((sum, value) => sum + value, 0) / data.length;
    };
    const [full, dim] = [await mean(EMPTY), await mean({ ...EMPTY, light: { brightness: 0.4 } })];
    expect(dim).toBeLessThan(full * 0.5);
    expect(await mean({ ...EMPTY, light: { brightness: 1, flicker: 1 } })).toBeLessThan(full * 0.9);
  });
});

describe("the truth of a frame", () => {
  it("boxes the technician where the picture changes when he steps in", async () => {
    const scene = { ...EMPTY, technicians: [TECHNICIAN] };
    const person = (await renderFrame(scene)).truth.objects.find((object) => object.label === "person");
    const seen = await difference(EMPTY, scene);
    expect(overlap(person!.box, seen.box)).toBeGreaterThan(0.75);
    expect(person!.visibility).toBeGreaterThan(0.98);
  });

  it("is empty for an empty bay", async () => {
    expect((await renderFrame(EMPTY)).truth).toMatchObject({ objects: [], plates: [] });
  });

  it("follows the car in: hidden behind a closed gate, then larger and nearer the bay's centre", async () => {
    const bottomOf = async (pose: number, gateOpen = true): Promise<number | undefined> =>
      (await renderFrame({ ...EMPTY, gateOpen, cars: [{ ...RED_SEDAN, pose }] })).truth.objects[0]?.box[3];
    expect(await bottomOf(0, false)).toBeUndefined();
    const bottoms: number[] = [];
    for (const pose of [0, 0.25, 0.5, 0.75, 1]) bottoms.push((await bottomOf(pose)) ?? 0);
    expect(bottoms).toEqual([...bottoms].sort((a, b) => a - b));
  });

  it("tells how much a screen hides of the one behind it", async () => {
    const behind = { ...TECHNICIAN, x: 0, y: -1.5, headingDeg: 90 };
    const free = await renderFrame({ ...EMPTY, technicians: [behind] });
    const screened = await renderFrame({
      ...EMPTY,
      technicians: [behind],
      occluders: [{ kind: "screen", x: -0.55, y: -0.3 }],
    });
    expect(free.truth.objects[0]!.visibility).toBeGreaterThan(0.8);
    const left = screened.truth.objects[0];
    expect(left === undefined || left.visibility < free.truth.objects[0]!.visibility - 0.3).toBe(true);
  });

  it("counts what lies outside the picture as hidden", async () => {
    const near = { ...TECHNICIAN, x: -3.4, y: 4.9 };
    const { objects } = (await renderFrame({ ...EMPTY, technicians: [near] })).truth;
    for (const object of objects) expect(object.visibility).toBeLessThan(0.9);
  });

  it("lifts the car with the lift and leaves a car that is only passing on the floor", async () => {
    const top = async (liftHeightM: number, pose: number): Promise<number> =>
      (await renderFrame({ ...EMPTY, liftHeightM, cars: [{ ...RED_SEDAN, pose }] })).truth.objects[0]!.box[1];
    expect(await top(1.6, 1)).toBeLessThan((await top(0, 1)) - 0.1);
    expect(await top(1.6, 0.5)).toBeCloseTo(await top(0, 0.5), 5);
  });

  it("boxes the plate inside the car, and only when it faces the camera", async () => {
    const { truth } = await renderFrame({ ...EMPTY, cars: [RED_SEDAN] });
    const [plate, car] = [truth.plates[0]!, truth.objects[0]!];
    expect(plate.text).toBe(RED_SEDAN.plate);
    expect(plate.box[0]).toBeGreaterThanOrEqual(car.box[0]);
    expect(plate.box[2]).toBeLessThanOrEqual(car.box[2]);
    expect((plate.box[2] - plate.box[0]) / (car.box[2] - car.box[0])).toBeLessThan(0.35);
    const side = await renderFrame({ ...EMPTY, camera: { viewpoint: "side-left" }, cars: [RED_SEDAN] });
    expect(side.truth.plates).toEqual([]);
  });

  it("stays within the picture and within 0..1 for whatever scene comes", async () => {
    const seeds = fc.sample(fc.integer({ min: 0, max: 100_000 }), { numRuns: 6, seed: 5 });
    for (const seed of seeds) {
      for (const scene of randomScenes(seed, 4, 320, 180)) {
        const { truth } = await renderFrame(scene);
        for (const { box, visibility } of truth.objects) {
          expect(visibility).toBeGreaterThan(0);
          expect(visibility).toBeLessThanOrEqual(1);
          expect(box[0]).toBeGreaterThanOrEqual(0);
          expect(box[1]).toBeGreaterThanOrEqual(0);
          expect(box[2]).toBeLessThanOrEqual(1);
          expect(box[3]).toBeLessThanOrEqual(1);
          expect(box[2]).toBeGreaterThan(box[0]);
          expect(box[3]).toBeGreaterThan(box[1]);
        }
      }
    }
  });
});

describe("a number plate", () => {
  const inkOf = (text: string): number => {
    const ink = plateInk(text);
    let sum = 0;
    for (let y = 0; y < 56; y++) for (let x = 0; x < 176; x++) sum += ink((x + 0.5) / 176, (y + 0.5) / 56);
    return sum;
  };

  it("draws every digit, letter and province differently", () => {
    const characters = [..."0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", ...PROVINCES];
    const drawings = new Set(
      characters.map((character) => {
        const ink = plateInk(character);
        const cells: number[] = [];
        for (let y = 0; y < 56; y++)
          for (let x = 0; x < 40; x++) cells.push(Math.round(ink((x + 0.5) / 176, (y + 0.5) / 56)));
        return cells.join("");
      }),
    );
    expect(drawings.size).toBe(characters.length);
  });

  it("leaves a blank for a character it does not know", () => {
    expect(inkOf("龘")).toBe(inkOf(""));
    expect(inkOf("A")).toBeGreaterThan(inkOf(""));
  });
});
