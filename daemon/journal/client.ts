import { Worker } from "node:worker_threads";
import { GatewayError } from "../../contract/errors.ts";
import { type JournalRecord, type LossTombstone, RECORDS, type Stamp, type Stream } from "../../contract/records.ts";
import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import type {
  CheckpointPlace,
  FromWriter,
  Heads,
  NewRecord,
  Numbered,
  Opened,
  Order,
  Reply,
  Work,
  WriterFigures,
  WriterSetup,
} from "./channel.ts";
import { CommitTimes } from "./commit-times.ts";
import type {
  AppendRequest,
  Head,
  Journal,
  JournalStatistics,
  MessageKey,
  QueryName,
  QueryParameters,
  QueryRow,
} from "./journal.ts";
import type { JournalLimits, PlantedFaults } from "./limits.ts";
import { JournalReader } from "./reader.ts";

export interface JournalClientSetup {
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: JournalLimits;
  readonly faults: PlantedFaults;
  readonly newId: () => string;
  /** Gives the directory back. */
  readonly unlock: () => void;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: GatewayError): void;
}

const MAX_REOPEN_WAIT_MS = 60_000;

/** The journal as the daemon's main thread sees it: writes go to the writer's thread, reads to a read-only connection here. */
export class JournalClient implements Journal {
  readonly #setup: JournalClientSetup;
  #worker: Worker | undefined;
  #reader: JournalReader;
  #epoch: string;
  #heads: Heads;
  #figures: WriterFigures;
  #salvaged: boolean;
  #state: "open" | "failed" | "closing" | "closed" = "open";
  #nextOrder = 1;
  #outbox: Order[] = [];
  readonly #waiting = new Map<number, Waiting>();
  readonly #commitTimes = new CommitTimes();
  readonly #reopenedListeners: (() => void)[] = [];
  #reopenTimer: NodeJS.Timeout | undefined;
  #reopenWaitMs: number;
  readonly previousLife: { readonly stamp: Stamp; readonly clean: boolean } | undefined;

  /** @throws GatewayError what the writer says: JOURNAL_NOT_DURABLE, JOURNAL_VERSION_UNKNOWN, JOURNAL_STORAGE_FAILED */
  static async start(setup: JournalClientSetup): Promise<JournalClient> {
    const { worker, opened } = await startWriter(setup, false);
    return new JournalClient(setup, worker, opened);
  }

  private constructor(setup: JournalClientSetup, worker: Worker, opened: Opened) {
    this.#setup = setup;
    this.#reopenWaitMs = setup.limits.reopenAfterMs;
    this.#epoch = opened.epoch;
    this.#heads = opened.heads;
    this.#figures = opened.figures;
    this.#salvaged = opened.salvaged;
    this.previousLife = opened.previousLife;
    this.#reader = new JournalReader(setup.directory);
    this.#attach(worker);
    if (opened.salvaged)
      setup.log.error(
        { code: "JOURNAL_STORAGE_FAILED" },
        "the journal was damaged; it was set aside and what could be read was salvaged",
      );
  }

  get epoch(): string {
    return this.#epoch;
  }

  async append(request: AppendRequest): Promise<readonly JournalRecord[]> {
    if (request.drafts.length === 0) return [];
    const records: readonly NewRecord[] = request.drafts.map((draft) => ({ id: this.#setup.newId(), draft }));
    const messageId = request.messageId ?? null;
    const recordedAt = this.#setup.clock.now();
    const { at, source } = request;
    const numbered = await this.#order({ kind: "append", records, at, recordedAt, source, messageId }, isNumberedList);
    return records.map(({ id, draft }, index): JournalRecord => {
      const number = numbered[index];
      if (number === undefined)
        throw new GatewayError("JOURNAL_STORAGE_FAILED", { detail: "the writer answered with fewer records" });
      const envelope = {
        ...number,
        id,
        version: RECORDS[draft.type].version,
        occurredAt: at.wallMs,
        recordedAt,
        bootId: at.bootId,
        monoMs: at.monoMs,
        source,
      };
      return { ...envelope, messageId: index === 0 ? messageId : null, ...draft };
    });
  }

  seen(key: MessageKey): boolean {
    return this.#reader.seen(key);
  }

  heads(): Readonly<Record<Stream, Head>> {
    return this.#heads;
  }

  read(stream: Stream, afterSeq: number, limit: number): readonly JournalRecord[] {
    const records = this.#reader.read(this.#epoch, stream, afterSeq, limit);
    const last = records.at(-1);
    if (this.#setup.faults.forgetBeforeMark === true && last !== undefined)
      void this.#order({ kind: "forget", stream, seq: last.seq }, isNothing);
    return records;
  }

  readEpoch(epoch: string, stream: Stream, afterSeq: number, limit: number): readonly JournalRecord[] {
    return this.#reader.read(epoch, stream, afterSeq, limit);
  }

  epochs(): readonly { readonly epoch: string; readonly reason: string; readonly begunAt: number }[] {
    return this.#reader.epochs();
  }

  hashAt(stream: Stream, seq: number, epoch: string = this.#epoch): string | undefined {
    return this.#reader.hashAt(epoch, stream, seq);
  }

  lossCovering(stream: Stream, seq: number, epoch: string = this.#epoch): JournalRecord | undefined {
    return this.#reader.lossCovering(epoch, stream, seq);
  }

  latestCheckpoint(): { readonly state: unknown; readonly heads: Readonly<Record<Stream, Head>> } | undefined {
    return this.#reader.latestCheckpoint();
  }

  tail(): Iterable<JournalRecord> {
    return this.#reader.tail();
  }

  async checkpoint(state: unknown, standsFor?: CheckpointPlace): Promise<void> {
    await this.#order(
      { kind: "checkpoint", state: JSON.stringify(state), place: standsFor, at: this.#setup.clock.stamp() },
      isNothing,
    );
  }

  async prune(): Promise<number> {
    let pruned = 0;
    for (;;) {
      const step = await this.#order({ kind: "prune", nowMs: this.#setup.clock.now() }, isNumber);
      if (step === 0) return pruned;
      pruned += step;
    }
  }

  async setHighWaterMark(stream: Stream, seq: number, epoch: string = this.#epoch): Promise<void> {
    await this.#order({ kind: "mark", epoch, stream, seq }, isNothing);
  }

  highWaterMarks(epoch: string = this.#epoch): Readonly<Record<Stream, number>> {
    return this.#reader.marks(epoch);
  }

  async beginEpoch(reason: "restore" | "factory-reset" | "older-copy"): Promise<string> {
    const epoch = this.#setup.newId();
    await this.#order({ kind: "epoch", epoch, reason, at: this.#setup.clock.stamp() }, isNothing);
    return epoch;
  }

  async drop(stream: Stream, loss: Omit<LossTombstone, "hash" | "count">): Promise<void> {
    await this.#order(
      { kind: "drop", stream, loss, at: this.#setup.clock.stamp(), id: this.#setup.newId() },
      isNothing,
    );
  }

  async quarantine(entry: {
    readonly source: string;
    readonly topic: string;
    readonly code: string;
    readonly payload: Uint8Array;
    readonly at: Stamp;
  }): Promise<void> {
    await this.#order({ kind: "quarantine", ...entry }, isNothing);
  }

  async beat(at: Stamp): Promise<void> {
    await this.#order({ kind: "beat", at }, isNothing);
  }

  query<Q extends QueryName>(name: Q, parameters: QueryParameters[Q]): readonly QueryRow[Q][] {
    return this.#reader.query(name, parameters);
  }

  statistics(): JournalStatistics {
    const { pressure, ...figures } = this.#figures;
    const state = this.#state === "failed" ? "failed" : pressure ? "pressure" : this.#salvaged ? "salvaged" : "ok";
    return { ...figures, ...this.#commitTimes.figures(), state };
  }

  async backup(toFile: string): Promise<void> {
    await this.#order({ kind: "backup", toFile }, isNothing);
  }

  onReopened(listener: () => void): void {
    this.#reopenedListeners.push(listener);
  }

  async close(at: Stamp): Promise<void> {
    if (this.#state === "closed" || this.#state === "closing") return;
    const wasFailed = this.#state === "failed";
    clearTimeout(this.#reopenTimer);
    try {
      if (!wasFailed) {
        const closed = this.#order({ kind: "close", at }, isNothing);
        this.#state = "closing";
        await closed;
      }
    } finally {
      this.#state = "closed";
      this.#rejectAll("JOURNAL_CLOSED", "");
      await this.#worker?.terminate();
      this.#reader.close();
      this.#setup.unlock();
    }
  }

  #order<T>(work: Work, isValue: (value: unknown) => value is T): Promise<T> {
    if (this.#state !== "open")
      return Promise.reject(new GatewayError(this.#state === "failed" ? "JOURNAL_STORAGE_FAILED" : "JOURNAL_CLOSED"));
    const id = this.#nextOrder;
    this.#nextOrder += 1;
    // Orders of one turn cross to the writer in one message.
    if (this.#outbox.length === 0) queueMicrotask(() => this.#post());
    this.#outbox.push({ id, work });
    return new Promise<T>((resolve, reject) => {
      const settle = (value: unknown) =>
        isValue(value)
          ? resolve(value)
          : reject(new GatewayError("JOURNAL_STORAGE_FAILED", { detail: "the writer's answer cannot be read" }));
      this.#waiting.set(id, { resolve: settle, reject });
    });
  }

  #post(): void {
    const orders = this.#outbox;
    this.#outbox = [];
    this.#worker?.postMessage(orders);
  }

  #attach(worker: Worker): void {
    this.#worker = worker;
    worker.on("message", (message: FromWriter) => this.#receive(message));
    worker.on("error", (error) => this.#failed(`the writer's thread ended: ${error.message}`));
    worker.on("exit", () => {
      if (this.#worker === worker) this.#failed("the writer's thread ended");
    });
  }

  #receive(message: FromWriter): void {
    if (message.kind === "done") {
      this.#epoch = message.epoch;
      this.#heads = message.heads;
      this.#figures = message.figures;
      if (message.commitMs !== undefined) this.#commitTimes.add(message.commitMs, this.#setup.clock.now());
      for (const reply of message.replies) this.#settle(reply);
    } else if (message.kind === "failed") {
      for (const reply of message.replies) this.#settle(reply);
      this.#failed(message.detail);
    }
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.ok) waiting?.resolve(reply.value);
    else waiting?.reject(new GatewayError(reply.code, { detail: reply.detail }));
  }

  #rejectAll(code: "JOURNAL_STORAGE_FAILED" | "JOURNAL_CLOSED", detail: string): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of all) waiting.reject(new GatewayError(code, { detail }));
  }

  /** The disk refused. The writer is given up and a new one opens the database afresh, later and later. */
  #failed(detail: string): void {
    if (this.#state !== "open" && this.#state !== "closing") return;
    this.#state = "failed";
    this.#setup.log.error(
      { code: "JOURNAL_STORAGE_FAILED", detail },
      "the journal cannot write; nothing is acknowledged until it can",
    );
    this.#rejectAll("JOURNAL_STORAGE_FAILED", detail);
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
    this.#reopenLater();
  }

  #reopenLater(): void {
    this.#reopenTimer = setTimeout(() => void this.#reopen(), this.#reopenWaitMs);
    this.#reopenWaitMs = Math.min(this.#reopenWaitMs * 2, MAX_REOPEN_WAIT_MS);
  }

  async #reopen(): Promise<void> {
    try {
      const { worker, opened } = await startWriter(this.#setup, true);
      if (this.#state !== "failed") {
        await worker.terminate();
        return;
      }
      this.#reader.close();
      this.#reader = new JournalReader(this.#setup.directory);
      this.#epoch = opened.epoch;
      this.#heads = opened.heads;
      this.#figures = opened.figures;
      this.#salvaged ||= opened.salvaged;
      this.#attach(worker);
      this.#state = "open";
      this.#reopenWaitMs = this.#setup.limits.reopenAfterMs;
      this.#setup.log.info("the journal writes again");
      for (const listener of this.#reopenedListeners) listener();
    } catch (error) {
      if (this.#state !== "failed") return;
      this.#setup.log.warn(
        { code: "JOURNAL_STORAGE_FAILED", detail: String(error) },
        "the journal still cannot be opened",
      );
      this.#reopenLater();
    }
  }
}

async function startWriter(setup: JournalClientSetup, reopened: boolean): Promise<{ worker: Worker; opened: Opened }> {
  const workerData: WriterSetup = {
    directory: setup.directory,
    limits: setup.limits,
    faults: setup.faults,
    at: setup.clock.stamp(),
    firstEpoch: setup.newId(),
    reopened,
  };
  const worker = new Worker(new URL("./writer-thread.ts", import.meta.url), { workerData });
  try {
    const opened = await new Promise<Opened>((resolve, reject) => {
      const ended = () =>
        reject(new GatewayError("JOURNAL_STORAGE_FAILED", { detail: "the writer's thread ended while opening" }));
      worker.once("error", reject);
      worker.once("exit", ended);
      worker.once("message", (message: FromWriter) => {
        worker.off("error", reject);
        worker.off("exit", ended);
        if (message.kind === "opened") resolve(message);
        else if (message.kind === "refused") reject(new GatewayError(message.code, { detail: message.detail }));
        else reject(new GatewayError("JOURNAL_STORAGE_FAILED", { detail: "the writer spoke out of turn" }));
      });
    });
    return { worker, opened };
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}

function isNumberedList(value: unknown): value is readonly Numbered[] {
  return Array.isArray(value);
}
function isNumber(value: unknown): value is number {
  return typeof value === "number";
}
function isNothing(_value: unknown): _value is unknown {
  return true;
}
