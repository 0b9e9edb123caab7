import { canonicalJson, type JournalRecord } from "../../../contract/records.ts";
import type { ProjectionFactory } from "./projection.ts";

/**
 * Photos of jobs, refused ones, people's words on their findings, and pictures that were given up; one row per record, bodies whole. A given-up picture
 * belongs to no job by itself: `picture` says to which photos.
 */
export const photoSchema = (prefix: string): string => `
CREATE TABLE IF NOT EXISTS ${prefix}photo (
  epoch INTEGER NOT NULL, seq INTEGER NOT NULL, job_id TEXT, picture TEXT, type TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (epoch, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ${prefix}photo_of_job ON ${prefix}photo(job_id, epoch, seq);
CREATE INDEX IF NOT EXISTS ${prefix}photo_of_picture ON ${prefix}photo(picture) WHERE picture IS NOT NULL;
`;

export const projectPhotos: ProjectionFactory = (db, prefix) => {
  const insert = db.prepare<[number, number, string | null, string | null, string, string]>(
    `INSERT INTO ${prefix}photo (epoch, seq, job_id, picture, type, body) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  return {
    apply(record, epoch) {
      const named = namedBy(record);
      if (named === undefined) return;
      insert.run(epoch, record.seq, named.jobId, named.picture, record.type, canonicalJson(record.body));
    },
  };
};

function namedBy(
  record: JournalRecord,
): { readonly jobId: string | null; readonly picture: string | null } | undefined {
  switch (record.type) {
    case "photo.looked-at":
      return { jobId: record.body.jobId, picture: record.body.picture };
    case "photo.refused":
    case "finding.judged":
      return { jobId: record.body.jobId, picture: null };
    case "picture.dropped":
      return { jobId: null, picture: record.body.picture };
    default:
      return undefined;
  }
}
