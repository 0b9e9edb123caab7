import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calibrated } from "../../daemon/vision/registry/calibration.ts";
import { calibrate, isotonicTable } from "./calibrate.ts";

describe("fitting probabilities to scores", () => {
  it("never lets a probability fall while the score rises, nor leave 0 to 1", () => {
    const samples = fc.array(fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), right: fc.boolean() }));
    fc.assert(
      fc.property(samples, (some) => {
        const table = isotonicTable(some);
        expect(table.length).toBeGreaterThan(0);
        for (const [at, [score, probability]] of table.entries()) {
          const [lowerScore, lower] = table[at - 1] ?? [-1, 0];
          expect(score).toBeGreaterThan(lowerScore - 1e-9);
          expect(probability).toBeGreaterThanOrEqual(lower);
          expect(probability).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it("finds out what an over-confident score is worth", () => {
    // What scores s is right in s² of all cases.
    const samples = Array.from({ length: 4000 }, (_, at) => {
      const score = (at % 100) / 100;
      return { score, right: (Math.floor(at / 100) * 7 + at) % 40 < 40 * score * score };
    });
    const table = isotonicTable(samples);
    for (const score of [0.2, 0.4, 0.6, 0.8]) expect(calibrated(table, score)).toBeCloseTo(score * score, 1);
  });

  it("judges a table by the pictures that it was not fitted on", () => {
    const picture = (right: boolean, score: number) => ({
      width: 100,
      height: 100,
      truth: right ? [{ label: "dent", corners: [0, 0, 10, 10] as const, area: 100 }] : [],
      found: [{ label: "dent", corners: [0, 0, 10, 10] as const, score }],
    });
    // Every second picture is right at every score, the others never: no half can tell of the other.
    const liar = Array.from({ length: 400 }, (_, at) => picture(at % 2 === 0, 0.5));
    expect(calibrate(liar, ["dent"], 0.05).crossFittedError).toBeGreaterThan(0.9);
    const honest = Array.from({ length: 400 }, (_, at) => picture(at % 4 < 2, 0.5));
    const { tables, crossFittedError } = calibrate(honest, ["dent"], 0.05);
    expect(crossFittedError).toBeLessThan(0.02);
    expect(calibrated(tables.dent ?? [], 0.5)).toBeCloseTo(0.5);
  });

  it("chooses the threshold where precision and recall balance", () => {
    const truth = { label: "dent", corners: [0, 0, 10, 10] as const, area: 100 };
    const right = { width: 100, height: 100, truth: [truth], found: [{ ...truth, score: 0.6 }] };
    const wrong = { width: 100, height: 100, truth: [], found: [{ ...truth, score: 0.4 }] };
    const { thresholds } = calibrate([right, wrong, right, wrong], ["dent"], 0.05);
    expect(thresholds.dent).toBeGreaterThan(0.4);
    expect(thresholds.dent).toBeLessThanOrEqual(0.6);
  });
});
