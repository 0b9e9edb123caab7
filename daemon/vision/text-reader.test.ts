import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GatewayError } from "../../contract/errors.ts";
import {
  READER_HEIGHT,
  READER_WIDTH,
  type StripedLine,
  stripedPixels,
  tinyTextFinder,
  tinyTextReader,
  writeTextBundles,
} from "./families/test-text.ts";
import { loadBundle } from "./registry/bundle.ts";
import { TextReader } from "./text-reader.ts";
import { TextRecogniser } from "./text-recogniser.ts";

let folder: string;
const opened: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-reader-"));
});

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await rm(folder, { recursive: true, force: true });
});

async function readerOf(cards: Parameters<typeof writeTextBundles>[1] = {}): Promise<TextReader> {
  const { finder, recogniser } = await writeTextBundles(folder, cards);
  const reader = await TextReader.open(await loadBundle(finder), await loadBundle(recogniser), ["cpu"]);
  opened.push(reader);
  return reader;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "accepted";
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
}

const WIDTH = 320;
const HEIGHT = 240;
const picture = (lines: readonly StripedLine[], width = WIDTH, height = HEIGHT) =>
  sharp(stripedPixels(width, height, lines), { raw: { width, height, channels: 3 } });
const line = (stripes: string, x: number, y: number, slant = 0, length = 160): StripedLine => ({
  stripes,
  x,
  y,
  slant,
  length,
  thickness: 20,
});

describe("reading text", () => {
  test.each([0, 7, 30, -40, 90])("reads a line at its own slant (%i°)", async (slant) => {
    const reader = await readerOf();
    const { width, height, lines } = await reader.read(
      await picture([line("rg-gby", 160, 120, slant)])
        .png()
        .toBuffer(),
    );
    expect([width, height]).toEqual([WIDTH, HEIGHT]);
    // PP-OCR turns what runs downwards against the clock, and this line's beginning is then on the left.
    expect(lines.map(({ text }) => text)).toEqual(["京AA8粤"]);
    const [{ quad, confidence, found, counts }] = lines as [(typeof lines)[number]];
    expect(confidence).toBeGreaterThan(0.7);
    expect(found).toBeGreaterThan(0.5);
    expect(counts).toBe(true);
    // The middle stays; each side grows by area · 1.5 / perimeter. Slanted pixels have corners beyond the line, and growth multiplies them.
    const grown = (160 * 20 * 1.5) / (2 * (160 + 20));
    const [x1, y1, x2, y2, x3, y3] = quad.map((value, at) => value * (at % 2 === 0 ? WIDTH : HEIGHT)) as number[];
    expect(((x1 ?? 0) + (x3 ?? 0)) / 2).toBeCloseTo(160, 0);
    expect(((y1 ?? 0) + (y3 ?? 0)) / 2).toBeCloseTo(120, 0);
    const sides = [Math.hypot(x2! - x1!, y2! - y1!), Math.hypot(x3! - x2!, y3! - y2!)].sort((a, b) => a - b);
    expect(Math.abs(sides[0]! - (20 + 2 * grown))).toBeLessThan(5);
    expect(Math.abs(sides[1]! - (160 + 2 * grown))).toBeLessThan(5);
  });

  test("reads from top to bottom and from left to right, a row's unevenness aside", async () => {
    const reader = await readerOf();
    const lines = [line("b", 270, 48, 0, 40), line("r", 40, 40, 0, 40), line("y", 60, 180), line("g", 150, 44, 3, 40)];
    const read = await reader.read(await picture(lines).png().toBuffer());
    expect(read.lines.map(({ text }) => text)).toEqual(["京", "A", "8", "粤"]);
  });

  test("reads from the full picture what the finder saw in small, upright as the camera says", async () => {
    const reader = await readerOf();
    const upright = picture(
      [{ stripes: "rgbyr-r", x: 600, y: 700, slant: 20, length: 900, thickness: 90 }],
      1200,
      1600,
    );
    const stored = await sharp(await upright.png().toBuffer())
      .rotate(270)
      .png()
      .toBuffer();
    const { width, height, lines } = await reader.read(
      await sharp(stored).withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer(),
    );
    expect([width, height]).toEqual([1200, 1600]);
    expect(lines.map(({ text }) => text)).toEqual(["京A8粤京京"]);
  });

  test("reads a line at the picture's edge", async () => {
    const reader = await readerOf();
    const { lines } = await reader.read(
      await picture([line("rgb", 80, 8)])
        .png()
        .toBuffer(),
    );
    expect(lines).toMatchObject([{ text: "京A8" }]);
    for (const value of lines[0]!.quad) expect(value >= 0 && value <= 1).toBe(true);
  });

  test("finds nothing in an empty picture, and no text in blanks", async () => {
    const reader = await readerOf();
    expect((await reader.read(await picture([]).png().toBuffer())).lines).toEqual([]);
    const { lines } = await reader.read(
      await picture([line("---", 160, 120)])
        .png()
        .toBuffer(),
    );
    expect(lines).toMatchObject([{ text: "", confidence: 0, counts: false }]);
  });

  test("says of a confidence below the card's threshold that it does not count", async () => {
    const reader = await readerOf({ recogniser: { thresholds: { text: 1 } } });
    const { lines } = await reader.read(
      await picture([line("rgb", 160, 120)])
        .png()
        .toBuffer(),
    );
    expect(lines).toMatchObject([{ text: "京A8", counts: false }]);
  });

  test("squeezes a line that is longer than the network", async () => {
    const reader = await readerOf();
    const long = { stripes: "rgbyrgby", x: 160, y: 120, slant: 0, length: 300, thickness: 3 };
    const { lines } = await reader.read(await picture([long]).png().toBuffer());
    expect(lines).toMatchObject([{ text: "京A8粤京A8粤" }]);
  });

  test("fails for a broken picture and reads the next", async () => {
    const reader = await readerOf();
    const good = await picture([line("rgb", 160, 120)])
      .png()
      .toBuffer();
    for (const bad of [Buffer.alloc(0), Buffer.from("text"), good.subarray(0, good.length >> 1)])
      expect(await codeOf(reader.read(bad))).toMatch(/^PICTURE_/);
    expect((await reader.read(good)).lines).toMatchObject([{ text: "京A8" }]);
  });

  test.each([
    ["bundles that are swapped", {}, true, "MODEL_MANIFEST_INVALID"],
    ["a dictionary that is too short", { recogniser: { characters: ["京", "A"] } }, false, "MODEL_LABELS_MISMATCH"],
    [
      "a dictionary that is too long",
      { recogniser: { characters: [..."京A8粤港澳"] } },
      false,
      "MODEL_LABELS_MISMATCH",
    ],
    ["no dictionary at all", { recogniser: { characters: undefined } }, false, "MODEL_LABELS_MISMATCH"],
    ["another input height", { recogniser: { input: { height: 32 } } }, false, "MODEL_SHAPE_MISMATCH"],
  ])("refuses %s", async (_, cards, swapped, code) => {
    const { finder, recogniser } = await writeTextBundles(folder, cards);
    const [first, second] = swapped ? [recogniser, finder] : [finder, recogniser];
    const opening = async () => TextReader.open(await loadBundle(first), await loadBundle(second), ["cpu"]);
    expect(await codeOf(opening())).toBe(code);
  });

  test("takes the dictionary from the file, and a space behind it", async () => {
    const onnx = tinyTextReader(READER_WIDTH, { metadata: { character: "京\nA\n8\n" } });
    const reader = await readerOf({ recogniser: { characters: undefined }, recogniserOnnx: onnx });
    const { lines } = await reader.read(
      await picture([line("rgyb", 160, 120)])
        .png()
        .toBuffer(),
    );
    expect(lines).toMatchObject([{ text: "京A 8" }]);
  });

  test("refuses a recogniser whose answer has another shape", async () => {
    const { finder } = await writeTextBundles(folder, {
      recogniserOnnx: tinyTextFinder(READER_WIDTH, READER_HEIGHT),
    });
    const bundle = await loadBundle(join(folder, "recogniser"));
    expect(await codeOf(TextRecogniser.open(bundle, ["cpu"]))).toBe("MODEL_SHAPE_MISMATCH");
    expect(await codeOf(TextRecogniser.open(await loadBundle(finder), ["cpu"]))).toBe("MODEL_MANIFEST_INVALID");
  });
});
