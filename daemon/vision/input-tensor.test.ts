import { describe, expect, test } from "vitest";
import { createInputTensor } from "./input-tensor.ts";
import { letterboxFor } from "./letterbox.ts";
import type { ModelInput } from "./registry/manifest.ts";

/** 2 × 1 pixels in a tensor of 2 × 2: one row of picture, one of padding. */
function filled(change: Partial<ModelInput>): number[] {
  const input: ModelInput = {
    name: "image",
    width: 2,
    height: 2,
    layout: "nchw-float32",
    channels: "rgb",
    range: "0-255",
    letterbox: { anchor: "top-left", pad: 51 },
    ...change,
  };
  const tensor = createInputTensor(input);
  const letterbox = letterboxFor({ format: "png", width: 2, height: 1, orientation: 1 }, input);
  tensor.fill(Buffer.from([255, 0, 0, 0, 102, 204]), letterbox);
  return [...tensor.tensor.data].map((value) => Math.round(Number(value) * 1000) / 1000);
}

describe("the input tensor", () => {
  test("holds planes of colours, or pixels, in the card's order", () => {
    expect(filled({})).toEqual([255, 0, 51, 51, 0, 102, 51, 51, 0, 204, 51, 51]);
    expect(filled({ channels: "bgr" })).toEqual([0, 204, 51, 51, 0, 102, 51, 51, 255, 0, 51, 51]);
    const pixels = [255, 0, 0, 0, 102, 204, 51, 51, 51, 51, 51, 51];
    expect(filled({ layout: "nhwc-float32" })).toEqual(pixels);
    expect(filled({ layout: "nhwc-uint8" })).toEqual(pixels);
    expect(filled({ layout: "nhwc-float32", channels: "bgr" }).slice(0, 6)).toEqual([0, 0, 255, 204, 102, 0]);
  });

  test("holds values in the card's range, padding included", () => {
    expect(filled({ range: "0-1" })).toEqual([1, 0, 0.2, 0.2, 0, 0.4, 0.2, 0.2, 0, 0.8, 0.2, 0.2]);
    expect(filled({ range: "-1-1" }).slice(0, 3)).toEqual([1, -1, -0.6]);
    // (1 − 0.485) / 0.229 and so on: figures of torchvision's Normalize.
    expect(filled({ range: "imagenet" })).toEqual([
      2.249, -2.118, -1.245, -1.245, -2.036, -0.25, -1.143, -1.143, -1.804, 1.751, -0.916, -0.916,
    ]);
    // Blue 0 and 204 are the first channel now, with the first channel's mean.
    expect(filled({ range: "imagenet", channels: "bgr" }).slice(0, 2)).toEqual([-2.118, 1.376]);
  });
});
