import type Database from "better-sqlite3";
import type { JournalRecord, Stream } from "../../../contract/records.ts";
import { bayHistorySchema, projectBayHistory } from "./bay-history.ts";
import { jobDiagnosticSchema, projectJobDiagnostics } from "./diagnostics.ts";
import { jobSchema, projectJobs } from "./jobs.ts";
import { labourSchema, projectLabour } from "./labour.ts";
import { photoSchema, projectPhotos } from "./photos.ts";
import type { Prefix, Projection } from "./projection.ts";
import { projectScans, scanSchema } from "./scans.ts";

/** Every table of the read models, for copying and comparing. */
export const READ_MODEL_NAMES = [
  "job",
  "labour_interval",
  "labour_flag",
  "scan",
  "job_diagnostic",
  "photo",
  "bay_history",
] as const;
export type ReadModelTable = (typeof READ_MODEL_NAMES)[number];

export function readModelSchema(prefix: Prefix): string {
  return [jobSchema, labourSchema, scanSchema, jobDiagnosticSchema, photoSchema, bayHistorySchema]
    .map((schema) => schema(prefix))
    .join("");
}

/** All read models on one set of tables. */
export class ReadModels implements Projection {
  readonly #projections: readonly Projection[];

  constructor(db: Database.Database, prefix: Prefix) {
    this.#projections = [
      projectJobs,
      projectLabour,
      projectScans,
      projectJobDiagnostics,
      projectPhotos,
      projectBayHistory,
    ].map((factory) => factory(db, prefix));
  }

  apply(record: JournalRecord, epoch: number): void {
    for (const projection of this.#projections) projection.apply(record, epoch);
  }

  forget(epoch: number, stream: Stream, seq: number): void {
    for (const projection of this.#projections) projection.forget?.(epoch, stream, seq);
  }
}

/** Streams whose records add to rows together with others: when one is dropped, the models are built anew instead of edited. */
export function needsRebuildAfterDrop(stream: Stream): boolean {
  return stream === "labour" || stream === "work";
}
