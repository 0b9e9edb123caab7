/**
 * The cheapest assignment of rows to columns, each used at most once (shortest augmenting paths with potentials, after Jonker and
 * Volgenant 1987; O(rows² · columns)). Pairs that cost `limit` or more are left unassigned.
 * Returns the column of each row, or -1.
 */
export function assign(costs: readonly (readonly number[])[], limit: number): readonly number[] {
  const columns = costs[0]?.length ?? 0;
  if (columns === 0) return costs.map(() => -1);
  // One private column per row stands for "unassigned", so that a bad pair is never forced on a row.
  const padded = costs.map((row, index) => [
    ...row.map((cost) => Math.min(cost, limit * 2)),
    ...costs.map((_, other) => (other === index ? limit : limit * 2)),
  ]);
  return solve(padded).map((column, row) => ((costs[row]?.[column] ?? limit) < limit ? column : -1));
}

function solve(costs: readonly (readonly number[])[]): readonly number[] {
  const rows = costs.length;
  const columns = costs[0]?.length ?? 0;
  // 1-based; column 0 is where a new row starts its path.
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(columns + 1);
  const rowOf = new Int32Array(columns + 1);
  for (let row = 1; row <= rows; row += 1) {
    const shortest = new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY);
    const previous = new Int32Array(columns + 1);
    const done = new Uint8Array(columns + 1);
    rowOf[0] = row;
    let column = 0;
    do {
      done[column] = 1;
      const at = rowOf[column]!;
      let step = Number.POSITIVE_INFINITY;
      let next = 0;
      for (let candidate = 1; candidate <= columns; candidate += 1) {
        if (done[candidate] === 1) continue;
        const reduced = costs[at - 1]![candidate - 1]! - rowPotential[at]! - columnPotential[candidate]!;
        if (reduced < shortest[candidate]!) {
          shortest[candidate] = reduced;
          previous[candidate] = column;
        }
        if (shortest[candidate]! < step) {
          step = shortest[candidate]!;
          next = candidate;
        }
      }
      for (let visited = 0; visited <= columns; visited += 1) {
        if (done[visited] === 1) {
          rowPotential[rowOf[visited]!]! += step;
          columnPotential[visited]! -= step;
        } else shortest[visited]! -= step;
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      const from = previous[column]!;
      rowOf[column] = rowOf[from]!;
      column = from;
    }
  }
  const columnOf = new Array<number>(rows).fill(-1);
  for (let column = 1; column <= columns; column += 1)
    if (rowOf[column]! > 0) columnOf[rowOf[column]! - 1] = column - 1;
  return columnOf;
}
