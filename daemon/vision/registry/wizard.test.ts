import { describe, expect, test } from "vitest";
import { parseManifest } from "./manifest.ts";
import { type OnnxFile, readOnnxFile } from "./onnx-file.ts";
import { TINY_CELLS, tinyYolov8, writeTinyOnnx } from "./test-bundle.ts";
import { type Answers, proposeCard } from "./wizard.ts";

const SHA = "a".repeat(64);
const tensor = (name: string, shape: (number | undefined)[], type: "float32" | "uint8" | "int64" = "float32") => ({
  name,
  type,
  shape,
});
const file = (parts: Partial<OnnxFile>): OnnxFile => ({
  inputs: [tensor("images", [1, 3, 640, 640])],
  outputs: [],
  metadata: new Map(),
  producer: "pytorch 2.4.0",
  opset: 17,
  ...parts,
});
const propose = (parts: Partial<OnnxFile>, answers: Answers = {}) =>
  proposeCard("My Model v2.onnx", SHA, file(parts), answers);
const questions = (parts: Partial<OnnxFile>, answers: Answers = {}) =>
  propose(parts, answers).missing.map(({ question }) => question);

describe("the card of a bare ONNX file", () => {
  test("needs of an Ultralytics file what only a person knows: its role", () => {
    const {
      card,
      missing,
      file: read,
    } = propose({
      outputs: [tensor("output0", [1, 6, 8400])],
      metadata: new Map([
        ["names", "{0: 'Deep Scratch', 1: 'dent'}"],
        ["stride", "32"],
        ["imgsz", "[640, 640]"],
        ["license", "AGPL-3.0"],
      ]),
    });
    expect(missing).toEqual([
      expect.objectContaining({ question: "role", choices: ["bay", "damage", "plate", "face"] }),
    ]);
    expect(card).toMatchObject({
      name: "my-model-v2",
      family: "yolov8",
      input: {
        name: "images",
        width: 640,
        height: 640,
        layout: "nchw-float32",
        channels: "rgb",
        range: "0-1",
        letterbox: { anchor: "centre", pad: 114 },
      },
      labels: ["deep-scratch", "dent"],
      thresholds: { "deep-scratch": 0.3, dent: 0.3 },
      licence: "AGPL-3.0",
    });
    expect(read).toMatchObject({ producer: "pytorch 2.4.0", opset: 17, outputs: ["output0 float32 [1,6,8400]"] });
  });

  test("takes the size from `imgsz`, rows first, where the tensor leaves it open", () => {
    const parts = {
      inputs: [tensor("images", [undefined, 3, undefined, undefined])],
      outputs: [tensor("output0", [undefined, undefined, undefined])],
      metadata: new Map([
        ["imgsz", "[384, 640]"],
        ["names", "{0: 'plate'}"],
      ]),
    };
    expect(propose(parts).card.input).toMatchObject({ width: 640, height: 384 });
    expect(questions({ ...parts, metadata: new Map() })).toContain("size");
    expect(propose({ ...parts, metadata: new Map() }, { size: { width: 320, height: 192 } }).card.input).toMatchObject({
      width: 320,
      height: 192,
    });
  });

  test("asks for as many labels as the outputs have classes", () => {
    const { missing } = propose({ outputs: [tensor("output", [1, 8400, 13])] }, { family: "yolox", role: "damage" });
    expect(missing).toContainEqual({ question: "labels", choices: [], count: 8 });
  });

  test("reads names that are a list, and asks for labels where no card could write the names", () => {
    const outputs = [tensor("output0", [1, 6, 8400])];
    const named = (names: string) => ({ outputs, metadata: new Map([["names", names]]) });
    expect(propose(named("['Deep Scratch', \"door's dent\"]"), {}).card.labels).toBeUndefined();
    expect(propose(named("['Deep Scratch', 'dent']")).card).toMatchObject({
      family: "yolov8",
      labels: ["deep-scratch", "dent"],
    });
    for (const names of ["{0: '划痕', 1: '凹陷'}", "{0: 'broken/missing', 1: 'dent'}"]) {
      expect(propose(named(names)).missing).toContainEqual({ question: "labels", choices: [], count: 2 });
      expect(questions(named(names), { role: "damage", licence: "MIT", labels: ["scratch", "dent"] })).toEqual([]);
    }
  });

  test("asks for the family where several fit, and names them", () => {
    const { missing } = propose(
      { outputs: [tensor("probabilities", [1, 2])] },
      { labels: ["plate", "no-plate"], role: "plate" },
    );
    const family = missing.find(({ question }) => question === "family");
    expect(family?.choices).toEqual(["classification", "classification-logits"]);
  });

  test("feeds pictures as the family is fed, asks where the family is only a form of output, and believes a person", () => {
    const boxes = {
      inputs: [tensor("image", [1, 320, 320, 3], "uint8")],
      outputs: [tensor("boxes", [1, 100, 4]), tensor("scores", [1, 100, 1])],
    };
    expect(propose(boxes, { labels: ["plate"] }).card.family).toBe("boxes");
    expect(questions(boxes, { role: "plate", licence: "MIT", labels: ["plate"] })).toEqual(["channels", "anchor"]);
    expect(
      propose(boxes, { role: "plate", licence: "MIT", labels: ["plate"], channels: "bgr", anchor: "top-left" }),
    ).toMatchObject({ missing: [], card: { input: { layout: "nhwc-uint8", channels: "bgr" } } });
    const yolo = { outputs: [tensor("output0", [1, 5, 8400])] };
    expect(propose(yolo, { labels: ["plate"], range: "0-255" }).card.input).toMatchObject({
      range: "0-255",
      channels: "rgb",
    });
  });

  test("is a card that the gateway takes, once nothing is missing", () => {
    const onnx = readOnnxFile(tinyYolov8({ names: "{0: 'person', 1: 'vehicle'}" }));
    const { card, missing } = proposeCard("tiny.onnx", SHA, onnx, { role: "bay", licence: "MIT" });
    expect(missing).toEqual([]);
    expect(card).toMatchObject({ family: "yolov8", input: { width: 64, height: 64 } });
    expect(parseManifest(JSON.stringify(card)).labels).toEqual(["person", "vehicle"]);
  });

  test("keeps 0 to 255 for bytes, whatever the family's floats are", () => {
    const onnx = readOnnxFile(
      writeTinyOnnx({
        input: { name: "images", layout: "nhwc-uint8", width: 64, height: 64 },
        outputs: [{ name: "output", shape: [1, TINY_CELLS, 6], table: new Float32Array(TINY_CELLS * 6) }],
      }),
    );
    const answers = { role: "plate", licence: "MIT", labels: ["plate"] };
    // One class makes YOLOX's rows as long as those of a network that gives boxes, score and class.
    expect(proposeCard("x.onnx", SHA, onnx, answers).missing[0]?.choices).toEqual(["yolox", "yolo-nms-free"]);
    const { card } = proposeCard("x.onnx", SHA, onnx, { ...answers, family: "yolox" });
    expect(card.input).not.toHaveProperty("range");
    expect(parseManifest(JSON.stringify(card)).family).toBe("yolox");
  });

  test("survives files that are like no model", () => {
    expect(questions({ inputs: [], outputs: [] })).toContain("size");
    expect(propose({}).missing.find(({ question }) => question === "family")?.choices.length).toBeGreaterThan(10);
    expect(proposeCard("图.onnx", SHA, file({}), {}).card.name).toBe("model");
  });
});
