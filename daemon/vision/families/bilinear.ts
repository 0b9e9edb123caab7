/**
 * A value between the samples of a grid, by straight lines along both axes.
 * @param cell the sample at a column and row; asked for neighbours outside the grid as well
 * @param x,y in cells: the sample (0, 0) stands at (0, 0)
 */
export function bilinear(cell: (column: number, row: number) => number, x: number, y: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const right = x - left;
  const down = y - top;
  return (
    (cell(left, top) * (1 - right) + cell(left + 1, top) * right) * (1 - down) +
    (cell(left, top + 1) * (1 - right) + cell(left + 1, top + 1) * right) * down
  );
}
