/**
 * The one cell wide middle lines of a mask, connected as the mask is (thinning after Zhang & Suen 1984). Only cells at the edge of what is left are
 * looked at in each round, so that the cost goes with the area and not with area times width.
 * @param inside 1 is inside; the outermost cells must be 0
 * @returns 1 is on a middle line
 */
export function skeletonOf(inside: Uint8Array, columns: number): Uint8Array {
  const left = Uint8Array.from(inside);
  // North, north-east, … north-west: P2 to P9 of the paper.
  const around = [-columns, -columns + 1, 1, columns + 1, columns, columns - 1, -1, -columns - 1];
  let edge: number[] = [];
  for (let at = 0; at < left.length; at++)
    if (left[at] === 1 && around.some((step) => left[at + step] === 0)) edge.push(at);
  const queued = new Uint8Array(left.length);
  for (let quiet = 0, half: 0 | 1 = 0; quiet < 2 && edge.length > 0; half = half === 0 ? 1 : 0) {
    const chosen = edge.filter((at) => mayGo(left, at, around, half));
    // Asked again one by one: all at once, two by two cells would vanish, and with them whole discs.
    const going = chosen.filter((at) => {
      if (!isLoose(left, at, around)) return false;
      left[at] = 0;
      return true;
    });
    quiet = going.length === 0 ? quiet + 1 : 0;
    const next: number[] = [];
    const enqueue = (at: number) => {
      if (left[at] !== 1 || queued[at] === 1) return;
      queued[at] = 1;
      next.push(at);
    };
    for (const at of edge) enqueue(at);
    for (const at of going) for (const step of around) enqueue(at + step);
    for (const at of next) queued[at] = 0;
    edge = next;
  }
  return left;
}

/** No end of a line, no bridge, not deep inside. */
function isLoose(left: Uint8Array, at: number, around: readonly number[]): boolean {
  let [neighbours, rises] = [0, 0];
  let before = left[at + around[7]!]!;
  for (let index = 0; index < 8; index++) {
    const here = left[at + around[index]!]!;
    neighbours += here;
    if (before === 0 && here === 1) rises++;
    before = here;
  }
  return neighbours >= 2 && neighbours <= 6 && rises === 1;
}

/** The paper's conditions; the two half rounds take south-east and north-west edges. */
function mayGo(left: Uint8Array, at: number, around: readonly number[], half: 0 | 1): boolean {
  if (!isLoose(left, at, around)) return false;
  const north = left[at + around[0]!]!;
  const east = left[at + around[2]!]!;
  const south = left[at + around[4]!]!;
  const west = left[at + around[6]!]!;
  return half === 0
    ? north * east * south === 0 && east * south * west === 0
    : north * east * west === 0 && north * south * west === 0;
}

/**
 * The longest way along a skeleton, from one of its ends to another: the way from any cell to the farthest, and from there to the farthest again.
 * Exact where lines branch; where they close to rings, one of the ways between two cells that are about as far apart as any.
 * @param cells the skeleton's cells, all connected
 * @param stepLength length of the step between two neighbouring cells, in any unit
 * @returns cells in order, at least one; empty where there are none
 */
export function longestPath(
  cells: readonly number[],
  columns: number,
  stepLength: (from: number, to: number) => number,
): number[] {
  const first = cells[0];
  if (first === undefined) return [];
  const known = new Set(cells);
  const around = [1, -1, columns, -columns, columns + 1, columns - 1, -columns + 1, -columns - 1];
  const waysFrom = (start: number) => {
    const distance = new Map([[start, 0]]);
    const cameFrom = new Map<number, number>();
    const queue = [start];
    let farthest = start;
    for (let next = 0; next < queue.length; next++) {
      const from = queue[next]!;
      const here = distance.get(from)!;
      for (const step of around) {
        const to = from + step;
        if (!known.has(to)) continue;
        const there = here + stepLength(from, to);
        if (there >= (distance.get(to) ?? Number.POSITIVE_INFINITY) - 1e-9) continue;
        distance.set(to, there);
        cameFrom.set(to, from);
        queue.push(to);
      }
    }
    for (const [cell, far] of distance) if (far > distance.get(farthest)!) farthest = cell;
    return { farthest, cameFrom };
  };
  const oneEnd = waysFrom(first).farthest;
  const { farthest, cameFrom } = waysFrom(oneEnd);
  const path: number[] = [];
  for (let at: number | undefined = farthest; at !== undefined; at = cameFrom.get(at)) path.push(at);
  return path;
}
