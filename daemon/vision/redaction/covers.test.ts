import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RelativeBox } from "../detections.ts";
import { COVER_COLOUR, coveredShare, coverFor, headsWithoutFace, paintCovers, scaledCover } from "./covers.ts";
import { RecentCovers } from "./recent-covers.ts";

const size = fc.record({ width: fc.integer({ min: 1, max: 90 }), height: fc.integer({ min: 1, max: 70 }) });
const edge = fc.double({ min: 0, max: 1, noNaN: true });
const box = fc
  .tuple(edge, edge, edge, edge)
  .map(([a, b, c, d]): RelativeBox => [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)]);

/** No pixel has the cover's colour. */
const noise = (width: number, height: number) =>
  Buffer.from(Uint8Array.from({ length: width * height * 3 }, (_, at) => 100 + ((at * 7919) % 151)));

describe("covers", () => {
  test("change every pixel inside to the solid colour, and none outside", () => {
    fc.assert(
      fc.property(size, fc.array(box, { maxLength: 4 }), ({ width, height }, boxes) => {
        const before = noise(width, height);
        const rgb = Buffer.from(before);
        const covers = boxes.map((one) => coverFor(one, width, height));
        paintCovers({ rgb, width }, covers);
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const inside = covers.some((c) => x >= c.left && x < c.right && y >= c.top && y < c.bottom);
            const at = (y * width + x) * 3;
            const wanted = inside ? [...COVER_COLOUR] : [...before.subarray(at, at + 3)];
            if (!rgb.subarray(at, at + 3).equals(Buffer.from(wanted))) return false;
          }
        }
        return true;
      }),
      { numRuns: 60 },
    );
  });

  test("reach beyond the thing by the stated margin, and end on the JPEG block grid or at the picture's edge", () => {
    const cover = coverFor([0.25, 0.5, 0.5, 0.75], 400, 400);
    // 100 × 100 pixels from 100, 200 with 15 % on each side: 85 to 215, 185 to 315; outwards to sixteens.
    expect(cover).toEqual({ left: 80, top: 176, right: 224, bottom: 320 });
    fc.assert(
      fc.property(size, box, ({ width, height }, one) => {
        const { left, top, right, bottom } = coverFor(one, width, height);
        expect(left).toBeLessThanOrEqual(one[0] * width);
        expect(top).toBeLessThanOrEqual(one[1] * height);
        expect(right).toBeGreaterThanOrEqual(one[2] * width);
        expect(bottom).toBeGreaterThanOrEqual(one[3] * height);
        expect([left % 16, top % 16]).toEqual([0, 0]);
        expect([right % 16 === 0 || right === width, bottom % 16 === 0 || bottom === height]).toEqual([true, true]);
      }),
    );
  });

  test("never shrink when the picture does", () => {
    fc.assert(
      fc.property(size, size, box, (from, to, one) => {
        const cover = coverFor(one, from.width, from.height);
        const moved = scaledCover(cover, from, to);
        expect(moved.left / to.width).toBeLessThanOrEqual(cover.left / from.width + 1e-9);
        expect(moved.right / to.width).toBeGreaterThanOrEqual(cover.right / from.width - 1e-9);
        expect(moved.top / to.height).toBeLessThanOrEqual(cover.top / from.height + 1e-9);
        expect(moved.bottom / to.height).toBeGreaterThanOrEqual(cover.bottom / from.height - 1e-9);
      }),
    );
  });

  test("hide the share of a box that counting its pixels gives, however they overlap", () => {
    const cell = fc.record({
      left: fc.integer({ min: 0, max: 19 }),
      top: fc.integer({ min: 0, max: 19 }),
      w: fc.integer({ min: 1, max: 12 }),
      h: fc.integer({ min: 1, max: 12 }),
    });
    const whole = cell.map(({ left, top, w, h }) => ({ left, top, right: left + w, bottom: top + h }));
    fc.assert(
      fc.property(whole, fc.array(whole, { maxLength: 5 }), (thing, covers) => {
        let hidden = 0;
        for (let y = thing.top; y < thing.bottom; y++) {
          for (let x = thing.left; x < thing.right; x++) {
            if (covers.some((c) => x >= c.left && x < c.right && y >= c.top && y < c.bottom)) hidden++;
          }
        }
        const area = (thing.right - thing.left) * (thing.bottom - thing.top);
        const relative: RelativeBox = [thing.left / 32, thing.top / 32, thing.right / 32, thing.bottom / 32];
        expect(coveredShare(relative, covers, { width: 32, height: 32 })).toBeCloseTo(hidden / area, 9);
      }),
    );
  });
});

describe("heads", () => {
  const standing: RelativeBox = [0.4, 0.1, 0.6, 0.7];

  test("of people without a face are the upper third of them", () => {
    const [head] = headsWithoutFace([standing], []);
    expect(head?.map((side) => Number(side.toFixed(6)))).toEqual([0.4, 0.1, 0.6, 0.3]);
  });

  test("are not covered where a face is in the upper half of the person", () => {
    expect(headsWithoutFace([standing], [[0.48, 0.12, 0.52, 0.18]])).toEqual([]);
    // A face at the knees is somebody else's, or none.
    expect(headsWithoutFace([standing], [[0.48, 0.6, 0.52, 0.66]])).toHaveLength(1);
  });

  test("of two people who share one face are one", () => {
    const child: RelativeBox = [0.42, 0.12, 0.58, 0.5];
    expect(headsWithoutFace([standing, child], [[0.48, 0.14, 0.52, 0.2]])).toEqual([
      [standing[0], standing[1], standing[2], expect.closeTo(0.3, 6)],
    ]);
  });
});

describe("recent covers of a live camera", () => {
  const person = (x: number) => ({ label: "person", box: [x, 0, x + 0.1, 1] as const });

  test("keep somebody covered through frames that missed him, and let him go then", () => {
    const recent = new RecentCovers();
    recent.note([person(0.1)]);
    recent.note([]);
    recent.note([person(0.8)]);
    expect(recent.union()).toEqual([person(0.1), person(0.8)]);
    recent.note([]);
    expect(recent.union()).toEqual([person(0.8)]);
    recent.forget();
    expect(recent.union()).toEqual([]);
  });
});
