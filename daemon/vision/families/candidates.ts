/**
 * Boxes that a network proposes, as flat arrays: a picture may bring thousands, and an object for each would cost more than the arithmetic.
 * Corners in network pixels; `labelIndex` in the order of the card's labels.
 */
export interface Candidates {
  count: number;
  readonly corners: Float32Array;
  readonly scores: Float32Array;
  readonly labelIndexes: Uint16Array;
}

/** Room for `capacity` candidates, used again for every picture. */
export function createCandidates(capacity: number): Candidates {
  return {
    count: 0,
    corners: new Float32Array(capacity * 4),
    scores: new Float32Array(capacity),
    labelIndexes: new Uint16Array(capacity),
  };
}

/**
 * Adds a candidate given by centre and size. NaN and infinite numbers (a broken network, a GPU that overheats) never become boxes, and
 * neither does what has no room left.
 */
export function addCandidate(
  candidates: Candidates,
  labelIndex: number,
  score: number,
  cx: number,
  cy: number,
  width: number,
  height: number,
): void {
  const at = candidates.count;
  if (at >= candidates.scores.length) return;
  if (!(width > 0 && height > 0 && width < Number.POSITIVE_INFINITY && height < Number.POSITIVE_INFINITY)) return;
  if (!Number.isFinite(cx) || !Number.isFinite(cy)) return;
  candidates.corners[at * 4] = cx - width / 2;
  candidates.corners[at * 4 + 1] = cy - height / 2;
  candidates.corners[at * 4 + 2] = cx + width / 2;
  candidates.corners[at * 4 + 3] = cy + height / 2;
  candidates.scores[at] = score;
  candidates.labelIndexes[at] = labelIndex;
  candidates.count = at + 1;
}

/** A decode family: how a network's output numbers become candidates. */
export interface DecodeFamily {
  /** Output shape for an input and a number of classes; what a file says must agree with it. */
  outputShape(width: number, height: number, classes: number): readonly number[];
  /** Position of the dimension that holds the classes, and what stands in it beside them. */
  readonly classDimension: { readonly index: number; readonly others: number };
  /**
   * Collects every (box, class) whose score reaches that class's floor.
   * @param floors per class, the lowest score of interest
   */
  decode(
    output: Float32Array,
    size: { readonly width: number; readonly height: number },
    floors: Float32Array,
    into: Candidates,
  ): void;
}
