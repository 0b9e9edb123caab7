import type { HelloRequest, StreamHeads } from "../../contract/headquarters.ts";
import { STREAMS, type Stream } from "../../contract/records.ts";
import type { Head, Journal } from "../journal/journal.ts";

export type HandShakeJournal = Pick<Journal, "heads" | "highWaterMarks" | "hashAt" | "lossCovering">;

/** What the gateway says of itself: its heads, and its own record's hash at the mark it knows of. */
export function greeting(journal: HandShakeJournal, version: string): HelloRequest {
  const marks = journal.highWaterMarks();
  const known = (stream: Stream): Head => {
    const seq = marks[stream];
    const hash = seq === 0 ? undefined : journal.hashAt(stream, seq);
    // A hash that went with its record cannot be compared, and a record that was given up here is held as another one there or not at all.
    return hash === undefined || journal.lossCovering(stream, seq) !== undefined ? { seq: 0, hash: "" } : { seq, hash };
  };
  return { version, heads: perStream((stream) => journal.heads()[stream]), hashesAt: perStream(known) };
}

/** Where each stream goes on, and which marks are proved and may be written down. */
export type HandShake =
  | { readonly verdict: "older-copy"; readonly stream: Stream }
  | {
      readonly verdict: "ok";
      readonly resumeAt: Readonly<Record<Stream, number>>;
      readonly proved: readonly (readonly [Stream, number])[];
    };

/**
 * Compares headquarters' marks with the journal. A mark counts only when headquarters can name the hash of our own record there, so a mark that was
 * invented moves nothing; one whose record differs shows that this disk is an older copy of itself.
 */
export function compareMarks(journal: HandShakeJournal, theirs: StreamHeads): HandShake {
  const heads = journal.heads();
  const ours = journal.highWaterMarks();
  const resumeAt = { ...ours };
  const proved: (readonly [Stream, number])[] = [];
  for (const stream of STREAMS) {
    const mark = theirs[stream];
    if (mark.seq > heads[stream].seq) return { verdict: "older-copy", stream };
    const hash = mark.seq === 0 ? "" : journal.hashAt(stream, mark.seq);
    if (hash === mark.hash) {
      resumeAt[stream] = mark.seq;
      if (mark.seq > ours[stream]) proved.push([stream, mark.seq]);
    } else if (mark.seq < ours[stream]) {
      // Headquarters went back to a place that we cannot compare any more: it is asked for what lies behind it.
      resumeAt[stream] = mark.seq;
    } else if (hash !== undefined && mark.seq > 0 && journal.lossCovering(stream, mark.seq) === undefined) {
      return { verdict: "older-copy", stream };
    }
  }
  return { verdict: "ok", resumeAt, proved };
}

function perStream<T>(value: (stream: Stream) => T): Record<Stream, T> {
  return {
    labour: value("labour"),
    work: value("work"),
    diagnostics: value("diagnostics"),
    findings: value("findings"),
    operations: value("operations"),
  };
}
