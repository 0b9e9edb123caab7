import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { slantedCrop } from "./slanted-crop.ts";

/** Every pixel tells its place. */
function places(width: number, height: number) {
  const pixels = Array.from({ length: width * height }, (_, at) => [at % width, Math.floor(at / width), 7]).flat();
  return { width, height, rgb: Buffer.from(pixels) };
}

const at = (cut: ReturnType<typeof slantedCrop>, x: number, y: number) =>
  cut === undefined ? undefined : [...cut.rgb.subarray((y * cut.width + x) * 3, (y * cut.width + x) * 3 + 2)];

describe("a slanted cut", () => {
  test("of an upright rectangle is the pixels as they are", () => {
    const cut = slantedCrop(places(40, 30), [5, 4, 25, 4, 25, 14, 5, 14]);
    expect([cut?.width, cut?.height]).toEqual([20, 10]);
    for (let y = 0; y < 10; y++) for (let x = 0; x < 20; x++) expect(at(cut, x, y)).toEqual([5 + x, 4 + y]);
  });

  test("of what stands upright is turned against the clock", () => {
    const cut = slantedCrop(places(40, 30), [5, 4, 13, 4, 13, 24, 5, 24]);
    expect([cut?.width, cut?.height]).toEqual([20, 8]);
    // What was on the right is on top now, and what was on top is on the left.
    expect(at(cut, 0, 0)).toEqual([12, 4]);
    expect(at(cut, 19, 0)).toEqual([12, 23]);
    expect(at(cut, 0, 7)).toEqual([5, 4]);
  });

  test("of a projected plane maps each corner and the crossing of the diagonals where they belong", () => {
    const quad = [20, 10, 180, 40, 150, 120, 40, 90] as const;
    const cut = slantedCrop(places(200, 140), quad);
    const { width = 0, height = 0 } = cut ?? {};
    const near = (found: number[] | undefined, x: number, y: number) => {
      expect(Math.abs((found?.[0] ?? -99) - x)).toBeLessThan(2);
      expect(Math.abs((found?.[1] ?? -99) - y)).toBeLessThan(2);
    };
    near(at(cut, 0, 0), 20, 10);
    near(at(cut, width - 1, 0), 180, 40);
    near(at(cut, width - 1, height - 1), 150, 120);
    near(at(cut, 0, height - 1), 40, 90);
    const [x1, y1, x2, y2, x3, y3, x4, y4] = quad;
    const share = ((x2 - x1) * (y4 - y2) - (y2 - y1) * (x4 - x2)) / ((x3 - x1) * (y4 - y2) - (y3 - y1) * (x4 - x2));
    near(at(cut, Math.floor(width / 2), Math.floor(height / 2)), x1 + share * (x3 - x1), y1 + share * (y3 - y1));
  });

  test("goes on with the outermost pixels beyond the picture", () => {
    const cut = slantedCrop(places(40, 30), [-10, -5, 10, -5, 10, 5, -10, 5]);
    expect(at(cut, 0, 0)).toEqual([0, 0]);
    expect(at(cut, 19, 9)).toEqual([9, 4]);
  });

  test("of what has no area is none", () => {
    const picture = places(40, 30);
    expect(slantedCrop(picture, [5, 5, 5, 5, 5, 5, 5, 5])).toBeUndefined();
    expect(slantedCrop(picture, [0, 0, 10, 10, 20, 20, 30, 30])).toBeUndefined();
    expect(slantedCrop(picture, [Number.NaN, 0, 10, 0, 10, 10, 0, 10])).toBeUndefined();
  });

  test("of any four corners is a picture or none, never more", () => {
    const picture = places(40, 30);
    const corner = fc.double({ min: -60, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(corner, corner, corner, corner, corner, corner, corner, corner), (quad) => {
        const cut = slantedCrop(picture, quad);
        if (cut !== undefined) expect(cut.rgb).toHaveLength(cut.width * cut.height * 3);
      }),
    );
  });
});
