import { describe, expect, it } from "vitest";
import { type Corners, intersectionOverUnion, type JudgedPicture, score } from "./scoring.ts";

const CAR: Corners = [10, 10, 50, 40];
const truth = (corners: Corners, ignored = false) => ({ label: "vehicle", corners, ignored });
const found = (corners: Corners, value: number, label = "vehicle") => ({ label, corners, score: value });
const figures = (...pictures: JudgedPicture[]) => score(pictures, "vehicle", 0.5);

describe("scoring detections", () => {
  it("knows full, half and no overlap", () => {
    expect(intersectionOverUnion(CAR, CAR)).toBe(1);
    expect(intersectionOverUnion([0, 0, 2, 2], [1, 0, 3, 2])).toBeCloseTo(1 / 3);
    expect(intersectionOverUnion(CAR, [60, 60, 70, 70])).toBe(0);
    expect(intersectionOverUnion([1, 1, 1, 1], [1, 1, 1, 1])).toBe(0);
  });

  it("gives full marks for exactly the truth", () => {
    expect(figures({ truth: [truth(CAR)], found: [found(CAR, 0.9)] })).toEqual({
      wanted: 1,
      averagePrecision: 1,
      recall: 1,
      precision: 1,
    });
  });

  it("counts a second box on the same thing as a false alarm", () => {
    const result = figures({ truth: [truth(CAR)], found: [found(CAR, 0.9), found(CAR, 0.8)] });
    expect(result).toMatchObject({ recall: 1, precision: 0.5, averagePrecision: 1 });
  });

  it("does not take a person for a vehicle", () => {
    expect(figures({ truth: [truth(CAR)], found: [found(CAR, 0.9, "person")] })).toMatchObject({
      recall: 0,
      precision: undefined,
      averagePrecision: 0,
    });
  });

  it("asks only for what reaches the threshold in daily work, but for all in the curve", () => {
    const result = figures({ truth: [truth(CAR)], found: [found(CAR, 0.3)] });
    expect(result).toMatchObject({ recall: 0, averagePrecision: 1 });
  });

  it("neither asks for ignored truth nor blames a detection on it", () => {
    const result = figures({ truth: [truth(CAR, true)], found: [found([12, 12, 30, 30], 0.9)] });
    expect(result).toEqual({ wanted: 0, averagePrecision: undefined, recall: undefined, precision: undefined });
  });

  it("averages precision over the whole curve as pycocotools does", () => {
    // Two truths: hit at 0.9, false alarm at 0.8, hit at 0.7: precision 1 up to recall 0.5, then 2/3.
    const other: Corners = [100, 100, 140, 140];
    const result = figures({
      truth: [truth(CAR), truth(other)],
      found: [found(CAR, 0.9), found([200, 200, 220, 220], 0.8), found(other, 0.7)],
    });
    expect(result.averagePrecision).toBeCloseTo((51 + 50 * (2 / 3)) / 101, 6);
  });
});
