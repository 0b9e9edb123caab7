import fc from "fast-check";
import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import type { Orientation, PictureHeader } from "../cameras/index.ts";
import { letterboxFor, toNetwork, toRelative } from "./letterbox.ts";
import { decodePicture } from "./picture.ts";
import type { ModelInput } from "./registry/manifest.ts";

const topLeft: ModelInput = {
  name: "image",
  width: 416,
  height: 416,
  layout: "nhwc-uint8",
  channels: "bgr",
  letterbox: { anchor: "top-left", pad: 114 },
};
const centred: ModelInput = { ...topLeft, width: 640, height: 640, letterbox: { anchor: "centre", pad: 114 } };
const rounded: ModelInput = {
  ...topLeft,
  width: 1024,
  height: 1024,
  letterbox: { anchor: "top-left-rounded", pad: 0 },
};
const stretched: ModelInput = { ...topLeft, letterbox: { anchor: "stretch", pad: 0 } };
const header = (width: number, height: number, orientation: Orientation = 1): PictureHeader => ({
  format: "jpeg",
  width,
  height,
  orientation,
});

describe("letterbox", () => {
  test("follows YOLOX: shape kept, cut to whole pixels, top left", () => {
    expect(letterboxFor(header(1920, 1080), topLeft)).toMatchObject({
      contentWidth: 416,
      contentHeight: 234,
      left: 0,
      top: 0,
    });
    expect(letterboxFor(header(1080, 1920), topLeft)).toMatchObject({ contentWidth: 234, contentHeight: 416 });
    expect(letterboxFor(header(1000, 667), topLeft)).toMatchObject({ contentWidth: 416, contentHeight: 277 });
  });

  test("follows Ultralytics: rounded half to even, centred, the odd pixel right and below", () => {
    // Reference values of Ultralytics' LetterBox(auto=False, scaleup=True).
    expect(letterboxFor(header(1920, 1080), centred)).toMatchObject({
      contentWidth: 640,
      contentHeight: 360,
      left: 0,
      top: 140,
    });
    expect(letterboxFor(header(810, 1080), centred)).toMatchObject({
      contentWidth: 480,
      contentHeight: 640,
      left: 80,
      top: 0,
    });
    expect(letterboxFor(header(1280, 721), centred)).toMatchObject({ contentHeight: 360, top: 140 });
    expect(letterboxFor(header(1280, 723), centred)).toMatchObject({ contentHeight: 362, top: 139 });
    expect(letterboxFor(header(640, 361), centred)).toMatchObject({ contentHeight: 361, top: 139 });
    expect(letterboxFor(header(3775, 1571), { ...centred, width: 1280, height: 1280 })).toMatchObject({
      contentWidth: 1280,
      contentHeight: 533,
      left: 0,
      top: 373,
    });
  });

  test("follows SAM: the longest side fills the input, the other is rounded half up, top left", () => {
    expect(letterboxFor(header(3775, 1571), rounded)).toMatchObject({
      contentWidth: 1024,
      contentHeight: 426,
      left: 0,
      top: 0,
    });
    expect(letterboxFor(header(2048, 1025), rounded)).toMatchObject({ contentWidth: 1024, contentHeight: 513 });
    expect(letterboxFor(header(1023, 2048), rounded)).toMatchObject({ contentWidth: 512, contentHeight: 1024 });
    expect(letterboxFor(header(64, 40), rounded)).toMatchObject({ contentWidth: 1024, contentHeight: 640 });
  });

  test("lies where the makers' own arithmetic puts it, for every size and input", () => {
    const side = fc.integer({ min: 1, max: 6000 });
    const inputSide = fc.integer({ min: 1, max: 64 }).map((steps) => steps * 32);
    fc.assert(
      fc.property(side, side, inputSide, inputSide, (width, height, inputWidth, inputHeight) => {
        for (const anchor of ["centre", "top-left", "top-left-rounded"] as const) {
          const input = {
            ...topLeft,
            width: inputWidth,
            height: inputHeight,
            letterbox: { anchor, pad: 114 } as const,
          };
          const { contentWidth, contentHeight, left, top } = letterboxFor(header(width, height), input);
          const wanted = MAKERS[anchor](width, height, inputWidth, inputHeight);
          expect({ anchor, contentWidth, contentHeight, left, top }).toEqual({ anchor, ...wanted });
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("a point goes there and comes back within half a pixel, for every size, place and orientation", () => {
    const side = fc.integer({ min: 1, max: 5000 });
    const orientation = fc.constantFrom<Orientation>(1, 2, 3, 4, 5, 6, 7, 8);
    fc.assert(
      fc.property(
        side,
        side,
        orientation,
        fc.constantFrom(topLeft, centred, rounded, stretched),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (width, height, turned, input, u, v) => {
          const box = letterboxFor(header(width, height, turned), input);
          const [x, y] = [u * box.sourceWidth, v * box.sourceHeight];
          const [nx, ny] = toNetwork(box, x, y);
          const [rx, ry] = toRelative(box, nx, ny, nx, ny);
          expect(Math.abs(rx * box.sourceWidth - x)).toBeLessThanOrEqual(0.5);
          expect(Math.abs(ry * box.sourceHeight - y)).toBeLessThanOrEqual(0.5);
          expect(nx).toBeGreaterThanOrEqual(box.left - 1);
          expect(nx).toBeLessThanOrEqual(box.left + box.contentWidth + 1);
          expect(box.left + box.contentWidth).toBeLessThanOrEqual(input.width);
          expect(box.top + box.contentHeight).toBeLessThanOrEqual(input.height);
        },
      ),
      { numRuns: 2000 },
    );
  });

  // The decoder has its own say in where pixels land (reduced decoding cuts off columns), so that only a real picture proves the way back.
  test.each([
    [1920, 1080, 1],
    [1919, 1079, 1],
    [1921, 1081, 1],
    [2599, 1463, 1],
    [3841, 2161, 1],
    [4999, 701, 1],
    [500, 333, 1],
    [417, 415, 1],
    [100, 60, 1],
    [1921, 1081, 2],
    [1921, 1081, 3],
    [1921, 1081, 4],
    [1921, 1081, 5],
    [1921, 1081, 6],
    [1921, 1081, 7],
    [1921, 1081, 8],
    [3843, 2163, 6],
  ])(
    "finds an edge of a %i × %i picture (orientation %i) within half a pixel of where it is",
    async (width, height, orientation) => {
      // Not the small ones: libvips moves a picture that shrinks along one axis and grows along the other by two thirds of a pixel.
      for (const input of [topLeft, centred, rounded, ...(width === 1921 ? [stretched] : [])]) {
        const turned = orientation >= 5;
        const [uprightWidth, uprightHeight] = turned ? [height, width] : [width, height];
        // A white box in the upright picture, away from the edges so that filters do not reach beyond.
        const edges = {
          left: Math.round(uprightWidth * 0.31),
          top: Math.round(uprightHeight * 0.27),
          right: Math.round(uprightWidth * 0.83),
          bottom: Math.round(uprightHeight * 0.79),
        };
        const white = await sharp({
          create: {
            width: edges.right - edges.left,
            height: edges.bottom - edges.top,
            channels: 3,
            background: "white",
          },
        })
          .png()
          .toBuffer();
        const upright = await sharp({
          create: { width: uprightWidth, height: uprightHeight, channels: 3, background: "black" },
        })
          .composite([{ input: white, left: edges.left, top: edges.top }])
          .removeAlpha()
          .raw()
          .toBuffer();
        const jpeg = await storedAs(upright, uprightWidth, uprightHeight, orientation);
        const { rgb, letterbox } = await decodePicture(jpeg, input);
        // A symmetric filter spreads an edge and leaves its middle where it was.
        const { contentWidth, contentHeight } = letterbox;
        const middleX = Math.round(contentWidth * 0.57);
        const middleY = Math.round(contentHeight * 0.53);
        const bright = (x: number, y: number) => (rgb[(y * contentWidth + x) * 3 + 1] ?? 0) / 255;
        const found = toRelative(
          letterbox,
          letterbox.left + crossing(middleX, -1, (x) => bright(x, middleY)),
          letterbox.top + crossing(middleY, -1, (y) => bright(middleX, y)),
          letterbox.left + crossing(middleX, 1, (x) => bright(x, middleY)),
          letterbox.top + crossing(middleY, 1, (y) => bright(middleX, y)),
        );
        const error = [
          found[0] * uprightWidth - edges.left,
          found[1] * uprightHeight - edges.top,
          found[2] * uprightWidth - edges.right,
          found[3] * uprightHeight - edges.bottom,
        ];
        // Where one network pixel stands for a dozen source pixels, eight bits of brightness say no more than a tenth of it.
        expect(Math.max(...error.map(Math.abs)), error.join(" ")).toBeLessThanOrEqual(
          Math.max(0.5, 0.1 / letterbox.scaleX),
        );
      }
    },
  );
});

/** Python's `round`: to the even neighbour from the middle between two. */
function pythonRound(value: number): number {
  const [below, above] = [Math.floor(value), Math.ceil(value)];
  if (value - below === above - value) return below % 2 === 0 ? below : above;
  return value - below < above - value ? below : above;
}

const visible = (side: number) => Math.max(1, side);

type Fit = (width: number, height: number, inputWidth: number, inputHeight: number) => object;

/** Content and padding as the training code of the three makers has them, step by step; a side that would vanish there is one pixel. */
const MAKERS = {
  // Ultralytics, LetterBox(auto=False, scaleup=True, center=True).
  centre: (width, height, inputWidth, inputHeight) => {
    const ratio = Math.min(inputHeight / height, inputWidth / width);
    const [contentWidth, contentHeight] = [visible(pythonRound(width * ratio)), visible(pythonRound(height * ratio))];
    // Python has no negative zero.
    const before = (rest: number) => pythonRound(rest / 2 - 0.1) + 0;
    return {
      contentWidth,
      contentHeight,
      left: before(inputWidth - contentWidth),
      top: before(inputHeight - contentHeight),
    };
  },
  // YOLOX, preproc: int() of a product that may be a whole number but for the last bit of a double, which we round up.
  "top-left": (width, height, inputWidth, inputHeight) => {
    const ratio = Math.min(inputHeight / height, inputWidth / width);
    const whole = (value: number) =>
      visible(Math.abs(value - Math.round(value)) < 1e-6 ? Math.round(value) : Math.trunc(value));
    return { contentWidth: whole(width * ratio), contentHeight: whole(height * ratio), left: 0, top: 0 };
  },
  // Segment Anything, ResizeLongestSide, for any input and not only for squares.
  "top-left-rounded": (width, height, inputWidth, inputHeight) => {
    const ratio = Math.min(inputHeight / height, inputWidth / width);
    const whole = (value: number) => visible(Math.trunc(value + 0.5));
    return { contentWidth: whole(width * ratio), contentHeight: whole(height * ratio), left: 0, top: 0 };
  },
} as const satisfies Partial<Record<ModelInput["letterbox"]["anchor"], Fit>>;

/** Walks from a white pixel to where brightness passes one half, between pixel centres. */
function crossing(from: number, step: 1 | -1, bright: (at: number) => number): number {
  let at = from;
  while (bright(at + step) > 0.5) at += step;
  return at + 0.5 + (step * (bright(at) - 0.5)) / (bright(at) - bright(at + step));
}

/** Stores an upright picture the way a camera held like this would, with the tag that says so. */
async function storedAs(upright: Buffer, width: number, height: number, orientation: number): Promise<Buffer> {
  const raw = { raw: { width, height, channels: 3 as const } };
  // From upright to stored is the inverse of the orientation, one step a time: sharp orders the steps of one pipeline by its own rule.
  const steps: Readonly<Record<number, readonly ((image: Sharp) => Sharp)[]>> = {
    2: [(image) => image.flop()],
    3: [(image) => image.rotate(180)],
    4: [(image) => image.flip()],
    5: [(image) => image.rotate(90), (image) => image.flop()],
    6: [(image) => image.rotate(270)],
    7: [(image) => image.rotate(270), (image) => image.flop()],
    8: [(image) => image.rotate(90)],
  };
  let pixels = await sharp(upright, raw).png().toBuffer();
  for (const step of steps[orientation] ?? []) pixels = await step(sharp(pixels)).png().toBuffer();
  return sharp(pixels).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
}
