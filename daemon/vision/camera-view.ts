import type { Stamp } from "../../contract/records.ts";
import type { Detection, FrameResult } from "./detections.ts";
import type { SceneSignature } from "./motion-gate.ts";
import { type LiveCover, RecentCovers } from "./redaction/recent-covers.ts";
import type { Frame } from "./scheduler.ts";
import type { SeenMessage } from "./worker/messages.ts";

export interface CameraVisionStatus {
  readonly received: number;
  /** Frames that brought a result, the still ones among them. */
  readonly processed: number;
  /** Replaced by a newer frame before a worker was free. */
  readonly dropped: number;
  /** Still scenes: the previous detections were kept. */
  readonly skippedStill: number;
  /** Frames of a calm camera between two looks: not even decoded. */
  readonly skippedCalm: number;
  /** Damaged content behind a whole header. */
  readonly unreadable: number;
  /** Pictures that killed two workers, and repeats of them. */
  readonly poisoned: number;
  readonly lastFrameAt: Stamp | undefined;
  readonly lastResultAt: Stamp | undefined;
}

/** So many still frames one behind the other make a camera calm. */
const CALM_AFTER_STILL = 10;
/** The looks that are due in any case are so many times as far apart at a calm camera: what comes or goes there, the gate sees. */
const CALM_KEEP_ALIVE = 2;

/** What the daemon remembers of one camera between frames: the scene when the network last looked, what it saw, and the live picture. */
export class CameraView {
  #received = 0;
  #processed = 0;
  #skippedStill = 0;
  #skippedCalm = 0;
  #stillInARow = 0;
  #lastTakenMs = Number.NEGATIVE_INFINITY;
  /** The latest frame that was looked at without being compared. */
  #dueFrame: number | undefined;
  #unreadable = 0;
  #poisoned = 0;
  #lastFrameAt: Stamp | undefined;
  #lastResultAt: Stamp | undefined;
  #inUnreadableStreak = false;
  #looked:
    | { readonly signature: SceneSignature; readonly detections: readonly Detection[]; readonly atMs: number }
    | undefined;
  readonly #recentCovers = new RecentCovers();
  #thumbnail: { readonly jpeg: Buffer; readonly at: Stamp } | undefined;
  #thumbnailAtMs = Number.NEGATIVE_INFINITY;

  noteReceived(at: Stamp): void {
    this.#received++;
    this.#lastFrameAt = at;
  }

  /**
   * Whether a frame that comes now is looked at. A camera whose scene has been still for a while is looked at less often than it sends,
   * often enough that nothing which drives or walks in goes unseen for long.
   */
  takes(nowMs: number, calmEveryMs: number): boolean {
    if (this.#isCalm() && nowMs - this.#lastTakenMs < calmEveryMs) {
      this.#skippedCalm++;
      return false;
    }
    this.#lastTakenMs = nowMs;
    return true;
  }

  #isCalm(): boolean {
    return this.#stillInARow >= CALM_AFTER_STILL;
  }

  notePoisoned(): void {
    this.#poisoned++;
  }

  /** @returns true when it is the first of a streak, which is worth a line in the log */
  noteUnreadable(): boolean {
    this.#unreadable++;
    const first = !this.#inUnreadableStreak;
    this.#inUnreadableStreak = true;
    return first;
  }

  /** The scene to compare a frame with; undefined when the network has to look in any case. */
  reference(frame: Frame, nowMs: number, keepAliveMs: number): SceneSignature | undefined {
    const dueAfterMs = this.#isCalm() ? CALM_KEEP_ALIVE * keepAliveMs : keepAliveMs;
    if (this.#looked !== undefined && nowMs - this.#looked.atMs < dueAfterMs) return this.#looked.signature;
    this.#dueFrame = frame.number;
    return undefined;
  }

  wantsThumbnail(nowMs: number, everyMs: number): boolean {
    return nowMs - this.#thumbnailAtMs >= everyMs;
  }

  /** From a worker's answer to the result that the shop gets. */
  result(frame: Frame, seen: SeenMessage, nowMs: number): FrameResult {
    this.#processed++;
    this.#inUnreadableStreak = false;
    this.#lastResultAt = frame.at;
    const inferred = seen.detections !== undefined;
    if (seen.covers !== undefined) this.#recentCovers.note(seen.covers);
    if (seen.detections !== undefined) {
      // A look that was due anyway says nothing about movement; one that the gate let through does.
      if (this.#dueFrame !== frame.number) this.#stillInARow = 0;
      this.#looked = { signature: seen.signature, detections: seen.detections, atMs: nowMs };
    } else {
      this.#skippedStill++;
      this.#stillInARow++;
    }
    return {
      cameraId: frame.cameraId,
      at: frame.at,
      width: seen.width,
      height: seen.height,
      detections: this.#looked?.detections ?? [],
      inferred,
    };
  }

  /** What the next live picture must not show, beside what is found in its own frame. */
  covers(): readonly LiveCover[] {
    return this.#recentCovers.union();
  }

  setThumbnail(jpeg: Buffer, at: Stamp): void {
    this.#thumbnail = { jpeg, at };
    this.#thumbnailAtMs = performance.now();
  }

  get thumbnail(): { readonly jpeg: Buffer; readonly at: Stamp } | undefined {
    return this.#thumbnail;
  }

  /** Another model looks from here on: the next frame is looked at, whatever stands still in it. */
  forgetScene(): void {
    this.#looked = undefined;
  }

  forgetPictures(): void {
    this.#thumbnail = undefined;
    this.#thumbnailAtMs = Number.NEGATIVE_INFINITY;
    this.#looked = undefined;
    this.#recentCovers.forget();
  }

  status(dropped: number): CameraVisionStatus {
    return {
      received: this.#received,
      processed: this.#processed,
      dropped,
      skippedStill: this.#skippedStill,
      skippedCalm: this.#skippedCalm,
      unreadable: this.#unreadable,
      poisoned: this.#poisoned,
      lastFrameAt: this.#lastFrameAt,
      lastResultAt: this.#lastResultAt,
    };
  }
}
