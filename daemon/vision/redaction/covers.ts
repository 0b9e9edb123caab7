import type { RelativeBox } from "../detections.ts";
import type { Pixels } from "../picture.ts";

/** A box in whole pixels: left and top within, right and bottom beyond. */
export interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** `head`: a person is there and no face was found in the upper half of him. */
export type CoveredKind = "face" | "plate" | "head";

export interface Cover {
  readonly what: CoveredKind;
  readonly box: PixelBox;
}

/** What stands in place of a covered face or plate. */
export const COVER_COLOUR = [72, 80, 88] as const;

/** Networks cut close: this part of the box's size is added on each side, and at least so many pixels. */
const COVER_MARGIN = 0.15;
const LEAST_MARGIN_PX = 3;

/**
 * JPEG with halved chroma codes 16 × 16 pixels together (ITU-T T.81, A.2): a cover that ends on this grid shares no block with what it hides, so that
 * nothing of the inside rings into what is visible, nor the other way round.
 */
const JPEG_BLOCK_PX = 16;

/** The upper part of a standing, sitting or bending person in which the head is, as a part of the box's height. */
const HEAD_PART = 1 / 3;

/** A thing's box with its margin, widened to the JPEG block grid, cut at the picture's edges. */
export function coverFor([x1, y1, x2, y2]: RelativeBox, width: number, height: number): PixelBox {
  const marginX = Math.max(LEAST_MARGIN_PX, (x2 - x1) * width * COVER_MARGIN);
  const marginY = Math.max(LEAST_MARGIN_PX, (y2 - y1) * height * COVER_MARGIN);
  return onBlockGrid(
    {
      left: x1 * width - marginX,
      top: y1 * height - marginY,
      right: x2 * width + marginX,
      bottom: y2 * height + marginY,
    },
    width,
    height,
  );
}

/** The same part of the picture at another size, widened to that size's block grid. */
export function scaledCover(box: PixelBox, from: Size, to: Size): PixelBox {
  const x = to.width / from.width;
  const y = to.height / from.height;
  const scaled = { left: box.left * x, top: box.top * y, right: box.right * x, bottom: box.bottom * y };
  return onBlockGrid(scaled, to.width, to.height);
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function onBlockGrid(box: PixelBox, width: number, height: number): PixelBox {
  const down = (value: number) => Math.floor(value / JPEG_BLOCK_PX) * JPEG_BLOCK_PX;
  const up = (value: number) => Math.ceil(value / JPEG_BLOCK_PX) * JPEG_BLOCK_PX;
  return {
    left: Math.max(0, down(box.left)),
    top: Math.max(0, down(box.top)),
    right: Math.min(width, up(box.right)),
    bottom: Math.min(height, up(box.bottom)),
  };
}

/** Every pixel inside the covers becomes the cover's colour; none outside changes. Works in place. */
export function paintCovers({ rgb, width }: Pick<Pixels, "rgb" | "width">, covers: readonly PixelBox[]): void {
  for (const cover of covers) paint(rgb, width, cover, COVER_COLOUR);
}

/** Fills a box, in place. */
export function paint(rgb: Buffer, width: number, box: PixelBox, colour: readonly [number, number, number]): void {
  const [red, green, blue] = colour;
  for (let y = box.top; y < box.bottom; y++) {
    for (let at = (y * width + box.left) * 3, end = (y * width + box.right) * 3; at < end; at += 3) {
      rgb[at] = red;
      rgb[at + 1] = green;
      rgb[at + 2] = blue;
    }
  }
}

/** Which part of a box's pixels lies inside at least one cover, 0 to 1. */
export function coveredShare(box: RelativeBox, covers: readonly PixelBox[], { width, height }: Size): number {
  const [left, top, right, bottom] = [box[0] * width, box[1] * height, box[2] * width, box[3] * height];
  const area = (right - left) * (bottom - top);
  if (area <= 0) return 1;
  // Covers may overlap: between two neighbouring edges of any cover the covered height is constant.
  const columns = [left, right, ...covers.flatMap((cover) => [cover.left, cover.right])]
    .filter((x) => x >= left && x <= right)
    .sort((a, b) => a - b);
  let covered = 0;
  for (const [index, from] of columns.entries()) {
    const to = columns[index + 1] ?? from;
    const here = covers.filter((cover) => cover.left <= from && cover.right >= to);
    covered += (to - from) * coveredLength(here, top, bottom);
  }
  return covered / area;
}

function coveredLength(covers: readonly PixelBox[], top: number, bottom: number): number {
  let length = 0;
  let reached = top;
  for (const cover of covers.toSorted((a, b) => a.top - b.top)) {
    const from = Math.max(reached, cover.top);
    const until = Math.min(bottom, cover.bottom);
    if (until <= from) continue;
    length += until - from;
    reached = until;
  }
  return length;
}

/**
 * Head regions of people whose face was not found: turned away, behind a mask, under a helmet. A face belongs to one person only, the smallest one in
 * whose upper half it lies.
 */
export function headsWithoutFace(persons: readonly RelativeBox[], faces: readonly RelativeBox[]): RelativeBox[] {
  const bySize = persons.toSorted((a, b) => area(a) - area(b));
  const faceless = new Set(bySize);
  for (const face of faces) {
    const owner = bySize.find((person) => faceless.has(person) && isHeadOf(face, person));
    if (owner !== undefined) faceless.delete(owner);
  }
  return [...faceless].map(([x1, y1, x2, y2]) => [x1, y1, x2, y1 + (y2 - y1) * HEAD_PART]);
}

/** Whether a face lies in the upper half of a person. */
export function isHeadOf(face: RelativeBox, [x1, y1, x2, y2]: RelativeBox): boolean {
  const x = (face[0] + face[2]) / 2;
  const y = (face[1] + face[3]) / 2;
  return x >= x1 && x <= x2 && y >= y1 && y <= (y1 + y2) / 2;
}

const area = ([x1, y1, x2, y2]: RelativeBox) => (x2 - x1) * (y2 - y1);
