import { describe, expect, it } from "vitest";
import type { ComparedPicture } from "../../daemon/vision/accuracy/average-precision.ts";
import { rasterise } from "../../daemon/vision/accuracy/raster.ts";
import type { Corners } from "../../daemon/vision/accuracy/scoring.ts";
import { lengthFigures } from "./lengths.ts";

const bar = ([x1, y1, x2, y2]: Corners, score = 1) => ({
  label: "scratch",
  score,
  corners: [x1, y1, x2, y2] as const,
  area: (x2 - x1) * (y2 - y1),
  mask: rasterise([[x1, y1, x2, y1, x2, y2, x1, y2]], 300, 100),
});
const picture = (truth: ComparedPicture["truth"], found: ComparedPicture["found"]): ComparedPicture => ({
  width: 300,
  height: 100,
  truth,
  found,
});
const figures = (...pictures: ComparedPicture[]) => lengthFigures(pictures, "scratch", ({ score }) => score >= 0.5);

describe("scratches by their length", () => {
  it("forgives an outline that is too wide, which IoU does not", () => {
    const { lineRecall, linePrecision, medianRatio, compared } = figures(
      picture([bar([20, 40, 220, 46])], [bar([20, 38, 220, 50])]),
    );
    expect([lineRecall, compared]).toEqual([1, 1]);
    expect(linePrecision).toBeGreaterThan(0.9);
    expect(medianRatio).toBeCloseTo(1, 1);
  });

  it("says how much of the length was found, and how much of what was found is true", () => {
    const half = figures(picture([bar([20, 40, 220, 46])], [bar([20, 40, 120, 46])]));
    expect(half.lineRecall).toBeCloseTo(0.5, 1);
    expect(half.linePrecision).toBe(1);
    expect(half.medianRatio).toBeCloseTo(0.5, 1);
    expect(half.medianError).toBeCloseTo(0.5, 1);
    const double = figures(picture([bar([20, 40, 120, 46])], [bar([20, 40, 220, 46])]));
    expect(double.lineRecall).toBe(1);
    expect(double.linePrecision).toBeCloseTo(0.5, 1);
  });

  it("looks only at what is shown, and has no figure where there is nothing", () => {
    const unseen = figures(picture([bar([20, 40, 220, 46])], [bar([20, 40, 220, 46], 0.4)]));
    expect(unseen).toMatchObject({ lineRecall: 0, linePrecision: undefined, compared: 0, medianRatio: undefined });
    expect(figures(picture([], [])).lineRecall).toBeUndefined();
  });

  it("follows a scratch to the picture's edge", () => {
    const { lineRecall, linePrecision } = figures(picture([bar([0, 0, 300, 5])], [bar([0, 0, 300, 5])]));
    expect([lineRecall, linePrecision]).toEqual([1, 1]);
  });
});
