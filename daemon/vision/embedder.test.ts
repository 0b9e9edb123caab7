import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GatewayError } from "../../contract/errors.ts";
import { cosine, Embedder, normalised } from "./embedder.ts";
import { EMBEDDING_WEIGHTS, tinyEmbedding, writeEmbeddingBundle } from "./families/test-embedding.ts";
import { loadBundle } from "./registry/bundle.ts";

let folder: string;
const opened: Embedder[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-embedder-"));
});

afterEach(async () => {
  for (const embedder of opened.splice(0)) await embedder.close();
  await rm(folder, { recursive: true, force: true });
});

async function embedderOf(onnx: Buffer): Promise<Embedder> {
  await writeEmbeddingBundle(folder, onnx);
  const embedder = await Embedder.open(await loadBundle(folder), ["cpu"]);
  opened.push(embedder);
  return embedder;
}

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return "accepted";
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
}

const plain = (red: number, green: number, blue: number) =>
  sharp({ create: { width: 90, height: 50, channels: 3, background: { r: red, g: green, b: blue } } })
    .png()
    .toBuffer();

/** The tiny network and its length, number by number. */
function slowly(colour: readonly number[]): number[] {
  const vector = [0, 1, 2, 3, 4].map((at) =>
    colour.reduce((sum, value, channel) => sum + (value / 255) * EMBEDDING_WEIGHTS[channel]![at]!, 0),
  );
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

describe("an embedder", () => {
  test("gives the network's vector, of length 1", async () => {
    const embedder = await embedderOf(tinyEmbedding());
    expect(embedder.dimensions).toBe(5);
    for (const [r, g, b] of [
      [255, 0, 0],
      [10, 200, 30],
      [1, 1, 1],
    ] as const) {
      const vector = await embedder.embed(await plain(r, g, b));
      expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
      for (const [at, value] of slowly([r, g, b]).entries()) expect(vector[at]).toBeCloseTo(value, 4);
    }
  });

  test("takes vectors that are written as pictures of one pixel", async () => {
    const [one, other] = [await embedderOf(tinyEmbedding()), await embedderOf(tinyEmbedding({ asPicture: true }))];
    const picture = await plain(200, 10, 90);
    expect(other.dimensions).toBe(5);
    expect(cosine(await one.embed(picture), await other.embed(picture))).toBeCloseTo(1, 6);
  });

  test.each([
    ["a column of vectors", { bias: [1, 2, 2, 0, 0], shape: [5, 1, 1] }],
    ["a vector behind an axis more", { shape: [1, 1, 5] }],
  ])("refuses a network that gives %s", async (_, network) => {
    expect(await codeOf(() => embedderOf(tinyEmbedding(network)))).toBe("MODEL_SHAPE_MISMATCH");
  });

  test("says that a vector without direction is none, and embeds the next picture", async () => {
    const embedder = await embedderOf(tinyEmbedding());
    expect(await codeOf(async () => embedder.embed(await plain(0, 0, 0)))).toBe("MODEL_OUTPUT_UNUSABLE");
    expect(await codeOf(async () => embedder.embed(await plain(0, 0, 9)))).toBe("accepted");
    const broken = await embedderOf(tinyEmbedding({ bias: [0, Number.NaN, 0, 0, 0] }));
    expect(await codeOf(async () => broken.embed(await plain(0, 0, 9)))).toBe("MODEL_OUTPUT_UNUSABLE");
  });

  test("fails for what is no picture", async () => {
    const embedder = await embedderOf(tinyEmbedding());
    for (const bad of [Buffer.alloc(0), Buffer.from("no picture"), (await plain(1, 2, 3)).subarray(0, 40)])
      expect(await codeOf(() => embedder.embed(bad))).toMatch(/^PICTURE_/);
  });
});

describe("vectors", () => {
  const numbers = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 3, maxLength: 3 });

  test("have length 1 or are refused, whatever the numbers", async () => {
    await fc.assert(
      fc.asyncProperty(numbers, async (values) => {
        const vector = Float32Array.from(values);
        if (vector.every((value) => value === 0))
          expect(await codeOf(() => normalised(vector))).toBe("MODEL_OUTPUT_UNUSABLE");
        else expect(Math.hypot(...normalised(vector))).toBeCloseTo(1, 5);
      }),
    );
    for (const bad of [[], [Number.NaN, 1], [Number.POSITIVE_INFINITY, 1]])
      expect(await codeOf(() => normalised(Float32Array.from(bad)))).toBe("MODEL_OUTPUT_UNUSABLE");
  });

  test("are as alike as the angle between them says", () => {
    const of = (...values: number[]) => normalised(Float32Array.from(values));
    expect(cosine(of(3, 4), of(6, 8))).toBeCloseTo(1, 6);
    expect(cosine(of(1, 0), of(0, 5))).toBeCloseTo(0, 6);
    expect(cosine(of(1, 1), of(-2, -2))).toBeCloseTo(-1, 6);
    expect(cosine(of(1, 0), of(1, 1))).toBeCloseTo(Math.SQRT1_2, 6);
    expect(() => cosine(of(1, 0), of(1, 0, 0))).toThrow(RangeError);
  });
});
