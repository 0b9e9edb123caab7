/**
 * Boxes that a network proposes, as flat arrays: a picture may bring thousands, and an object for each would cost more than the arithmetic.
 * Corners in network pixels; `labelIndex` in the order of the card's labels; `row` is the network's own number of the box, by which a family
 * finds the rest of what was said about it.
 */
export interface Candidates {
  count: number;
  readonly corners: Float32Array;
  readonly scores: Float32Array;
  readonly labelIndexes: Uint16Array;
  readonly rows: Uint32Array;
}

/** Room for `capacity` candidates, used again for every picture. */
export function createCandidates(capacity: number): Candidates {
  return {
    count: 0,
    corners: new Float32Array(capacity * 4),
    scores: new Float32Array(capacity),
    labelIndexes: new Uint16Array(capacity),
    rows: new Uint32Array(capacity),
  };
}

/**
 * Adds a candidate given by centre and size. NaN and infinite numbers (a broken network, a GPU that overheats) never become boxes. Where the room is
 * used up the weaker half makes way, so that the best half of it is always there, whatever their number and order.
 */
export function addCandidate(
  candidates: Candidates,
  labelIndex: number,
  score: number,
  cx: number,
  cy: number,
  width: number,
  height: number,
  row = 0,
): void {
  if (!(width > 0 && height > 0 && width < Number.POSITIVE_INFINITY && height < Number.POSITIVE_INFINITY)) return;
  if (!Number.isFinite(score) || !Number.isFinite(cx) || !Number.isFinite(cy)) return;
  if (candidates.count >= candidates.scores.length) dropWeakerHalf(candidates);
  const at = candidates.count;
  candidates.corners[at * 4] = cx - width / 2;
  candidates.corners[at * 4 + 1] = cy - height / 2;
  candidates.corners[at * 4 + 2] = cx + width / 2;
  candidates.corners[at * 4 + 3] = cy + height / 2;
  candidates.scores[at] = score;
  candidates.labelIndexes[at] = labelIndex;
  candidates.rows[at] = row;
  candidates.count = at + 1;
}

/** Those that stay keep their order, on which equal scores depend. */
function dropWeakerHalf(candidates: Candidates): void {
  const { corners, scores, labelIndexes, rows, count } = candidates;
  const best = Array.from({ length: count }, (_, index) => index)
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, count >> 1)
    .sort((a, b) => a - b);
  for (const [to, from] of best.entries()) {
    corners.copyWithin(to * 4, from * 4, from * 4 + 4);
    scores[to] = scores[from]!;
    labelIndexes[to] = labelIndexes[from]!;
    rows[to] = rows[from]!;
  }
  candidates.count = best.length;
}

/** Size of a network's input in pixels. */
export interface NetworkSize {
  readonly width: number;
  readonly height: number;
}

/** One output that a family reads. */
export interface FamilyOutput {
  /** Its name in the file, where a family has several outputs; the only output may have any name. */
  readonly name?: string;
  /**
   * A length that the file chooses is a letter; the same letter is the same length in all of the family's outputs, and `K+6` is six more than `K`.
   * A small letter may stand for no length at all: a picture in which there is nothing.
   */
  readonly shape: readonly (number | string)[];
  /** float32 where absent; `decode` gets numbers in either case. */
  readonly type?: "float32" | "int64";
  /** Position of the dimension that holds the classes, and what stands in it beside them. */
  readonly classDimension?: { readonly index: number; readonly others: number };
}

/**
 * Whether shapes are the wanted ones. A length that is not known (undefined) fits anything; a letter fits one length wherever it stands.
 * @param shapes in the order of `wanted`
 */
export function shapesFit(
  shapes: readonly { readonly shape: readonly (number | undefined)[] }[],
  wanted: readonly FamilyOutput[],
): boolean {
  const letters = new Map<string, number>();
  const sizeFits = (size: number | undefined, want: number | string | undefined): boolean => {
    if (size === undefined) return true;
    if (typeof want !== "string") return size === want;
    const [letter = want, more = "0"] = want.split("+");
    const length = size - Number(more);
    const known = letters.get(letter) ?? length;
    letters.set(letter, known);
    return length === known && (length > 0 || letter === letter.toLowerCase());
  };
  return (
    shapes.length === wanted.length &&
    wanted.every(({ shape: want }, at) => {
      const shape = shapes[at]?.shape;
      return shape?.length === want.length && want.every((size, index) => sizeFits(shape[index], size));
    })
  );
}

/** A decode family: how a network's output numbers become candidates. */
export interface DecodeFamily {
  /** Name of a second input `[1, 2]` of int64 that is told the network's width and height. */
  readonly sizeInput?: string;
  /** What width and height must be multiples of; 32, the usual coarsest grid, where absent. */
  readonly coarsestStride?: number;
  /** Overlap above which the weaker of two boxes of one class is dropped, where the card does not say; 1: the network has done so itself. */
  readonly nmsIou?: number;
  /** What a file must put out for an input and a number of classes; what it says must agree. */
  outputs(size: NetworkSize, classes: number): readonly FamilyOutput[];
  /**
   * Collects every (box, class) whose score reaches that class's floor.
   * @param outputs in the order of `outputs`
   * @param floors per class, the lowest score of interest
   */
  decode(outputs: readonly Float32Array[], size: NetworkSize, floors: Float32Array, into: Candidates): void;
  /**
   * The outline of what a candidate's box holds, for families that know more than a box.
   * @param row the candidate's row
   * @param corners its box in network pixels
   * @returns polygons in network pixels, `x, y` after `x, y`, inside the box, the largest first; empty where nothing of it is inside
   */
  outline?(
    outputs: readonly Float32Array[],
    size: NetworkSize,
    row: number,
    corners: readonly [x1: number, y1: number, x2: number, y2: number],
  ): number[][];
}

/** Anchors of the usual three grids, row by row: Σ (W/s)·(H/s) over the strides 8, 16, 32. */
export function gridAnchors({ width, height }: NetworkSize): number {
  return STRIDES.reduce((sum, stride) => sum + Math.floor(width / stride) * Math.floor(height / stride), 0);
}

export const STRIDES = [8, 16, 32] as const;
