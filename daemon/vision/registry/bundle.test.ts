import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { GatewayError } from "../../../contract/errors.ts";
import { Detector } from "../detector.ts";
import { loadBundle } from "./bundle.ts";
import { calibrated } from "./calibration.ts";
import { parseManifest } from "./manifest.ts";
import { readOnnxFile } from "./onnx-file.ts";
import { TINY_CELLS, tinyCard, tinyYolov8, writeBundle } from "./test-bundle.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-bundle-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return "accepted";
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
}

const load = () => codeOf(() => loadBundle(folder));

describe("a model bundle", () => {
  test("is accepted when card and file agree", async () => {
    await writeBundle(folder, {}, tinyYolov8({ names: "{0: 'person', 1: 'Vehicle'}" }));
    const bundle = await loadBundle(folder);
    expect(bundle.manifest.labels).toEqual(["person", "vehicle"]);
    expect(bundle.outputNames).toEqual(["output"]);
  });

  test("takes the card's word for names that no card can write, and for those alone", async () => {
    await writeBundle(folder, {}, tinyYolov8({ names: "{0: '人', 1: 'Vehicle'}" }));
    expect(await load()).toBe("accepted");
    await writeBundle(folder, {}, tinyYolov8({ names: "{0: '人', 1: 'plate'}" }));
    expect(await load()).toBe("MODEL_LABELS_MISMATCH");
    await writeBundle(folder, {}, tinyYolov8({ names: "{0: '人', 1: '车', 2: '牌'}" }));
    expect(await load()).toBe("MODEL_LABELS_MISMATCH");
  });

  test("reads the list that older exports write, in its order", async () => {
    await writeBundle(folder, {}, tinyYolov8({ names: "['person', 'vehicle']" }));
    expect(await load()).toBe("accepted");
    await writeBundle(folder, {}, tinyYolov8({ names: "['vehicle', 'person']" }));
    expect(await load()).toBe("MODEL_LABELS_MISMATCH");
  });

  test("the shipped bay model is accepted", async () => {
    const bundle = await loadBundle(fileURLToPath(new URL("../../../models/bay", import.meta.url)));
    expect(bundle.manifest).toMatchObject({ role: "bay", labels: ["person", "vehicle"] });
  });

  test("is refused when the file is not the one that the card's hash names", async () => {
    const onnx = tinyYolov8();
    await writeBundle(folder, {}, onnx);
    const changed = Buffer.from(onnx);
    changed[changed.length - 1] = changed[changed.length - 1]! ^ 1;
    await writeFile(join(folder, "model.onnx"), changed);
    expect(await load()).toBe("MODEL_HASH_MISMATCH");
  });

  test("is refused when parts are missing", async () => {
    expect(await load()).toBe("MODEL_FILE_MISSING");
    const onnx = tinyYolov8();
    await writeBundle(folder, {}, onnx);
    await rm(join(folder, "model.onnx"));
    expect(await load()).toBe("MODEL_FILE_MISSING");
  });

  test("is refused when the file is larger than allowed, before it is read", async () => {
    await writeBundle(folder, {}, tinyYolov8());
    expect(await codeOf(() => loadBundle(folder, { maxModelBytes: 100 }))).toBe("MODEL_TOO_LARGE");
  });

  test("is refused when it keeps data in another file", async () => {
    await writeBundle(folder, {}, tinyYolov8({ external: true }));
    expect(await load()).toBe("MODEL_EXTERNAL_DATA");
  });

  test("has a second file where its family has two networks, and both hashes hold", async () => {
    const [encoder, decoder] = [tinyYolov8(), tinyYolov8({ names: "{0: 'another'}" })];
    const card = {
      role: "segment",
      family: "sam",
      labels: ["thing"],
      thresholds: { thing: 0.7 },
      decoder: { file: "decoder.onnx", sha256: createHash("sha256").update(decoder).digest("hex") },
    };
    await writeBundle(folder, card, encoder);
    expect(await load()).toBe("MODEL_FILE_MISSING");
    await writeFile(join(folder, "decoder.onnx"), encoder);
    expect(await load()).toBe("MODEL_HASH_MISMATCH");
    await writeFile(join(folder, "decoder.onnx"), decoder);
    const bundle = await loadBundle(folder);
    expect(bundle.decoder?.onnx.equals(decoder)).toBe(true);
    expect(bundle.decoder?.declared.metadata.get("names")).toBe("{0: 'another'}");
    expect(await codeOf(() => loadBundle(folder, { maxModelBytes: encoder.length }))).toBe("MODEL_TOO_LARGE");
    await expect(Detector.open(bundle, { providers: ["cpu"] })).rejects.toMatchObject({
      code: "MODEL_MANIFEST_INVALID",
    });
  });

  test("is refused when it is not ONNX at all", async () => {
    await writeBundle(folder, {}, Buffer.from("this is not a model, whatever its name says"));
    expect(await load()).toBe("MODEL_NOT_ONNX");
  });

  test.each([
    ["another number of classes", { labels: ["person"], thresholds: { person: 0.5 } }, "MODEL_LABELS_MISMATCH"],
    ["another order of classes", { labels: ["vehicle", "person"] }, "MODEL_LABELS_MISMATCH"],
    ["another family", { family: "yolox" }, "MODEL_SHAPE_MISMATCH"],
    ["a family with more outputs", { family: "boxes-masks" }, "MODEL_SHAPE_MISMATCH"],
    ["another input name", { input: { ...tinyCard(Buffer.alloc(0)).input, name: "image" } }, "MODEL_SHAPE_MISMATCH"],
    ["another input size", { input: { ...tinyCard(Buffer.alloc(0)).input, width: 96 } }, "MODEL_SHAPE_MISMATCH"],
    [
      "another layout",
      { input: { ...tinyCard(Buffer.alloc(0)).input, layout: "nhwc-uint8", range: "0-255" } },
      "MODEL_SHAPE_MISMATCH",
    ],
  ])("is refused when the card tells %s", async (_, card, code) => {
    await writeBundle(folder, card, tinyYolov8({ names: "{0: 'person', 1: 'vehicle'}" }));
    expect(await load()).toBe(code);
  });
});

describe("model.yaml", () => {
  const card = tinyCard(Buffer.alloc(0));
  const one = { labels: ["thing"], thresholds: { thing: 0.5 } };
  const decoder = { file: "decoder.onnx", sha256: "0".repeat(64) };
  const bytes = { layout: "nhwc-uint8", range: "0-255" };
  const parse = (change: object) => codeOf(() => parseManifest(stringify({ ...card, ...change })));

  test.each([
    ["a segmenter", { role: "segment", family: "sam", ...one, decoder }],
    ["a reader of text", { role: "text-recognition", family: "ctc", ...one, characters: ["a", "京"] }],
    ["a finder of text", { role: "text-detection", family: "ppocr-det", ...one }],
    ["an embedder", { role: "embedding", family: "embedding", ...one }],
  ])("is accepted of %s", async (_, change) => {
    expect(await parse(change)).toBe("accepted");
  });

  test("is accepted as it stands, with figures and calibration", async () => {
    expect(
      await parse({
        metrics: { ap50: 0.9 },
        calibration: {
          person: [
            [0, 0],
            [0.5, 0.8],
            [1, 0.99],
          ],
        },
        trainingData: ["own renders"],
      }),
    ).toBe("accepted");
  });

  test.each([
    ["an unknown key", { licens: "MIT" }],
    ["an unknown role", { role: "everything" }],
    ["a file outside the bundle", { file: "../other.onnx" }],
    ["a label without threshold", { thresholds: { person: 0.5 } }],
    ["a threshold for no label", { thresholds: { person: 0.5, vehicle: 0.5, lorry: 0.5 } }],
    ["the same label twice", { labels: ["person", "person"] }],
    [
      "a calibration that falls",
      {
        calibration: {
          person: [
            [0, 0.5],
            [1, 0.4],
          ],
        },
      },
    ],
    [
      "a calibration with two answers for one score",
      {
        calibration: {
          person: [
            [0.5, 0.4],
            [0.5, 0.6],
          ],
        },
      },
    ],
    ["a float input without range", { input: { ...card.input, range: undefined } }],
    ["no licence", { licence: undefined }],
    ["a role that its family is not for", { role: "segment" }],
    ["a family that its role is not for", { role: "bay", family: "ctc", ...one }],
    ["two labels where the family knows no classes", { role: "embedding", family: "embedding" }],
    ["no second file where the family needs one", { role: "segment", family: "sam", ...one }],
    ["a second file that the family does not have", { decoder }],
    [
      "a second file outside the bundle",
      { role: "segment", family: "sam", ...one, decoder: { ...decoder, file: "../b.onnx" } },
    ],
    ["characters that the family does not read", { characters: ["a"] }],
    [
      "padding that bytes cannot hold",
      { input: { ...card.input, ...bytes, letterbox: { anchor: "stretch", pad: 0, zeroPadding: true } } },
    ],
  ])("is refused with %s", async (_, change) => {
    expect(await parse(change)).toBe("MODEL_MANIFEST_INVALID");
  });

  test("is refused when it is not YAML or multiplies itself by aliases", async () => {
    expect(await codeOf(() => parseManifest("name: [unclosed"))).toBe("MODEL_MANIFEST_INVALID");
    expect(await codeOf(() => parseManifest("a: &a [1]\nb: [*a, *a]"))).toBe("MODEL_MANIFEST_INVALID");
  });
});

describe("an ONNX file", () => {
  test("is read without a runtime", () => {
    expect(readOnnxFile(tinyYolov8({ names: "{0: 'a'}" }))).toEqual({
      inputs: [{ name: "images", type: "float32", shape: [1, 3, 64, 64] }],
      outputs: [{ name: "output", type: "float32", shape: [1, 6, TINY_CELLS] }],
      metadata: new Map([["names", "{0: 'a'}"]]),
      producer: "",
      opset: 13,
    });
  });

  test("that is damaged anywhere is read or refused, never more", async () => {
    const whole = tinyYolov8();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.nat(whole.length),
        async (at, change, length) => {
          const damaged = Buffer.from(whole);
          damaged[at] = damaged[at]! ^ change;
          expect(["accepted", "MODEL_NOT_ONNX", "MODEL_EXTERNAL_DATA"]).toContain(
            await codeOf(() => readOnnxFile(damaged)),
          );
          expect(["accepted", "MODEL_NOT_ONNX"]).toContain(await codeOf(() => readOnnxFile(whole.subarray(0, length))));
        },
      ),
    );
  });
});

describe("calibration", () => {
  test("reads straight lines between points and is flat beyond them", () => {
    const table = [
      [0.2, 0.1],
      [0.6, 0.5],
      [0.8, 0.9],
    ] as const;
    expect([0, 0.2, 0.4, 0.7, 0.8, 1].map((score) => Number(calibrated(table, score).toFixed(3)))).toEqual([
      0.1, 0.1, 0.3, 0.7, 0.9, 0.9,
    ]);
  });
});
