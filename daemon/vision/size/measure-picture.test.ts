import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../contract/errors.ts";
import { type Point, project } from "./geometry.ts";
import { isDamaged, maskOf, type PixelBox } from "./mask.ts";
import { type MeasureRequest, measurePicture } from "./measure-picture.ts";
import { markerCorners, markerPaint, must, renderPlane, viewOf } from "./plane-picture.fixture.ts";
import { seededRandom } from "./random.ts";
import { plateReference } from "./references/plate.ts";
import { randomScratch } from "./scratch.fixture.ts";

const MODELS = join(import.meta.dirname, "../../../models");
const BUNDLES = { damage: join(MODELS, "damage"), plate: join(MODELS, "plate") };
const PHOTOS = join(import.meta.dirname, "../../../../shared/data/damage/valid");
const [WIDTH, HEIGHT] = [640, 480];

/** Cells a millimetre in which the scratch is painted. */
const FINE = 8;

/** A photo of a panel with a scratch and a marker card of 50 mm; what the truth is; the scratch's outline as a hand would draw it. */
function panel(seed: number) {
  const random = seededRandom(seed);
  const view = {
    width: WIDTH,
    height: HEIGHT,
    target: [60, 50] as const,
    distance: 480,
    tilt: 0.2 + 0.5 * random.uniform(),
    azimuth: 6 * random.uniform(),
    roll: 6 * random.uniform(),
    focal: 800,
  };
  const toPixels = viewOf(view);
  const scratch = randomScratch("curved", random, [80, 80]);
  const outline = must(scratch.outlines[0]);
  const painted = maskOf([outline.map(([x, y]): Point => [x * FINE, y * FINE])], [-9999, -9999, 19_999, 19_999]);
  const picture = renderPlane(
    view,
    toPixels,
    [
      markerPaint("aruco-5x5-100", 12, 50, [0, -10]),
      (x, y) => (isDamaged(painted, x * FINE, y * FINE) ? 60 : undefined),
    ],
    { blurPx: 0.8, noise: 4, slant: 0.3 },
    random,
  );
  const inPicture = outline.map(([x, y]): Point => project(toPixels, x, y));
  return { picture, toPixels, scratch, outline: inPicture };
}

const asFile = (pixels: Uint8Array, width = WIDTH, height = HEIGHT) =>
  sharp(Buffer.from(pixels), { raw: { width, height, channels: 1 } }).toColourspace("srgb");

const WHOLE: PixelBox = [0, 0, WIDTH, HEIGHT];
const { picture, toPixels, outline } = panel(4);
const jpeg = await asFile(picture.pixels).jpeg({ quality: 92 }).toBuffer();
const request: MeasureRequest = { bytes: jpeg, box: WHOLE, outline, bundles: BUNDLES, markerMm: 50 };

async function codeOf(given: Partial<MeasureRequest>): Promise<string> {
  try {
    return (await measurePicture({ ...request, ...given })).decision;
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
}

/** The four floor marks of a camera that sees the panel's plane. */
function cameraPlane(stretch = 1): NonNullable<MeasureRequest["camera"]> {
  const marks = markerCorners(110, [5, 0]);
  return {
    name: "bay-1-north",
    plane: {
      offPlane: 0.1,
      points: marks.map(([x, y]) => {
        const [u, v] = project(toPixels, x, y);
        return { at: [u / WIDTH, v / HEIGHT], metres: [(stretch * x) / 1000, (stretch * y) / 1000] };
      }),
    },
  };
}

describe("measuring in a photo", () => {
  it("finds the marker card by itself and says how long the scratch is", async () => {
    for (const seed of [4, 5, 6]) {
      const one = panel(seed);
      const bytes = await asFile(one.picture.pixels).jpeg({ quality: 92 }).toBuffer();
      const report = await measurePicture({ ...request, bytes, outline: one.outline, box: [-500, -500, 2000, 2000] });
      expect(report).toMatchObject({ decision: "one-method", agreement: null, width: WIDTH, height: HEIGHT });
      const { lower, upper, value } = must(report.size ?? undefined).lengthCm;
      const cm = one.scratch.lengthMm / 10;
      // What of the scratch lies outside the photo cannot be measured, and that is said.
      if (report.region.cutOff) expect(value).toBeLessThan(cm);
      else {
        expect(lower).toBeLessThan(cm);
        expect(upper).toBeGreaterThan(cm);
      }
      expect(report.markers).toMatchObject([{ dictionary: "aruco-5x5-100", id: 12 }]);
    }
  }, 60_000);

  it("follows EXIF orientation: the box and the outline are those of the upright picture", async () => {
    // Stored lying on its side, marked as to be turned by a quarter.
    const stored = await sharp(await asFile(picture.pixels).png().toBuffer())
      .rotate(270)
      .jpeg({ quality: 95 })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const turned = await measurePicture({ ...request, bytes: stored });
    const upright = await measurePicture(request);
    expect(turned).toMatchObject({ width: WIDTH, height: HEIGHT });
    const [a, b] = [must(turned.size ?? undefined).lengthCm.value, must(upright.size ?? undefined).lengthCm.value];
    expect(Math.abs(a - b) / b).toBeLessThan(0.01);
  });

  it("agrees with the camera's own plane, or leaves it to a person", async () => {
    const agreed = await measurePicture({ ...request, camera: cameraPlane() });
    expect(agreed).toMatchObject({ decision: "agreed", agreement: { methods: ["marker", "camera"], agree: true } });
    expect(agreed.estimates.map(({ method }) => method)).toEqual(["marker", "camera"]);
    const differing = await measurePicture({ ...request, camera: cameraPlane(1.3) });
    expect(differing).toMatchObject({ decision: "person", reason: "methods-differ", size: null });
    expect(differing.estimates).toHaveLength(2);
  });

  it("by the camera's plane alone, and by a part of known size alone, the interval is wider", async () => {
    const spread = async (given: Partial<MeasureRequest>) => {
      const { markerMm: _, ...without } = request;
      const { estimates, unused } = await measurePicture({ ...without, ...given });
      const { lower, upper, value } = must(estimates[0]).lengthCm;
      return { spread: (upper - lower) / value, unused };
    };
    const byCard = await spread({ markerMm: 50 });
    const byCamera = await spread({ camera: cameraPlane() });
    const byPart = await spread({ part: { box: [100, 100, 150, 60], sizeMm: [100] } });
    expect(byCard.unused).toEqual([]);
    expect(byCamera.unused).toEqual([{ method: "marker", why: "size-unknown" }]);
    expect(byCamera.spread).toBeGreaterThan(byCard.spread);
    expect(byPart.spread).toBeGreaterThan(byCamera.spread);
  });

  it("without anything of known size says no size, and what was there", async () => {
    const { markerMm: _, ...without } = request;
    await expect(measurePicture(without)).rejects.toMatchObject({
      code: "SIZE_NO_REFERENCE",
      details: { unused: [{ method: "marker", why: "size-unknown" }] },
    });
    const empty = await sharp({ create: { width: 400, height: 300, channels: 3, background: "#777" } })
      .png()
      .toBuffer();
    await expect(measurePicture({ ...request, bytes: empty, box: [0, 0, 400, 300] })).rejects.toMatchObject({
      code: "SIZE_NO_REFERENCE",
      details: { unused: [{ method: "marker", why: "not-in-picture" }] },
    });
  });

  it("refuses boxes that hold nothing", async () => {
    for (const box of [
      [10, 10, 0, 50],
      [10, 10, 50, -5],
      [WIDTH, 0, 10, 10],
      [-50, 10, 50, 10],
      [10, 10, 0.2, 10],
      [Number.NaN, 0, 10, 10],
    ] as const)
      expect(await codeOf({ box })).toBe("SIZE_BOX_INVALID");
    expect(await codeOf({ part: { box: [5000, 0, 10, 10], sizeMm: [50] } })).toBe("SIZE_BOX_INVALID");
  });

  it("refuses pictures that are none, and says no damage where none is", async () => {
    expect(await codeOf({ bytes: Buffer.from("no picture") })).toBe("PICTURE_NOT_AN_IMAGE");
    expect(await codeOf({ bytes: Buffer.alloc(0) })).toBe("PICTURE_NOT_AN_IMAGE");
    expect(await codeOf({ bytes: jpeg.subarray(0, jpeg.length >> 1) })).toMatch(/^PICTURE_/);
    // The outline lies elsewhere than the box.
    expect(await codeOf({ box: [0, 0, 3, 3] })).toBe("SIZE_NO_DAMAGE");
    // No outline, and the model sees nothing in the card's own corner.
    const { outline: _, ...byModel } = request;
    await expect(measurePicture({ ...byModel, box: [2, 2, 40, 40] })).rejects.toMatchObject({ code: "SIZE_NO_DAMAGE" });
  }, 60_000);

  it.skipIf(!existsSync(PHOTOS))(
    "takes the damage model's outline on a real photo (skipped without the development data)",
    async () => {
      // A tyre-sized area of a broken bumper fills this photo; it holds nothing of known size, so a part is named.
      const file = join(PHOTOS, "000583_jpg.rf.9e85dcee36998f7d241843cf931582aa.jpg");
      const bytes = await readFile(file);
      const { markerMm: _, outline: __, ...byModel } = request;
      const box: PixelBox = [0, 0, 640, 640];
      const report = await measurePicture({ ...byModel, bytes, box, part: { box: [0, 0, 640, 640], sizeMm: [800] } });
      expect(report.region.source).toBe("model");
      expect(report.region.label).toMatch(/^[a-z-]+$/);
      const { areaCm2 } = must(report.estimates[0]);
      expect(areaCm2.value).toBeGreaterThan(1);
      expect(areaCm2.value).toBeLessThan(6400);
    },
    60_000,
  );
});

describe("number plates", () => {
  /** A car's end with a plate in perspective, in colours. */
  async function plate(sizeMm: readonly [number, number], ground: string, characters: string) {
    const random = seededRandom(2);
    const view = {
      width: 500,
      height: 320,
      target: [sizeMm[0] / 2, sizeMm[1] / 2] as const,
      distance: 1500,
      tilt: 0.35,
      azimuth: 2,
      roll: 0.1,
      focal: 1100,
    };
    const map = viewOf(view);
    const level = (of: (inside: boolean, letter: boolean) => number) =>
      renderPlane(
        view,
        map,
        [
          (x, y) => {
            const inside = x > 0 && y > 0 && x < sizeMm[0] && y < sizeMm[1];
            const letter = inside && y > 30 && y < sizeMm[1] - 30 && x > 20 && x < sizeMm[0] - 20 && x % 60 < 28;
            return of(inside, letter);
          },
        ],
        { blurPx: 0.8, noise: 2, slant: 0.1 },
        random,
      ).pixels;
    const channel = (hex: string, at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
    const planes = [1, 3, 5].map((at) =>
      level((inside, letter) =>
        letter ? channel(characters, at) : inside ? channel(ground, at) : channel("#3c3838", at),
      ),
    );
    const rgb = Buffer.alloc(view.width * view.height * 3);
    for (const [index, levels] of planes.entries())
      for (const [at, value] of levels.entries()) rgb[at * 3 + index] = value;
    const corners = [[0, 0], [sizeMm[0], 0], [...sizeMm], [0, sizeMm[1]]].map(([x, y]) => project(map, x!, y!));
    const xs = corners.map(([x]) => x);
    const ys = corners.map(([, y]) => y);
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    const box: PixelBox = [left - 3, top + 2, Math.max(...xs) - left + 5, Math.max(...ys) - top - 1];
    return { picture: { width: view.width, height: view.height, rgb }, box, corners };
  }

  it.each([
    ["cn", [440, 140], "#1b3f9e", "#f0f0f0", "CN blue 440 × 140 mm"],
    ["cn", [480, 140], "#9fdcb0", "#101010", "CN new energy 480 × 140 mm"],
    ["eu", [520, 110], "#e8e8e4", "#101010", "EU 520 × 110 mm"],
    ["jp", [330, 165], "#efefe8", "#1a5a30", "JP 330 × 165 mm"],
  ] as const)(
    "of %s, %j, are found by their corners and measure by their size",
    async (region, size, ground, characters, name) => {
      const { picture: photo, box, corners } = await plate(size, ground, characters);
      const reference = must(plateReference(photo, box, region));
      expect(reference.name).toBe(name);
      for (const [at, [x, y]] of reference.picture.entries())
        expect(Math.hypot(x - corners[at]![0], y - corners[at]![1])).toBeLessThan(1.5);
    },
  );

  it("of another shape than the region's, or no plate at all, measure nothing", async () => {
    const { picture: photo, box } = await plate([330, 165], "#efefe8", "#1a5a30");
    expect(plateReference(photo, box, "eu")).toBeUndefined();
    expect(plateReference(photo, box, "cn")).toBeUndefined();
    expect(plateReference(photo, [0, 0, 60, 30], "jp")).toBeUndefined();
  });
});
