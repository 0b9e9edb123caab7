import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { detectImages } from "./detect-images.ts";
import { TINY_CELLS, tinyYolov8, writeBundle } from "./registry/test-bundle.ts";
import { starts } from "./tiles.ts";

let folder: string;
let photo: string;
const TILES = { along: [2], overlap: 0.25, weight: 0.5, largest: 0.6, fromPx: 150 };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-tiles-"));
  photo = join(folder, "photo.png");
  await sharp({ create: { width: 224, height: 112, channels: 3, background: "#000" } })
    .png()
    .toFile(photo);
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Everything that the tiny network, which sees one vehicle 16 × 8 at a fixed place in whatever it looks at, reports. */
async function look(card: object, tiles: "auto" | "always" | "never" = "auto", onnx = tinyYolov8()) {
  // Above the score that the tiny network gives "person" for the grey of the padding.
  await writeBundle(folder, { resultsFloor: 0.4, ...card }, onnx);
  const report = await detectImages("bay", [photo], { bundleFolder: folder, providers: ["cpu"], tiles });
  return report.results.map(({ score, bbox, counts }) => [
    Number(score.toFixed(2)),
    bbox.map((value) => Math.round(value)),
    counts,
  ]);
}

describe("looking piece by piece", () => {
  // The whole is seen at 64 × 32, two tiles of 64 × 56 pixels are cut from a decode of 112 × 56.
  const whole = [0.9, [84, 42, 56, 28], true];
  const tiles = [
    [0.45, [48, 56, 32, 16], false],
    [0.45, [144, 56, 32, 16], false],
  ];

  test("adds what each tile sees, at its place in the whole picture and at the card's weight", async () => {
    expect(await look({ tiles: TILES })).toEqual([whole, ...tiles]);
  });

  test("is for large pictures, and for all or none when asked", async () => {
    expect(await look({ tiles: { ...TILES, fromPx: 300 } })).toEqual([whole]);
    expect(await look({ tiles: { ...TILES, fromPx: 300 } }, "always")).toEqual([whole, ...tiles]);
    expect(await look({ tiles: TILES }, "never")).toEqual([whole]);
    expect(await look({}, "always")).toEqual([whole]);
  });

  test("leaves to the whole picture what is large for a tile", async () => {
    expect(await look({ tiles: { ...TILES, largest: 0.2 } })).toEqual([whole]);
  });

  test("drops what is cut where two tiles meet, not what ends at the picture's own edge", async () => {
    const table = new Float32Array(6 * TINY_CELLS);
    // Touches the left edge of whatever is looked at.
    for (const [row, value] of [8, 47, 16, 8, 0, 0.9].entries()) table[row * TINY_CELLS] = value;
    const found = await look({ tiles: TILES }, "auto", tinyYolov8({ table }));
    expect(found).toEqual([
      [0.9, [0, 95, 56, 18], true],
      [0.45, [0, 86, 32, 16], false],
    ]);
  });

  test("looks in the mirror where the card asks, and brings what it sees back the right way round", async () => {
    const table = new Float32Array(6 * TINY_CELLS);
    // 16 wide, from 8 to 24 of 64: in the mirror from 40 to 56.
    for (const [row, value] of [16, 32, 16, 8, 0, 0.9].entries()) table[row * TINY_CELLS] = value;
    expect(await look({ mirrored: true }, "auto", tinyYolov8({ table }))).toEqual([
      [0.9, [28, 42, 56, 28], true],
      [0.9, [140, 42, 56, 28], true],
    ]);
    // What lies in the middle is the same thing both times.
    expect(await look({ mirrored: true })).toEqual([whole]);
  });

  test("joins what the whole and a tile say about the same place", async () => {
    // One tile as large as the picture: it sees exactly what the whole sees.
    await sharp({ create: { width: 112, height: 112, channels: 3, background: "#000" } })
      .png()
      .toFile(photo);
    const same = { along: [2], overlap: 0.5, weight: 1, largest: 1, fromPx: 0 };
    const table = new Float32Array(6 * TINY_CELLS);
    for (const [row, value] of [32, 32, 60, 60, 0, 0.9].entries()) table[row * TINY_CELLS] = value;
    expect(await look({ tiles: same }, "auto", tinyYolov8({ table }))).toHaveLength(1);
  });
});

test("tiles cover a side from end to end, overlapping at least as much as asked", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 32, max: 640 }),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      (length, tile, overlap) => {
        const at = starts(length, tile, overlap);
        expect(at[0]).toBe(0);
        expect(at.at(-1)! + tile).toBeGreaterThanOrEqual(length);
        if (length > tile) expect(at.at(-1)! + tile).toBe(length);
        for (const [index, start] of at.entries()) {
          const before = at[index - 1];
          // Whole pixels: the overlap may lose one to rounding.
          if (before !== undefined) expect(before + tile - start).toBeGreaterThanOrEqual(overlap * tile - 1);
        }
      },
    ),
  );
});
