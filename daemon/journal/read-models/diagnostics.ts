import { canonicalJson, type JournalRecord } from "../../../contract/records.ts";
import type { ProjectionFactory } from "./projection.ts";

/**
 * What else belongs to a job's diagnostics, one row per record: which dongle made a scan, comparisons, clearings, recordings. Bodies are whole but for the points of
 * a recording, which are read from the record as long as it is there.
 */
export const jobDiagnosticSchema = (prefix: string): string => `
CREATE TABLE IF NOT EXISTS ${prefix}job_diagnostic (
  epoch INTEGER NOT NULL, seq INTEGER NOT NULL, record_id TEXT NOT NULL, job_id TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (epoch, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ${prefix}job_diagnostic_of_job ON ${prefix}job_diagnostic(job_id, epoch, seq);
`;

export const projectJobDiagnostics: ProjectionFactory = (db, prefix) => {
  const insert = db.prepare<[number, number, string, string, string, string]>(
    `INSERT INTO ${prefix}job_diagnostic (epoch, seq, record_id, job_id, type, body) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const remove = db.prepare<[number, number]>(`DELETE FROM ${prefix}job_diagnostic WHERE epoch = ? AND seq = ?`);
  return {
    apply(record, epoch) {
      const kept = keptOf(record);
      if (kept === undefined) return;
      insert.run(epoch, record.seq, record.id, kept.jobId, record.type, canonicalJson(kept.body));
    },
    forget(epoch, stream, seq) {
      if (stream === "diagnostics") remove.run(epoch, seq);
    },
  };
};

function keptOf(record: JournalRecord): { readonly jobId: string; readonly body: object } | undefined {
  switch (record.type) {
    case "scan.recorded": {
      const { jobId, dongleId } = record.body;
      return jobId === null ? undefined : { jobId, body: { dongleId } };
    }
    case "scan.compared":
    case "codes.clear-requested":
    case "codes.cleared":
      return { jobId: record.body.jobId, body: record.body };
    case "signals.recorded": {
      const series = record.body.series.map((each) => ({ ...each, points: [] }));
      return { jobId: record.body.jobId, body: { ...record.body, series } };
    }
    default:
      return undefined;
  }
}
