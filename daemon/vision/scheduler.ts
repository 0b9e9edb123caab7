import type { CameraId } from "../../contract/ids.ts";
import type { Stamp } from "../../contract/records.ts";
import { LatestSlot } from "../cameras/index.ts";

/** One picture on its way to a worker. */
export interface Frame {
  /** Rises with every frame that is submitted. */
  readonly number: number;
  readonly cameraId: CameraId;
  readonly jpeg: Buffer;
  readonly at: Stamp;
  /** How many workers died while they had it. */
  deaths: number;
}

/** What a worker holds at most: the frame it looks at and the next one, so that decoding overlaps inference. */
export const FRAMES_PER_WORKER = 2;
/** A picture during which a worker died this often is not tried again. */
const DEATHS_OF_A_POISONED_PICTURE = 2;

/**
 * Which frame goes to which worker. Per camera only the newest waits; cameras take turns, the one that has waited longest since its last turn
 * first, so that a fast camera cannot starve a slow one. A camera's frames are with one worker at a time, which keeps their order.
 */
export class Scheduler {
  readonly #slots = new Map<CameraId, LatestSlot<Frame>>();
  readonly #lastTurn = new Map<CameraId, number>();
  readonly #held = new Map<string, Frame[]>();
  #turns = 0;

  /** @returns true when an older frame of the camera had to go */
  submit(frame: Frame): boolean {
    return this.#slot(frame.cameraId).put(frame);
  }

  /** The next frame for this worker, which holds it from now on; undefined when it has enough or nothing waits. */
  next(worker: string): Frame | undefined {
    const held = this.#held.get(worker) ?? [];
    if (held.length >= FRAMES_PER_WORKER) return undefined;
    // A suspect travels alone, so that a second death has one culprit.
    if (held.some((frame) => frame.deaths > 0)) return undefined;
    let best: { readonly slot: LatestSlot<Frame>; readonly rank: number; readonly cameraId: CameraId } | undefined;
    for (const [cameraId, slot] of this.#slots) {
      const waiting = slot.peek();
      if (waiting === undefined || this.#isElsewhere(cameraId, worker) || (waiting.deaths > 0 && held.length > 0))
        continue;
      // A camera that this worker has a frame of already comes after those that it has none of.
      const rank =
        (this.#lastTurn.get(cameraId) ?? 0) +
        (held.some((frame) => frame.cameraId === cameraId) ? Number.MAX_SAFE_INTEGER / 2 : 0);
      if (best === undefined || rank < best.rank) best = { slot, rank, cameraId };
    }
    const frame = best?.slot.take();
    if (best === undefined || frame === undefined) return undefined;
    this.#lastTurn.set(best.cameraId, ++this.#turns);
    this.#held.set(worker, [...held, frame]);
    return frame;
  }

  /** The worker has answered; undefined when it never held that frame. */
  settle(worker: string, frameNumber: number): Frame | undefined {
    const held = this.#held.get(worker) ?? [];
    const frame = held.find((candidate) => candidate.number === frameNumber);
    if (frame === undefined) return undefined;
    this.#held.set(
      worker,
      held.filter((candidate) => candidate !== frame),
    );
    return frame;
  }

  /**
   * The worker is gone. What it held waits again, unless something newer of the same camera does; a picture that has now seen two workers die
   * is given back instead, not to be tried again.
   * @param blame false where the pictures cannot be the cause (a drill, a recycling)
   */
  workerGone(worker: string, blame: boolean): { readonly poisoned: readonly Frame[] } {
    const held = this.#held.get(worker) ?? [];
    this.#held.delete(worker);
    const poisoned: Frame[] = [];
    // The newest first, since the slot has one place.
    for (const frame of held.toReversed()) {
      if (blame) frame.deaths++;
      if (frame.deaths >= DEATHS_OF_A_POISONED_PICTURE) poisoned.push(frame);
      else this.#slot(frame.cameraId).putBack(frame);
    }
    return { poisoned };
  }

  heldBy(worker: string): number {
    return this.#held.get(worker)?.length ?? 0;
  }

  /** Frames of a camera that were replaced by newer ones. */
  dropped(cameraId: CameraId): number {
    return this.#slots.get(cameraId)?.replaced ?? 0;
  }

  clear(): void {
    for (const slot of this.#slots.values()) slot.take();
    this.#held.clear();
  }

  #isElsewhere(cameraId: CameraId, worker: string): boolean {
    for (const [other, frames] of this.#held)
      if (other !== worker && frames.some((frame) => frame.cameraId === cameraId)) return true;
    return false;
  }

  #slot(cameraId: CameraId): LatestSlot<Frame> {
    let slot = this.#slots.get(cameraId);
    if (slot === undefined) {
      slot = new LatestSlot();
      this.#slots.set(cameraId, slot);
    }
    return slot;
  }
}
