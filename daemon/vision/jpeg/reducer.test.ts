import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp, { type JpegOptions } from "sharp";
import { describe, expect, test } from "vitest";
import { renderFrame } from "../../../simulator/scene/index.ts";
import { randomScenes } from "../../../simulator/scene/random-scene.ts";
import { isStill } from "../motion-gate.ts";
import { compileReducer } from "./build.ts";
import { JpegReducer, type ReduceRequest, samplesFor } from "./reducer.ts";
import { JpegThread } from "./thread.ts";
import { WITH_RESTARTS } from "./with-restarts.fixture.ts";

interface Raw {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

const reducer = new JpegReducer();
type Size = ReduceRequest["source"];
const reduce = (jpeg: Uint8Array, source: Size, width: number, height: number) =>
  reducer.reduce({ jpeg, source, width, height })?.rgb;

/** A bay with a car and people, as sharp pixels give it to an encoder. */
async function bay(width: number, height: number): Promise<Raw> {
  const [scene] = randomScenes(5, 1, 640, 360);
  if (scene === undefined) throw new Error("no scene");
  const { jpeg } = await renderFrame({ ...scene, quality: 100 });
  const data = await sharp(jpeg).resize(width, height, { fit: "fill" }).removeAlpha().raw().toBuffer();
  return { data, width, height };
}

const encode = ({ data, width, height }: Raw, options: JpegOptions) =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg(options)
    .toBuffer();

async function decoded(jpeg: Buffer): Promise<Raw> {
  const { data, info } = await sharp(jpeg)
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** The mean of the source pixels under each pixel, weighed by the area that lies under it: slow and obvious. */
function areaMeans({ data, width, height }: Raw, toWidth: number, toHeight: number): Buffer {
  const out = Buffer.alloc(toWidth * toHeight * 3);
  for (let y = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++) {
      const [left, right] = [(x * width) / toWidth, ((x + 1) * width) / toWidth];
      const [top, bottom] = [(y * height) / toHeight, ((y + 1) * height) / toHeight];
      const sum = [0, 0, 0];
      for (let sy = Math.floor(top); sy < bottom; sy++) {
        for (let sx = Math.floor(left); sx < right; sx++) {
          const area = (Math.min(sx + 1, right) - Math.max(sx, left)) * (Math.min(sy + 1, bottom) - Math.max(sy, top));
          for (let c = 0; c < 3; c++) sum[c] = (sum[c] ?? 0) + area * (data[(sy * width + sx) * 3 + c] ?? 0);
        }
      }
      for (let c = 0; c < 3; c++)
        out[(y * toWidth + x) * 3 + c] = Math.round((sum[c] ?? 0) / ((right - left) * (bottom - top)));
    }
  }
  return out;
}

/** Peak signal to noise ratio in dB. */
function likeness(a: Buffer, b: Buffer): number {
  let squares = 0;
  for (let at = 0; at < a.length; at++) squares += ((a[at] ?? 0) - (b[at] ?? 0)) ** 2;
  return 10 * Math.log10((255 * 255 * a.length) / Math.max(1, squares));
}

describe("the reduced decoder", () => {
  test.each<[string, number, number, number, number, JpegOptions]>([
    ["4:2:0 to a bit less than a quarter", 960, 544, 208, 118, { quality: 85 }],
    ["4:2:0 with the standard's Huffman tables", 960, 544, 208, 118, { quality: 85, optimiseCoding: false }],
    ["4:4:4 to less than a half", 960, 544, 416, 236, { quality: 85, chromaSubsampling: "4:4:4" }],
    ["4:2:0 to less than a half", 960, 544, 416, 236, { quality: 85 }],
    ["to less than an eighth", 960, 544, 100, 57, { quality: 85 }],
    ["sizes that are no multiple of a block", 957, 541, 208, 118, { quality: 85 }],
    ["hardly compressed", 960, 544, 208, 118, { quality: 100 }],
    ["strongly compressed", 960, 544, 208, 118, { quality: 20 }],
  ])("gives the mean of each pixel's area: %s", async (_, width, height, toWidth, toHeight, options) => {
    const jpeg = await encode(await bay(width, height), options);
    const reduced = reduce(jpeg, { width, height }, toWidth, toHeight);
    if (reduced === undefined) throw new Error("not taken");
    const means = areaMeans(await decoded(jpeg), toWidth, toHeight);
    // A triangle filter is a little softer than means are; a reduced decode by libvips is the measure of how much.
    const { data } = await sharp(jpeg)
      .resize(toWidth, toHeight, { fit: "fill", kernel: "linear" })
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(likeness(reduced, means)).toBeGreaterThan(likeness(data, means) - 5);
  });

  test("a grey picture is grey", async () => {
    const { data, width, height } = await bay(640, 360);
    const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
      .greyscale()
      .jpeg()
      .toBuffer();
    const reduced = reduce(jpeg, { width, height }, 160, 90);
    if (reduced === undefined) throw new Error("not taken");
    for (let at = 0; at < reduced.length; at += 3)
      expect(reduced[at] === reduced[at + 1] && reduced[at] === reduced[at + 2]).toBe(true);
    expect(likeness(reduced, areaMeans(await decoded(jpeg), 160, 90))).toBeGreaterThan(33);
  });

  test("restart markers are followed", async () => {
    const reduced = reduce(WITH_RESTARTS, { width: 160, height: 96 }, 40, 24);
    if (reduced === undefined) throw new Error("not taken");
    expect(likeness(reduced, areaMeans(await decoded(WITH_RESTARTS), 40, 24))).toBeGreaterThan(30);
  });

  test("a restart marker out of its turn, or one too few, is damage", () => {
    const size = { width: 160, height: 96 };
    const second = WITH_RESTARTS.indexOf(Buffer.from([0xff, 0xd1]));
    const wrongTurn = Buffer.from(WITH_RESTARTS);
    wrongTurn[second + 1] = 0xd5;
    expect(reduce(wrongTurn, size, 40, 24)).toBeUndefined();
    const without = Buffer.concat([WITH_RESTARTS.subarray(0, second), WITH_RESTARTS.subarray(second + 2)]);
    expect(reduce(without, size, 40, 24)).toBeUndefined();
  });

  test.each<[string, JpegOptions]>([
    ["progressive", { progressive: true }],
    ["four components", {}],
  ])("what it does not do it leaves to others: %s", async (name, options) => {
    const raw = await bay(640, 360);
    const jpeg =
      name === "four components"
        ? await sharp(raw.data, { raw: { width: 640, height: 360, channels: 3 } })
            .toColourspace("cmyk")
            .jpeg()
            .toBuffer()
        : await encode(raw, options);
    expect(reduce(jpeg, raw, 160, 90)).toBeUndefined();
  });

  test("a picture with a colour profile, and one that is enlarged or hardly reduced, is left to others", async () => {
    const raw = await bay(640, 360);
    const profiled = await sharp(raw.data, { raw: { width: 640, height: 360, channels: 3 } })
      .withIccProfile("p3")
      .jpeg()
      .toBuffer();
    expect(reduce(profiled, raw, 160, 90)).toBeUndefined();
    expect(reduce(await encode(raw, {}), raw, 640, 360)).toBeUndefined();
    expect([samplesFor(raw, 400, 225), samplesFor(raw, 20, 11)]).toEqual([undefined, undefined]);
  });

  test("a picture cut off anywhere is not taken for a whole one", async () => {
    const raw = await bay(320, 192);
    const jpeg = await encode(raw, { quality: 60 });
    for (let length = 0; length < jpeg.length; length += length < 700 ? 1 : 97)
      expect(reduce(jpeg.subarray(0, length), raw, 80, 48), `${length} bytes`).toBeUndefined();
  });

  test("of 4,000 damaged pictures each is refused or has its size, and the next sound one comes out as ever", async () => {
    const raw = await bay(160, 96);
    const jpeg = await encode(raw, { quality: 50 });
    const sound = reduce(jpeg, raw, 40, 24);
    let state = 7;
    const random = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let round = 0; round < 4_000; round++) {
      const damaged = Buffer.from(round % 2 === 0 ? jpeg : WITH_RESTARTS);
      for (let change = 0; change <= round % 5; change++) damaged[random(damaged.length)] = random(256);
      const size = { width: 160, height: 96 };
      expect([undefined, 40 * 24 * 3]).toContain(reduce(damaged, size, 40, 24)?.length);
    }
    expect(reduce(jpeg, raw, 40, 24)).toEqual(sound);
  });

  test("stops at the signature of a still scene, and goes on where something has moved", async () => {
    const raw = await bay(960, 544);
    const request = { source: { width: 960, height: 544 }, width: 208, height: 118 };
    const before = reducer.reduce({ ...request, jpeg: await encode(raw, { quality: 80 }) });
    if (before?.rgb === undefined) throw new Error("not taken");
    const reference = before.signature;
    const again = reducer.reduce({ ...request, reference, jpeg: await encode(raw, { quality: 60 }) });
    expect(again?.rgb).toBeUndefined();
    expect(again && isStill(reference, again.signature)).toBe(true);
    const moved = { ...raw, data: Buffer.from(raw.data) };
    for (let y = 200; y < 400; y++) moved.data.fill(20, (y * 960 + 300) * 3, (y * 960 + 420) * 3);
    expect(reducer.reduce({ ...request, reference, jpeg: await encode(moved, {}) })?.rgb?.length).toBe(208 * 118 * 3);
  });

  test("gives the same on a thread, several at once, from shared memory", async () => {
    const raw = await bay(640, 360);
    const jpeg = await encode(raw, {});
    const shared = Buffer.from(new SharedArrayBuffer(jpeg.length));
    shared.set(jpeg);
    const request = { source: { width: 640, height: 360 }, width: 160, height: 90 };
    const here = reducer.reduce({ ...request, jpeg });
    const thread = new JpegThread();
    const there = await Promise.all(
      [shared, jpeg, shared.subarray(0, 500)].map((bytes) => thread.reduce({ ...request, jpeg: bytes })),
    );
    expect(there.map((reduced) => reduced?.rgb)).toEqual([here?.rgb, here?.rgb, undefined]);
    expect(there[0]?.signature).toEqual(here?.signature);
  });

  test("the committed binary is what its source gives", async () => {
    const binary = await readFile(join(import.meta.dirname, "reduce.wasm"));
    expect(Buffer.compare(binary, await compileReducer())).toBe(0);
  }, 120_000);
});
