import { createHash } from "node:crypto";
import { GatewayError } from "../../contract/errors.ts";
import type { CheckpointPlace, GroupWork } from "./channel.ts";
import type { Connection } from "./database.ts";
import { readHeads } from "./ledger.ts";
import { streamNumber } from "./records.ts";

/**
 * Writes how far headquarters holds a stream; never goes back.
 * @throws GatewayError JOURNAL_RECORD_INVALID when the mark is beyond the head
 */
export function setMark(db: Connection, { epoch: name, stream, seq }: GroupWork & { readonly kind: "mark" }): void {
  const epoch = ordinalOf(db, name);
  if (!Number.isSafeInteger(seq) || seq < 0 || seq > readHeads(db, epoch)[stream].seq) {
    throw new GatewayError("JOURNAL_RECORD_INVALID", { detail: `mark ${seq} of ${stream} is beyond the head` });
  }
  db.prepare(
    "INSERT INTO mark (epoch, stream, seq) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)",
  ).run(epoch, streamNumber(stream), seq);
}

/**
 * Writes a state snapshot with the heads that it stands for, proved by a hash, and forgets the oldest beyond `keep`.
 * @param present taken where the work names no place
 */
export function writeCheckpoint(
  db: Connection,
  work: GroupWork & { readonly kind: "checkpoint" },
  present: CheckpointPlace,
  keep: number,
): void {
  const { epoch: name, heads: standsFor } = work.place ?? present;
  const epoch = ordinalOf(db, name);
  const heads = JSON.stringify(standsFor);
  const proof = createHash("sha256").update(heads).update(work.state).digest("hex");
  db.prepare("INSERT INTO checkpoint (epoch, heads, state, sha256, made_at) VALUES (?, ?, ?, ?, ?)").run(
    epoch,
    heads,
    work.state,
    proof,
    work.at.wallMs,
  );
  db.prepare(
    "DELETE FROM checkpoint WHERE ordinal NOT IN (SELECT ordinal FROM checkpoint ORDER BY ordinal DESC LIMIT ?)",
  ).run(keep);
}

function ordinalOf(db: Connection, epoch: string): number {
  const ordinal = db
    .prepare<[string], { ordinal: number }>("SELECT ordinal FROM epoch WHERE name = ?")
    .get(epoch)?.ordinal;
  if (ordinal === undefined) throw new GatewayError("JOURNAL_RECORD_INVALID", { detail: "an epoch that never was" });
  return ordinal;
}
