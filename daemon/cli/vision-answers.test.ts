import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GatewayError } from "../../contract/errors.ts";
import { tinyEmbedding, writeEmbeddingBundle } from "../vision/families/test-embedding.ts";
import { tinySamDecoder, tinySamEncoder, writeSamBundle } from "../vision/families/test-sam.ts";
import { stripedPixels, writeTextBundles } from "../vision/families/test-text.ts";
import { runBaygateHere } from "./run-baygate.fixture.ts";
import { promptsOf } from "./vision-answers.ts";

let folder: string;
let picture: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-answers-"));
  picture = join(folder, "car.png");
  const line = { stripes: "rgb", x: 160, y: 120, slant: 10, length: 150, thickness: 20 };
  await sharp(stripedPixels(320, 240, [line]), { raw: { width: 320, height: 240, channels: 3 } })
    .png()
    .toFile(picture);
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function json(...words: string[]) {
  const { code, out } = await runBaygateHere(["vision", ...words, "--json"]);
  const document: unknown = JSON.parse(out);
  return { code, document };
}

describe("baygate vision segment", { timeout: 60_000 }, () => {
  const model = async () => {
    const bundle = join(folder, "sam");
    await mkdir(bundle, { recursive: true });
    await writeSamBundle(bundle, tinySamEncoder("sam"), tinySamDecoder("sam"));
    return bundle;
  };

  it("outlines what each box marks", async () => {
    const words = ["segment", picture, "--model", await model(), "--box", "50,30,150,100", "--box", "-5,-5,60,60"];
    const { code, document } = await json(...words);
    expect(code).toBe(0);
    expect(document).toMatchObject({
      ok: true,
      model: { name: "tiny" },
      provider: "cpu",
      image: { id: "car", file_name: "car.png", width: 320, height: 240 },
      results: [
        { image_id: "car", category_name: "thing", prompt: { box: [50, 30, 200, 130] }, counts: true },
        { prompt: { box: [-5, -5, 55, 55] } },
      ],
    });
    const [{ segmentation, bbox, area, iou }] = (document as { results: [Record<string, never>] }).results;
    const [outline] = segmentation as unknown as number[][];
    const [x, y, width, height] = bbox as unknown as number[];
    expect(outline!.length).toBeGreaterThan(6);
    for (const [at, value] of outline!.entries()) {
      expect(value).toBeGreaterThanOrEqual(at % 2 === 0 ? x! : y!);
      expect(value).toBeLessThanOrEqual((at % 2 === 0 ? x! + width! : y! + height!) + 0.01);
    }
    expect(area).toBeGreaterThan(0);
    expect(area).toBeLessThanOrEqual(width! * height!);
    expect(iou).toBeGreaterThan(0.5);
  });

  it("answers to points in words, in both languages", async () => {
    const words = ["vision", "segment", picture, "--model", await model(), "--point", "160,120", "--point", "9,9,0"];
    const english = await runBaygateHere([...words, "--lang", "en"]);
    expect(english.out).toMatch(/car\.png\tthing\tIoU 0\.\d+\t\d+ px²/);
    await writeSamBundle(join(folder, "sam"), tinySamEncoder("sam"), tinySamDecoder("sam", { bias: -1000 }));
    expect((await runBaygateHere([...words, "--lang", "zh-CN"])).out).toContain("未发现目标");
  });

  it("says what is wrong with a question, a picture or a model", async () => {
    const bundle = await model();
    const codeOf = async (...words: string[]) => (await json("segment", ...words)).document;
    for (const bad of [
      ["--box", "1,2,3"],
      ["--box", "a,b,c,d"],
      ["--point", "5"],
      ["--point", "5,5,2"],
      ["--point", "5,5,"],
      ["--point", "321,5"],
      ["--point", "1e9,5"],
      [],
    ])
      expect(await codeOf(picture, "--model", bundle, ...bad), bad.join(" ")).toMatchObject({
        ok: false,
        code: "PROMPT_INVALID",
      });
    const bad = join(folder, "bad.jpg");
    await writeFile(bad, "no picture");
    expect(await codeOf(bad, "--model", bundle, "--point", "5,5")).toMatchObject({ code: "PICTURE_NOT_AN_IMAGE" });
    expect(await codeOf(join(folder, "absent.jpg"), "--model", bundle, "--point", "5,5")).toMatchObject({
      code: "PICTURE_FILE_UNREADABLE",
    });
    const other = join(folder, "embedding");
    await mkdir(other);
    await writeEmbeddingBundle(other, tinyEmbedding());
    expect(await codeOf(picture, "--model", other, "--point", "5,5")).toMatchObject({ code: "MODEL_MANIFEST_INVALID" });
    expect(await codeOf(picture, "--model", folder, "--point", "5,5")).toMatchObject({ code: "MODEL_FILE_MISSING" });
    expect((await runBaygateHere(["vision", "segment", picture, "--box", "1,2,3,4"])).code).toBe(2);
  });
});

describe("boxes and points as they are written", () => {
  it("are read, or refused as a prompt that marks nothing", () => {
    expect(promptsOf(["1,2.5,3,4"], [" 5 , 6 ", "7,8,0", "9,1,1"])).toEqual([
      {
        box: [1, 2.5, 4, 6.5],
        points: [
          { x: 5, y: 6, inside: true },
          { x: 7, y: 8, inside: false },
          { x: 9, y: 1, inside: true },
        ],
      },
    ]);
    expect(() => promptsOf(["1,2,3,4", "1,2,3,4"], ["5,6"])).toThrow(GatewayError);
    expect(() =>
      promptsOf(
        Array.from({ length: 101 }, () => "1,2,3,4"),
        [],
      ),
    ).toThrow(GatewayError);
    const text = fc.oneof(fc.string({ maxLength: 80 }), fc.stringMatching(/^[-0-9.,e ]{0,20}$/));
    fc.assert(
      fc.property(text, fc.boolean(), (written, asBox) => {
        try {
          const [prompt] = asBox ? promptsOf([written], []) : promptsOf([], [written]);
          for (const value of prompt?.box ?? [prompt?.points?.[0]?.x, prompt?.points?.[0]?.y])
            expect(Number.isFinite(value)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: "PROMPT_INVALID" });
        }
      }),
    );
  });
});

describe("baygate vision read", { timeout: 60_000 }, () => {
  it("reads lines, and says which files failed", async () => {
    const { finder, recogniser } = await writeTextBundles(folder, {});
    const words = ["read", picture, join(folder, "absent.png"), "--detector", finder, "--recogniser", recogniser];
    const { code, document } = await json(...words);
    expect(code).toBe(1);
    expect(document).toMatchObject({
      models: [{ role: "text-detection", provider: "cpu" }, { role: "text-recognition" }],
      images: [{ id: "car", width: 320, height: 240 }],
      results: [{ image_id: "car", text: "京A8", counts: true }],
      failed: [{ file_name: "absent.png", code: "PICTURE_FILE_UNREADABLE" }],
    });
    expect((document as { results: { quad: number[] }[] }).results[0]!.quad).toHaveLength(8);
    const { out } = await runBaygateHere(["vision", ...words, "--lang", "zh-CN"]);
    expect(out).toContain("1 张图片中读出 1 行文字");
    expect((await json("read", picture, "--detector", recogniser, "--recogniser", finder)).document).toMatchObject({
      code: "MODEL_MANIFEST_INVALID",
    });
  });
});

describe("baygate vision embed", { timeout: 60_000 }, () => {
  it("gives vectors, how alike they are to the first, and which files failed", async () => {
    const bundle = join(folder, "embedding");
    await mkdir(bundle);
    await writeEmbeddingBundle(bundle, tinyEmbedding());
    const files = await Promise.all(
      ["#300000", "#ff0000", "#00ff00", "#000000"].map(async (background, at) => {
        const file = join(folder, `${at}.png`);
        await sharp({ create: { width: 40, height: 30, channels: 3, background } })
          .png()
          .toFile(file);
        return file;
      }),
    );
    const { code, document } = await json("embed", ...files, "--model", bundle);
    expect(code).toBe(1);
    expect(document).toMatchObject({
      model: { name: "tiny", dimensions: 5 },
      results: [
        { image_id: "0", counts: true },
        { image_id: "1", counts: true },
        { image_id: "2", counts: false },
      ],
      failed: [{ file_name: "3.png", code: "MODEL_OUTPUT_UNUSABLE" }],
    });
    const { results } = document as { results: { likeness: number; vector: number[] }[] };
    expect(results[1]!.likeness).toBeCloseTo(1, 5);
    expect(Math.hypot(...results[2]!.vector)).toBeCloseTo(1, 5);
    expect((await runBaygateHere(["vision", "embed", ...files, "--model", bundle, "--lang", "en"])).out).toContain(
      "3 vectors of 5 numbers",
    );
  });
});

describe("baygate models check", { timeout: 60_000 }, () => {
  it("tries models that find no boxes as well", async () => {
    const [sam, embedding] = [join(folder, "sam"), join(folder, "embedding")];
    for (const one of [sam, embedding]) await mkdir(one);
    await writeSamBundle(sam, tinySamEncoder("sam2"), tinySamDecoder("sam2"));
    await writeEmbeddingBundle(embedding, tinyEmbedding());
    const { recogniser, finder } = await writeTextBundles(folder, {});
    const { out, code } = await runBaygateHere(["models", "check", sam, embedding, recogniser, finder, "--json"]);
    expect(JSON.parse(out)).toMatchObject({
      bundles: [{ role: "segment" }, { role: "embedding" }, { role: "text-recognition" }, { role: "text-detection" }],
    });
    expect(code).toBe(0);
    await writeSamBundle(sam, tinySamEncoder("sam"), tinySamDecoder("sam2"));
    expect(JSON.parse((await runBaygateHere(["models", "check", sam, "--json"])).out)).toMatchObject({
      bundles: [{ ok: false, code: "MODEL_SHAPE_MISMATCH" }],
    });
  });
});
