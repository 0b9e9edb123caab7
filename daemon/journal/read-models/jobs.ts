import type { ProjectionFactory } from "./projection.ts";

/** Repair orders with their booked labour. `opened_at` is null for a job whose opening was given up and of which only labour is known. */
export const jobSchema = (prefix: string): string => `
CREATE TABLE IF NOT EXISTS ${prefix}job (
  job_id TEXT PRIMARY KEY, number TEXT NOT NULL, opened_at REAL, closed_at REAL, labour_ms REAL NOT NULL DEFAULT 0,
  flat_rate_hours REAL, promised_at REAL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ${prefix}job_closed ON ${prefix}job(closed_at) WHERE closed_at IS NOT NULL;
`;

export const projectJobs: ProjectionFactory = (db, prefix) => {
  const open = db.prepare<[string, string, number, number | null, number | null]>(
    `INSERT INTO ${prefix}job (job_id, number, opened_at, flat_rate_hours, promised_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (job_id) DO UPDATE SET number = excluded.number, opened_at = excluded.opened_at, flat_rate_hours = excluded.flat_rate_hours, promised_at = excluded.promised_at`,
  );
  const close = db.prepare<[number, string]>(`UPDATE ${prefix}job SET closed_at = ? WHERE job_id = ?`);
  const book = db.prepare<[string, string, number]>(
    `INSERT INTO ${prefix}job (job_id, number, labour_ms) VALUES (?, ?, ?) ON CONFLICT (job_id) DO UPDATE SET labour_ms = labour_ms + excluded.labour_ms`,
  );
  return {
    apply(record) {
      if (record.type === "job.opened") {
        const { jobId, number, at, flatRateHours, promisedAt } = record.body;
        open.run(jobId, number, at.wallMs, flatRateHours, promisedAt);
      } else if (record.type === "job.closed") {
        close.run(record.body.at.wallMs, record.body.jobId);
      } else if (record.type === "labour.clocked-off") {
        const { jobId, durationMs } = record.body.interval;
        book.run(jobId, jobId, durationMs);
      }
    },
  };
};
