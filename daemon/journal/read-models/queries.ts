import type Database from "better-sqlite3";
import type { QueryName, QueryParameters, QueryRow } from "../journal.ts";

/** More rows than any page shows; a query that would give more is cut, newest kept where the order says so. */
const MAX_ROWS = 5_000;
const MAX_CLOSED_JOBS = 500;

type Queries = { readonly [Q in QueryName]: (parameters: QueryParameters[Q]) => readonly QueryRow[Q][] };

const LABOUR_COLUMNS = `
  i.interval_id AS intervalId, i.technician_id AS technicianId, i.job_id AS jobId, coalesce(j.number, i.job_id) AS jobNumber, i.bay_id AS bayId,
  i.started_at AS startedAt, i.ended_at AS endedAt, i.duration_ms AS durationMs, i.coverage AS coverage,
  i.covered_ms AS coveredMs, i.observable_ms AS observableMs,
  coalesce((SELECT group_concat(flag, ',' ORDER BY flag) FROM labour_flag f WHERE f.interval_id = i.interval_id), '') AS flags
  FROM labour_interval i LEFT JOIN job j ON j.job_id = i.job_id`;

/** Prepares the named queries on a read-only connection. */
export function prepareQueries(db: Database.Database): Queries {
  const labourOfTechnician = db.prepare<[string, number, number], QueryRow["labour.of-technician"]>(
    `SELECT ${LABOUR_COLUMNS} WHERE i.technician_id = ? AND i.ended_at >= ? AND i.ended_at < ? ORDER BY i.ended_at, i.interval_id LIMIT ${MAX_ROWS}`,
  );
  const labourOfJob = db.prepare<[string], QueryRow["labour.of-job"]>(
    `SELECT ${LABOUR_COLUMNS} WHERE i.job_id = ? ORDER BY i.ended_at, i.interval_id LIMIT ${MAX_ROWS}`,
  );
  const jobsClosed = db.prepare<[number, number], QueryRow["jobs.closed"]>(
    `SELECT job_id AS jobId, number, coalesce(opened_at, closed_at) AS openedAt, closed_at AS closedAt, labour_ms AS labourMs,
       flat_rate_hours AS flatRateHours, promised_at AS promisedAt
     FROM job WHERE closed_at >= ? AND closed_at < ? ORDER BY closed_at DESC, job_id LIMIT ${MAX_CLOSED_JOBS}`,
  );
  const scansOfJob = db.prepare<[string], QueryRow["scans.of-job"]>(
    `SELECT s.purpose, s.taken_at AS takenAt, s.body, json_extract(d.body, '$.dongleId') AS dongleId
     FROM scan s LEFT JOIN job_diagnostic d ON d.epoch = s.epoch AND d.seq = s.seq AND d.type = 'scan.recorded'
     WHERE s.job_id = ? ORDER BY s.epoch, s.seq LIMIT ${MAX_ROWS}`,
  );
  const diagnosticsOfJob = db.prepare<[string], QueryRow["diagnostics.of-job"]>(
    `SELECT e.name AS epoch, d.seq, d.record_id AS id, d.type, d.body FROM job_diagnostic d JOIN epoch e ON e.ordinal = d.epoch
     WHERE d.job_id = ? AND d.type <> 'scan.recorded' ORDER BY d.epoch, d.seq LIMIT ${MAX_ROWS}`,
  );
  const photosOfJob = db.prepare<[string, string], QueryRow["photos.of-job"]>(
    `SELECT type, body FROM photo
     WHERE job_id = ? OR (type = 'picture.dropped' AND picture IN (SELECT picture FROM photo WHERE job_id = ? AND picture IS NOT NULL))
     ORDER BY epoch, seq LIMIT ${MAX_ROWS}`,
  );
  const photosOfPicture = db.prepare<[string], QueryRow["photos.of-picture"]>(
    `SELECT type FROM photo WHERE picture = ? ORDER BY epoch, seq LIMIT ${MAX_ROWS}`,
  );
  const bayHistory = db.prepare<[string, number, number], QueryRow["bay.history"]>(
    `SELECT bay_id AS bayId, from_state AS "from", to_state AS "to", since_ms AS sinceMs, cause
     FROM bay_history WHERE bay_id = ? AND since_ms >= ? AND since_ms < ? ORDER BY since_ms, epoch, seq LIMIT ${MAX_ROWS}`,
  );
  const dayTotals = db.prepare<Record<string, number>, QueryRow["day.totals"]>(
    `SELECT j.jobsClosed, l.labourMs, l.coveredMs, l.observableMs, j.onTime, j.promised FROM
       (SELECT count(*) AS jobsClosed, coalesce(sum(closed_at <= promised_at), 0) AS onTime, count(promised_at) AS promised
          FROM job WHERE closed_at >= :fromMs AND closed_at < :toMs) j,
       (SELECT coalesce(sum(duration_ms), 0) AS labourMs, coalesce(sum(covered_ms), 0) AS coveredMs, coalesce(sum(observable_ms), 0) AS observableMs
          FROM labour_interval WHERE ended_at >= :fromMs AND ended_at < :toMs) l`,
  );
  return {
    "labour.of-technician": ({ technicianId, fromMs, toMs }) => labourOfTechnician.all(technicianId, fromMs, toMs),
    "labour.of-job": ({ jobId }) => labourOfJob.all(jobId),
    "jobs.closed": ({ fromMs, toMs }) => jobsClosed.all(fromMs, toMs),
    "scans.of-job": ({ jobId }) => scansOfJob.all(jobId),
    "diagnostics.of-job": ({ jobId }) => diagnosticsOfJob.all(jobId),
    "photos.of-job": ({ jobId }) => photosOfJob.all(jobId, jobId),
    "photos.of-picture": ({ picture }) => photosOfPicture.all(picture),
    "bay.history": ({ bayId, fromMs, toMs }) => bayHistory.all(bayId, fromMs, toMs),
    "day.totals": ({ fromMs, toMs }) => dayTotals.all({ fromMs, toMs }),
  };
}
