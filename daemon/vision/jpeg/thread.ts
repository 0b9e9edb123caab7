import { Worker } from "node:worker_threads";
import type { Reduced, ReduceRequest, Reducer } from "./reducer.ts";

/** To the thread. The picture's memory is shared where it can be, so that nothing is copied. */
export interface ThreadOrder extends ReduceRequest {
  readonly id: number;
}

/** From the thread. */
export interface ThreadAnswer {
  readonly id: number;
  readonly signature: Uint8Array | undefined;
  readonly rgb: ArrayBuffer | undefined;
}

/** The reduced decoder on a thread of its own, so that decoding goes on while a network holds the calling thread. */
export class JpegThread implements Reducer {
  readonly #waiting = new Map<number, (reduced: Reduced | undefined) => void>();
  #thread: Worker | undefined;
  #orders = 0;

  /** Never rejects: a thread that dies takes no picture with it, since another decoder takes what this one does not. */
  reduce(request: ReduceRequest): Promise<Reduced | undefined> {
    const id = ++this.#orders;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#running().postMessage({ ...request, id } satisfies ThreadOrder);
    });
  }

  #running(): Worker {
    if (this.#thread !== undefined) return this.#thread;
    const thread = new Worker(new URL("./thread-program.ts", import.meta.url));
    this.#thread = thread;
    thread.unref();
    thread.on("message", ({ id, signature, rgb }: ThreadAnswer) => {
      const resolve = this.#waiting.get(id);
      this.#waiting.delete(id);
      resolve?.(signature && { signature, rgb: rgb && Buffer.from(rgb) });
    });
    // Its end follows, and with it the answer to those who wait.
    thread.on("error", () => undefined);
    thread.once("exit", () => {
      if (this.#thread === thread) this.#thread = undefined;
      for (const resolve of this.#waiting.values()) resolve(undefined);
      this.#waiting.clear();
    });
    return thread;
  }
}
