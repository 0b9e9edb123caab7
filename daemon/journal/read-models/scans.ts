import { canonicalJson } from "../../../contract/records.ts";
import { streamNumber } from "../records.ts";
import type { ProjectionFactory } from "./projection.ts";

/** Scans that belong to a job, one row per record. The body is kept, since the record may be pruned before the customer comes back. */
export const scanSchema = (prefix: string): string => `
CREATE TABLE IF NOT EXISTS ${prefix}scan (
  epoch INTEGER NOT NULL, seq INTEGER NOT NULL, stream INTEGER NOT NULL, job_id TEXT NOT NULL, purpose TEXT NOT NULL, taken_at REAL NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (epoch, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ${prefix}scan_of_job ON ${prefix}scan(job_id, taken_at);
`;

export const projectScans: ProjectionFactory = (db, prefix) => {
  const insert = db.prepare<[number, number, number, string, string, number, string]>(
    `INSERT INTO ${prefix}scan (epoch, seq, stream, job_id, purpose, taken_at, body) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const remove = db.prepare<[number, number]>(`DELETE FROM ${prefix}scan WHERE epoch = ? AND seq = ?`);
  return {
    apply(record, epoch) {
      if (record.type !== "scan.recorded" || record.body.jobId === null) return;
      const { jobId, purpose, scan } = record.body;
      // Canonical, so that a rebuild from stored records gives the same bytes as the first writing.
      insert.run(epoch, record.seq, streamNumber(record.stream), jobId, purpose, scan.takenAt, canonicalJson(scan));
    },
    forget(epoch, stream, seq) {
      if (stream === "diagnostics") remove.run(epoch, seq);
    },
  };
};
