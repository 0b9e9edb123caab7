import { Tensor } from "onnxruntime-node";
import type { Letterbox } from "./letterbox.ts";
import type { ModelInput } from "./registry/manifest.ts";

/** One input tensor, used again for every picture: allocating megabytes per frame costs more than filling them. */
export interface InputTensor {
  readonly tensor: Tensor;
  /** Writes a decoded picture (RGB, content size of the letterbox) with padding around it. */
  fill(rgb: Buffer, letterbox: Letterbox): void;
}

/** Tensor [1, H, W, 3] of bytes, or [1, 3, H, W] of floats in the range that the card names. */
export function createInputTensor(input: ModelInput): InputTensor {
  return input.layout === "nhwc-uint8" ? new ByteTensor(input) : new FloatTensor(input);
}

class ByteTensor implements InputTensor {
  readonly tensor: Tensor;
  readonly #input: ModelInput;
  readonly #data: Uint8Array;
  #filled: Letterbox | undefined;

  constructor(input: ModelInput) {
    this.#input = input;
    this.#data = new Uint8Array(input.width * input.height * 3);
    this.tensor = new Tensor("uint8", this.#data, [1, input.height, input.width, 3]);
  }

  fill(rgb: Buffer, letterbox: Letterbox): void {
    const { contentWidth, contentHeight, left, top } = letterbox;
    const data = this.#data;
    // Padding of a picture of the same shape stands already.
    if (!samePlace(this.#filled, letterbox)) data.fill(this.#input.letterbox.pad);
    this.#filled = letterbox;
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
  /** Byte to float, so that the loop below has no arithmetic on values. */
  readonly #value: Float32Array;
  #filled: Letterbox | undefined;

  constructor(input: ModelInput) {
    this.#input = input;
    this.#data = new Float32Array(input.width * input.height * 3);
    this.tensor = new Tensor("float32", this.#data, [1, 3, input.height, input.width]);
    const white = input.range === "0-1" ? 255 : 1;
    this.#value = Float32Array.from({ length: 256 }, (_, byte) => byte / white);
  }

  fill(rgb: Buffer, letterbox: Letterbox): void {
    const { contentWidth, contentHeight, left, top } = letterbox;
    const data = this.#data;
    const value = this.#value;
    if (!samePlace(this.#filled, letterbox)) data.fill(value[this.#input.letterbox.pad]!);
    this.#filled = letterbox;
    const plane = this.#input.width * this.#input.height;
    const red = this.#input.channels === "rgb" ? 0 : plane * 2;
    const blue = plane * 2 - red;
    let from = 0;
    for (let row = 0; row < contentHeight; row++) {
      let to = (top + row) * this.#input.width + left;
      for (const end = from + contentWidth * 3; from < end; from += 3, to++) {
        data[to + red] = value[rgb[from]!]!;
        data[to + plane] = value[rgb[from + 1]!]!;
        data[to + blue] = value[rgb[from + 2]!]!;
      }
    }
  }
}

function samePlace(a: Letterbox | undefined, b: Letterbox): boolean {
  return (
    a !== undefined &&
    a.contentWidth === b.contentWidth &&
    a.contentHeight === b.contentHeight &&
    a.left === b.left &&
    a.top === b.top
  );
}
