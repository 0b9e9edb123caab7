import { ERRORS, type ErrorRow, GatewayError } from "../../contract/errors.ts";
import type { JobId, PersonId } from "../../contract/ids.ts";
import type { Checkpoint } from "../../contract/photos.ts";
import type { Clock } from "../../machine/clock.ts";
import type { Evidence } from "../evidence/evidence.ts";
import { notTakeable } from "../inspection/inspection.ts";
import type { Journal } from "../journal/journal.ts";
import { draft } from "../shop/decider.ts";
import type { Outcome } from "../shop/executor.ts";
import type { ShopState } from "../shop/shop.ts";
import type { PhotoLook } from "../vision/index.ts";
import type { Desk } from "./desk.ts";

export interface PhotoDeskParts {
  /** @throws GatewayError why it cannot be looked at */
  readonly look: (photo: Buffer) => Promise<PhotoLook>;
  readonly evidence: Pick<Evidence, "put" | "read" | "forget">;
  readonly desk: Pick<Desk, "execute">;
  readonly journal: Pick<Journal, "seen" | "query">;
  readonly state: () => ShopState;
  readonly clock: Pick<Clock, "stamp">;
}

export interface TakenPhoto {
  readonly personId: PersonId;
  readonly jobId: JobId;
  readonly requestId: string;
  readonly checkpoint: Checkpoint;
  readonly photo: Buffer;
}

/** Photos in memory that wait for the one that is being looked at: some tens of megabytes at most. */
const MOST_WAITING = 4;

/**
 * The road of a photo: look → covered picture on the disk → record committed → answer. One at a time, in the order they came. What fails on the way leaves
 * neither record nor picture; a picture whose record did not come to be is taken back, or, after a crash, found again when the photo is sent again.
 */
export class PhotoDesk {
  readonly #parts: PhotoDeskParts;
  readonly #underWay = new Map<string, Promise<Outcome>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: PhotoDeskParts) {
    this.#parts = parts;
  }

  /** @throws GatewayError why it is refused */
  async take(taken: TakenPhoto): Promise<Outcome> {
    const { journal, state } = this.#parts;
    const { personId, jobId, requestId } = taken;
    const key = JSON.stringify([personId, requestId]);
    const first = this.#underWay.get(key);
    if (first !== undefined) {
      await first;
      return { kind: "duplicate" };
    }
    if (journal.seen(originOf(taken))) return { kind: "duplicate" };
    const { jobs, inspection } = state();
    const refusal = notTakeable(jobs, inspection, jobId);
    if (refusal !== null) throw new GatewayError(refusal);
    if (this.#underWay.size > MOST_WAITING) throw new GatewayError("PHOTO_BUSY");
    const done = this.#last.then(() => this.#takeNow(taken));
    this.#underWay.set(key, done);
    this.#last = done.catch(() => undefined).then(() => this.#underWay.delete(key));
    return done;
  }

  /**
   * A stored picture that a record names; that somebody looks is committed before it is given out.
   * @throws GatewayError PHOTO_UNKNOWN, PICTURE_NOT_KEPT, PICTURE_MISSING, PICTURE_DAMAGED, EVIDENCE_KEY_UNUSABLE
   */
  async picture(personId: PersonId, picture: string): Promise<Buffer> {
    const { evidence, desk, journal, clock } = this.#parts;
    const named = journal.query("photos.of-picture", { picture });
    if (!named.some(({ type }) => type === "photo.looked-at")) throw new GatewayError("PHOTO_UNKNOWN");
    const stored = await evidence.read(picture);
    if (stored.state === "damaged") throw new GatewayError("PICTURE_DAMAGED");
    if (stored.state === "missing") {
      const isDropped = named.some(({ type }) => type === "picture.dropped");
      throw new GatewayError(isDropped ? "PICTURE_NOT_KEPT" : "PICTURE_MISSING");
    }
    const record = draft("picture.seen", { picture, personId, at: clock.stamp() });
    await desk.execute({ kind: "note", record }, { source: `person/${personId}` });
    return stored.picture;
  }

  /** Resolves when no photo is on its way any more. */
  async idle(): Promise<void> {
    await this.#last;
  }

  async #takeNow(taken: TakenPhoto): Promise<Outcome> {
    const { desk, evidence } = this.#parts;
    const { personId, jobId, checkpoint } = taken;
    const { picture: jpeg, ...look } = await this.#look(taken);
    const { picture, isNew } = await evidence.put(jpeg);
    const by = { kind: "person", id: personId } as const;
    try {
      const outcome = await desk.execute(
        { kind: "photo-looked-at", jobId, checkpoint, look: { ...look, picture, bytes: jpeg.length }, by },
        originOf(taken),
      );
      if (outcome.kind === "refused") throw new GatewayError(outcome.code);
      return outcome;
    } catch (error) {
      if (isNew) await this.#takeBack(picture);
      throw error;
    }
  }

  async #look(taken: TakenPhoto): Promise<PhotoLook> {
    try {
      return await this.#parts.look(taken.photo);
    } catch (error) {
      if (error instanceof GatewayError && isThePhotosFault(error)) await this.#noteRefusal(taken, error);
      throw error;
    }
  }

  /** Under a source of its own: the same request may be sent again and be good then. */
  async #noteRefusal(
    { personId, requestId, jobId, checkpoint, photo }: TakenPhoto,
    { code }: GatewayError,
  ): Promise<void> {
    const by = { kind: "person", id: personId } as const;
    await this.#parts.desk.execute(
      { kind: "photo-refused", jobId, checkpoint, code, bytes: photo.length, by },
      { source: `refused-photo/${personId}`, messageId: requestId },
    );
  }

  async #takeBack(picture: string): Promise<void> {
    const { journal, evidence } = this.#parts;
    const named = journal.query("photos.of-picture", { picture });
    if (!named.some(({ type }) => type === "photo.looked-at")) await evidence.forget(picture);
  }
}

const originOf = ({ personId, requestId }: TakenPhoto) => ({ source: `person/${personId}`, messageId: requestId });

/** What another try of the very same photo does not mend, or what lies in its bytes. */
function isThePhotosFault({ code }: GatewayError): boolean {
  const row: ErrorRow = ERRORS[code];
  return !row.retryable || (row.status ?? 500) < 500;
}
