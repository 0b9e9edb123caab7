import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judge } from "./agreement.ts";
import { type Estimate, estimate, type Interval } from "./estimate.ts";
import { homographyBetween, inverse, type Point, project, type Quad } from "./geometry.ts";
import { maskOf, type PixelBox, piecesOf } from "./mask.ts";
import { markerCorners, must, viewOf } from "./plane-picture.fixture.ts";
import { type Random, seededRandom } from "./random.ts";
import { planeFault } from "./references/camera-plane.ts";
import { partReference } from "./references/known-part.ts";
import { markerReference } from "./references/marker-card.ts";
import { planeOf, type Reference } from "./references/reference.ts";
import { randomScratch, type Scratch, type ScratchKind } from "./scratch.fixture.ts";
import { measure, shapeOf } from "./shape.ts";
import { skeletonOf } from "./skeleton.ts";

const byHand = (edgePx: number) => ({ edgePx, length: 0, width: 0, area: 0 });
const EVERYWHERE: PixelBox = [-20_000, -20_000, 60_000, 60_000];

const between = (random: Random, low: number, high: number) => low + (high - low) * random.uniform();

/** A scratch beside a marker card, photographed from anywhere, measured by the card's corners as a detector would find them. */
function photographed(kind: ScratchKind, seed: number): { readonly scratch: Scratch; readonly said: Estimate } {
  const random = seededRandom(seed);
  const toPixels = viewOf({
    width: 3000,
    height: 2250,
    target: [60, 40],
    distance: between(random, 500, 1200),
    tilt: between(random, 0, 0.9),
    azimuth: between(random, 0, 2 * Math.PI),
    roll: between(random, 0, 2 * Math.PI),
    focal: 2500,
  });
  const scratch = randomScratch(kind, random, [between(random, 20, 100), between(random, 0, 80)]);
  const inPicture = ([x, y]: Point): Point => project(toPixels, x, y);
  const sigmaPx = 0.15;
  const [a, b, c, d] = markerCorners(50, [-40, -60], between(random, 0, 6))
    .map(inPicture)
    .map(([x, y]): Point => [x + sigmaPx * random.normal(), y + sigmaPx * random.normal()]);
  const corners: Quad = [must(a), must(b), must(c), must(d)];
  const marker = { dictionary: "apriltag-36h11", id: 0, corners, sigmaPx, wrongCells: 0 } as const;
  // No printer is exact.
  const reference = markerReference(marker, 50 * (1 + 0.01 * random.normal()));
  const mask = maskOf(
    scratch.outlines.map((outline) => outline.map(inPicture)),
    EVERYWHERE,
  );
  const shape = must(shapeOf(mask, must(planeOf(reference))));
  return { scratch, said: must(estimate(shape, reference, byHand(1))) };
}

const holds = ({ lower, upper }: Interval, truth: number) => lower <= truth && truth <= upper;
const spread = ({ value, lower, upper }: Interval) => (upper - lower) / value;

describe("scratches of known size, seen in perspective", () => {
  it.each(["curved", "branching", "broken"] as const)(
    "%s: the true size lies in the interval in 95 of 100 cases, and the interval is narrow enough to be of use",
    (kind) => {
      const cases = Array.from({ length: 110 }, (_, seed) => photographed(kind, seed));
      const share = (right: (one: (typeof cases)[number]) => boolean) => cases.filter(right).length / cases.length;
      expect(share(({ scratch, said }) => holds(said.lengthCm, scratch.lengthMm / 10))).toBeGreaterThanOrEqual(0.95);
      const wideAsDrawn = ({ scratch: { widthMm }, said }: (typeof cases)[number]) =>
        widthMm === undefined || holds(said.widthCm, widthMm / 10);
      const largeAsDrawn = ({ scratch: { areaMm2 }, said }: (typeof cases)[number]) =>
        areaMm2 === undefined || holds(said.areaCm2, areaMm2 / 100);
      expect(share(wideAsDrawn)).toBeGreaterThanOrEqual(0.95);
      expect(share(largeAsDrawn)).toBeGreaterThanOrEqual(0.95);
      const spreads = cases.map(({ said }) => spread(said.lengthCm)).sort((a, b) => a - b);
      expect(spreads[cases.length >> 1]).toBeLessThan(0.2);
      // It is not that everything fits: the value itself is right to a few percent, mostly.
      const errors = cases.map(({ scratch, said }) => Math.abs(said.lengthCm.value / (scratch.lengthMm / 10) - 1));
      expect(errors.sort((a, b) => a - b)[cases.length >> 1]).toBeLessThan(0.03);
    },
    120_000,
  );

  it("gives the same answer every time", () => {
    expect(photographed("curved", 7).said).toEqual(photographed("curved", 7).said);
  });
});

/** A millimetre is two pixels, no tilt. */
const FRONTAL = reference({ sigmaPx: 0.1, sigmaScale: 0.01 });

function reference(given: Partial<Reference>): Reference {
  const square: Quad = [
    [100, 100],
    [300, 100],
    [300, 300],
    [100, 300],
  ];
  const plane: Quad = [
    [0, 0],
    [100, 0],
    [100, 100],
    [0, 100],
  ];
  return {
    method: "marker",
    name: "square",
    picture: square,
    plane,
    sigmaPx: 0.1,
    sigmaScale: 0.01,
    sigmaScalePerLength: 0,
    ...given,
  };
}

const disc = (radius: number): Point[] =>
  Array.from({ length: 90 }, (_, at) => [
    400 + radius * Math.cos((at * Math.PI) / 45),
    300 + radius * Math.sin((at * Math.PI) / 45),
  ]);

function measured(polygons: readonly (readonly Point[])[], box = EVERYWHERE) {
  const toPlane = must(planeOf(FRONTAL));
  return measure(must(shapeOf(maskOf(polygons, box), toPlane)), toPlane);
}

describe("shapes", () => {
  it("a dent is as long as it is wide", () => {
    const { lengthMm, widthMm, areaMm2 } = measured([disc(80)]);
    expect(lengthMm).toBeGreaterThan(78);
    expect(lengthMm).toBeLessThan(84);
    expect(widthMm).toBeGreaterThan(76);
    expect(widthMm).toBeLessThan(84);
    expect(areaMm2 / (Math.PI * 40 ** 2)).toBeCloseTo(1, 1);
  });

  it("a straight scratch at any angle is as long as it was drawn, steps of pixels or not", () => {
    for (let degrees = 0; degrees < 180; degrees += 7) {
      const [along, across] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
      const bar = [
        [-150, -3],
        [150, -3],
        [150, 3],
        [-150, 3],
      ].map(([x, y]): Point => [400 + x! * along - y! * across, 300 + x! * across + y! * along]);
      const { lengthMm, widthMm, areaMm2 } = measured([bar]);
      expect(lengthMm / 150).toBeGreaterThan(0.97);
      expect(lengthMm / 150).toBeLessThan(1.04);
      expect(Math.abs(widthMm - 3)).toBeLessThan(0.6);
      expect(areaMm2 / 450).toBeCloseTo(1, 1);
    }
  });

  it("of what lies outside the box nothing is measured", () => {
    const whole = measured([disc(80)]).areaMm2;
    expect(measured([disc(80)], [400, 0, 1000, 1000]).areaMm2 / whole).toBeCloseTo(0.5, 1);
    expect(shapeOf(maskOf([disc(80)], [0, 0, 100, 100]), must(planeOf(FRONTAL)))).toBeUndefined();
  });

  it("any polygon at all is measured or said to be nothing, and takes no harm", () => {
    const place = fc.double({ min: -50, max: 250, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(place, place), { maxLength: 12 }), (polygon) => {
        const toPlane = must(planeOf(FRONTAL));
        const shape = shapeOf(maskOf([polygon], [0, 0, 200, 200]), toPlane);
        if (shape === undefined) return;
        const { lengthMm, widthMm, areaMm2 } = measure(shape, toPlane);
        // Nothing in a box of 100 mm is larger than the box; a path may wind.
        expect(widthMm).toBeLessThan(145);
        expect(areaMm2).toBeLessThanOrEqual(10_001);
        expect(lengthMm).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(lengthMm)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it("a skeleton is thin, inside its mask, and whole where the mask is whole", () => {
    const bar: Point[] = [
      [300, 200],
      [500, 200],
      [500, 202],
      [300, 202],
    ];
    for (const polygon of [disc(60), disc(61), disc(3), bar]) {
      const mask = maskOf([polygon], EVERYWHERE);
      const skeleton = skeletonOf(mask.inside, mask.columns);
      const cells = [...skeleton.keys()].filter((at) => skeleton[at] === 1);
      expect(cells.every((at) => mask.inside[at] === 1)).toBe(true);
      expect(cells.length).toBeGreaterThan(0);
      expect(cells.length).toBeLessThan(210);
      expect(piecesOf({ ...mask, inside: skeleton })).toHaveLength(1);
    }
  });

  it("of a cross the longest way is measured, of a ring one that is not longer than the ring", () => {
    const bar = (x: number, y: number): Point[] => [
      [400 - x, 300 - y],
      [400 + x, 300 - y],
      [400 + x, 300 + y],
      [400 - x, 300 + y],
    ];
    const { lengthMm } = measured([bar(150, 4), bar(4, 60)]);
    expect(lengthMm / 150).toBeGreaterThan(0.97);
    expect(lengthMm / 150).toBeLessThan(1.04);
    const ring = [...disc(60), disc(60)[0]!, ...[...disc(50), disc(50)[0]!].reverse()];
    const around = measured([ring]).lengthMm;
    expect(around).toBeGreaterThan(59);
    expect(around).toBeLessThan(Math.PI * 60);
  });
});

describe("what is uncertain", () => {
  const shape = must(
    shapeOf(
      maskOf(
        [
          [
            [350, 300],
            [650, 300],
            [650, 306],
            [350, 306],
          ],
        ],
        EVERYWHERE,
      ),
      must(planeOf(FRONTAL)),
    ),
  );
  const lengthOf = (given: Partial<Reference>, outline = byHand(0.5)) =>
    must(estimate(shape, reference(given), outline)).lengthCm;

  it("widens the interval: corners, the reference's plane, its distance, the damage's edge", () => {
    const sharp = spread(lengthOf({}));
    expect(spread(lengthOf({ sigmaPx: 2 }))).toBeGreaterThan(1.5 * sharp);
    expect(spread(lengthOf({ sigmaScale: 0.08 }))).toBeGreaterThan(2 * sharp);
    expect(spread(lengthOf({ sigmaScalePerLength: 0.04 }))).toBeGreaterThan(1.3 * sharp);
    expect(spread(lengthOf({}, byHand(6)))).toBeGreaterThan(1.5 * sharp);
    expect(spread(lengthOf({}, { ...byHand(0.5), length: 0.2 }))).toBeGreaterThan(3 * sharp);
  });

  it("never lies below nothing, and the value is never outside", () => {
    const { widthCm } = must(estimate(shape, reference({ sigmaScale: 0.3 }), byHand(20)));
    expect(widthCm.lower).toBe(0);
    expect(widthCm.value).toBeLessThanOrEqual(widthCm.upper);
  });

  it("beyond the plane's horizon nothing is measured", () => {
    const toPixels = viewOf({
      width: 800,
      height: 600,
      target: [0, 0],
      distance: 300,
      tilt: 1.3,
      azimuth: 0,
      roll: 0,
      focal: 500,
    });
    const plane = markerCorners(60, [-30, -30]);
    const [a, b, c, d] = plane.map(([x, y]): Point => project(toPixels, x, y));
    const oblique = reference({ plane, picture: [must(a), must(b), must(c), must(d)] });
    const map = must(planeOf(oblique));
    // One side of this line of the picture is sky.
    const horizonX = -(map[7]! * 300 + map[8]!) / map[6]!;
    const beyond = must(shapeOf(maskOf([disc(20).map(([x, y]): Point => [x - 400 + horizonX, y])], EVERYWHERE), map));
    expect(estimate(beyond, oblique, byHand(1))).toBeUndefined();
  });
});

describe("two methods", () => {
  const said = (method: Estimate["method"], length: number, half = 0.05): Estimate => {
    const interval = (value: number) => ({ value, lower: value * (1 - half), upper: value * (1 + half) });
    return {
      method,
      reference: method,
      lengthCm: interval(length),
      widthCm: interval(0.3),
      areaCm2: interval(length * 0.3),
    };
  };

  it("that agree within 15 % confirm the more trusted one", () => {
    const verdict = judge([said("marker", 20), said("camera", 22)]);
    expect(verdict).toMatchObject({
      decision: "agreed",
      size: { lengthCm: { value: 20 } },
      agreement: { agree: true },
    });
  });

  it("that do not, go to a person, and there is no size", () => {
    const verdict = judge([said("marker", 20), said("camera", 24)]);
    expect(verdict).toMatchObject({ decision: "person", reason: "methods-differ", size: null });
    expect(verdict.agreement?.difference).toBeCloseTo(4 / 22, 6);
  });

  it("and a third: the pair that agrees counts", () => {
    const verdict = judge([said("marker", 30), said("camera", 20), said("part", 21)]);
    expect(verdict).toMatchObject({ decision: "agreed", size: { lengthCm: { value: 20 } } });
    expect(verdict.agreement?.methods).toEqual(["camera", "part"]);
  });

  it("one alone says so", () => {
    expect(judge([said("plate", 20)])).toMatchObject({ decision: "one-method", agreement: null });
  });

  it("an interval that says next to nothing goes to a person", () => {
    expect(judge([said("plate", 20, 0.6)])).toMatchObject({ decision: "person", reason: "interval-wide", size: null });
  });

  it("in any order and any number give a size only where two agree or there is one", () => {
    const lengths = fc.array(fc.double({ min: 1, max: 100, noNaN: true }), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(lengths, (values) => {
        const [first, ...others] = values.map((value, at) =>
          said((["marker", "camera", "plate", "part"] as const)[at] ?? "part", value),
        );
        const { decision } = judge([must(first), ...others]);
        const near = values.some((a, i) => values.some((b, j) => i < j && Math.abs(a - b) / ((a + b) / 2) <= 0.15));
        expect(decision).toBe(near ? "agreed" : "person");
      }),
    );
  });
});

describe("maps between planes", () => {
  /** A square of 200 whose corners were pushed about, still convex. */
  const quad = fc
    .tuple(...Array.from({ length: 8 }, () => fc.integer({ min: -45, max: 45 })))
    .map((push) =>
      markerCorners(200, [100, 50]).map(([x, y], at): Point => [x + push[2 * at]!, y + push[2 * at + 1]!]),
    );

  it("bring four points exactly where they belong, and back", () => {
    fc.assert(
      fc.property(quad, quad, (from, to) => {
        const map = must(homographyBetween(from, to));
        const back = must(inverse(map));
        for (const [index, [x, y]] of from.entries()) {
          const [u, v] = project(map, x, y);
          expect(Math.hypot(u - to[index]![0], v - to[index]![1])).toBeLessThan(1e-6);
          const [again, below] = project(back, u, v);
          expect(Math.hypot(again - x, below - y)).toBeLessThan(1e-6);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("do not exist for points in a line or too few of them", () => {
    const square = markerCorners(10, [0, 0]);
    expect(homographyBetween(square.slice(0, 3), square.slice(0, 3))).toBeUndefined();
    const line: Point[] = [
      [0, 0],
      [1, 1],
      [2, 2],
      [3, 3],
    ];
    expect(homographyBetween(line, square)).toBeUndefined();
    const onePoint: Point[] = [
      [5, 5],
      [5, 5],
      [5, 5],
      [5, 5],
    ];
    expect(homographyBetween(onePoint, square)).toBeUndefined();
    expect(
      planeFault(line.map((at, index) => ({ at: [at[0], at[1]], metres: [square[index]![0], square[index]![1]] }))),
    ).toBe("in-line");
  });

  it("with more than four points are the best of all, and contradicting points are refused", () => {
    const grid = [0, 1, 2].flatMap((x) => [0, 1, 2].map((y): [number, number] => [x, y]));
    const good = grid.map(([x, y]) => ({
      at: [0.2 + 0.2 * x, 0.2 + 0.2 * y] as [number, number],
      metres: [x, y] as [number, number],
    }));
    expect(planeFault(good)).toBeUndefined();
    expect(planeFault([...good.slice(0, 8), { at: [0.6, 0.6], metres: [0.5, 2] }])).toBe("contradicting");
  });

  it("of marks that were exchanged are refused: no camera sees a plane so", () => {
    const [a, b, c, d] = markerCorners(1, [0, 0]);
    const crossed = [must(a), must(c), must(b), must(d)];
    const points = markerCorners(1, [0, 0]).map(([x, y], index) => ({
      at: [x, y] as [number, number],
      metres: [...crossed[index]!] as [number, number],
    }));
    expect(planeFault(points)).toBe("contradicting");
  });

  it("a part of known size gives a scale, by one number or by two", () => {
    const byOne = must(planeOf(partReference([10, 20, 200, 50], [400])));
    const byTwo = must(planeOf(partReference([10, 20, 200, 50], [400, 150])));
    const far = (map: Float64Array, x: number, y: number) => project(map, x, y).map((value) => Math.round(value));
    expect(far(byOne, 210, 70)).toEqual([400, 100]);
    expect(far(byTwo, 210, 70)).toEqual([400, 150]);
  });
});
