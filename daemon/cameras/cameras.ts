import { type ErrorCode, GatewayError } from "../../contract/errors.ts";
import type { CameraId } from "../../contract/ids.ts";
import type { Stamp } from "../../contract/records.ts";
import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import { LatestSlot } from "./latest-slot.ts";
import { readPictureHeader } from "./picture-header.ts";
import { type CameraQuality, qualityOf } from "./quality.ts";

/** Over how much shop time the figures behind the quality word are gathered. */
const QUALITY_WINDOW_MS = 60_000;

export interface CameraSettings {
  /** No new picture for this long (shop time) and the camera is silent. */
  readonly silentAfterMs: number;
  /** Frames beyond this rate (machine time) are not passed on; the newest waits for its turn. */
  readonly maxFramesPerSecond: number;
}

export interface CamerasOptions {
  readonly cameras: ReadonlyMap<CameraId, CameraSettings>;
  readonly clock: Clock;
  readonly log: Logger;
  /** A whole picture whose turn it is, at most `maxFramesPerSecond` of them per camera. */
  readonly deliver: (cameraId: CameraId, jpeg: Buffer, at: Stamp) => void;
  /** Once when the deadline passes; `lastFrameAt` is undefined when the camera was never seen. */
  readonly onSilent: (
    cameraId: CameraId,
    event: { readonly lastFrameAt: Stamp | undefined; readonly at: Stamp },
  ) => void;
  /** Once with the first whole frame after silence, and with a camera's very first frame. */
  readonly onBack: (cameraId: CameraId, event: { readonly at: Stamp }) => void;
}

export interface CameraStatus {
  readonly state: "waiting" | "live" | "silent";
  readonly quality: CameraQuality;
  readonly lastFrameAt: Stamp | undefined;
  /** While silent: it goes on sending, but always the same picture. */
  readonly frozen: boolean;
  /** Everything that arrived, whole or not. */
  readonly received: number;
  readonly delivered: number;
  /** Replaced by a newer frame before their turn came. */
  readonly dropped: number;
  /** Refused by their header; `refusedBy` counts them by error code. */
  readonly refused: number;
  readonly refusedBy: Readonly<Partial<Record<ErrorCode, number>>>;
  readonly width: number | undefined;
  readonly height: number | undefined;
}

export interface Cameras {
  start(): void;
  stop(): void;
  /**
   * A frame from a camera. Never throws: what is wrong with the picture comes back as a code, is counted, and is logged once per streak. The very same
   * bytes again are no news and go no further: a sensor's noise never repeats, a bridge that has lost its camera does.
   * @returns undefined when the frame is accepted
   */
  receive(cameraId: CameraId, jpeg: Buffer): ErrorCode | undefined;
  status(): ReadonlyMap<CameraId, CameraStatus>;
}

interface Arrivals {
  sinceMs: number;
  accepted: number;
  refused: number;
  longestGapMs: number;
}

interface Camera {
  readonly settings: CameraSettings;
  readonly slot: LatestSlot<{ readonly jpeg: Buffer; readonly at: Stamp }>;
  state: "waiting" | "live" | "silent";
  last: Buffer | undefined;
  /** Whether the last picture has come again since. */
  repeated: boolean;
  lastFrameAt: Stamp | undefined;
  received: number;
  delivered: number;
  readonly refusedBy: Map<ErrorCode, number>;
  inRefusedStreak: boolean;
  size: { readonly width: number; readonly height: number } | undefined;
  nextTurnMs: number;
  turn: NodeJS.Timeout | undefined;
  cancelDeadline: (() => void) | undefined;
  /** The present window and the one before: a fault does not vanish from the page because a minute began. */
  window: Arrivals;
  previous: Arrivals;
}

/** Frame intake for all configured cameras. Only JPEG is taken, as the contract says. */
export function createCameras(options: CamerasOptions): Cameras {
  return new CameraIntake(options);
}

class CameraIntake implements Cameras {
  readonly #options: CamerasOptions;
  readonly #cameras = new Map<CameraId, Camera>();
  #running = false;

  constructor(options: CamerasOptions) {
    this.#options = options;
    for (const [id, settings] of options.cameras) this.#cameras.set(id, newCamera(settings));
  }

  start(): void {
    this.#running = true;
    for (const [id, camera] of this.#cameras) {
      camera.window.sinceMs = this.#options.clock.monotonicMs();
      this.#setDeadline(id, camera);
    }
  }

  stop(): void {
    this.#running = false;
    for (const camera of this.#cameras.values()) {
      camera.cancelDeadline?.();
      camera.cancelDeadline = undefined;
      clearTimeout(camera.turn);
      camera.turn = undefined;
      camera.slot.take();
      camera.last = undefined;
    }
  }

  receive(cameraId: CameraId, jpeg: Buffer): ErrorCode | undefined {
    const camera = this.#cameras.get(cameraId);
    if (camera === undefined || !this.#running) return undefined;
    camera.received++;
    const refusal = this.#refusal(cameraId, camera, jpeg);
    if (refusal !== undefined) return refusal;
    if (camera.last?.equals(jpeg) === true) {
      camera.repeated = true;
      return undefined;
    }
    camera.last = jpeg;
    camera.repeated = false;
    const at = this.#options.clock.stamp();
    this.#noteArrival(cameraId, camera, at);
    camera.slot.put({ jpeg, at });
    this.#giveTurn(cameraId, camera);
    return undefined;
  }

  status(): ReadonlyMap<CameraId, CameraStatus> {
    return new Map([...this.#cameras].map(([id, camera]) => [id, this.#statusOf(camera)]));
  }

  #refusal(cameraId: CameraId, camera: Camera, jpeg: Buffer): ErrorCode | undefined {
    try {
      const header = readPictureHeader(jpeg);
      if (header.format !== "jpeg") throw new GatewayError("PICTURE_UNSUPPORTED", { detail: header.format });
      camera.size = { width: header.width, height: header.height };
      camera.inRefusedStreak = false;
      return undefined;
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      camera.refusedBy.set(error.code, (camera.refusedBy.get(error.code) ?? 0) + 1);
      this.#window(camera).refused++;
      // One line per streak: a camera with a broken sensor would fill the disk otherwise.
      if (!camera.inRefusedStreak)
        this.#options.log.warn({ cameraId, code: error.code, bytes: jpeg.length }, error.message);
      camera.inRefusedStreak = true;
      return error.code;
    }
  }

  #noteArrival(cameraId: CameraId, camera: Camera, at: Stamp): void {
    const window = this.#window(camera);
    window.accepted++;
    // The gap after silence has been told as silence already.
    if (camera.lastFrameAt !== undefined && camera.state === "live")
      window.longestGapMs = Math.max(window.longestGapMs, at.monoMs - camera.lastFrameAt.monoMs);
    camera.lastFrameAt = at;
    const wasLive = camera.state === "live";
    camera.state = "live";
    this.#setDeadline(cameraId, camera);
    if (wasLive) return;
    this.#options.log.info({ cameraId }, "camera delivers pictures");
    this.#options.onBack(cameraId, { at });
  }

  /** Delivers now when the pace allows it, else when the camera's next turn comes; what waits is the newest. */
  #giveTurn(cameraId: CameraId, camera: Camera): void {
    if (camera.turn !== undefined) return;
    const nowMs = performance.now();
    if (nowMs >= camera.nextTurnMs) {
      this.#deliver(cameraId, camera, nowMs);
      return;
    }
    camera.turn = setTimeout(() => {
      camera.turn = undefined;
      this.#deliver(cameraId, camera, performance.now());
    }, camera.nextTurnMs - nowMs);
  }

  #deliver(cameraId: CameraId, camera: Camera, nowMs: number): void {
    const frame = camera.slot.take();
    if (frame === undefined) return;
    camera.nextTurnMs = nowMs + 1000 / camera.settings.maxFramesPerSecond;
    camera.delivered++;
    this.#options.deliver(cameraId, frame.jpeg, frame.at);
  }

  /** One timer per camera, looked at when it fires: resetting a timer for each frame would cost more than the frame's intake. */
  #setDeadline(cameraId: CameraId, camera: Camera): void {
    if (camera.cancelDeadline !== undefined) return;
    const { clock } = this.#options;
    const arm = (inMs: number) => {
      camera.cancelDeadline = clock.after(inMs, () => {
        camera.cancelDeadline = undefined;
        const sinceMs =
          camera.lastFrameAt === undefined
            ? camera.settings.silentAfterMs
            : clock.monotonicMs() - camera.lastFrameAt.monoMs;
        const leftMs = camera.settings.silentAfterMs - sinceMs;
        if (leftMs > 0) arm(leftMs);
        else this.#silent(cameraId, camera);
      });
    };
    arm(camera.settings.silentAfterMs);
  }

  #silent(cameraId: CameraId, camera: Camera): void {
    if (camera.state === "silent") return;
    camera.state = "silent";
    this.#options.log.warn(
      { cameraId, silentAfterMs: camera.settings.silentAfterMs, frozen: camera.repeated },
      "camera is silent",
    );
    this.#options.onSilent(cameraId, { lastFrameAt: camera.lastFrameAt, at: this.#options.clock.stamp() });
  }

  #window(camera: Camera): Camera["window"] {
    const nowMs = this.#options.clock.monotonicMs();
    const ageMs = nowMs - camera.window.sinceMs;
    if (ageMs > QUALITY_WINDOW_MS) {
      camera.previous = ageMs > 2 * QUALITY_WINDOW_MS ? noArrivals(nowMs) : camera.window;
      camera.window = noArrivals(nowMs);
    }
    return camera.window;
  }

  #statusOf(camera: Camera): CameraStatus {
    const windows = [this.#window(camera), camera.previous];
    const sinceLastMs =
      camera.lastFrameAt === undefined ? 0 : this.#options.clock.monotonicMs() - camera.lastFrameAt.monoMs;
    return {
      state: camera.state,
      quality: qualityOf({
        everSeen: camera.lastFrameAt !== undefined,
        silent: camera.state === "silent",
        accepted: windows.reduce((sum, window) => sum + window.accepted, 0),
        refused: windows.reduce((sum, window) => sum + window.refused, 0),
        longestGapMs: Math.max(sinceLastMs, ...windows.map((window) => window.longestGapMs)),
        silentAfterMs: camera.settings.silentAfterMs,
      }),
      lastFrameAt: camera.lastFrameAt,
      frozen: camera.state === "silent" && camera.repeated,
      received: camera.received,
      delivered: camera.delivered,
      dropped: camera.slot.replaced,
      refused: [...camera.refusedBy.values()].reduce((sum, count) => sum + count, 0),
      refusedBy: Object.fromEntries(camera.refusedBy),
      width: camera.size?.width,
      height: camera.size?.height,
    };
  }
}

function newCamera(settings: CameraSettings): Camera {
  return {
    settings,
    slot: new LatestSlot(),
    state: "waiting",
    last: undefined,
    repeated: false,
    lastFrameAt: undefined,
    received: 0,
    delivered: 0,
    refusedBy: new Map(),
    inRefusedStreak: false,
    size: undefined,
    nextTurnMs: 0,
    turn: undefined,
    cancelDeadline: undefined,
    window: noArrivals(0),
    previous: noArrivals(0),
  };
}

function noArrivals(sinceMs: number): Arrivals {
  return { sinceMs, accepted: 0, refused: 0, longestGapMs: 0 };
}
