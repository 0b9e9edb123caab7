import type { ComparedPicture, FoundThing } from "../../daemon/vision/accuracy/average-precision.ts";
import { type Bitmap, unionOf } from "../../daemon/vision/accuracy/raster.ts";
import { intersectionOverUnion } from "../../daemon/vision/accuracy/scoring.ts";
import type { Homography } from "../../daemon/vision/size/geometry.ts";
import type { DamageMask } from "../../daemon/vision/size/mask.ts";
import { measure, shapeOf } from "../../daemon/vision/size/shape.ts";
import { skeletonOf } from "../../daemon/vision/size/skeleton.ts";

/** How well what is long and thin is followed: IoU punishes a line that lies two pixels beside the true one as much as one that is not there. */
export interface LengthFigures {
  /** Share of the true middle lines that lies inside what was found, over all pictures. */
  readonly lineRecall: number | undefined;
  /** Share of the found middle lines that lies inside what is true (both: centreline precision and recall, Shit et al. 2021). */
  readonly linePrecision: number | undefined;
  /** True marks that a found one overlaps (boxes, IoU 0.3), each once: so many lengths were compared. */
  readonly compared: number;
  /** Median of found length / true length, each as `baygate measure` measures it, in pixels. */
  readonly medianRatio: number | undefined;
  /** Median distance of that ratio from 1. */
  readonly medianError: number | undefined;
}

const OVERLAPS = 0.3;
const PIXELS: Homography = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);

/** @param counts which findings are shown to people */
export function lengthFigures(
  pictures: readonly ComparedPicture[],
  label: string,
  counts: (thing: FoundThing) => boolean,
): LengthFigures {
  let [trueLine, trueLineFound, foundLine, foundLineTrue] = [0, 0, 0, 0];
  const ratios: number[] = [];
  for (const { width, height, truth, found } of pictures) {
    const wanted = truth.filter((thing) => thing.label === label && thing.mask !== undefined);
    const shown = found.filter((thing) => thing.label === label && thing.mask !== undefined && counts(thing));
    const painted = (things: readonly { readonly mask?: Bitmap }[]) =>
      unionOf(
        things.flatMap(({ mask }) => mask ?? []),
        width,
        height,
      );
    const [theirs, ours] = [painted(wanted), painted(shown)];
    const [theirLine, ourLine] = [middleLine(theirs, width), middleLine(ours, width)];
    for (let at = 0; at < theirs.length; at++) {
      trueLine += theirLine[at]!;
      trueLineFound += theirLine[at]! & ours[at]!;
      foundLine += ourLine[at]!;
      foundLineTrue += ourLine[at]! & theirs[at]!;
    }
    const left = new Set(shown);
    for (const { corners, mask } of wanted) {
      const [best] = [...left]
        .filter((thing) => intersectionOverUnion(thing.corners, corners) >= OVERLAPS)
        .sort((a, b) => intersectionOverUnion(b.corners, corners) - intersectionOverUnion(a.corners, corners));
      if (best === undefined) continue;
      left.delete(best);
      const [trueLength, foundLength] = [lengthOf(mask), lengthOf(best.mask)];
      if (trueLength > 0) ratios.push(foundLength / trueLength);
    }
  }
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : undefined);
  return {
    lineRecall: share(trueLineFound, trueLine),
    linePrecision: share(foundLineTrue, foundLine),
    compared: ratios.length,
    medianRatio: median(ratios),
    medianError: median(ratios.map((ratio) => Math.abs(ratio - 1))),
  };
}

/** One empty pixel all around, as thinning asks for. */
function padded({ left, top, width, height, bits }: Bitmap): DamageMask {
  const columns = width + 2;
  const inside = new Uint8Array(columns * (height + 2));
  for (let row = 0; row < height; row++)
    inside.set(bits.subarray(row * width, (row + 1) * width), (row + 1) * columns + 1);
  return { left: left - 1, top: top - 1, cell: 1, columns, rows: height + 2, inside };
}

/** Of a whole picture: what touches the picture's edge is thinned with an empty pixel beyond it. */
function middleLine(bits: Uint8Array, width: number): Uint8Array {
  const height = bits.length / width;
  const { inside, columns } = padded({ left: 0, top: 0, width, height, bits, area: 0 });
  const line = skeletonOf(inside, columns);
  const all = new Uint8Array(bits.length);
  for (let row = 0; row < height; row++)
    all.set(line.subarray((row + 1) * columns + 1, (row + 1) * columns + 1 + width), row * width);
  return all;
}

function lengthOf(mask: Bitmap | undefined): number {
  const shape = mask === undefined ? undefined : shapeOf(padded(mask), PIXELS);
  return shape === undefined ? 0 : measure(shape, PIXELS).lengthMm;
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 || low === undefined || high === undefined ? high : (low + high) / 2;
}
