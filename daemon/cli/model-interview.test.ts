import { describe, expect, it } from "vitest";
import { readOnnxFile } from "../vision/registry/onnx-file.ts";
import { tinyYolov8 } from "../vision/registry/test-bundle.ts";
import { type Ask, interview, parseLabels, parseSize } from "./model-interview.ts";

const SHA = "a".repeat(64);
const file = readOnnxFile(tinyYolov8());

/** Answers in turn; undefined afterwards, as when somebody closes the terminal. */
function person(...answers: string[]): { readonly ask: Ask; readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    ask: async ({ question }) => {
      asked.push(question);
      return answers.shift();
    },
  };
}

describe("the interview about a bare ONNX file", () => {
  it("asks only for what neither the file nor a flag tells, and again where an answer does not fit", async () => {
    const { ask, asked } = person("kitchen", "bay", "", "person", "person, vehicle", "MIT");
    const { card } = await interview("tiny.onnx", SHA, file, { family: "yolov8" }, ask);
    expect(asked).toEqual(["role", "role", "labels", "labels", "labels", "licence"]);
    expect(card).toMatchObject({ role: "bay", labels: ["person", "vehicle"], licence: "MIT" });
  });

  it("names every missing flag where nobody is there to ask, and what fits", async () => {
    await expect(interview("tiny.onnx", SHA, file, { family: "yolov8" }, undefined)).rejects.toMatchObject({
      code: "MODEL_FLAGS_MISSING",
      message: expect.stringMatching(
        /--role \(bay \| damage \| plate \| face\), --labels \(2\), --licence;.*\[1,6,84\]/,
      ),
    });
  });

  it("ends when nobody answers any more", async () => {
    const { ask } = person("bay");
    await expect(interview("tiny.onnx", SHA, file, { family: "yolov8" }, ask)).rejects.toMatchObject({
      code: "MODEL_FLAGS_MISSING",
      message: expect.not.stringContaining("--role"),
    });
  });

  it("reads sizes and labels as people write them", () => {
    expect([parseSize("640"), parseSize("640x384"), parseSize("640×384"), parseSize("large")]).toEqual([
      { width: 640, height: 640 },
      { width: 640, height: 384 },
      { width: 640, height: 384 },
      undefined,
    ]);
    expect(parseLabels(" scratch, dent,，crack、")).toEqual(["scratch", "dent", "crack"]);
  });
});
