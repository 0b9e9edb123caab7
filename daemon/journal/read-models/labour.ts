import type { ProjectionFactory } from "./projection.ts";

/** Closed labour intervals, and flags by interval: a flag may come before the interval is closed, or long after. */
export const labourSchema = (prefix: string): string => `
CREATE TABLE IF NOT EXISTS ${prefix}labour_interval (
  interval_id TEXT PRIMARY KEY, technician_id TEXT NOT NULL, job_id TEXT NOT NULL, bay_id TEXT, started_at REAL NOT NULL, ended_at REAL NOT NULL,
  duration_ms REAL NOT NULL, coverage REAL, covered_ms REAL NOT NULL, observable_ms REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ${prefix}labour_of_technician ON ${prefix}labour_interval(technician_id, ended_at);
CREATE INDEX IF NOT EXISTS ${prefix}labour_of_job ON ${prefix}labour_interval(job_id, ended_at);
CREATE INDEX IF NOT EXISTS ${prefix}labour_ended ON ${prefix}labour_interval(ended_at);
CREATE TABLE IF NOT EXISTS ${prefix}labour_flag (interval_id TEXT NOT NULL, flag TEXT NOT NULL, PRIMARY KEY (interval_id, flag)) STRICT, WITHOUT ROWID;
`;

export const projectLabour: ProjectionFactory = (db, prefix) => {
  const insert = db.prepare<
    [string, string, string, string | null, number, number, number, number | null, number, number]
  >(
    `INSERT INTO ${prefix}labour_interval (interval_id, technician_id, job_id, bay_id, started_at, ended_at, duration_ms, coverage, covered_ms, observable_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (interval_id) DO NOTHING`,
  );
  const flag = db.prepare<[string, string]>(
    `INSERT INTO ${prefix}labour_flag (interval_id, flag) VALUES (?, ?) ON CONFLICT DO NOTHING`,
  );
  return {
    apply(record) {
      if (record.type === "labour.clocked-off") {
        const { intervalId, technicianId, jobId, bayId, startedAt, endedAt, durationMs, evidence, flags } =
          record.body.interval;
        const observableMs = Math.max(0, evidence.claimedMs - evidence.unobservableMs);
        insert.run(
          intervalId,
          technicianId,
          jobId,
          bayId,
          startedAt.wallMs,
          endedAt.wallMs,
          durationMs,
          evidence.coverage,
          evidence.coveredMs,
          observableMs,
        );
        for (const word of flags) flag.run(intervalId, word);
      } else if (record.type === "labour.flagged") {
        flag.run(record.body.intervalId, record.body.flag);
      }
    },
  };
};
