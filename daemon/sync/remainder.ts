import { createHash } from "node:crypto";
import { GatewayError } from "../../contract/errors.ts";
import { BatchResponse, type HelloRequest, HelloResponse, type StreamHeads } from "../../contract/headquarters.ts";
import { STREAMS, type Stream } from "../../contract/records.ts";
import type { Logger } from "../../machine/log.ts";
import type { Head, Journal } from "../journal/journal.ts";
import { nextBatch } from "./batch.ts";
import { refusalError } from "./enrolment.ts";
import { answers, type Line } from "./line.ts";

export type RemainderJournal = Pick<
  Journal,
  "epochs" | "readEpoch" | "lossCovering" | "hashAt" | "highWaterMarks" | "setHighWaterMark"
>;

const readHello = answers(HelloResponse);
const readBatchAnswer = answers(BatchResponse);
const NONE: Head = { seq: 0, hash: "" };

/**
 * Sends what earlier epochs of this disk had not sent when the next one began: the weeks offline before a restored copy was recognised. Their numbers may be
 * taken at headquarters by what the other copy wrote, so they go under an epoch of their own, and what headquarters holds already is not kept twice.
 * @returns how many records were confirmed
 * @throws GatewayError of the line, or what a refusal of the whole box means
 */
export async function sendRemainders(
  journal: RemainderJournal,
  to: { readonly line: Line; readonly gateway: string; readonly version: string; readonly log: Logger },
): Promise<number> {
  const epochs = journal.epochs();
  let confirmed = 0;
  for (const [index, { epoch }] of epochs.slice(0, -1).entries()) {
    const after = beginnings(journal, epoch);
    if (after === undefined) continue;
    const name = remainderName(epoch, epochs[index + 1]?.epoch ?? "");
    const greeting: HelloRequest = { version: to.version, heads: after, remainderOf: { epoch, after } };
    const path = `/v1/gateways/${to.gateway}/epochs/${name}`;
    const answer = await to.line.post(`${path}/hello`, JSON.stringify(greeting), readHello);
    if (answer.kind === "refused") throw refusalError(answer);
    to.log.warn({ epoch, as: name }, "what an earlier epoch had not sent goes to headquarters");
    for (const stream of STREAMS) {
      const from = await provedMark(journal, epoch, stream, after[stream], answer.value.marks[stream]);
      confirmed += await sendStream(journal, { ...to, path: `${path}/streams/${stream}` }, epoch, stream, from);
    }
  }
  return confirmed;
}

/** The same on this disk whenever it is asked, and another one on every other copy of it. */
function remainderName(epoch: string, next: string): string {
  return `remainder-${createHash("sha256").update(`${epoch} ${next}`).digest("hex").slice(0, 40)}`;
}

/** What stands before the first unsent record of each stream; undefined when everything was sent. */
function beginnings(journal: RemainderJournal, epoch: string): StreamHeads | undefined {
  const marks = journal.highWaterMarks(epoch);
  let anything = false;
  const before = (stream: Stream): Head => {
    const first = journal.readEpoch(epoch, stream, marks[stream], 1)[0];
    if (first === undefined) return NONE;
    anything = true;
    return { seq: first.seq - 1, hash: first.prevHash };
  };
  const after: StreamHeads = {
    labour: before("labour"),
    work: before("work"),
    diagnostics: before("diagnostics"),
    findings: before("findings"),
    operations: before("operations"),
  };
  return anything ? after : undefined;
}

async function provedMark(
  journal: RemainderJournal,
  epoch: string,
  stream: Stream,
  ours: Head,
  theirs: Head,
): Promise<number> {
  if (theirs.seq <= ours.seq) return ours.seq;
  if (journal.hashAt(stream, theirs.seq, epoch) !== theirs.hash)
    throw new GatewayError("HEADQUARTERS_ANSWER_INVALID", { detail: `mark ${theirs.seq} of ${stream} in a remainder` });
  await journal.setHighWaterMark(stream, theirs.seq, epoch);
  return theirs.seq;
}

async function sendStream(
  journal: RemainderJournal,
  to: { readonly line: Line; readonly path: string; readonly log: Logger },
  epoch: string,
  stream: Stream,
  from: number,
): Promise<number> {
  const view = {
    read: (name: Stream, afterSeq: number, limit: number) => journal.readEpoch(epoch, name, afterSeq, limit),
    lossCovering: (name: Stream, seq: number) => journal.lossCovering(name, seq, epoch),
  };
  let cursor = from;
  let confirmed = 0;
  for (;;) {
    const batch = nextBatch(view, stream, cursor);
    if (batch.kind === "nothing") return confirmed;
    const answer = batch.kind === "batch" ? await to.line.post(to.path, batch.body, readBatchAnswer) : undefined;
    if (batch.kind !== "batch" || answer === undefined || (answer.kind === "refused" && answer.status === 422)) {
      // Kept on the box for a person to look at; the present epoch goes on without it.
      to.log.error({ epoch, stream, after: cursor }, "a record of an earlier epoch cannot be sent");
      return confirmed;
    }
    if (answer.kind === "refused") throw refusalError(answer);
    const { highWaterMark, hash } = answer.value;
    if (batch.hashes.get(highWaterMark) !== hash)
      throw new GatewayError("HEADQUARTERS_ANSWER_INVALID", { detail: `mark ${highWaterMark} in a remainder` });
    await journal.setHighWaterMark(stream, highWaterMark, epoch);
    confirmed += [...batch.hashes.keys()].filter((seq) => seq <= highWaterMark).length;
    cursor = highWaterMark;
  }
}
