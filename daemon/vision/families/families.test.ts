import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addCandidate, createCandidates, type DecodeFamily, shapesFit } from "./candidates.ts";
import { keepBest } from "./nms.ts";
import { yolov8 } from "./yolov8.ts";
import { yolox } from "./yolox.ts";

const size = { width: 64, height: 64 };
const CELLS = 84;

function decode(family: DecodeFamily, output: Float32Array, floors: readonly number[]) {
  const candidates = createCandidates(1000);
  family.decode([output], size, Float32Array.from(floors), candidates);
  return Array.from({ length: candidates.count }, (_, at) => ({
    label: candidates.labelIndexes[at],
    score: Number(candidates.scores[at]?.toFixed(4)),
    corners: [...candidates.corners.subarray(at * 4, at * 4 + 4)],
  }));
}

describe("shapes that a file must have", () => {
  const wanted = [
    { name: "boxes", shape: [1, 84, 4] },
    { name: "coefs", shape: [1, 84, "K"] },
    { name: "protos", shape: [1, "K", 16, 16] },
  ];
  const agree = (...shapes: (number | undefined)[][]) =>
    shapesFit(
      shapes.map((shape) => ({ shape })),
      wanted,
    );

  test("fit when the lengths that the file chooses agree with each other", () => {
    expect(agree([1, 84, 4], [1, 84, 32], [1, 32, 16, 16])).toBe(true);
    expect(agree([1, undefined, 4], [1, 84, undefined], [1, 32, 16, 16])).toBe(true);
  });

  test("fit when one length is another and a few more", () => {
    const segment = [{ shape: [1, "K+6", 84] }, { shape: [1, "K", 16, 16] }];
    const agreed = (channels: number, prototypes: number) =>
      shapesFit([{ shape: [1, channels, 84] }, { shape: [1, prototypes, 16, 16] }], segment);
    expect(agreed(38, 32)).toBe(true);
    expect(agreed(38, 33)).toBe(false);
    expect(agreed(6, 0)).toBe(false);
  });

  test("do not fit otherwise", () => {
    expect(agree([1, 84, 4], [1, 84, 32], [1, 16, 16, 16])).toBe(false);
    expect(agree([1, 84, 5], [1, 84, 32], [1, 32, 16, 16])).toBe(false);
    expect(agree([84, 4], [1, 84, 32], [1, 32, 16, 16])).toBe(false);
    expect(agree([1, 84, 4], [1, 84, 0], [1, 0, 16, 16])).toBe(false);
    expect(agree([1, 84, 4], [1, 84, 32])).toBe(false);
  });
});

describe("YOLOX", () => {
  const cell = (output: Float32Array, index: number, values: readonly number[]) => output.set(values, index * 7);

  test("reads centre, size and score from each stride's grid, row by row", () => {
    const output = new Float32Array(CELLS * 7);
    // Stride 8, row 2, column 3; stride 16, row 1, column 0; stride 32, row 1, column 1.
    cell(output, 2 * 8 + 3, [0.5, 0.25, 0, Math.log(2), 0.8, 0.5, 1]);
    cell(output, 64 + 1 * 4 + 0, [0, 0, 0, 0, 1, 0.9, 0]);
    cell(output, 64 + 16 + 1 * 2 + 1, [-1, -1, Math.log(0.5), 0, 0.6, 0, 1]);
    expect(decode(yolox, output, [0.3, 0.3])).toEqual([
      { label: 0, score: 0.4, corners: [24, 10, 32, 26] },
      { label: 1, score: 0.8, corners: [24, 10, 32, 26] },
      { label: 0, score: 0.9, corners: [-8, 8, 8, 24] },
      { label: 1, score: 0.6, corners: [-8, -16, 8, 16] },
    ]);
  });

  test("holds each class to its own floor", () => {
    const output = new Float32Array(CELLS * 7);
    cell(output, 0, [0, 0, 0, 0, 1, 0.5, 0.5]);
    expect(decode(yolox, output, [0.6, 0.4]).map((found) => found.label)).toEqual([1]);
  });

  test("never makes a box of numbers that are none", () => {
    const output = new Float32Array(CELLS * 7).fill(Number.NaN);
    cell(output, 1, [0, 0, 1000, 0, 1, 1, 1]);
    cell(output, 2, [Number.POSITIVE_INFINITY, 0, 0, 0, 1, 1, 1]);
    cell(output, 3, [0, 0, 0, 0, 1, Number.POSITIVE_INFINITY, 0]);
    expect(decode(yolox, output, [0.3, 0.3])).toEqual([]);
  });

  test("names the shape that a file must have", () => {
    const shapeOf = (family: DecodeFamily, side: number, classes: number) =>
      family.outputs({ width: side, height: side }, classes)[0]?.shape;
    expect(shapeOf(yolox, 416, 2)).toEqual([1, 3549, 7]);
    expect(shapeOf(yolov8, 640, 80)).toEqual([1, 84, 8400]);
  });
});

describe("YOLOv8", () => {
  test("reads boxes column by column and a row of scores per class", () => {
    const output = new Float32Array(CELLS * 6);
    const put = (box: number, values: readonly number[]) => {
      for (const [row, value] of values.entries()) output[row * CELLS + box] = value;
    };
    put(0, [32, 16, 20, 10, 0.9, 0.2]);
    put(83, [60, 60, 8, 8, 0.1, 0.7]);
    expect(decode(yolov8, output, [0.5, 0.5])).toEqual([
      { label: 0, score: 0.9, corners: [22, 11, 42, 21] },
      { label: 1, score: 0.7, corners: [56, 56, 64, 64] },
    ]);
  });

  test("stops at the room there is", () => {
    const output = new Float32Array(CELLS * 6).fill(1);
    const candidates = createCandidates(10);
    yolov8.decode([output], size, Float32Array.from([0.5, 0.5]), candidates);
    expect(candidates.count).toBeLessThanOrEqual(10);
  });

  test("keeps the best where there are more than there is room for, whichever come first", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 30, maxLength: 100 }), (scores) => {
        const candidates = createCandidates(20);
        for (const [row, score] of scores.entries()) addCandidate(candidates, row % 3, score / 64, row, 0, 4, 4, row);
        const kept = Array.from({ length: candidates.count }, (_, at) => candidates.rows[at]!);
        const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
        expect(kept).toEqual(expect.arrayContaining(order.slice(0, 10)));
        expect(kept).toEqual([...kept].sort((a, b) => a - b));
        for (const [at, row] of kept.entries())
          expect([candidates.scores[at], candidates.labelIndexes[at], candidates.corners[at * 4]]).toEqual([
            scores[row]! / 64,
            row % 3,
            row - 2,
          ]);
      }),
    );
  });
});

describe("non-maximum suppression", () => {
  const box = fc.record({
    x: fc.integer({ min: 0, max: 60 }),
    y: fc.integer({ min: 0, max: 60 }),
    w: fc.integer({ min: 1, max: 30 }),
    h: fc.integer({ min: 1, max: 30 }),
    label: fc.integer({ min: 0, max: 2 }),
    score: fc.integer({ min: 1, max: 20 }),
  });

  function iou(
    a: { x: number; y: number; w: number; h: number },
    b: { x: number; y: number; w: number; h: number },
  ): number {
    const w = Math.max(0, Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x));
    const h = Math.max(0, Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y));
    return (w * h) / (a.w * a.h + b.w * b.h - w * h);
  }

  test("keeps a box unless a better one of its class that is kept overlaps it, and no other", () => {
    fc.assert(
      fc.property(fc.array(box, { maxLength: 40 }), fc.constantFrom(0.3, 0.45, 0.7), (boxes, threshold) => {
        const candidates = createCandidates(100);
        for (const { label, score, x, y, w, h } of boxes)
          addCandidate(candidates, label, score / 20, x + w / 2, y + h / 2, w, h);
        const kept = keepBest(candidates, threshold, 100);
        const better = (a: number, b: number) =>
          boxes[a]!.score > boxes[b]!.score || (boxes[a]!.score === boxes[b]!.score && a < b);
        for (const index of boxes.keys()) {
          const suppressed = kept.some(
            (other) =>
              better(other, index) &&
              boxes[other]!.label === boxes[index]!.label &&
              iou(boxes[other]!, boxes[index]!) > threshold,
          );
          expect(kept.includes(index)).toBe(!suppressed);
        }
        expect(kept).toEqual([...kept].sort((a, b) => (better(a, b) ? -1 : 1)));
      }),
    );
  });

  test("keeps the best when there are more than the limit", () => {
    const candidates = createCandidates(100);
    for (let index = 0; index < 50; index++) addCandidate(candidates, 0, index / 100, index * 10, 0, 4, 4);
    expect(keepBest(candidates, 0.5, 3)).toEqual([49, 48, 47]);
  });
});
