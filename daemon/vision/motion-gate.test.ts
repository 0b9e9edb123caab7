import { describe, expect, test } from "vitest";
import { letterboxFor } from "./letterbox.ts";
import { isStill, signatureOf } from "./motion-gate.ts";
import type { ModelInput } from "./registry/manifest.ts";

const input: ModelInput = {
  name: "image",
  width: 416,
  height: 416,
  layout: "nhwc-uint8",
  channels: "bgr",
  letterbox: { anchor: "top-left", pad: 114 },
};
const letterbox = letterboxFor({ format: "png", width: 1920, height: 1080, orientation: 1 }, input);
const { contentWidth: width, contentHeight: height } = letterbox;

interface Scene {
  readonly seed?: number;
  readonly noise?: number;
  readonly light?: number;
  readonly band?: number;
  readonly boxes?: readonly (readonly [x: number, y: number, w: number, h: number, grey: number])[];
}

/** A workshop-like scene: floor, wall and shelves, with sensor noise, a light level, flicker bands and things in it. */
function look({ seed = 1, noise = 12, light = 1, band = 0, boxes = [] }: Scene = {}) {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const rgb = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let grey = y < height * 0.5 ? 150 : 90;
      if (x % 60 < 8 && y < height * 0.5) grey = 60;
      for (const [left, top, w, h, value] of boxes)
        if (x >= left && x < left + w && y >= top && y < top + h) grey = value;
      const value = grey * light + band * Math.sin((y / height) * 12) + (random() - 0.5) * 2 * noise;
      rgb.fill(Math.max(0, Math.min(255, Math.round(value))), (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  }
  return signatureOf({ rgb, letterbox });
}

describe("the motion gate", () => {
  const before = look();

  test.each([
    ["nothing but noise", { seed: 2 }],
    ["more light through a cloud's gap", { seed: 3, light: 1.08 }],
    ["less light", { seed: 4, light: 0.9 }],
    ["mains flicker in bands", { seed: 5, band: 5 }],
  ])("sees a still scene in %s", (_, scene) => {
    expect(isStill(before, look(scene))).toBe(true);
  });

  test.each([
    ["a car that drives in", { seed: 2, boxes: [[120, 90, 150, 90, 40]] }],
    ["a car that fills the picture", { seed: 2, boxes: [[0, 20, 416, 200, 40]] }],
    ["a grey car before a grey wall", { seed: 2, boxes: [[120, 90, 150, 90, 105]] }],
    ["a person who stands far away", { seed: 2, boxes: [[200, 100, 16, 45, 40]] }],
    ["a person, while the light changes", { seed: 2, light: 1.08, boxes: [[200, 100, 20, 60, 30]] }],
    ["the light switched off", { seed: 2, light: 0.4 }],
  ] as const)("sees %s", (_, scene) => {
    expect(isStill(before, look(scene))).toBe(false);
  });

  test("sees a person take a step", () => {
    const standing = look({ boxes: [[200, 100, 24, 70, 30]] });
    expect(isStill(standing, look({ seed: 2, boxes: [[200, 100, 24, 70, 30]] }))).toBe(true);
    expect(isStill(standing, look({ seed: 2, boxes: [[212, 100, 24, 70, 30]] }))).toBe(false);
  });

  test("takes nothing for granted: another shape or a damaged signature is not still", () => {
    expect(isStill(before, before.subarray(1))).toBe(false);
    expect(isStill(new Uint8Array(0), before)).toBe(false);
    expect(isStill(new Uint8Array(0), new Uint8Array(0))).toBe(false);
    const small = letterboxFor({ format: "png", width: 1080, height: 1920, orientation: 1 }, input);
    expect(
      isStill(
        before,
        signatureOf({ rgb: Buffer.alloc(small.contentWidth * small.contentHeight * 3), letterbox: small }),
      ),
    ).toBe(false);
  });

  test("manages the smallest picture", () => {
    const tiny = letterboxFor({ format: "png", width: 1, height: 900, orientation: 1 }, input);
    const rgb = Buffer.alloc(tiny.contentWidth * tiny.contentHeight * 3, 90);
    expect(isStill(signatureOf({ rgb, letterbox: tiny }), signatureOf({ rgb, letterbox: tiny }))).toBe(true);
  });
});
