import { createHash } from "node:crypto";
import { GatewayError } from "../../../contract/errors.ts";
import type { Logger } from "../../../machine/log.ts";
import type { Provider } from "../providers.ts";
import type { FromPhotoProcess, PhotoAnswer } from "./messages.ts";
import { MAX_PHOTO_BYTES, type PhotoBundles, type PhotoLook } from "./photo-look.ts";
import { PhotoProcess } from "./process.ts";

export interface PhotoQueueOptions {
  /** Asked at each start of the process. */
  readonly bundles: () => PhotoBundles;
  readonly providers: readonly Provider[];
  /** Where engines that a GPU provider builds are kept. */
  readonly enginesFolder?: string;
  readonly maxMemoryBytes: number;
  readonly log: Logger;
  /** From handing a photo over to its answer (machine time). */
  readonly hangMs?: number;
  /** The process ends after so long without a photo (machine time). */
  readonly idleMs?: number;
  /** Another program than ours, for tests of supervision. */
  readonly program?: string;
}

/** A photo of 25 megapixels takes some ten seconds on two slow cores that live frames share. */
const HANG_MS = 120_000;
/** Four models on a loaded machine; a GPU builds its engines. */
const OPEN_MS = 300_000;
const IDLE_MS = 60_000;
const MAX_WAITING = 8;
const MAX_DEATHS = 2;
const MAX_POISONED = 64;

interface Photo {
  readonly number: number;
  readonly bytes: Buffer;
  readonly sha256: string;
  deaths: number;
  readonly resolve: (look: PhotoLook) => void;
  readonly reject: (error: GatewayError) => void;
}

/**
 * Looks at photos one after the other, in a process of its own that starts with the first one and ends when none has come for a while. A photo with
 * which the process dies or hangs is tried once more; with the second death it is refused for good.
 */
export class PhotoQueue {
  readonly #options: PhotoQueueOptions;
  readonly #waiting: Photo[] = [];
  /** SHA-256 of photos that killed two processes. */
  readonly #poisoned = new Set<string>();
  #current: Photo | undefined;
  #process: PhotoProcess | undefined;
  #ready = false;
  /** Its models are not those of the next photo. */
  #outdated = false;
  #refusal: GatewayError | undefined;
  #deathsAtOpening = 0;
  #numbers = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PhotoQueueOptions) {
    this.#options = options;
  }

  /**
   * @param bytes a picture file
   * @throws GatewayError PICTURE_* (the picture), REDACTION_* (nothing may be kept), MODEL_* (damage bundle), VISION_NOT_RUNNING
   */
  async look(bytes: Buffer): Promise<PhotoLook> {
    if (bytes.length > MAX_PHOTO_BYTES)
      throw new GatewayError("PICTURE_TOO_LARGE", { detail: `${bytes.length} bytes, at most ${MAX_PHOTO_BYTES}` });
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    if (this.#poisoned.has(sha256)) throw new GatewayError("PICTURE_POISONED", { details: { sha256 } });
    if (this.#waiting.length >= MAX_WAITING)
      throw new GatewayError("VISION_NOT_RUNNING", { detail: `${MAX_WAITING} photos are waiting already` });
    const { promise, resolve, reject } = Promise.withResolvers<PhotoLook>();
    this.#waiting.push({ number: ++this.#numbers, bytes, sha256, deaths: 0, resolve, reject });
    this.#feed();
    return promise;
  }

  /** What waits is rejected. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#process?.kill();
    this.#process = undefined;
    this.#ready = false;
    this.#rejectAll(new GatewayError("VISION_NOT_RUNNING", { detail: "vision is stopping" }));
  }

  /** The bundles are others from here on: the photo that is being looked at is finished, the next one starts another process. */
  renew(): void {
    if (this.#current === undefined && this.#ready) this.#retire();
    else this.#outdated = this.#process !== undefined;
    this.#feed();
  }

  #feed(): void {
    if (this.#current !== undefined) return;
    if (this.#waiting.length === 0) {
      this.#after(this.#options.idleMs ?? IDLE_MS, () => this.#retire());
      return;
    }
    if (this.#process === undefined) this.#launch();
    if (!this.#ready) return;
    const photo = this.#waiting.shift();
    this.#current = photo;
    if (photo === undefined) return;
    const running = this.#process;
    running?.send({ kind: "look", photo: photo.number, bytes: photo.bytes });
    this.#after(this.#options.hangMs ?? HANG_MS, () => running?.kill());
  }

  #launch(): void {
    const launched = new PhotoProcess(
      {
        onMessage: (message) => {
          if (launched === this.#process) this.#hear(message);
        },
        onGone: (detail) => {
          if (launched === this.#process) this.#gone(detail);
        },
      },
      this.#options.program,
    );
    this.#process = launched;
    this.#outdated = false;
    this.#refusal = undefined;
    const { bundles, providers, enginesFolder: engines } = this.#options;
    launched.send({
      kind: "open",
      bundles: bundles(),
      providers: [...providers],
      ...(engines === undefined ? {} : { engines }),
    });
    this.#after(OPEN_MS, () => launched.kill());
  }

  #hear(message: FromPhotoProcess): void {
    switch (message.kind) {
      case "ready":
        this.#ready = true;
        this.#deathsAtOpening = 0;
        if (this.#outdated) this.#retire();
        this.#feed();
        return;
      case "refused":
        this.#refusal = new GatewayError(message.code, { detail: message.detail });
        return;
      case "seen":
      case "failed":
        this.#answer(message);
    }
  }

  #answer(message: PhotoAnswer): void {
    const photo = this.#current;
    // An answer to what nobody asked is no answer of our program.
    if (photo === undefined || photo.number !== message.photo) {
      this.#process?.kill();
      return;
    }
    this.#current = undefined;
    if (message.kind === "failed") photo.reject(new GatewayError(message.code, { detail: message.detail }));
    else {
      const { picture, width, height, covered, findings, models } = message;
      const jpeg = Buffer.from(picture.buffer, picture.byteOffset, picture.byteLength);
      photo.resolve({ picture: jpeg, width, height, covered, findings, models });
    }
    if (message.rssBytes > this.#options.maxMemoryBytes || this.#outdated) this.#retire();
    this.#feed();
  }

  #gone(detail: string): void {
    clearTimeout(this.#timer);
    const photo = this.#current;
    this.#process = undefined;
    this.#ready = false;
    this.#current = undefined;
    if (this.#refusal !== undefined) this.#rejectAll(this.#refusal);
    else if (photo !== undefined) this.#blame(photo, detail);
    else if (this.#waiting.length > 0 && ++this.#deathsAtOpening >= MAX_DEATHS) {
      this.#deathsAtOpening = 0;
      this.#rejectAll(new GatewayError("VISION_NOT_RUNNING", { detail }));
    }
    if (this.#waiting.length > 0) this.#feed();
  }

  #blame(photo: Photo, detail: string): void {
    photo.deaths++;
    if (photo.deaths < MAX_DEATHS) {
      this.#waiting.unshift(photo);
      return;
    }
    const [oldest] = this.#poisoned;
    if (oldest !== undefined && this.#poisoned.size >= MAX_POISONED) this.#poisoned.delete(oldest);
    this.#poisoned.add(photo.sha256);
    const { sha256, bytes } = photo;
    this.#options.log.error(
      { code: "PICTURE_POISONED", sha256, bytes: bytes.length, detail },
      "a photo killed two processes and is not tried again",
    );
    photo.reject(new GatewayError("PICTURE_POISONED", { detail, details: { sha256 } }));
  }

  #rejectAll(error: GatewayError): void {
    this.#current?.reject(error);
    this.#current = undefined;
    for (const photo of this.#waiting.splice(0)) photo.reject(error);
  }

  /** Ends the process in peace; the next photo starts another. */
  #retire(): void {
    this.#process?.release();
    this.#process = undefined;
    this.#ready = false;
  }

  #after(ms: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, ms).unref();
  }
}
