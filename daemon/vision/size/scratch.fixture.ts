import type { Point } from "./geometry.ts";
import type { Random } from "./random.ts";

/** A scratch in a plane, mm, whose size is known because it was drawn by it. */
export interface Scratch {
  /** One for each stroke. */
  readonly outlines: readonly (readonly Point[])[];
  /** Of the longest way along it; of all pieces together, where it is broken. */
  readonly lengthMm: number;
  /** Undefined where strokes overlap: a fork is wider than they are. */
  readonly widthMm: number | undefined;
  readonly areaMm2: number | undefined;
}

/** Arcs that bend this way and that. */
function centreLine(random: Random, lengthMm: number, start: Point, heading: number): Point[] {
  const points: Point[] = [start];
  const steps = 200;
  const [bend, wave, phase] = [1.6 * random.normal(), 1.2 * random.uniform(), 6 * random.uniform()];
  let [x, y] = start;
  for (let step = 0; step < steps; step++) {
    const along = (step + 0.5) / steps;
    const direction = heading + bend * (along - 0.5) + wave * Math.sin(phase + 5 * along);
    x += (lengthMm / steps) * Math.cos(direction);
    y += (lengthMm / steps) * Math.sin(direction);
    points.push([x, y]);
  }
  return points;
}

/** The line with its width, ends cut square. */
function stroke(line: readonly Point[], widthMm: number): Point[] {
  const side = (sign: 1 | -1) =>
    line.map(([x, y], at): Point => {
      const [fromX, fromY] = line[Math.max(0, at - 1)]!;
      const [toX, toY] = line[Math.min(line.length - 1, at + 1)]!;
      const length = Math.hypot(toX - fromX, toY - fromY);
      return [x - (sign * widthMm * (toY - fromY)) / (2 * length), y + (sign * widthMm * (toX - fromX)) / (2 * length)];
    });
  return [...side(1), ...side(-1).reverse()];
}

export type ScratchKind = "curved" | "branching" | "broken";

export function randomScratch(kind: ScratchKind, random: Random, around: Point): Scratch {
  const lengthMm = 50 + 250 * random.uniform();
  const widthMm = 1.2 + 5 * random.uniform() ** 2;
  const heading = 2 * Math.PI * random.uniform();
  const start: Point = [around[0] - (lengthMm / 2) * Math.cos(heading), around[1] - (lengthMm / 2) * Math.sin(heading)];
  const line = centreLine(random, lengthMm, start, heading);
  const all = { lengthMm, widthMm, areaMm2: lengthMm * widthMm };
  if (kind === "curved") return { ...all, outlines: [stroke(line, widthMm)] };
  if (kind === "branching") {
    const branch = centreLine(random, 0.25 * lengthMm, line[100]!, heading + 1.2);
    return {
      ...all,
      widthMm: undefined,
      areaMm2: undefined,
      outlines: [stroke(line, widthMm), stroke(branch, widthMm)],
    };
  }
  const kept = [line.slice(0, 81), line.slice(95, 141), line.slice(150)];
  const share = kept.reduce((sum, piece) => sum + piece.length - 1, 0) / 200;
  return {
    outlines: kept.map((piece) => stroke(piece, widthMm)),
    lengthMm: lengthMm * share,
    widthMm,
    areaMm2: lengthMm * share * widthMm,
  };
}
