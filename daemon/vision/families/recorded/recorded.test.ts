import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import Type from "typebox";
import Value from "typebox/value";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cosine, Embedder } from "../../embedder.ts";
import { loadBundle } from "../../registry/bundle.ts";
import { Segmenter } from "../../segmenter.ts";
import { TextReader } from "../../text-reader.ts";
import { tinyEmbedding, writeEmbeddingBundle } from "../test-embedding.ts";
import { covers, tinySamDecoder, tinySamEncoder, writeSamBundle } from "../test-sam.ts";
import { stripedPixels, writeTextBundles } from "../test-text.ts";

// What onnxruntime and OpenCV in Python say to the same files and pictures (record.py), recorded as numbers. With RECORD_WITH=<python> in the
// environment they are recorded anew first.

const ANSWERS = join(import.meta.dirname, "answers.json");

const Answers = Type.Object({
  /** SHA-256 over the files that were asked: other files have other answers. */
  files: Type.String(),
  segment: Type.Array(Type.Object({ iou: Type.Number(), counts: Type.Array(Type.Integer()) })),
  read: Type.Array(
    Type.Object({
      text: Type.String(),
      confidence: Type.Number(),
      found: Type.Number(),
      quad: Type.Array(Type.Number()),
    }),
  ),
  embed: Type.Object({ vectors: Type.Array(Type.Array(Type.Number())), likeness: Type.Number() }),
});

const [WIDTH, HEIGHT] = [150, 100];
const PROMPTS = [
  { box: [20, 12, 120, 85] as const },
  { box: [90, 30, 140, 95] as const, points: [{ x: 120, y: 60, inside: true }] },
  {
    points: [
      { x: 100.5, y: 70.25, inside: true },
      { x: 10, y: 90, inside: false },
    ],
  },
];
const LINES = [
  { stripes: "rg-gby", x: 110, y: 60, slant: 12, length: 160, thickness: 20 },
  { stripes: "bbr", x: 240, y: 150, slant: -35, length: 110, thickness: 18 },
  { stripes: "yg", x: 40, y: 170, slant: 90, length: 80, thickness: 16 },
  { stripes: "---", x: 140, y: 215, slant: 0, length: 60, thickness: 14 },
];

let folder: string;
let answers: Type.Static<typeof Answers>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-recorded-"));
  for (const name of ["sam", "embedding"]) await mkdir(join(folder, name));
  const smooth = (width: number, height: number, colour: (x: number, y: number) => readonly number[]) =>
    Buffer.from(Array.from({ length: width * height }, (_, at) => colour(at % width, Math.floor(at / width))).flat());
  const pictures = {
    "sam.png": { width: WIDTH, height: HEIGHT, rgb: smooth(WIDTH, HEIGHT, (x, y) => [x, 255 - y * 2, (x + y) % 250]) },
    "text.png": { width: 320, height: 240, rgb: stripedPixels(320, 240, LINES) },
    "one.png": { width: 200, height: 90, rgb: smooth(200, 90, (x, y) => [x, y * 2, 30]) },
    "other.png": { width: 128, height: 128, rgb: smooth(128, 128, (x, y) => [255 - x, y, x]) },
  };
  const hash = createHash("sha256");
  for (const [name, { rgb, width, height }] of Object.entries(pictures)) {
    await sharp(rgb, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(join(folder, name));
    hash.update(rgb);
  }
  await writeSamBundle(join(folder, "sam"), tinySamEncoder("sam"), tinySamDecoder("sam"));
  await writeEmbeddingBundle(join(folder, "embedding"), tinyEmbedding({ bias: [0.1, 0, 0, 0, -0.2] }));
  await writeTextBundles(folder, {});
  for (const file of ["sam/model", "sam/decoder", "embedding/model", "finder/model", "recogniser/model"])
    hash.update(await readFile(join(folder, `${file}.onnx`)));
  const tasks = {
    segment: { picture: "sam.png", prompts: PROMPTS },
    read: { picture: "text.png", characters: "京A8粤" },
    embed: { pictures: ["one.png", "other.png"] },
  };
  const files = hash.update(JSON.stringify(tasks)).digest("hex");
  const python = process.env.RECORD_WITH;
  if (python !== undefined) {
    await writeFile(join(folder, "tasks.json"), JSON.stringify(tasks));
    const said: unknown = JSON.parse(
      execFileSync(python, [join(import.meta.dirname, "record.py"), folder], { encoding: "utf8" }),
    );
    await writeFile(ANSWERS, `${JSON.stringify({ files, ...Object(said) })}\n`);
  }
  answers = Value.Parse(Answers, JSON.parse(await readFile(ANSWERS, "utf8")));
  expect(answers.files, "networks, pictures or prompts have changed: record the answers anew").toBe(files);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("as onnxruntime and OpenCV say it", () => {
  test("masks, and how well they are thought to fit", async () => {
    const segmenter = await Segmenter.open(await loadBundle(join(folder, "sam")), { providers: ["cpu"] });
    const { segments } = await segmenter.segment(await readFile(join(folder, "sam.png")), PROMPTS);
    await segmenter.close();
    expect(segments).toHaveLength(answers.segment.length);
    for (const [at, { iou, counts }] of answers.segment.entries()) {
      expect(segments[at]!.iou).toBeCloseTo(iou, 4);
      const theirs = counts.flatMap((length, run) => Array.from({ length }, () => run % 2));
      const ours = theirs.map((_, pixel) => {
        const [x, y] = [((pixel % WIDTH) + 0.5) / WIDTH, (Math.floor(pixel / WIDTH) + 0.5) / HEIGHT];
        return covers(segments[at]!.outline, x, y) ? 1 : 0;
      });
      const both = theirs.filter((inside, pixel) => inside === 1 && ours[pixel] === 1).length;
      const either = theirs.filter((inside, pixel) => inside === 1 || ours[pixel] === 1).length;
      expect(either).toBeGreaterThan(500);
      expect(both / either, `prompt ${at}`).toBeGreaterThan(0.98);
    }
  });

  test("lines of text, slanted, downwards and blank", async () => {
    const [finder, recogniser] = [
      await loadBundle(join(folder, "finder")),
      await loadBundle(join(folder, "recogniser")),
    ];
    const reader = await TextReader.open(finder, recogniser, ["cpu"]);
    const { lines } = await reader.read(await readFile(join(folder, "text.png")));
    await reader.close();
    expect(lines.map(({ text }) => text).sort()).toEqual(answers.read.map(({ text }) => text).sort());
    expect(new Set(answers.read.map(({ text }) => text))).toEqual(new Set(["京AA8粤", "8京", "粤A", ""]));
    for (const theirs of answers.read) {
      const ours = lines.find(({ text }) => text === theirs.text)!;
      expect(ours.found).toBeCloseTo(theirs.found, 4);
      expect(Math.abs(ours.confidence - theirs.confidence)).toBeLessThan(0.03);
      for (const [at, value] of theirs.quad.entries())
        expect(Math.abs(ours.quad[at]! * (at % 2 === 0 ? 320 : 240) - value), `${theirs.text} ${at}`).toBeLessThan(0.1);
    }
  });

  test("vectors, and how alike they are", async () => {
    const embedder = await Embedder.open(await loadBundle(join(folder, "embedding")), ["cpu"]);
    const ours: Float32Array[] = [];
    for (const name of ["one.png", "other.png"]) ours.push(await embedder.embed(await readFile(join(folder, name))));
    await embedder.close();
    for (const [at, theirs] of answers.embed.vectors.entries())
      for (const [index, value] of theirs.entries()) expect(ours[at]![index]).toBeCloseTo(value, 2);
    expect(cosine(ours[0]!, ours[1]!)).toBeCloseTo(answers.embed.likeness, 3);
  });
});
