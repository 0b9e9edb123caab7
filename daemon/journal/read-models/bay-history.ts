import type { ProjectionFactory } from "./projection.ts";

/** State changes of the bays, one row per record. */
export const bayHistorySchema = (prefix: string): string => `
CREATE TABLE IF NOT EXISTS ${prefix}bay_history (
  epoch INTEGER NOT NULL, seq INTEGER NOT NULL, bay_id TEXT NOT NULL, from_state TEXT NOT NULL, to_state TEXT NOT NULL, since_ms REAL NOT NULL, cause TEXT NOT NULL,
  PRIMARY KEY (epoch, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ${prefix}bay_history_since ON ${prefix}bay_history(bay_id, since_ms);
`;

export const projectBayHistory: ProjectionFactory = (db, prefix) => {
  const insert = db.prepare<[number, number, string, string, string, number, string]>(
    `INSERT INTO ${prefix}bay_history (epoch, seq, bay_id, from_state, to_state, since_ms, cause) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const remove = db.prepare<[number, number]>(`DELETE FROM ${prefix}bay_history WHERE epoch = ? AND seq = ?`);
  return {
    apply(record, epoch) {
      if (record.type !== "bay.changed") return;
      const { bayId, from, to, since, cause } = record.body;
      insert.run(epoch, record.seq, bayId, from, to, since.wallMs, cause);
    },
    forget(epoch, stream, seq) {
      if (stream === "findings") remove.run(epoch, seq);
    },
  };
};
