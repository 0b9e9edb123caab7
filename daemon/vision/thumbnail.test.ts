import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import type { RelativeBox } from "./detections.ts";
import type { Found } from "./detector.ts";
import { decodePicture } from "./picture.ts";
import type { LiveCover } from "./redaction/recent-covers.ts";
import type { ModelInput } from "./registry/manifest.ts";
import { MAX_THUMBNAIL_WIDTH, redact, redactedThumbnail } from "./thumbnail.ts";

const input: ModelInput = {
  name: "image",
  width: 640,
  height: 640,
  layout: "nhwc-uint8",
  channels: "bgr",
  letterbox: { anchor: "top-left", pad: 114 },
};
const width = 240;
const height = 160;
const covered = (label: string, box: RelativeBox): LiveCover => ({ label, box });

/** Every pixel differs from its neighbours, as the strokes of a plate or the features of a face do. */
function detailed(): Buffer {
  return Buffer.from(
    Uint8Array.from(
      { length: width * height * 3 },
      (_, at) => ((at % 7) * 36 + Math.floor(at / (width * 3)) * 53) % 256,
    ),
  );
}

const pixel = (rgb: Buffer, x: number, y: number) =>
  rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3).toString("hex");

function coloursIn(rgb: Buffer, left: number, top: number, right: number, bottom: number): Set<string> {
  const colours = new Set<string>();
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) colours.add(pixel(rgb, x, y));
  return colours;
}

describe("a redacted live picture", () => {
  test("shows one colour where a person is, beyond the box as well", () => {
    const pixels = redact(detailed(), width, height, [covered("person", [0.25, 0.25, 0.5, 0.75])]);
    // Margin of 12 % of 60 × 80 pixels.
    expect(coloursIn(pixels, 53, 31, 127, 129).size).toBe(1);
    expect(pixel(pixels, 40, 20)).toBe(pixel(detailed(), 40, 20));
  });

  test("shows a vehicle in blocks of at least a twenty-fourth of its width, so that a plate keeps no detail", () => {
    const source = detailed();
    const pixels = redact(source, width, height, [covered("vehicle", [0.1, 0.2, 0.9, 0.9])]);
    const block = Math.ceil((0.8 * width) / 24);
    expect(block).toBe(8);
    const left = Math.floor((0.1 - 0.8 * 0.05) * width);
    const top = Math.floor((0.2 - 0.7 * 0.05) * height);
    for (let y = top; y + block < 0.9 * height; y += block) {
      for (let x = left; x + block < 0.9 * width; x += block)
        expect(coloursIn(pixels, x, y, x + block, y + block).size).toBe(1);
    }
    // A plate of a quarter of the vehicle's width is six blocks, whatever was written on it.
    const plate = coloursIn(pixels, 96, 80, 96 + 48, 80 + 10);
    expect(plate.size).toBeLessThanOrEqual(7 * 3);
    expect(coloursIn(source, 96, 80, 96 + 48, 80 + 10).size).toBeGreaterThan(60);
  });

  test("covers a person in front of a vehicle, and leaves nothing of him in the blocks", () => {
    const boxes = [covered("person", [0.3, 0.3, 0.5, 0.8]), covered("vehicle", [0.1, 0.2, 0.9, 0.9])];
    const pixels = redact(detailed(), width, height, boxes);
    expect(coloursIn(pixels, 72, 48, 120, 128).size).toBe(1);
  });

  test("covers what was found below the threshold too, and what the looks before it found", async () => {
    const grey = await sharp({ create: { width: 480, height: 320, channels: 3, background: "#fff" } })
      .png()
      .toBuffer();
    const unsure: Found = { counts: false, detection: { label: "person", score: 0.2, box: [0, 0, 0.2, 0.5] } };
    const jpeg = await redactedThumbnail(
      await decodePicture(grey, input),
      [unsure],
      [covered("person", [0.6, 0.5, 0.8, 1])],
    );
    const seen = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
    const red = (x: number, y: number) => seen.data[(y * seen.info.width + x) * 3];
    expect([red(40, 80), red(340, 240), red(240, 160)]).toEqual([72, 72, 255]);
  });

  test("leaves no pixel of any covered box as it was in its neighbourhood", () => {
    const edge = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom("person", "vehicle"), edge, edge, edge, edge, (label, a, b, c, d) => {
        const box: RelativeBox = [Math.min(a, b), Math.min(c, d), Math.max(a, b), Math.max(c, d)];
        const pixels = redact(detailed(), width, height, [covered(label, box)]);
        const [left, top, right, bottom] = [
          Math.floor(box[0] * width),
          Math.floor(box[1] * height),
          Math.ceil(box[2] * width),
          Math.ceil(box[3] * height),
        ];
        if (right - left < 8 || bottom - top < 8) return;
        // At most one colour per 4 × 4 pixels, the smallest block, plus the blocks that the edge cuts.
        expect(coloursIn(pixels, left, top, right, bottom).size).toBeLessThanOrEqual(
          (Math.ceil((right - left) / 4) + 1) * (Math.ceil((bottom - top) / 4) + 1),
        );
      }),
      { numRuns: 50 },
    );
  });

  test("is not made when nobody looked at that very frame", async () => {
    const picture = await decodePicture(
      await sharp(detailed(), { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer(),
      input,
    );
    expect(await redactedThumbnail(picture, undefined, [])).toBeUndefined();
    expect(await redactedThumbnail(picture, [], [])).toBeInstanceOf(Buffer);
  });

  test("is never wider than 480 pixels and carries nothing but pixels", async () => {
    const large = await sharp({ create: { width: 1920, height: 1080, channels: 3, background: "#777" } })
      .withExif({ IFD0: { Copyright: "someone" } })
      .jpeg()
      .toBuffer();
    const thumbnail = await redactedThumbnail(await decodePicture(large, input), [], []);
    const metadata = await sharp(thumbnail).metadata();
    expect(metadata.width).toBe(MAX_THUMBNAIL_WIDTH);
    expect(metadata.exif).toBeUndefined();
  });
});
