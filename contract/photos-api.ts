import Type, { type Static } from "typebox";
import { RequestId } from "./http-api.ts";
import { JobId, Nullable, OneOf, PhotoId, Sha256 } from "./ids.ts";
import { WallMs } from "./payloads.ts";
import { Checkpoint, CoveredPlace, PhotoFinding, PhotoModel, Verdict } from "./photos.ts";

/** A job's photos as the page asks for them. Errors are `ApiError`. */
const closed = { additionalProperties: false } as const;

/** `POST /api/jobs/:id/photos?requestId=…&checkpoint=…`: the picture itself is the body, `image/*`. */
export const TakePhotoQuery = Type.Object({ requestId: RequestId, checkpoint: Checkpoint }, closed);
export type TakePhotoQuery = Static<typeof TakePhotoQuery>;

/** `POST /api/jobs/:id/judge-finding`: a person says whether a finding is damage. The last word counts. */
export const JudgeFindingRequest = Type.Object(
  {
    requestId: RequestId,
    photoId: PhotoId,
    finding: Type.Integer({ minimum: 0, maximum: 1000 }),
    verdict: Verdict,
  },
  closed,
);
export type JudgeFindingRequest = Static<typeof JudgeFindingRequest>;

/** `GET /api/photos/:picture` answers image/jpeg with faces and plates covered; each look is written down before it is answered. */
export const PictureParams = Type.Object({ picture: Sha256 }, closed);

export const FindingView = Type.Object(
  {
    ...PhotoFinding.properties,
    /** What a person said of it last; null: nobody has. */
    judged: Nullable(Type.Object({ verdict: Verdict, by: Type.String(), at: WallMs }, closed)),
  },
  closed,
);
export type FindingView = Static<typeof FindingView>;

export const PhotoView = Type.Object(
  {
    photoId: PhotoId,
    checkpoint: Checkpoint,
    takenAt: WallMs,
    /** The name of who took it. */
    by: Type.String(),
    /** Address of the picture; the record outlives it. `dropped`: given up for newer ones; `damaged`, `missing`: not as it was stored. */
    picture: Type.Object(
      {
        state: OneOf(["kept", "dropped", "damaged", "missing"]),
        url: Type.String(),
        widthPx: Type.Integer(),
        heightPx: Type.Integer(),
      },
      closed,
    ),
    covered: Type.Array(CoveredPlace),
    /** In the order of the record: a finding's place is its number. */
    findings: Type.Array(FindingView),
    findingsLeftOut: Type.Integer({ minimum: 0 }),
    models: Type.Array(PhotoModel),
  },
  closed,
);
export type PhotoView = Static<typeof PhotoView>;

/** A picture that was not taken, and why; nothing of it was kept. */
export const RefusedPhotoView = Type.Object(
  { checkpoint: Checkpoint, at: WallMs, by: Type.String(), code: Type.String() },
  closed,
);
export type RefusedPhotoView = Static<typeof RefusedPhotoView>;

/** `GET /api/jobs/:id/photos`. Fetched again when the job's `photosVersion` is another one. */
export const JobPhotosView = Type.Object(
  {
    asOf: WallMs,
    jobId: JobId,
    /** Whether a photo can be added now, and the code that says why not. */
    takeNow: Type.Object({ possible: Type.Boolean(), code: Nullable(Type.String()) }, closed),
    /** Oldest first. */
    photos: Type.Array(PhotoView),
    /** Newest first, a few. */
    refused: Type.Array(RefusedPhotoView),
  },
  closed,
);
export type JobPhotosView = Static<typeof JobPhotosView>;
