import type { Orientation, PictureHeader } from "../cameras/index.ts";
import type { RelativeBox, RelativePolygon } from "./detections.ts";
import type { ModelInput } from "./registry/manifest.ts";

/** Where an upright picture lies in the network's input, and how to come back. All lengths in network pixels unless said. */
export interface Letterbox {
  /** The upright picture's own size in pixels. */
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  /** The picture's size and place in the tensor; the rest is padding. */
  readonly contentWidth: number;
  readonly contentHeight: number;
  readonly left: number;
  readonly top: number;
  /** Network pixels per source pixel. */
  readonly scaleX: number;
  readonly scaleY: number;
  /** Minus the source pixels that the decoder cuts off before the first column and row (see `decodedCover`). */
  readonly leadX: number;
  readonly leadY: number;
}

/** Where pixels lie in the tensor. */
export type Place = Pick<Letterbox, "contentWidth" | "contentHeight" | "left" | "top">;

/**
 * Fits a picture into the input without changing its shape. Content size and place follow the makers' own rounding, so that a network sees
 * what it was trained on: YOLOX cuts to whole pixels and lies top-left; Ultralytics rounds half to even, lies in the centre, and puts
 * the odd pixel of padding right and below; SAM rounds half up and lies top-left. Where the card says `stretch`, both axes fill the input, each by its own scale.
 * @param cover what the decoder's content stands for: the whole picture, or what libvips leaves of it
 */
export function letterboxFor(
  header: PictureHeader,
  input: Pick<ModelInput, "width" | "height" | "letterbox">,
  cover: "whole" | "libvips" = "libvips",
): Letterbox {
  const turned = header.orientation >= 5;
  const sourceWidth = turned ? header.height : header.width;
  const sourceHeight = turned ? header.width : header.height;
  const stretched = input.letterbox.anchor === "stretch";
  const ratio = Math.min(input.width / sourceWidth, input.height / sourceHeight);
  const centred = input.letterbox.anchor === "centre";
  const whole = ROUNDING[input.letterbox.anchor];
  const contentWidth = stretched ? input.width : clamp(whole(sourceWidth * ratio), 1, input.width);
  const contentHeight = stretched ? input.height : clamp(whole(sourceHeight * ratio), 1, input.height);
  const { width, height, leadX, leadY } =
    cover === "whole"
      ? { width: sourceWidth, height: sourceHeight, leadX: 0, leadY: 0 }
      : decodedCover(header, contentWidth, contentHeight);
  return {
    sourceWidth,
    sourceHeight,
    contentWidth,
    contentHeight,
    left: centred ? Math.max(0, Math.round((input.width - contentWidth) / 2 - 0.1)) : 0,
    top: centred ? Math.max(0, Math.round((input.height - contentHeight) / 2 - 0.1)) : 0,
    scaleX: contentWidth / width,
    scaleY: contentHeight / height,
    leadX,
    leadY,
  };
}

const ROUNDING: Readonly<Record<ModelInput["letterbox"]["anchor"], (value: number) => number>> = {
  // 1920 × (416 / 1920) may come out as 415.999…: the side that fits must fill its axis.
  "top-left": (value) => Math.floor(value + 1e-6),
  "top-left-rounded": Math.round,
  centre: roundHalfToEven,
  stretch: Math.round,
};

/**
 * How many source pixels the decoded content stands for. JPEG is decoded at 1/2, 1/4 or 1/8 of its size; libvips rounds down, so that the last
 * columns of a 1919 wide picture are cut off, and sharp then stretches the rest over the content. Ignoring this would shift boxes by up to
 * seven pixels at the far edge.
 */
function decodedCover(header: PictureHeader, contentWidth: number, contentHeight: number) {
  const turned = header.orientation >= 5;
  const shrink =
    header.format === "jpeg"
      ? jpegShrink(
          header.width / (turned ? contentHeight : contentWidth),
          header.height / (turned ? contentWidth : contentHeight),
        )
      : 1;
  const storedWidth = Math.floor(header.width / shrink) * shrink;
  const storedHeight = Math.floor(header.height / shrink) * shrink;
  // Nothing or negative: what is cut off.
  const extraX = turned ? storedHeight - header.height : storedWidth - header.width;
  const extraY = turned ? storedWidth - header.width : storedHeight - header.height;
  const [mirroredX, mirroredY] = MIRRORED[header.orientation];
  return {
    width: turned ? storedHeight : storedWidth,
    height: turned ? storedWidth : storedHeight,
    leadX: mirroredX ? extraX : 0,
    leadY: mirroredY ? extraY : 0,
  };
}

/** Whether the stored picture's far edge becomes the upright picture's left edge, and its top edge (EXIF 2.32, orientation). */
const MIRRORED: Readonly<Record<Orientation, readonly [boolean, boolean]>> = {
  1: [false, false],
  2: [true, false],
  3: [true, true],
  4: [false, true],
  5: [false, false],
  6: [true, false],
  7: [true, true],
  8: [false, true],
};

/** The reduced decode that sharp 0.35 chooses: never down to the exact size, always leaving something to its own resize. */
function jpegShrink(shrinkX: number, shrinkY: number): 1 | 2 | 4 | 8 {
  const shrink = Math.min(shrinkX, shrinkY);
  if (shrink >= 9) return 8;
  if (shrink >= 5) return 4;
  if (shrink >= 3) return 2;
  return 1;
}

/** From network pixels to the source picture, relative, cut at its edges. */
export function toRelative(box: Letterbox, x1: number, y1: number, x2: number, y2: number): RelativeBox {
  const x = (value: number) => clamp(((value - box.left) / box.scaleX - box.leadX) / box.sourceWidth, 0, 1);
  const y = (value: number) => clamp(((value - box.top) / box.scaleY - box.leadY) / box.sourceHeight, 0, 1);
  return [x(x1), y(y1), x(x2), y(y2)];
}

/**
 * The same for an outline.
 * @param polygon in network pixels, `x, y` after `x, y`
 * @param unmirrored where a column of a mirrored look belongs
 */
export function relativePolygon(
  letterbox: Letterbox,
  polygon: readonly number[],
  unmirrored: (x: number) => number = (x) => x,
): RelativePolygon {
  const relative: number[] = [];
  for (let at = 0; at < polygon.length; at += 2) {
    const column = unmirrored(polygon[at]!);
    const [x, y] = toRelative(letterbox, column, polygon[at + 1]!, column, polygon[at + 1]!);
    relative.push(x, y);
  }
  return relative;
}

/** From source pixels to network pixels. */
export function toNetwork(box: Letterbox, x: number, y: number): readonly [x: number, y: number] {
  return [(x + box.leadX) * box.scaleX + box.left, (y + box.leadY) * box.scaleY + box.top];
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
