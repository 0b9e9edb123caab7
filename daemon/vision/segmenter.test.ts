import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GatewayError } from "../../contract/errors.ts";
import { bestMask } from "./families/sam.ts";
import {
  covers,
  SAM_CELLS,
  SAM_MASKS,
  SAM_PX,
  type SamKind,
  tinySamDecoder,
  tinySamEncoder,
  writeSamBundle,
} from "./families/test-sam.ts";
import { loadBundle } from "./registry/bundle.ts";
import { type Prompt, Segmenter } from "./segmenter.ts";

let folder: string;
const opened: Segmenter[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-segmenter-"));
});

afterEach(async () => {
  for (const segmenter of opened.splice(0)) await segmenter.close();
  await rm(folder, { recursive: true, force: true });
});

async function segmenterOf(
  kind: SamKind = "sam",
  { cacheBytes, ...decoder }: Parameters<typeof tinySamDecoder>[1] & { cacheBytes?: number } = {},
  encoder = tinySamEncoder(kind),
): Promise<Segmenter> {
  await writeSamBundle(folder, encoder, tinySamDecoder(kind, decoder));
  const segmenter = await Segmenter.open(await loadBundle(folder), {
    providers: ["cpu"],
    ...(cacheBytes === undefined ? {} : { cacheBytes }),
  });
  opened.push(segmenter);
  return segmenter;
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

/** A picture whose pixels are made from their place, in a format that keeps them as they are. */
function pictureOf(
  width: number,
  height: number,
  colour: (x: number, y: number) => readonly number[],
): Promise<Buffer> {
  const pixels = Buffer.from(
    Array.from({ length: width * height }, (_, at) => colour(at % width, Math.floor(at / width))).flat(),
  );
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

const plain = (grey: number, width = 64, height = 40) =>
  sharp({ create: { width, height, channels: 3, background: { r: grey, g: grey, b: grey } } })
    .png()
    .toBuffer();
const striped = (x: number, y: number) => [(x * 7) % 256, (y * 11) % 256, ((x + y) * 5) % 256];
/** Exactly the network's width, so that no resize stands between reference and tensor. */
const WIDTH = 64;
const HEIGHT = 40;

/** The tiny networks again, number by number, for a picture of the network's own width. */
function slowly(kind: SamKind, { box, points = [] }: Prompt) {
  const marked: (readonly [x: number, y: number, label: number])[] = points.map(({ x, y, inside }) => [
    x,
    y,
    inside ? 1 : 0,
  ]);
  if (box === undefined) marked.push([0, 0, -1]);
  else marked.push([box[0], box[1], 2], [box[2], box[3], 3]);
  const mean = (pick: (mark: readonly [number, number, number]) => number) =>
    marked.reduce((sum, mark) => sum + pick(mark), 0) / marked.length;
  const px = mean(([x, , label]) => x * label) * SAM_MASKS.pull;
  const py = mean(([, y, label]) => y * label) * SAM_MASKS.pull;
  const pixel = (x: number, y: number, channel: number) => {
    if (y >= HEIGHT) return 0;
    const [means, deviations] = [
      [0.485, 0.456, 0.406],
      [0.229, 0.224, 0.225],
    ] as const;
    return (striped(x, y)[channel]! / 255 - means[channel]!) / deviations[channel]!;
  };
  let total = 0;
  const brightness = Array.from({ length: SAM_CELLS ** 2 }, (_, at) => {
    let sum = 0;
    for (let dy = 0; dy < 4; dy++)
      for (let dx = 0; dx < 4; dx++)
        for (let channel = 0; channel < 3; channel++)
          sum += pixel((at % SAM_CELLS) * 4 + dx, Math.floor(at / SAM_CELLS) * 4 + dy, channel);
    total += sum;
    return sum / 48;
  });
  const everything = total / (SAM_PX * SAM_PX * 3);
  const ious = SAM_MASKS.iou.map(
    (base, mask) =>
      base +
      ((px + py) / 2) * SAM_MASKS.iouPerPx[mask]! +
      mean(([, , label]) => label) * 0.01 +
      (SAM_PX * 0.003) / 2 +
      (kind === "sam2" ? 2 * everything : 0),
  );
  const best = ious.indexOf(Math.max(...ious));
  const cell = (column: number, row: number) => {
    const [c, r] = [Math.min(Math.max(column, 0), SAM_CELLS - 1), Math.min(Math.max(row, 0), SAM_CELLS - 1)];
    const distance = Math.abs((c + 0.5) * 4 - px) + Math.abs((r + 0.5) * 4 - py);
    const lift = brightness[r * SAM_CELLS + c]! * SAM_MASKS.brightness[best]!;
    return SAM_MASKS.radius[best]! - distance * SAM_MASKS.slope[best]! + lift;
  };
  /** Bilinear between cell centres. */
  const logit = (x: number, y: number) => {
    const [u, v] = [x / 4 - 0.5, y / 4 - 0.5];
    let sum = 0;
    for (const [row, down] of [
      [Math.floor(v), 1 - (v - Math.floor(v))],
      [Math.floor(v) + 1, v - Math.floor(v)],
    ] as const)
      for (const [column, right] of [
        [Math.floor(u), 1 - (u - Math.floor(u))],
        [Math.floor(u) + 1, u - Math.floor(u)],
      ] as const)
        sum += cell(column, row) * down * right;
    return sum;
  };
  return { iou: ious[best]!, best, inside: (x: number, y: number) => logit(x, y) > 0 };
}

const PROMPTS: readonly Prompt[] = [
  { box: [10, 6, 50, 34] },
  { box: [30, 12, 44, 38], points: [{ x: 36, y: 20, inside: true }] },
  { points: [{ x: 40, y: 24, inside: true }] },
  {
    points: [
      { x: 60, y: 39, inside: true },
      { x: 5, y: 5, inside: false },
      { x: 64, y: 40, inside: true },
    ],
  },
];

describe("a promptable segmenter", () => {
  test.each(["sam", "sam2", "efficient"] as const)("answers as a slow reference does (%s)", async (kind) => {
    const segmenter = await segmenterOf(kind);
    const { width, height, segments } = await segmenter.segment(await pictureOf(WIDTH, HEIGHT, striped), PROMPTS);
    expect([width, height]).toEqual([WIDTH, HEIGHT]);
    const chosen = new Set<number>();
    for (const [at, prompt] of PROMPTS.entries()) {
      const wanted = slowly(kind, prompt);
      const { iou, counts, outline } = segments[at]!;
      chosen.add(wanted.best);
      expect(iou).toBeCloseTo(wanted.iou, 4);
      expect(counts).toBe(wanted.iou >= 0.5);
      let [inside, differ] = [0, 0];
      for (let y = 0.5; y < HEIGHT; y++)
        for (let x = 0.5; x < WIDTH; x++) {
          const truth = wanted.inside(x, y);
          if (truth) inside++;
          if (truth !== covers(outline, x / WIDTH, y / HEIGHT)) differ++;
        }
      expect(inside, `prompt ${at}`).toBeGreaterThan(50);
      // A bilinear mask's outline bends a little between cells; ours is straight there, and holes are filled.
      expect(differ / inside, `prompt ${at}`).toBeLessThan(0.03);
    }
    expect(chosen.size, "the prompts choose different masks").toBeGreaterThan(1);
  });

  test("scales coordinates as SAM does, and finds the place again in the large picture", async () => {
    const segmenter = await segmenterOf();
    // The longest side becomes 64: 3775 × 1571 becomes 64 × 27, and x and y have scales of their own.
    const [scaleX, scaleY] = [64 / 3775, 27 / 1571];
    const { segments } = await segmenter.segment(await plain(124, 3775, 1571), [{ box: [1000, 400, 2000, 1200] }]);
    const [px, py] = [(2 * 1000 + 3 * 2000) / 2, (2 * 400 + 3 * 1200) / 2].map((sum) => sum * SAM_MASKS.pull);
    const wanted = SAM_MASKS.iou.map(
      (base, mask) => base + ((px! * scaleX + py! * scaleY) / 2) * SAM_MASKS.iouPerPx[mask]! + 0.025 + 0.096,
    );
    expect(segments[0]!.iou).toBeCloseTo(Math.max(...wanted), 4);
    // A diamond is as wide to the left as to the right of its middle.
    const xs = segments[0]!.outline[0]!.filter((_, at) => at % 2 === 0).map((x) => x * 3775);
    expect((Math.min(...xs) + Math.max(...xs)) / 2).toBeCloseTo(px!, -2);
  });

  test("looks at a picture once, however many ask, and again when it is forgotten", async () => {
    const embedding = 3 * SAM_CELLS ** 2 * 4;
    const segmenter = await segmenterOf("sam", { cacheBytes: 2 * embedding });
    const [first, second, third] = [await plain(10), await plain(20), await plain(30)];
    await segmenter.segment(first, PROMPTS);
    await segmenter.segment(Buffer.from(first), PROMPTS.slice(1));
    expect(segmenter.encoderRuns).toBe(1);
    await Promise.all([1, 2, 3].map(() => segmenter.segment(second, PROMPTS)));
    expect(segmenter.encoderRuns).toBe(2);
    // The first was used last, so that the second makes room.
    await segmenter.segment(first, PROMPTS);
    await segmenter.segment(third, PROMPTS);
    await segmenter.segment(first, PROMPTS);
    expect(segmenter.encoderRuns).toBe(3);
    await segmenter.segment(second, PROMPTS);
    expect(segmenter.encoderRuns).toBe(4);
  });

  test("keeps nothing that is larger than its room", async () => {
    const segmenter = await segmenterOf("sam", { cacheBytes: 100 });
    const picture = await plain(10);
    for (const _ of [1, 2]) await segmenter.segment(picture, PROMPTS);
    expect(segmenter.encoderRuns).toBe(2);
  });

  test("mixes nothing up when several pictures are asked about at the same time", async () => {
    const segmenter = await segmenterOf();
    const pictures = await Promise.all(
      [0, 60, 120, 180, 250].map((grey) => pictureOf(64, 40, (x) => [grey, (grey + x) % 256, 0])),
    );
    const alone = [];
    for (const picture of pictures) alone.push(await (await segmenterOf()).segment(picture, PROMPTS));
    expect(await Promise.all(pictures.map((picture) => segmenter.segment(picture, PROMPTS)))).toEqual(alone);
  });

  test("sees nothing where no logit is positive", async () => {
    const segmenter = await segmenterOf("sam", { bias: -1000 });
    const { segments } = await segmenter.segment(await plain(10), PROMPTS.slice(0, 1));
    expect(segments).toMatchObject([{ outline: [] }]);
  });

  test("takes as many points as the file has room for, and no more", async () => {
    const segmenter = await segmenterOf("sam", { points: 3 });
    const picture = await plain(10);
    const points = [1, 2, 3, 4].map((x) => ({ x, y: 5, inside: true }));
    expect(await codeOf(segmenter.segment(picture, [{ points: points.slice(0, 3) }]))).toBe("accepted");
    expect(await codeOf(segmenter.segment(picture, [{ points }]))).toBe("PROMPT_INVALID");
    expect(await codeOf(segmenter.segment(picture, [{ points: points.slice(0, 2), box: [0, 0, 9, 9] }]))).toBe(
      "PROMPT_INVALID",
    );
  });

  test.each<[string, Prompt]>([
    ["nothing at all", {}],
    ["only what is beside", { points: [{ x: 5, y: 5, inside: false }] }],
    ["a point outside", { points: [{ x: 65, y: 5, inside: true }] }],
    ["a point above", { points: [{ x: 5, y: -0.5, inside: true }] }],
    ["a point that is no number", { points: [{ x: Number.NaN, y: 5, inside: true }] }],
    ["a point without end", { points: [{ x: 5, y: Number.POSITIVE_INFINITY, inside: true }] }],
    ["a box without area", { box: [5, 5, 5, 20] }],
    ["a box that is turned round", { box: [20, 20, 5, 5] }],
    ["a box outside", { box: [70, 5, 90, 20] }],
    ["a box that is no number", { box: [Number.NaN, 5, 9, 20] }],
    ["a bad point in a good box", { box: [5, 5, 20, 20], points: [{ x: 5, y: 41, inside: false }] }],
    ["more points than a person sets", { points: Array.from({ length: 65 }, () => ({ x: 5, y: 5, inside: true })) }],
  ])("refuses a prompt of %s", async (_, prompt) => {
    const segmenter = await segmenterOf();
    expect(await codeOf(segmenter.segment(await plain(10), [PROMPTS[0]!, prompt]))).toBe("PROMPT_INVALID");
    expect(await codeOf(segmenter.segment(await plain(10), [PROMPTS[0]!]))).toBe("accepted");
  });

  test("cuts a box at the picture's edge", async () => {
    const segmenter = await segmenterOf();
    const { segments } = await segmenter.segment(await plain(10), [
      { box: [-50, -1, 1000, 999] },
      { box: [0, 0, 64, 40] },
    ]);
    expect(segments[0]).toEqual(segments[1]);
  });

  test("says that the network is broken where no prediction is a number", async () => {
    const segmenter = await segmenterOf("sam", { iouGain: Number.NaN });
    expect(await codeOf(segmenter.segment(await plain(10), PROMPTS))).toBe("MODEL_OUTPUT_UNUSABLE");
  });

  test("fails for a broken picture and forgets the failure", async () => {
    const segmenter = await segmenterOf();
    const picture = await plain(10);
    expect(await codeOf(segmenter.segment(picture.subarray(0, 60), PROMPTS))).toMatch(/^PICTURE_/);
    expect(await codeOf(segmenter.segment(Buffer.alloc(0), PROMPTS))).toMatch(/^PICTURE_/);
    expect(await codeOf(segmenter.segment(picture, PROMPTS))).toBe("accepted");
  });

  test("refuses networks that do not go together", async () => {
    await writeSamBundle(folder, tinySamEncoder("sam"), tinySamDecoder("sam2"));
    expect(await codeOf(loadBundle(folder).then((bundle) => Segmenter.open(bundle, { providers: ["cpu"] })))).toBe(
      "MODEL_SHAPE_MISMATCH",
    );
    await writeSamBundle(folder, tinySamEncoder("sam"), tinySamEncoder("sam"));
    expect(await codeOf(loadBundle(folder).then((bundle) => Segmenter.open(bundle, { providers: ["cpu"] })))).toBe(
      "MODEL_SHAPE_MISMATCH",
    );
  });
});

describe("the best mask", () => {
  test("is the first of equals, and never one without a number", () => {
    expect(bestMask(Float32Array.of(0.2, 0.9, 0.9))).toBe(1);
    expect(bestMask(Float32Array.of(Number.NaN, 0.1, Number.POSITIVE_INFINITY))).toBe(1);
    expect(bestMask(Float32Array.of(-1, -2))).toBe(0);
    expect(bestMask(Float32Array.of(Number.NaN))).toBeUndefined();
    expect(bestMask(new Float32Array())).toBeUndefined();
  });
});
