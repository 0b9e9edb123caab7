import { GatewayError } from "../../contract/errors.ts";
import type { Committed, PersonSummary } from "../../contract/http-api.ts";
import type { JobId } from "../../contract/ids.ts";
import type { JobPhotosView } from "../../contract/photos-api.ts";
import type { Evidence } from "../evidence/evidence.ts";
import type { PhotoDesk } from "../gateway/photo-desk.ts";
import type { PersonPhoto, PhotosApi } from "../http/photos-api.ts";
import { missingCode } from "../jobs/jobs.ts";
import type { Journal } from "../journal/journal.ts";
import { checkOwner, committedOf } from "./person-command.ts";
import { photosViewOf } from "./photos-view.ts";
import type { ShopPicture } from "./picture.ts";

export interface PhotosPageOptions {
  picture(): ShopPicture;
  readonly journal: Pick<Journal, "query">;
  readonly evidence: Pick<Evidence, "stateOf">;
  readonly desk: Pick<PhotoDesk, "take" | "picture">;
}

/** A job's photos as the page sees them. */
export class PhotosPage implements PhotosApi {
  readonly #options: PhotosPageOptions;

  constructor(options: PhotosPageOptions) {
    this.#options = options;
  }

  photos(jobId: JobId): JobPhotosView {
    const { journal, evidence } = this.#options;
    const picture = this.#options.picture();
    const rows = journal.query("photos.of-job", { jobId });
    const isKnown = picture.state.jobs.open[jobId] !== undefined || rows.length > 0;
    if (!isKnown && missingCode(picture.state.jobs, jobId) === "JOB_UNKNOWN") throw new GatewayError("JOB_UNKNOWN");
    return photosViewOf(picture, jobId, rows, (name) => evidence.stateOf(name));
  }

  async take({ person, jobId, requestId, checkpoint, photo }: PersonPhoto): Promise<Committed> {
    checkOwner(person, jobId, this.#options.picture().state);
    return committedOf(await this.#options.desk.take({ personId: person.id, jobId, requestId, checkpoint, photo }));
  }

  picture(person: PersonSummary, picture: string): Promise<Buffer> {
    return this.#options.desk.picture(person.id, picture);
  }
}
