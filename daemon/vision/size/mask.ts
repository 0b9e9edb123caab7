import type { Point } from "./geometry.ts";

/** x, y, width, height in pixels of the upright picture. */
export type PixelBox = readonly [x: number, y: number, width: number, height: number];

/** Where damage is, cell by cell, with at least one empty cell all around. */
export interface DamageMask {
  /** Pixels of the picture at the first cell's top left corner. */
  readonly left: number;
  readonly top: number;
  /** Side of a cell in pixels. */
  readonly cell: number;
  readonly columns: number;
  readonly rows: number;
  /** 1 is damage. */
  readonly inside: Uint8Array;
}

/** Cells are pixels, unless the damage has more of them than this. */
const MOST_CELLS = 2_000_000;

/**
 * The cells whose middle lies in any of the polygons and in the box. Each polygon is filled by the even-odd rule.
 * @param polygons in pixels
 */
export function maskOf(
  polygons: readonly (readonly Point[])[],
  [boxX, boxY, boxWidth, boxHeight]: PixelBox,
): DamageMask {
  const xs = polygons.flatMap((polygon) => polygon.map(([x]) => Math.min(Math.max(x, boxX), boxX + boxWidth)));
  const ys = polygons.flatMap((polygon) => polygon.map(([, y]) => Math.min(Math.max(y, boxY), boxY + boxHeight)));
  const [minX, maxX] = [least(xs, boxX), most(xs, boxX)];
  const [minY, maxY] = [least(ys, boxY), most(ys, boxY)];
  const cell = Math.max(1, Math.ceil(Math.sqrt(((maxX - minX) * (maxY - minY)) / MOST_CELLS)));
  const left = Math.floor(minX) - cell;
  const top = Math.floor(minY) - cell;
  const columns = Math.ceil((maxX - left) / cell) + 1;
  const rows = Math.ceil((maxY - top) / cell) + 1;
  const mask = { left, top, cell, columns, rows, inside: new Uint8Array(columns * rows) };
  for (const polygon of polygons) fill(mask, polygon, [boxX, boxY, boxWidth, boxHeight]);
  return mask;
}

function fill({ left, top, cell, columns, rows, inside }: DamageMask, polygon: readonly Point[], box: PixelBox): void {
  for (let row = 1; row < rows - 1; row++) {
    const y = top + (row + 0.5) * cell;
    if (y < box[1] || y > box[1] + box[3]) continue;
    const crossings: number[] = [];
    for (const [index, [ax, ay]] of polygon.entries()) {
      const [bx, by] = polygon[(index + 1) % polygon.length]!;
      if (ay > y !== by > y) crossings.push(ax + ((bx - ax) * (y - ay)) / (by - ay));
    }
    crossings.sort((a, b) => a - b);
    for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
      const from = Math.max(crossings[pair]!, box[0]);
      const to = Math.min(crossings[pair + 1]!, box[0] + box[2]);
      const first = Math.max(1, Math.ceil((from - left) / cell - 0.5));
      const last = Math.min(columns - 2, Math.ceil((to - left) / cell - 0.5) - 1);
      if (last >= first) inside.fill(1, row * columns + first, row * columns + last + 1);
    }
  }
}

/** Spreading large arrays as arguments overflows the stack. */
function least(values: readonly number[], empty: number): number {
  return values.length === 0 ? empty : values.reduce((a, b) => Math.min(a, b));
}

function most(values: readonly number[], empty: number): number {
  return values.length === 0 ? empty : values.reduce((a, b) => Math.max(a, b));
}

/** Middle of a cell in pixels of the picture. */
export function cellMiddle({ left, top, cell, columns }: DamageMask, at: number): Point {
  return [left + ((at % columns) + 0.5) * cell, top + (Math.floor(at / columns) + 0.5) * cell];
}

/** Whether a place in the picture is damaged. */
export function isDamaged({ left, top, cell, columns, rows, inside }: DamageMask, x: number, y: number): boolean {
  const column = Math.floor((x - left) / cell);
  const row = Math.floor((y - top) / cell);
  return column >= 0 && row >= 0 && column < columns && row < rows && inside[row * columns + column] === 1;
}

/** Connected pieces (by sides and corners), each as its cells, the largest first. Specks under a tenth of the largest are left out. */
export function piecesOf({ columns, inside }: DamageMask): Uint32Array[] {
  const seen = new Uint8Array(inside.length);
  const around = [1, -1, columns, -columns, columns + 1, columns - 1, -columns + 1, -columns - 1];
  const pieces: Uint32Array[] = [];
  for (let start = 0; start < inside.length; start++) {
    if (inside[start] === 0 || seen[start] === 1) continue;
    const cells = [start];
    seen[start] = 1;
    for (let next = 0; next < cells.length; next++) {
      for (const step of around) {
        const neighbour = cells[next]! + step;
        if (inside[neighbour] !== 1 || seen[neighbour] === 1) continue;
        seen[neighbour] = 1;
        cells.push(neighbour);
      }
    }
    pieces.push(Uint32Array.from(cells));
  }
  pieces.sort((a, b) => b.length - a.length);
  const smallest = (pieces[0]?.length ?? 0) / 10;
  return pieces.filter(({ length }) => length >= smallest);
}
