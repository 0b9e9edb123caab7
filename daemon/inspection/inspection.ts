import { Value } from "typebox/value";
import type { ErrorCode } from "../../contract/errors.ts";
import { type JobId, PhotoId } from "../../contract/ids.ts";
import type { Checkpoint, PhotoFinding, Verdict } from "../../contract/photos.ts";
import type { Actor, Draft, JournalRecord } from "../../contract/records.ts";
import { type JobsState, missingCode } from "../jobs/jobs.ts";
import { accept, type Decision, type DecisionContext, draft, refuse } from "../shop/decider.ts";
import { factsOf, type LookedAt } from "./looked-at.ts";

/** What is remembered of a finding: enough to know whether it waits for a person. */
interface KnownFinding {
  readonly label: string;
  readonly tier: PhotoFinding["tier"];
  readonly verdict: Verdict | null;
}

interface KnownPhoto {
  readonly photoId: PhotoId;
  readonly checkpoint: Checkpoint;
  readonly picture: string;
  readonly findings: readonly KnownFinding[];
}

interface JobPhotos {
  readonly photos: readonly KnownPhoto[];
  /** Records about this job's photos so far: views made from them are old when it has risen. */
  readonly changes: number;
}

/** Photos of open jobs, by job. Of closed ones the journal tells. */
export type InspectionState = Readonly<Record<string, JobPhotos>>;

export const NO_PHOTOS: InspectionState = {};

const NONE_YET: JobPhotos = { photos: [], changes: 0 };

/** Eight checkpoints twice over, and as many of details again. */
const MOST_PHOTOS_OF_JOB = 60;

export interface InspectionPolicy {
  /** Calibrated probability from which a finding counts without a person. */
  readonly reviewThreshold: number;
}

export type InspectionCommand =
  | {
      readonly kind: "photo-looked-at";
      readonly jobId: JobId;
      readonly checkpoint: Checkpoint;
      readonly look: LookedAt;
      readonly by: Actor;
    }
  /** A photo that will not be better when it is sent again. */
  | {
      readonly kind: "photo-refused";
      readonly jobId: JobId;
      readonly checkpoint: Checkpoint;
      readonly code: ErrorCode;
      readonly bytes: number;
      readonly by: Actor;
    }
  | {
      readonly kind: "judge-finding";
      readonly jobId: JobId;
      readonly photoId: PhotoId;
      readonly finding: number;
      readonly verdict: Verdict;
      readonly by: Actor;
    };

export function decideInspection(
  { jobs, inspection }: { readonly jobs: JobsState; readonly inspection: InspectionState },
  command: InspectionCommand,
  { at, newId }: DecisionContext,
  policy: InspectionPolicy,
): Decision {
  const { jobId, by } = command;
  switch (command.kind) {
    case "photo-looked-at": {
      const { checkpoint, look } = command;
      const same = photosOf(inspection, jobId).photos.some(
        (photo) => photo.picture === look.picture && photo.checkpoint === checkpoint,
      );
      if (same) return accept();
      const refusal = notTakeable(jobs, inspection, jobId);
      if (refusal !== null) return refuse(refusal);
      const { reviewThreshold } = policy;
      const photoId = Value.Parse(PhotoId, newId());
      const facts = factsOf(look, reviewThreshold);
      return accept(draft("photo.looked-at", { photoId, jobId, checkpoint, ...facts, reviewThreshold, by, at }));
    }
    case "photo-refused": {
      const { checkpoint, code, bytes } = command;
      if (jobs.open[jobId] === undefined) return refuse(missingCode(jobs, jobId));
      return accept(draft("photo.refused", { jobId, checkpoint, code, bytes, by, at }));
    }
    case "judge-finding": {
      const { photoId, finding, verdict } = command;
      if (jobs.open[jobId] === undefined) return refuse(missingCode(jobs, jobId));
      const photo = photosOf(inspection, jobId).photos.find((each) => each.photoId === photoId);
      const known = photo?.findings[finding];
      if (known === undefined) return refuse("PHOTO_UNKNOWN");
      if (known.verdict === verdict) return accept();
      return accept(draft("finding.judged", { jobId, photoId, finding, label: known.label, verdict, by, at }));
    }
  }
}

/** Why no photo can be added to a job now; null when one can. */
export function notTakeable(
  jobs: JobsState,
  inspection: InspectionState,
  jobId: JobId,
): "JOB_CLOSED" | "JOB_UNKNOWN" | "PHOTO_TOO_MANY" | null {
  if (jobs.open[jobId] === undefined) return missingCode(jobs, jobId);
  return photosOf(inspection, jobId).photos.length >= MOST_PHOTOS_OF_JOB ? "PHOTO_TOO_MANY" : null;
}

export function photosOf(inspection: InspectionState, jobId: JobId): JobPhotos {
  return inspection[jobId] ?? NONE_YET;
}

/** Findings of a job that a person must decide and nobody has. */
export function undecidedOf(inspection: InspectionState, jobId: JobId): number {
  return photosOf(inspection, jobId)
    .photos.flatMap(({ findings }) => findings)
    .filter(({ tier, verdict }) => tier === "person-decides" && verdict === null).length;
}

export function evolveInspection(inspection: InspectionState, record: Draft | JournalRecord): InspectionState {
  switch (record.type) {
    case "photo.looked-at": {
      const { jobId, photoId, checkpoint, picture, findings } = record.body;
      const known = findings.map(({ label, tier }) => ({ label, tier, verdict: null }));
      const photo = { photoId, checkpoint, picture, findings: known };
      return changed(inspection, jobId, (photos) => [...photos, photo]);
    }
    case "photo.refused":
      return changed(inspection, record.body.jobId, (photos) => photos);
    case "finding.judged": {
      const { jobId, photoId, finding, verdict } = record.body;
      return changed(inspection, jobId, (photos) =>
        photos.map((photo) => (photo.photoId === photoId ? judged(photo, finding, verdict) : photo)),
      );
    }
    case "job.closed": {
      const { [record.body.jobId]: _closed, ...open } = inspection;
      return open;
    }
    default:
      return inspection;
  }
}

function judged(photo: KnownPhoto, number: number, verdict: Verdict): KnownPhoto {
  const findings = photo.findings.map((finding, index) => (index === number ? { ...finding, verdict } : finding));
  return { ...photo, findings };
}

function changed(
  inspection: InspectionState,
  jobId: JobId,
  edit: (photos: readonly KnownPhoto[]) => readonly KnownPhoto[],
): InspectionState {
  const before = photosOf(inspection, jobId);
  return { ...inspection, [jobId]: { photos: edit(before.photos), changes: before.changes + 1 } };
}
