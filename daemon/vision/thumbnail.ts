import sharp from "sharp";
import type { RelativeBox } from "./detections.ts";
import type { Found } from "./detector.ts";
import type { DecodedPicture } from "./picture.ts";
import { type PixelBox, paint, paintCovers } from "./redaction/covers.ts";
import type { LiveCover } from "./redaction/recent-covers.ts";

/** Nothing on a live picture is wider than this, whatever the model's input. */
export const MAX_THUMBNAIL_WIDTH = 480;
/** From this score on a thing is covered, far below what counts as a detection: a cover too many harms nobody. */
export const COVER_FROM_SCORE = 0.15;
/** A block is at least this part of the vehicle's width. A plate is about a quarter of it: six blocks for seven or eight characters. */
const BLOCKS_PER_VEHICLE = 24;
const SMALLEST_BLOCK = 4;
/** Boxes cut close; hands, hair and bumpers stick out. Part of the box's size on each side. */
const PERSON_MARGIN = 0.12;
const VEHICLE_MARGIN = 0.05;

/**
 * A live picture that shows what a bay is like and nobody's face or plate: people filled solid, vehicles as blocks. It fails closed: without the
 * detections of this very frame there is no thumbnail.
 * @param found everything from COVER_FROM_SCORE on that was found in this frame; undefined when nobody looked
 * @param remembered what the looks before this one covered
 */
export async function redactedThumbnail(
  picture: DecodedPicture,
  found: readonly Found[] | undefined,
  remembered: readonly LiveCover[],
): Promise<Buffer | undefined> {
  if (found === undefined) return undefined;
  const { contentWidth: width, contentHeight: height } = picture.letterbox;
  const pixels = redact(picture.rgb, width, height, [...found.map(({ detection }) => detection), ...remembered]);
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize({ width: MAX_THUMBNAIL_WIDTH, withoutEnlargement: true })
    .jpeg({ quality: 70 })
    .toBuffer();
}

/** Covers people and coarsens everything else. The picture given stays as it is. */
export function redact(rgb: Buffer, width: number, height: number, things: readonly LiveCover[]): Buffer {
  const pixels = Buffer.from(rgb);
  const isPerson = (thing: LiveCover) => thing.label === "person";
  for (const { box: vehicle } of things.filter((thing) => !isPerson(thing))) {
    const box = inPixels(vehicle, VEHICLE_MARGIN, width, height);
    const vehicleWidth = (vehicle[2] - vehicle[0]) * width;
    coarsen(pixels, width, box, Math.max(SMALLEST_BLOCK, Math.ceil(vehicleWidth / BLOCKS_PER_VEHICLE)));
  }
  // After the vehicles, so that nothing of a person is mixed into a block beside him that stays visible.
  const people = things.filter(isPerson).map(({ box }) => inPixels(box, PERSON_MARGIN, width, height));
  paintCovers({ rgb: pixels, width }, people);
  return pixels;
}

function inPixels([x1, y1, x2, y2]: RelativeBox, margin: number, width: number, height: number): PixelBox {
  const marginX = (x2 - x1) * margin;
  const marginY = (y2 - y1) * margin;
  return {
    left: Math.max(0, Math.floor((x1 - marginX) * width)),
    top: Math.max(0, Math.floor((y1 - marginY) * height)),
    right: Math.min(width, Math.ceil((x2 + marginX) * width)),
    bottom: Math.min(height, Math.ceil((y2 + marginY) * height)),
  };
}

/** Every block becomes its mean colour. */
function coarsen(pixels: Buffer, width: number, box: PixelBox, block: number): void {
  for (let top = box.top; top < box.bottom; top += block) {
    for (let left = box.left; left < box.right; left += block) {
      const cell = { left, top, right: Math.min(box.right, left + block), bottom: Math.min(box.bottom, top + block) };
      paint(pixels, width, cell, meanColour(pixels, width, cell));
    }
  }
}

function meanColour(pixels: Buffer, width: number, box: PixelBox): readonly [number, number, number] {
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let y = box.top; y < box.bottom; y++) {
    for (let at = (y * width + box.left) * 3, end = (y * width + box.right) * 3; at < end; at += 3) {
      red += pixels[at]!;
      green += pixels[at + 1]!;
      blue += pixels[at + 2]!;
    }
  }
  const count = Math.max(1, (box.right - box.left) * (box.bottom - box.top));
  return [Math.round(red / count), Math.round(green / count), Math.round(blue / count)];
}
