import { Tensor } from "onnxruntime-node";
import type { Place } from "./letterbox.ts";
import { inputShape, type ModelInput } from "./registry/manifest.ts";

/** One input tensor, used again for every picture: allocating megabytes per frame costs more than filling them. */
export interface InputTensor {
  readonly tensor: Tensor;
  /** Writes a decoded picture (RGB, `contentWidth × contentHeight`) with padding around it. */
  fill(rgb: Buffer, place: Place): void;
}

/** Tensor [1, H, W, 3] of bytes, or [1, 3, H, W], [3, H, W] or [1, H, W, 3] of floats in the range that the card names. */
export function createInputTensor(input: ModelInput): InputTensor {
  return input.layout === "nhwc-uint8" ? new ByteTensor(input) : new FloatTensor(input);
}

class ByteTensor implements InputTensor {
  readonly tensor: Tensor;
  readonly #input: ModelInput;
  readonly #data: Uint8Array;
  #filled: Place | undefined;

  constructor(input: ModelInput) {
    this.#input = input;
    this.#data = new Uint8Array(input.width * input.height * 3);
    this.tensor = new Tensor("uint8", this.#data, inputShape(input));
  }

  fill(rgb: Buffer, place: Place): void {
    const { contentWidth, contentHeight, left, top } = place;
    const data = this.#data;
    // Padding of a picture of the same shape stands already.
    if (!samePlace(this.#filled, place)) data.fill(this.#input.letterbox.pad);
    this.#filled = place;
    const first = this.#input.channels === "rgb" ? 0 : 2;
    const third = 2 - first;
    const rowBytes = contentWidth * 3;
    let from = 0;
    for (let row = 0; row < contentHeight; row++) {
      let to = ((top + row) * this.#input.width + left) * 3;
      for (const end = from + rowBytes; from < end; from += 3, to += 3) {
        data[to] = rgb[from + first]!;
        data[to + 1] = rgb[from + 1]!;
        data[to + 2] = rgb[from + third]!;
      }
    }
  }
}

class FloatTensor implements InputTensor {
  readonly tensor: Tensor;
  readonly #input: ModelInput;
  readonly #data: Float32Array;
  /** Byte to float for red, green and blue, so that the loop below has no arithmetic on values. */
  readonly #values: readonly [Float32Array, Float32Array, Float32Array];
  /** From a pixel to the next one, and from a colour of a pixel to the next colour. */
  readonly #pixelStep: number;
  readonly #colourStep: number;
  #filled: Place | undefined;

  constructor(input: ModelInput) {
    const { width, height } = input;
    const planes = input.layout !== "nhwc-float32";
    this.#input = input;
    this.#data = new Float32Array(width * height * 3);
    this.tensor = new Tensor("float32", this.#data, inputShape(input));
    this.#pixelStep = planes ? 1 : 3;
    this.#colourStep = planes ? width * height : 1;
    const table = (channel: 0 | 1 | 2) =>
      Float32Array.from({ length: 256 }, (_, byte) => inRange(byte, channel, input.range ?? "0-255"));
    this.#values = input.channels === "rgb" ? [table(0), table(1), table(2)] : [table(2), table(1), table(0)];
  }

  fill(rgb: Buffer, place: Place): void {
    const { contentWidth, contentHeight, left, top } = place;
    const data = this.#data;
    const step = this.#pixelStep;
    const [reds, greens, blues] = this.#values;
    const red = this.#input.channels === "rgb" ? 0 : this.#colourStep * 2;
    const green = this.#colourStep;
    const blue = this.#colourStep * 2 - red;
    if (!samePlace(this.#filled, place)) {
      const { pad, zeroPadding = false } = this.#input.letterbox;
      const [padRed, padGreen, padBlue] = zeroPadding ? [0, 0, 0] : [reds[pad]!, greens[pad]!, blues[pad]!];
      for (let pixel = 0, to = 0; pixel < this.#input.width * this.#input.height; pixel++, to += step) {
        data[to + red] = padRed;
        data[to + green] = padGreen;
        data[to + blue] = padBlue;
      }
    }
    this.#filled = place;
    let from = 0;
    for (let row = 0; row < contentHeight; row++) {
      let to = ((top + row) * this.#input.width + left) * step;
      for (const end = from + contentWidth * 3; from < end; from += 3, to += step) {
        data[to + red] = reds[rgb[from]!]!;
        data[to + green] = greens[rgb[from + 1]!]!;
        data[to + blue] = blues[rgb[from + 2]!]!;
      }
    }
  }
}

/**
 * Mean and deviation of the ImageNet pictures, red, green, blue, as torchvision's models expect them. PaddlePaddle's networks take blue first and
 * these figures in the same order all the same, so that they belong to the channel and not to the colour.
 */
const IMAGENET_MEAN = [0.485, 0.456, 0.406] as const;
const IMAGENET_DEVIATION = [0.229, 0.224, 0.225] as const;

function inRange(byte: number, channel: 0 | 1 | 2, range: NonNullable<ModelInput["range"]>): number {
  if (range === "0-255") return byte;
  if (range === "0-1") return byte / 255;
  if (range === "-1-1") return byte / 127.5 - 1;
  return (byte / 255 - IMAGENET_MEAN[channel]) / IMAGENET_DEVIATION[channel];
}

function samePlace(a: Place | undefined, b: Place): boolean {
  return (
    a !== undefined &&
    a.contentWidth === b.contentWidth &&
    a.contentHeight === b.contentHeight &&
    a.left === b.left &&
    a.top === b.top
  );
}
