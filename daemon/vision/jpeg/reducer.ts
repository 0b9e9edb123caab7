import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isStill, type SceneSignature, signatureOfPlane } from "../motion-gate.ts";

export interface ReduceRequest {
  readonly jpeg: Uint8Array;
  /** The stored picture's size in pixels, from its header. */
  readonly source: { readonly width: number; readonly height: number };
  /** What is wanted: at most half of the source. */
  readonly width: number;
  readonly height: number;
  /** The scene as the network last saw it: nothing more than a signature is decoded where nothing has moved since. */
  readonly reference?: SceneSignature;
}

export interface Reduced {
  readonly signature: SceneSignature;
  /** RGB, three bytes a pixel, each the mean of about the area that it stands for; undefined where the scene is still. */
  readonly rgb: Buffer | undefined;
}

/** Decodes a JPEG at a reduced size, here or elsewhere; `undefined` for a picture that it does not take. */
export interface Reducer {
  reduce(request: ReduceRequest): Reduced | undefined | Promise<Reduced | undefined>;
}

/** Samples a side that a block of 8 × 8 pixels becomes. */
type Samples = 1 | 2 | 4;

/** What the WebAssembly module offers; see `assembly/reduce.ts`. Addresses are in its memory. */
interface Decoder {
  readonly memory: WebAssembly.Memory;
  input(bytes: number): number;
  open(): number;
  decode(samples: Samples): number;
  blockMeans(): number;
  blockMeansStride(): number;
  resample(width: number, height: number, swapped: number, pitch: number): number;
}

/** Beyond this much kept for one large picture the decoder is begun anew, since WebAssembly memory never shrinks. */
const KEPT_BYTES = 64 * 1024 * 1024;

let compiled: WebAssembly.Module | undefined;

/**
 * Decodes JPEG pictures at a reduced size, for about half of what a decode followed by a resize costs. One instance serves one picture at a time;
 * it keeps memory and Huffman tables between pictures and nothing else.
 */
export class JpegReducer implements Reducer {
  #decoder: Decoder | undefined;

  /**
   * @returns undefined where another decoder has to take the picture: a kind of JPEG that is not done here, one that is damaged (whether its rest
   * may be used is not judged here), or a reduction of less than two
   */
  reduce(request: ReduceRequest): Reduced | undefined {
    const { jpeg, source, width, height, reference } = request;
    const samples = samplesFor(source, width, height);
    if (samples === undefined) return undefined;
    const decoder = this.#ready();
    try {
      if (reference !== undefined) {
        if (!this.#decode(decoder, jpeg, 1)) return undefined;
        const signature = signatureIn(decoder, source);
        if (isStill(reference, signature)) return { signature, rgb: undefined };
      }
      if (!this.#decode(decoder, jpeg, samples)) return undefined;
      const signature = signatureIn(decoder, source);
      const from = decoder.resample(width, height, 0, width * 3);
      if (from === 0) return undefined;
      const rgb = Buffer.from(new ArrayBuffer(width * height * 3));
      rgb.set(new Uint8Array(decoder.memory.buffer, from, rgb.length));
      return { signature, rgb };
    } catch (error) {
      // A trap (memory that the machine does not have, an access beyond its end) leaves the module's state undefined.
      this.#decoder = undefined;
      if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) return undefined;
      throw error;
    } finally {
      if (decoder.memory.buffer.byteLength > KEPT_BYTES) this.#decoder = undefined;
    }
  }

  #decode(decoder: Decoder, jpeg: Uint8Array, samples: Samples): boolean {
    const at = decoder.input(jpeg.length);
    new Uint8Array(decoder.memory.buffer, at, jpeg.length).set(jpeg);
    return decoder.open() === 0 && decoder.decode(samples) === 0;
  }

  #ready(): Decoder {
    compiled ??= new WebAssembly.Module(readFileSync(join(import.meta.dirname, "reduce.wasm")));
    this.#decoder ??= decoderOf(new WebAssembly.Instance(compiled, { env: { abort } }));
    return this.#decoder;
  }
}

/** The smallest decode that is still at least as large as what is wanted. */
export function samplesFor(
  source: { readonly width: number; readonly height: number },
  width: number,
  height: number,
): Samples | undefined {
  const reduction = Math.min(source.width / width, source.height / height);
  if (reduction >= 8) return reduction <= 16 ? 1 : undefined;
  if (reduction >= 4) return 2;
  return reduction >= 2 ? 4 : undefined;
}

/** From the blocks' means, which every decode brings, so that signatures of looks and of still scenes compare. */
function signatureIn(decoder: Decoder, { width, height }: ReduceRequest["source"]): SceneSignature {
  const stride = decoder.blockMeansStride();
  const [columns, rows] = [Math.ceil(width / 8), Math.ceil(height / 8)];
  const plane = new Uint8Array(decoder.memory.buffer, decoder.blockMeans(), stride * rows);
  return signatureOfPlane(plane, stride, columns, rows);
}

function abort(): never {
  throw new WebAssembly.RuntimeError("the decoder gave up");
}

function decoderOf({ exports }: WebAssembly.Instance): Decoder {
  const { memory, input, open, decode, blockMeans, blockMeansStride, resample } = exports;
  if (!(memory instanceof WebAssembly.Memory)) throw new TypeError("reduce.wasm exports no memory");
  const number = (name: string, value: unknown) => {
    if (typeof value !== "function") throw new TypeError(`reduce.wasm exports no ${name}`);
    return (...words: number[]): number => value(...words);
  };
  return {
    memory,
    input: number("input", input),
    open: number("open", open),
    decode: number("decode", decode),
    blockMeans: number("blockMeans", blockMeans),
    blockMeansStride: number("blockMeansStride", blockMeansStride),
    resample: number("resample", resample),
  };
}
