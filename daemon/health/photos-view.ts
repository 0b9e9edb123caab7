import { Compile } from "typebox/compile";
import type { JobId } from "../../contract/ids.ts";
import type { JobPhotosView, PhotoView } from "../../contract/photos-api.ts";
import { type DraftOf, RECORDS } from "../../contract/records.ts";
import type { StoredPicture } from "../evidence/evidence.ts";
import { notTakeable } from "../inspection/inspection.ts";
import type { QueryRow } from "../journal/journal.ts";
import { nameOf } from "./job-view.ts";
import type { ShopPicture } from "./picture.ts";

type Row = QueryRow["photos.of-job"];

/** Refusals are there to be read once; a stuck tablet makes many. */
const REFUSED_SHOWN = 5;

/** A job's photos with what was found, covered and said; what became of the pictures themselves says `stateOf`. */
export function photosViewOf(
  picture: Pick<ShopPicture, "now" | "state" | "people">,
  jobId: JobId,
  rows: readonly Row[],
  stateOf: (picture: string) => StoredPicture["state"],
): JobPhotosView {
  const { state, now } = picture;
  const code = notTakeable(state.jobs, state.inspection, jobId);
  const dropped = new Set(bodiesOf(rows, "picture.dropped").map((body) => body.picture));
  const judged = bodiesOf(rows, "finding.judged");
  return {
    asOf: now.wallMs,
    jobId,
    takeNow: { possible: code === null, code },
    photos: bodiesOf(rows, "photo.looked-at").map((photo): PhotoView => {
      const { photoId, checkpoint, at, by, covered, findings, findingsLeftOut, models, widthPx, heightPx } = photo;
      const stored = stateOf(photo.picture);
      return {
        photoId,
        checkpoint,
        takenAt: at.wallMs,
        by: nameOf(picture, by.id),
        picture: {
          state: stored === "missing" && dropped.has(photo.picture) ? "dropped" : stored,
          url: `/api/photos/${photo.picture}`,
          widthPx,
          heightPx,
        },
        covered,
        findings: findings.map((finding, index) => {
          const word = judged.findLast((each) => each.photoId === photoId && each.finding === index);
          return {
            ...finding,
            judged:
              word === undefined
                ? null
                : { verdict: word.verdict, by: nameOf(picture, word.by.id), at: word.at.wallMs },
          };
        }),
        findingsLeftOut,
        models,
      };
    }),
    refused: bodiesOf(rows, "photo.refused")
      .slice(-REFUSED_SHOWN)
      .reverse()
      .map((body) => ({
        checkpoint: body.checkpoint,
        at: body.at.wallMs,
        by: nameOf(picture, body.by.id),
        code: body.code,
      })),
  };
}

const CHECKS = {
  "photo.looked-at": Compile(RECORDS["photo.looked-at"].body),
  "photo.refused": Compile(RECORDS["photo.refused"].body),
  "finding.judged": Compile(RECORDS["finding.judged"].body),
  "picture.dropped": Compile(RECORDS["picture.dropped"].body),
};

/** Bodies of one type, in order; one of a later version that this one cannot read is left out. */
function bodiesOf<T extends keyof typeof CHECKS>(rows: readonly Row[], type: T): DraftOf<T>["body"][] {
  return rows.flatMap((row) => {
    if (row.type !== type) return [];
    const body: unknown = JSON.parse(row.body);
    return isBody(type, body) ? [body] : [];
  });
}

function isBody<T extends keyof typeof CHECKS>(type: T, body: unknown): body is DraftOf<T>["body"] {
  return CHECKS[type].Check(body);
}
