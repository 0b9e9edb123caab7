import { describe, expect, it } from "vitest";
import {
  ANY_SIZE,
  averagePrecision,
  BOXES,
  type ComparedPicture,
  MASKS,
} from "../../daemon/vision/accuracy/average-precision.ts";
import { rasterise, sharedPixels } from "../../daemon/vision/accuracy/raster.ts";
import type { Corners } from "../../daemon/vision/accuracy/scoring.ts";
import { anyDamagePixels, calibrationError, presenceAveragePrecision } from "./picture-level.ts";

const area = ([x1, y1, x2, y2]: Corners) => (x2 - x1) * (y2 - y1);
const square = ([x1, y1, x2, y2]: Corners) => rasterise([[x1, y1, x2, y1, x2, y2, x1, y2]], 100, 100);
const wanted = (corners: Corners, label = "dent") => ({ label, corners, area: area(corners), mask: square(corners) });
const seen = (corners: Corners, score: number, label = "dent") => ({ label, corners, score, mask: square(corners) });
const picture = (truth: ComparedPicture["truth"], found: ComparedPicture["found"]): ComparedPicture => ({
  width: 100,
  height: 100,
  truth,
  found,
});

describe("average precision as COCO defines it", () => {
  it("is one for exactly the truth, by boxes and by masks", () => {
    const all = [picture([wanted([10, 10, 30, 30])], [seen([10, 10, 30, 30], 0.9)])];
    expect(averagePrecision(all, "dent", BOXES)).toEqual({ ap50: 1, ap: 1, wanted: 1 });
    expect(averagePrecision(all, "dent", MASKS)).toEqual({ ap50: 1, ap: 1, wanted: 1 });
  });

  it("counts a box that is off for the loose thresholds only", () => {
    // IoU 0.667: right at 0.5, 0.55, 0.6 and 0.65, wrong at the six above.
    const all = [picture([wanted([0, 0, 20, 20])], [seen([4, 0, 24, 20], 0.9)])];
    expect(averagePrecision(all, "dent", BOXES).ap).toBeCloseTo(0.4);
  });

  it("does not ask for truth outside the size range, and does not blame what lies on it or is of another size", () => {
    const all = [
      picture(
        [wanted([0, 0, 10, 10]), wanted([40, 40, 90, 90])],
        [seen([40, 40, 90, 90], 0.9), seen([0, 60, 30, 95], 0.8), seen([0, 0, 10, 10], 0.7)],
      ),
    ];
    expect(averagePrecision(all, "dent", BOXES, { from: 0, to: 400 })).toMatchObject({ ap50: 1, wanted: 1 });
    expect(averagePrecision(all, "dent", BOXES, ANY_SIZE).ap50).toBeCloseTo((51 + 50 * (2 / 3)) / 101);
  });

  it("has no figure where nothing was wanted", () => {
    expect(averagePrecision([picture([], [seen([0, 0, 9, 9], 0.5)])], "dent", BOXES)).toEqual({
      ap50: undefined,
      ap: undefined,
      wanted: 0,
    });
  });
});

describe("figures of whole pictures", () => {
  it("ranks pictures by their best score, and a tie against the model", () => {
    const shows = picture([wanted([0, 0, 9, 9])], [seen([50, 50, 60, 60], 0.6)]);
    const clean = picture([], [seen([0, 0, 9, 9], 0.6)]);
    expect(presenceAveragePrecision([shows, picture([], [])], "dent")).toBe(1);
    expect(presenceAveragePrecision([shows, clean], "dent")).toBe(0.5);
    expect(presenceAveragePrecision([clean], "dent")).toBeUndefined();
  });

  it("compares unions of pixels, whatever the labels and however often they overlap", () => {
    const one = picture(
      [wanted([0, 0, 10, 10]), wanted([0, 0, 10, 10], "scratch")],
      [seen([5, 0, 15, 10], 0.9, "scratch"), seen([5, 0, 15, 10], 0.8), seen([50, 50, 90, 90], 0.1)],
    );
    const figures = anyDamagePixels([one], ({ score }) => score >= 0.5);
    expect(figures).toEqual({ iou: 50 / 150, precision: 0.5, recall: 0.5 });
  });

  it("measures how far probabilities are from what comes true", () => {
    const right = picture([wanted([0, 0, 10, 10])], [{ ...seen([0, 0, 10, 10], 0.9), probability: 0.75 }]);
    const wrong = picture([], [{ ...seen([0, 0, 10, 10], 0.9), probability: 0.75 }]);
    expect(calibrationError([right, right, right, wrong], ["dent"], 0.05)).toBeCloseTo(0);
    expect(calibrationError([wrong], ["dent"], 0.05)).toBeCloseTo(0.75);
    expect(calibrationError([wrong], ["dent"], 0.95)).toBeUndefined();
  });
});

describe("filling outlines", () => {
  it("fills the pixels whose centres are inside, and cuts at the picture's edge", () => {
    expect(square([2, 3, 6, 9]).area).toBe(24);
    expect(square([2.6, 3, 6.6, 9]).area).toBe(24);
    expect(rasterise([[-5, -5, 5, -5, 5, 5, -5, 5]], 100, 100)).toMatchObject({ left: 0, top: 0, area: 25 });
    expect(rasterise([[200, 200, 210, 200, 210, 210]], 100, 100).area).toBe(0);
    expect(rasterise([], 100, 100).area).toBe(0);
  });

  it("joins polygons, and finds what two bitmaps share", () => {
    const two = rasterise(
      [
        [0, 0, 10, 0, 10, 10, 0, 10],
        [5, 0, 15, 0, 15, 10, 5, 10],
      ],
      100,
      100,
    );
    expect(two.area).toBe(150);
    expect(sharedPixels(two, square([12, 5, 40, 40]))).toBe(15);
    expect(sharedPixels(two, square([50, 50, 60, 60]))).toBe(0);
  });
});
