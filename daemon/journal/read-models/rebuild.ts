import type Database from "better-sqlite3";
import { type RecordRow, recordFromRow } from "../records.ts";
import { READ_MODEL_NAMES, ReadModels } from "./read-models.ts";

/** Makes the live read models anew: what the pruned records amounted to, then every record that is still there, in the order of commit. */
export function rebuildReadModels(db: Database.Database): void {
  for (const table of READ_MODEL_NAMES) {
    db.exec(`DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM settled_${table};`);
  }
  const live = new ReadModels(db, "");
  for (const row of rowsByPosition(db)) live.apply(recordFromRow(row), row.epoch);
}

const ROWS_PER_READ = 500;

/** All records in the order of commit, read in steps, so that no cursor stays open while the caller works. */
export function* rowsByPosition(db: Database.Database, afterPosition = 0): Generator<RecordRow> {
  const next = db.prepare<[number, number], RecordRow>(
    "SELECT * FROM record WHERE position > ? ORDER BY position LIMIT ?",
  );
  let position = afterPosition;
  for (;;) {
    const rows = next.all(position, ROWS_PER_READ);
    if (rows.length === 0) return;
    yield* rows;
    position = rows.at(-1)?.position ?? position;
  }
}
