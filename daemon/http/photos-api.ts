import type { Committed, PersonSummary } from "../../contract/http-api.ts";
import type { JobId } from "../../contract/ids.ts";
import type { Checkpoint } from "../../contract/photos.ts";
import type { JobPhotosView } from "../../contract/photos-api.ts";

/** A photo as it came in. */
export interface PersonPhoto {
  readonly person: PersonSummary;
  readonly jobId: JobId;
  /** Goes down as the message id: the same one again makes no second record. */
  readonly requestId: string;
  readonly checkpoint: Checkpoint;
  /** The file itself, whatever it is. */
  readonly photo: Buffer;
}

/** A job's photos as the page needs them; a person's word on a finding goes through `ShopApi.execute`. */
export interface PhotosApi {
  /** @throws GatewayError JOB_UNKNOWN when neither the shop nor its records know the job */
  photos(jobId: JobId): JobPhotosView;
  /**
   * Looks at a photo, which takes seconds, and resolves when the covered picture is stored and its record committed.
   * @throws GatewayError why it was refused (`PICTURE_…`, `JOB_…`, `PHOTO_…`, `EVIDENCE_…`, VISION_NOT_RUNNING); nothing of it is kept then
   */
  take(photo: PersonPhoto): Promise<Committed>;
  /**
   * A covered picture, JPEG; that it was looked at is on record before this resolves.
   * @throws GatewayError PHOTO_UNKNOWN, PICTURE_NOT_KEPT, PICTURE_MISSING, PICTURE_DAMAGED, EVIDENCE_KEY_UNUSABLE
   */
  picture(person: PersonSummary, picture: string): Promise<Buffer>;
}
