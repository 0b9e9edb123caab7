import type { Stamp } from "../../contract/records.ts";
import type { Connection } from "./database.ts";

/** The last sign of life on this disk; `clean` once the journal was closed as it should be. */
export function readLife(db: Connection): { readonly stamp: Stamp; readonly clean: boolean } | undefined {
  const row = db
    .prepare<[], { wall_ms: number; mono_ms: number; boot_id: string; trusted: number; clean: number }>(
      "SELECT wall_ms, mono_ms, boot_id, trusted, clean FROM life",
    )
    .get();
  if (row === undefined) return undefined;
  return {
    stamp: { wallMs: row.wall_ms, monoMs: row.mono_ms, bootId: row.boot_id, trusted: row.trusted === 1 },
    clean: row.clean === 1,
  };
}

/** Prepares the writing of a sign of life. */
export function lifeWriter(db: Connection): (at: Stamp, clean: boolean) => void {
  const write = db.prepare(
    "INSERT OR REPLACE INTO life (only, wall_ms, mono_ms, boot_id, trusted, clean) VALUES (1, ?, ?, ?, ?, ?)",
  );
  return (at, clean) => void write.run(at.wallMs, at.monoMs, at.bootId, at.trusted ? 1 : 0, clean ? 1 : 0);
}
