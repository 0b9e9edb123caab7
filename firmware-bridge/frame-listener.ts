import type { DongleFrames, DongleRequest } from "../contract/payloads.ts";
import type { Clock } from "../machine/clock.ts";
import { type CanFrame, toHex } from "../vehicle-protocols/index.ts";

/** Frames travel together: one message for each would cost more than the frames. */
const GATHER_MS = 100;
/** Five full buses, and of the longest frames no more than the broker takes in one message. */
const MOST_FRAMES = 2000;

/** Passes on the traffic that the gateway listens to, and nothing else: a bus carries thousands of frames a second. */
export class FrameListener {
  readonly #clock: Clock;
  readonly #publish: (frames: DongleFrames) => void;
  #wanted: ReadonlySet<number> = new Set();
  #untilMs = 0;
  #gathered: DongleFrames["frames"] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock, publish: (frames: DongleFrames) => void) {
    this.#clock = clock;
    this.#publish = publish;
  }

  listen({ ids, leaseMs }: Extract<DongleRequest, { kind: "listen" }>): void {
    this.#wanted = new Set(ids.map(keyOf));
    this.#untilMs = performance.now() + leaseMs;
  }

  isListening(): boolean {
    return this.#wanted.size > 0 && performance.now() < this.#untilMs;
  }

  hear(frames: readonly CanFrame[]): void {
    if (!this.isListening()) return;
    for (const frame of frames) {
      if (!this.#wanted.has(keyOf(frame)) || this.#gathered.length >= MOST_FRAMES) continue;
      const { id, extended, data } = frame;
      this.#gathered.push({ id, extended, data: toHex(data), at: this.#clock.now() });
    }
    if (this.#gathered.length > 0) this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#gathered = [];
    this.#wanted = new Set();
  }

  #flush(): void {
    this.#timer = undefined;
    const frames = this.#gathered;
    this.#gathered = [];
    this.#publish({ frames });
  }
}

/** Identifiers of both widths in one number, as DBC files write them. */
function keyOf({ id, extended }: { readonly id: number; readonly extended: boolean }): number {
  return extended ? id + 0x80000000 : id;
}
