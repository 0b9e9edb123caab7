import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { ERRORS, GatewayError, isErrorCode } from "../../contract/errors.ts";
import type { CameraId } from "../../contract/ids.ts";
import type { Stamp } from "../../contract/records.ts";
import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import { CameraView, type CameraVisionStatus } from "./camera-view.ts";
import type { FrameResult } from "./detections.ts";
import type { PhotoLook, PhotoRole } from "./photo/photo-look.ts";
import { PhotoQueue } from "./photo/photo-queue.ts";
import type { Provider, RefusedProvider } from "./providers.ts";
import { type Frame, Scheduler } from "./scheduler.ts";
import { Crew } from "./worker/crew.ts";
import type { FromWorker, ReadyMessage } from "./worker/messages.ts";
import type { Supervisor, WorkerEnd, WorkerProblem, WorkerStatus } from "./worker/supervisor.ts";

/** Roles of the models that look at photos alone. */
export type PhotoOnlyRole = Exclude<PhotoRole, "bay">;

export interface VisionOptions {
  /** Folder of the bay model's bundle. */
  readonly bundleFolder: string;
  /** What people call that model, such as `bay 1.1.0`; the folder's name where absent. */
  readonly bundleName?: string;
  /** Where engines that a GPU provider builds are kept from one start to the next. */
  readonly enginesFolder?: string;
  /** Folders of the bundles for photos; beside the bay model's where absent. */
  readonly photoBundles?: Readonly<Partial<Record<PhotoOnlyRole, string>>>;
  /** Worker processes; 0 means cores − 1, at least one. On a GPU there is one. */
  readonly workers: number;
  /** Tried one by one in this order. */
  readonly providers: readonly Provider[];
  /** Machine time. */
  readonly hangMs: number;
  readonly maxWorkerMemoryBytes: number;
  /** Workers are replaced by fresh ones this often (machine time), a day where absent. */
  readonly recycleAfterMs?: number;
  readonly liveThumbnails: boolean;
  /** A still scene is looked at again after this long (machine time), so that somebody who stands still is not forgotten. */
  readonly keepAliveMs?: number;
  /** A camera whose scene has been still for a while is looked at this often (machine time). */
  readonly calmEveryMs?: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Jitter of the back-off; `Math.random` in life. */
  readonly random?: () => number;
  readonly onResult: (result: FrameResult) => void;
  readonly onWorker: (event: WorkerEvent) => void;
  /** This bundle cannot take over, or cannot be opened for a reason that will not pass by itself. */
  readonly onBundleRefused?: (bundleFolder: string, problem: WorkerProblem) => void;
  /** Another worker program, for tests of supervision. */
  readonly workerProgram?: string;
  /** Another photo program, likewise. */
  readonly photoProgram?: string;
}

export type WorkerEvent =
  | { readonly kind: "ready"; readonly worker: string; readonly provider: Provider; readonly at: Stamp }
  /** The worker is gone; it starts again by itself. */
  | {
      readonly kind: "restarting";
      readonly worker: string;
      readonly reason: WorkerEnd["reason"];
      readonly detail: string;
      readonly at: Stamp;
    };

export interface VisionStatus {
  /** `degraded`: a worker is down or coming back; frames are looked at by the others, or not at all. */
  readonly state: "preparing" | "running" | "degraded" | "stopped";
  readonly provider: Provider | undefined;
  readonly refusedProviders: readonly RefusedProvider[];
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string } | undefined;
  /** Why there is no model at work; undefined when there is. */
  readonly problem: WorkerProblem | undefined;
  /** A model that is to take over: being prepared, or refused for this problem. The present one works on in either case. */
  readonly next: { readonly name: string; readonly problem: WorkerProblem | undefined } | undefined;
  /** Median of the last looks: tensor, network and its output, without decoding the picture; undefined before the first. */
  readonly medianLookMs: number | undefined;
  readonly perCamera: ReadonlyMap<CameraId, CameraVisionStatus>;
  readonly workers: readonly WorkerStatus[];
  /** How often all workers were replaced as planned. */
  readonly recyclings: number;
}

export interface Vision {
  /**
   * Returns at once; the state is `preparing` until the first worker is warm. An absent or bad model is a state, never an error here.
   * @param live whether there are cameras to watch; photos are looked at either way
   */
  start(live?: boolean): void;
  stop(): Promise<void>;
  /** A whole JPEG from a camera; the newest of each camera wins. */
  submit(cameraId: CameraId, jpeg: Buffer, at: Stamp): void;
  /**
   * Prepares another bundle while the present model works on; it takes over when its first worker is warm, and is given up where it cannot be opened.
   * @param name what people call it, such as `bay 1.1.0`
   */
  takeOver(bundleFolder: string, name: string): void;
  /** From the next photo on, this bundle looks at photos in that role. */
  usePhotoBundle(role: PhotoOnlyRole, bundleFolder: string): void;
  /** The last redacted live picture, from memory. */
  thumbnail(cameraId: CameraId): { readonly jpeg: Buffer; readonly at: Stamp } | undefined;
  /**
   * Looks at a photo in a process of its own: finds damage, covers faces and plates, looks again, and gives the covered picture only.
   * @throws GatewayError PICTURE_* (the picture), REDACTION_* (nothing may be kept), MODEL_* (no damage model), VISION_NOT_RUNNING
   */
  lookAtPhoto(bytes: Buffer): Promise<PhotoLook>;
  status(): VisionStatus;
  /** Kills a worker as a crash would. @returns its name, or undefined when none is alive */
  killWorkerForDrill(): string | undefined;
}

/** What the motion gate should miss (a slow move, a person as grey as the wall) is seen within this, or twice this at a calm camera; nobody who stands still is forgotten. */
const KEEP_ALIVE_MS = 2500;
/** With the camera's own pace and one look, a car that drives in before a calm camera is seen within a second. */
const CALM_EVERY_MS = 500;
/** The page shows at most one live picture a second. */
const THUMBNAIL_EVERY_MS = 1000;
/** Runtimes, drivers and decoders leak a little; a day of it is nothing yet. */
const RECYCLE_AFTER_MS = 24 * 3_600_000;
const MAX_POISONED = 64;
/** Enough for a median that one slow look does not move. */
const LOOKS_REMEMBERED = 51;

/** The vision runtime: schedules frames over supervised workers and turns their answers into results. */
export function createVision(options: VisionOptions): Vision {
  return new VisionRuntime(options);
}

/** Whether a model that is refused with this code will be refused again. */
function isForGood(code: string): boolean {
  return isErrorCode(code) && !ERRORS[code].retryable;
}

class VisionRuntime implements Vision {
  readonly #options: VisionOptions;
  readonly #keepAliveMs: number;
  readonly #calmEveryMs: number;
  readonly #scheduler = new Scheduler();
  readonly #photos: PhotoQueue;
  #photoBundles: Readonly<Record<PhotoOnlyRole, string>>;
  readonly #views = new Map<CameraId, CameraView>();
  readonly #thumbnailsAsked = new Map<
    number,
    { readonly view: CameraView; readonly at: Stamp; readonly worker: string }
  >();
  /** SHA-256 → length in bytes of pictures that killed two workers. */
  readonly #poisoned = new Map<string, number>();
  readonly #crew: Crew;
  #bundleFolder: string;
  #bundleName: string;
  #next: VisionStatus["next"];
  #recycling: NodeJS.Timeout | undefined;
  #recyclings = 0;
  /** Whether cameras are watched; photos need no worker of theirs. */
  #live = false;
  #ready: ReadyMessage | undefined;
  #problem: WorkerProblem | undefined;
  #running = false;
  #frames = 0;
  readonly #looksMs: number[] = [];

  constructor(options: VisionOptions) {
    this.#options = options;
    this.#bundleFolder = options.bundleFolder;
    this.#bundleName = options.bundleName ?? basename(options.bundleFolder);
    // What happens before a camera happens in shop time: in a demo that runs faster, looks come closer.
    this.#keepAliveMs = options.keepAliveMs ?? KEEP_ALIVE_MS / options.clock.scale;
    this.#calmEveryMs = options.calmEveryMs ?? CALM_EVERY_MS / options.clock.scale;
    const beside = (role: string) => join(dirname(options.bundleFolder), role);
    this.#photoBundles = {
      damage: beside("damage"),
      face: beside("face"),
      plate: beside("plate"),
      ...options.photoBundles,
    };
    this.#crew = new Crew({
      providers: options.providers,
      hangMs: options.hangMs,
      maxMemoryBytes: options.maxWorkerMemoryBytes,
      random: options.random ?? Math.random,
      ...(options.enginesFolder === undefined ? {} : { enginesFolder: options.enginesFolder }),
      ...(options.workerProgram === undefined ? {} : { program: options.workerProgram }),
      onReady: (worker, message) => this.#onReady(worker, message),
      onGone: (worker, end) => this.#onGone(worker, end),
      onAnswer: (worker, message) => this.#onAnswer(worker, message),
    });
    this.#photos = new PhotoQueue({
      bundles: () => ({ bay: this.#bundleFolder, ...this.#photoBundles }),
      providers: options.providers,
      maxMemoryBytes: options.maxWorkerMemoryBytes,
      log: options.log,
      ...(options.enginesFolder === undefined ? {} : { enginesFolder: options.enginesFolder }),
      ...(options.photoProgram === undefined ? {} : { program: options.photoProgram }),
    });
  }

  start(live = true): void {
    if (this.#running) return;
    this.#running = true;
    if (!live) return;
    this.#live = true;
    const everyMs = this.#options.recycleAfterMs ?? RECYCLE_AFTER_MS;
    this.#recycling = setInterval(() => this.#recycle(), everyMs).unref();
    // One first: what runs it decides how many there are.
    this.#crew.add(this.#bundleFolder);
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#live = false;
    clearInterval(this.#recycling);
    this.#photos.stop();
    this.#giveUpNext();
    await this.#crew.stop();
    this.#scheduler.clear();
    this.#thumbnailsAsked.clear();
    for (const view of this.#views.values()) view.forgetPictures();
    this.#ready = undefined;
  }

  submit(cameraId: CameraId, jpeg: Buffer, at: Stamp): void {
    if (!this.#live) return;
    const view = this.#view(cameraId);
    view.noteReceived(at);
    if (this.#isPoisoned(jpeg)) {
      view.notePoisoned();
      return;
    }
    if (!view.takes(performance.now(), this.#calmEveryMs)) return;
    this.#scheduler.submit({ number: ++this.#frames, cameraId, jpeg, at, deaths: 0 });
    this.#feed();
  }

  takeOver(bundleFolder: string, name: string): void {
    this.#giveUpNext();
    if (bundleFolder === this.#bundleFolder) return;
    if (!this.#live || this.#ready === undefined) {
      // There is nothing that could work on meanwhile; why not stays on the page.
      if (this.#problem !== undefined) this.#next = { name: this.#bundleName, problem: this.#problem };
      this.#bundleFolder = bundleFolder;
      this.#bundleName = name;
      this.#problem = undefined;
      this.#crew.dismissAll();
      if (this.#live) this.#crew.add(bundleFolder);
      this.#photos.renew();
      return;
    }
    this.#next = { name, problem: undefined };
    this.#crew.prepare(bundleFolder, {
      onWarm: () => this.#promote(bundleFolder, name),
      onFailed: (end) => this.#refuseNext(bundleFolder, name, end),
    });
  }

  usePhotoBundle(role: PhotoOnlyRole, bundleFolder: string): void {
    this.#photoBundles = { ...this.#photoBundles, [role]: bundleFolder };
    this.#photos.renew();
  }

  thumbnail(cameraId: CameraId): { readonly jpeg: Buffer; readonly at: Stamp } | undefined {
    return this.#views.get(cameraId)?.thumbnail;
  }

  async lookAtPhoto(bytes: Buffer): Promise<PhotoLook> {
    if (!this.#running) throw new GatewayError("VISION_NOT_RUNNING");
    return this.#photos.look(bytes);
  }

  status(): VisionStatus {
    const workers = this.#crew.workers.map((worker) => worker.status());
    return {
      state: this.#stateOf(workers),
      provider: this.#ready?.provider,
      refusedProviders: this.#ready?.refused ?? this.#problem?.refused ?? [],
      model: this.#ready?.model,
      problem: this.#problem,
      next: this.#next,
      medianLookMs: this.#looksMs.toSorted((a, b) => a - b)[Math.floor(this.#looksMs.length / 2)],
      perCamera: new Map([...this.#views].map(([id, view]) => [id, view.status(this.#scheduler.dropped(id))])),
      workers,
      recyclings: this.#recyclings,
    };
  }

  killWorkerForDrill(): string | undefined {
    return this.#crew.workers.find((worker) => worker.killForDrill())?.name;
  }

  #noteLook(ms: number): void {
    this.#looksMs.push(ms);
    if (this.#looksMs.length > LOOKS_REMEMBERED) this.#looksMs.shift();
  }

  #stateOf(workers: readonly WorkerStatus[]): VisionStatus["state"] {
    if (!this.#live) return "stopped";
    if (workers.some((worker) => worker.recovering)) return "degraded";
    return workers.some((worker) => worker.state === "running" || worker.state === "draining")
      ? "running"
      : "preparing";
  }

  /** Replaces the workers before what they leak can matter: fresh ones are warm before the old ones go, and what those held is looked at again. */
  #recycle(): void {
    const settled = !this.#crew.isPreparing && this.#crew.workers.every(({ state }) => state === "running");
    if (this.#ready === undefined || !settled) return;
    this.#crew.prepare(this.#bundleFolder, {
      onWarm: () => {
        this.#recyclings++;
        this.#crew.promote();
      },
      onFailed: ({ reason, detail }) => {
        this.#giveUpNext();
        this.#options.log.warn({ reason, detail }, "no fresh vision worker could be started, the old ones work on");
      },
    });
  }

  /** The next bundle is warm: its worker takes the frames from here on, and what the former model said of a scene no longer stands. */
  #promote(bundleFolder: string, name: string): void {
    this.#next = undefined;
    this.#bundleFolder = bundleFolder;
    this.#bundleName = name;
    this.#photos.renew();
    this.#looksMs.length = 0;
    for (const view of this.#views.values()) view.forgetScene();
    this.#crew.promote();
  }

  #refuseNext(bundleFolder: string, name: string, { reason, detail, problem }: WorkerEnd): void {
    const why = problem ?? { code: "VISION_NOT_RUNNING", message: `${reason}: ${detail}`, refused: [] };
    this.#giveUpNext();
    this.#next = { name, problem: why };
    this.#options.log.warn(
      { model: name, code: why.code, detail: why.message },
      "the new model is refused, the present one stays",
    );
    this.#options.onBundleRefused?.(bundleFolder, why);
  }

  #giveUpNext(): void {
    if (this.#crew.giveUpCandidate()) this.#next = undefined;
  }

  #onReady(name: string, message: ReadyMessage): void {
    this.#ready = message;
    this.#problem = undefined;
    this.#options.log.info(
      { worker: name, provider: message.provider, model: message.model.name, version: message.model.version },
      "vision worker is ready",
    );
    this.#options.onWorker({
      kind: "ready",
      worker: name,
      provider: message.provider,
      at: this.#options.clock.stamp(),
    });
    const wanted = message.provider === "cpu" ? this.#options.workers || Math.max(1, availableParallelism() - 1) : 1;
    while (this.#live && this.#crew.workers.length < wanted) this.#crew.add(this.#bundleFolder);
    this.#feed();
  }

  #onGone(name: string, end: WorkerEnd): void {
    const { poisoned } = this.#scheduler.workerGone(name, end.blame);
    for (const frame of poisoned) this.#notePoisoned(frame);
    for (const [frame, asked] of this.#thumbnailsAsked) if (asked.worker === name) this.#thumbnailsAsked.delete(frame);
    if (end.reason === "stopped") {
      // What it held waits again, for those that took its place.
      this.#feed();
      return;
    }
    const news = end.problem === undefined || end.problem.message !== this.#problem?.message;
    if (end.problem !== undefined) this.#problem = end.problem;
    if (news && end.problem !== undefined && isForGood(end.problem.code))
      this.#options.onBundleRefused?.(this.#bundleFolder, end.problem);
    // A model that stays bad is told once, however often it is tried.
    if (news) {
      this.#options.log.warn(
        { worker: name, code: end.problem?.code ?? "VISION_NOT_RUNNING", reason: end.reason, detail: end.detail },
        "vision worker is gone, starting again",
      );
      this.#options.onWorker({
        kind: "restarting",
        worker: name,
        reason: end.reason,
        detail: end.detail,
        at: this.#options.clock.stamp(),
      });
    }
    this.#feed();
  }

  #onAnswer(name: string, message: Extract<FromWorker, { kind: "seen" | "unreadable" | "thumbnail" }>): void {
    if (message.kind === "thumbnail") {
      const asked = this.#thumbnailsAsked.get(message.frame);
      this.#thumbnailsAsked.delete(message.frame);
      asked?.view.setThumbnail(
        Buffer.from(message.jpeg.buffer, message.jpeg.byteOffset, message.jpeg.byteLength),
        asked.at,
      );
      return;
    }
    if (message.kind === "seen" && message.lookMs !== undefined) this.#noteLook(message.lookMs);
    const frame = this.#scheduler.settle(name, message.frame);
    if (frame === undefined) return;
    const view = this.#view(frame.cameraId);
    if (message.kind === "unreadable") {
      this.#thumbnailsAsked.delete(frame.number);
      if (view.noteUnreadable())
        this.#options.log.warn({ cameraId: frame.cameraId, code: message.code }, message.message);
    } else {
      if (message.detections === undefined) this.#thumbnailsAsked.delete(frame.number);
      this.#options.onResult(view.result(frame, message, performance.now()));
    }
    this.#feed();
  }

  /** Gives waiting frames to workers that have room. */
  #feed(): void {
    for (const worker of this.#crew.workers) {
      while (worker.state === "running") {
        const frame = this.#scheduler.next(worker.name);
        if (frame === undefined) break;
        this.#hand(frame, worker);
      }
    }
  }

  #hand(frame: Frame, worker: Supervisor): void {
    const nowMs = performance.now();
    const view = this.#view(frame.cameraId);
    const reference = view.reference(frame, nowMs, this.#keepAliveMs);
    // A still frame brings no detections of its own, and without them there is no thumbnail: ask with frames that are looked at anyway.
    const thumbnail = this.#options.liveThumbnails && view.wantsThumbnail(nowMs, THUMBNAIL_EVERY_MS);
    if (thumbnail) this.#thumbnailsAsked.set(frame.number, { view, at: frame.at, worker: worker.name });
    worker.look(frame.number, frame.jpeg, { reference, thumbnail, covers: thumbnail ? view.covers() : [] });
  }

  #notePoisoned(frame: Frame): void {
    const [oldest] = this.#poisoned.keys();
    if (oldest !== undefined && this.#poisoned.size >= MAX_POISONED) this.#poisoned.delete(oldest);
    const sha256 = createHash("sha256").update(frame.jpeg).digest("hex");
    this.#poisoned.set(sha256, frame.jpeg.length);
    this.#view(frame.cameraId).notePoisoned();
    this.#options.log.error(
      { cameraId: frame.cameraId, sha256, bytes: frame.jpeg.length },
      "a picture killed two vision workers and is not tried again",
    );
  }

  #isPoisoned(jpeg: Buffer): boolean {
    // Hashing every frame for nothing would cost more than the frame's transport.
    if (![...this.#poisoned.values()].includes(jpeg.length)) return false;
    return this.#poisoned.has(createHash("sha256").update(jpeg).digest("hex"));
  }

  #view(cameraId: CameraId): CameraView {
    let view = this.#views.get(cameraId);
    if (view === undefined) {
      view = new CameraView();
      this.#views.set(cameraId, view);
    }
    return view;
  }
}
