import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Samples a side that a block of 8 × 8 pixels becomes. */
type Samples = 1 | 2 | 4;

/** What the WebAssembly module offers; see `assembly/reduce.ts`. Addresses are in its memory. */
interface Decoder {
  readonly memory: WebAssembly.Memory;
  input(bytes: number): number;
  open(): number;
  decode(samples: Samples): number;
  resample(width: number, height: number, swapped: number, pitch: number): number;
}

/** Beyond this much kept for one large picture the decoder is begun anew, since WebAssembly memory never shrinks. */
const KEPT_BYTES = 64 * 1024 * 1024;

let compiled: WebAssembly.Module | undefined;

/**
 * Decodes JPEG pictures at a reduced size, for about half of what a decode followed by a resize costs. One instance serves one picture at a time;
 * it keeps memory and Huffman tables between pictures and nothing else.
 */
export class JpegReducer {
  #decoder: Decoder | undefined;

  /**
   * The whole picture as RGB, three bytes a pixel, `width × height`, each pixel the mean of about the area that it stands for.
   * @param source the stored picture's size in pixels, from its header
   * @returns undefined where another decoder has to take the picture: a kind of JPEG that is not done here, one that is damaged (whether its rest
   * may be used is not judged here), or a reduction of less than two
   */
  reduce(
    jpeg: Uint8Array,
    source: { readonly width: number; readonly height: number },
    width: number,
    height: number,
  ): Buffer | undefined {
    const samples = samplesFor(source, width, height);
    if (samples === undefined) return undefined;
    const decoder = this.#ready();
    try {
      const at = decoder.input(jpeg.length);
      new Uint8Array(decoder.memory.buffer, at, jpeg.length).set(jpeg);
      if (decoder.open() !== 0 || decoder.decode(samples) !== 0) return undefined;
      const from = decoder.resample(width, height, 0, width * 3);
      if (from === 0) return undefined;
      const rgb = Buffer.allocUnsafe(width * height * 3);
      rgb.set(new Uint8Array(decoder.memory.buffer, from, rgb.length));
      return rgb;
    } catch (error) {
      // A trap (memory that the machine does not have, an access beyond its end) leaves the module's state undefined.
      this.#decoder = undefined;
      if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) return undefined;
      throw error;
    } finally {
      if (decoder.memory.buffer.byteLength > KEPT_BYTES) this.#decoder = undefined;
    }
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

function abort(): never {
  throw new WebAssembly.RuntimeError("the decoder gave up");
}

function decoderOf({ exports }: WebAssembly.Instance): Decoder {
  const { memory, input, open, decode, resample } = exports;
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
    resample: number("resample", resample),
  };
}
