import { randomUUID } from "node:crypto";
import { ERRORS, GatewayError } from "../../contract/errors.ts";
import type { Stamp } from "../../contract/records.ts";
import { backupTo } from "./backup.ts";
import { setMark, writeCheckpoint } from "./bookmarks.ts";
import type { FromWriter, GroupWork, Opened, Order, Reply, SoloWork, WriterFigures, WriterSetup } from "./channel.ts";
import { type Connection, isStorageError, openForWriting, pragmaNumber, sqliteCode } from "./database.ts";
import { Ballast } from "./disk.ts";
import { type GroupOrder, lastMoment, mayUseReserve } from "./group.ts";
import { Ledger } from "./ledger.ts";
import { lifeWriter, readLife } from "./life.ts";
import { Quarantine } from "./quarantine.ts";
import { Retention } from "./retention.ts";
import { openOrSalvage } from "./salvage.ts";

/** SQLite's codes for "no room", by its own bound or by the disk's. */
const FULL = "SQLITE_FULL";
/** Pages are made free up to this part of the bound before work goes on, so that pressure is not felt at every commit. */
const ROOM_SHARE = 0.1;

/**
 * The only connection that writes, in its own thread. Orders come in, wait for company, and are committed together, each in a savepoint of its
 * own. After a commit that the disk refused nothing is tried again on the same connection: what the kernel still holds cannot be trusted.
 */
export class Writer {
  readonly #setup: WriterSetup;
  readonly #send: (message: FromWriter) => void;
  readonly #db: Connection;
  readonly #ledger: Ledger;
  readonly #retention: Retention;
  readonly #quarantine: Quarantine;
  readonly #ballast: Ballast;
  readonly #writeLife: (at: Stamp, clean: boolean) => void;
  readonly #savepoint;
  readonly #release;
  readonly #pageSize: number;
  readonly #maxPages: number;
  readonly #softMaxPages: number;
  #waiting: GroupOrder[] = [];
  #waitingRecords = 0;
  #windowTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #commits = 0;
  #lastFigures: WriterFigures;
  #pressure = false;
  #state: "open" | "failed" | "closed" = "open";

  constructor(setup: WriterSetup, send: (message: FromWriter) => void) {
    this.#setup = setup;
    this.#send = send;
    const { salvaged } = openOrSalvage(setup);
    this.#db = openForWriting(setup.directory);
    // What a failed flush left in the log is written and flushed anew, into the database itself, before anything is built on it.
    this.#db.pragma("wal_checkpoint(TRUNCATE)");
    this.#pageSize = pragmaNumber(this.#db, "page_size");
    this.#maxPages = Math.floor(setup.limits.maxBytes / this.#pageSize);
    this.#softMaxPages = Math.floor(this.#maxPages * (1 - setup.limits.reservedShare));
    this.#ballast = new Ballast(setup.directory, setup.limits.ballastBytes);
    this.#ballast.restore();
    const previousLife = readLife(this.#db);
    this.#writeLife = lifeWriter(this.#db);
    this.#savepoint = this.#db.prepare("SAVEPOINT work");
    this.#release = this.#db.prepare("RELEASE work");
    this.#begin(setup);
    this.#ledger = new Ledger(this.#db);
    this.#retention = new Retention(this.#db, this.#ledger, randomUUID);
    this.#quarantine = new Quarantine(this.#db, setup.limits.quarantineBytes);
    this.#limitPages(this.#softMaxPages);
    this.#lastFigures = this.#measure();
    const opened: Opened = {
      kind: "opened",
      epoch: this.#ledger.epoch,
      heads: this.#ledger.heads,
      previousLife,
      salvaged,
      figures: this.#lastFigures,
    };
    this.#send(opened);
  }

  receive(orders: readonly Order[]): void {
    for (const { id, work } of orders) {
      if (this.#state !== "open") {
        this.#refuse(id);
      } else if (work.kind === "backup" || work.kind === "close" || work.kind === "prune") {
        this.#commitWaiting();
        void this.#alone(id, work);
      } else if (work.kind === "epoch") {
        // Alone, so that what was acknowledged before it is known to belong to the old epoch.
        this.#commitWaiting();
        this.#waiting.push({ id, work });
        this.#commitWaiting();
      } else {
        this.#waiting.push({ id, work });
        this.#waitingRecords += work.kind === "append" ? work.records.length : 1;
        if (this.#waitingRecords >= this.#setup.limits.groupMaxRecords) this.#commitWaiting();
      }
    }
    this.#schedule();
  }

  #begin(setup: WriterSetup): void {
    this.#db.transaction(() => {
      if (this.#db.prepare("SELECT 1 FROM epoch LIMIT 1").get() === undefined) {
        this.#db
          .prepare("INSERT INTO epoch (name, reason, begun_at) VALUES (?, 'first', ?)")
          .run(setup.firstEpoch, setup.at.wallMs);
      }
      this.#writeLife(setup.at, false);
    })();
  }

  #schedule(): void {
    if (this.#waiting.length === 0 || this.#state !== "open") return;
    const { groupWindowMs, groupIdleMs } = this.#setup.limits;
    this.#windowTimer ??= setTimeout(() => this.#commitWaiting(), groupWindowMs);
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.#commitWaiting(), groupIdleMs);
  }

  #commitWaiting(): void {
    clearTimeout(this.#windowTimer);
    clearTimeout(this.#idleTimer);
    this.#windowTimer = undefined;
    const orders = this.#waiting;
    this.#waiting = [];
    this.#waitingRecords = 0;
    if (orders.length === 0 || this.#state !== "open") {
      for (const { id } of orders) this.#refuse(id);
      return;
    }
    const began = performance.now();
    try {
      const replies = this.#commitMakingRoom(orders);
      this.#done(replies, performance.now() - began);
    } catch (error) {
      this.#fail(orders, error);
    }
  }

  /** One group; when there is no room, room is made once, and after that labour alone may use the reserve. */
  #commitMakingRoom(orders: readonly GroupOrder[]): readonly Reply[] {
    try {
      const replies = this.#commitGroup(orders);
      if (this.#pressure && this.#hasRoom()) this.#pressure = false;
      return replies;
    } catch (error) {
      if (sqliteCode(error) !== FULL) throw error;
    }
    this.#pressure = true;
    const at = lastMoment(orders) ?? this.#setup.at;
    this.#limitPages(this.#maxPages);
    try {
      this.#makeRoom(at);
      this.#limitPages(this.#softMaxPages);
      try {
        return this.#commitGroup(orders);
      } catch (error) {
        if (sqliteCode(error) !== FULL) throw error;
      }
      this.#limitPages(this.#maxPages);
      return this.#commitFromReserve(orders);
    } finally {
      this.#limitPages(this.#softMaxPages);
    }
  }

  /** Labour, and what helps to make room, may use the last pages; whatever else waits is refused. */
  #commitFromReserve(orders: readonly GroupOrder[]): readonly Reply[] {
    const precious = orders.filter(mayUseReserve);
    const refuse = (refused: readonly GroupOrder[]) =>
      refused.map(
        ({ id }): Reply => ({ id, ok: false, code: "JOURNAL_FULL", detail: "nothing lower may be given up" }),
      );
    const others = refuse(orders.filter((order) => !mayUseReserve(order)));
    try {
      return precious.length === 0 ? others : [...this.#commitGroup(precious), ...others];
    } catch (error) {
      if (sqliteCode(error) !== FULL) throw error;
      return refuse(orders);
    }
  }

  #makeRoom(at: Stamp): void {
    this.#ballast.release();
    this.#db.pragma("wal_checkpoint(TRUNCATE)");
    try {
      while (!this.#hasRoom()) {
        if (this.#inTransaction(() => this.#retention.pruneStep(undefined)) > 0) continue;
        if (!this.#inTransaction(() => this.#retention.giveUpStep(at))) break;
      }
    } catch (error) {
      // Not even a tombstone fits: what is there stays, and what waits is refused.
      if (sqliteCode(error) !== FULL) throw error;
    }
    this.#db.pragma("wal_checkpoint(TRUNCATE)");
  }

  #hasRoom(): boolean {
    return this.#maxPages - this.#retention.pages().used >= Math.ceil(this.#maxPages * ROOM_SHARE);
  }

  #commitGroup(orders: readonly GroupOrder[]): readonly Reply[] {
    const early = this.#setup.faults.acknowledgeBeforeCommit === true;
    const replies = this.#inTransaction(() => {
      const replies = orders.map((order) => this.#inSavepoint(order));
      const at = lastMoment(orders);
      if (at !== undefined) this.#writeLife(at, false);
      if (early) {
        this.#done(replies, undefined);
        // Long enough for a kill to fall between the acknowledgement and its commit.
        sleep(250);
      }
      return replies;
    });
    this.#commits += 1;
    return early ? [] : replies;
  }

  #inSavepoint({ id, work }: GroupOrder): Reply {
    const before = this.#ledger.snapshot();
    this.#savepoint.run();
    try {
      const value = this.#carryOut(work);
      this.#release.run();
      return { id, ok: true, value };
    } catch (error) {
      // SQLite has taken the whole transaction back when the disk or the bound refused: so do we, above.
      if (!this.#db.inTransaction || isStorageError(error)) throw error;
      this.#db.exec("ROLLBACK TO work; RELEASE work");
      this.#ledger.restore(before);
      if (error instanceof GatewayError) return { id, ok: false, code: error.code, detail: detailOf(error) };
      return { id, ok: false, code: "JOURNAL_RECORD_INVALID", detail: String(error) };
    }
  }

  #carryOut(work: GroupWork): unknown {
    switch (work.kind) {
      case "append":
        return this.#ledger.append(work);
      case "beat":
        // The sign of life is written with every group.
        return undefined;
      case "mark":
        return setMark(this.#db, work);
      case "forget":
        return this.#retention.forgetBeforeMark(work.stream, work.seq);
      case "checkpoint":
        return writeCheckpoint(
          this.#db,
          work,
          { epoch: this.#ledger.epoch, heads: this.#ledger.heads },
          this.#setup.limits.checkpoints,
        );
      case "drop":
        return this.#retention.drop(work.stream, work.loss, work.at, work.id);
      case "epoch":
        return this.#ledger.beginEpoch(work.epoch, work.reason, work.at);
      case "quarantine":
        return this.#quarantine.keep(work);
    }
  }

  #inTransaction<T>(body: () => T): T {
    const before = this.#ledger.snapshot();
    const epoch = { ordinal: this.#ledger.epochOrdinal, name: this.#ledger.epoch };
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const value = body();
      const { fsyncDelayMs, failCommitAfter } = this.#setup.faults;
      if (fsyncDelayMs !== undefined) sleep(fsyncDelayMs);
      if (failCommitAfter !== undefined && this.#commits >= failCommitAfter && !this.#setup.reopened)
        throw new Error("planted fault: the disk refused the flush (EIO)");
      this.#db.exec("COMMIT");
      return value;
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
      this.#ledger.restore(before);
      this.#ledger.epochOrdinal = epoch.ordinal;
      this.#ledger.epoch = epoch.name;
      throw error;
    }
  }

  async #alone(id: number, work: SoloWork): Promise<void> {
    const began = performance.now();
    try {
      const value = await this.#carryOutAlone(work);
      this.#done([{ id, ok: true, value }], undefined);
    } catch (error) {
      if (error instanceof GatewayError)
        this.#done([{ id, ok: false, code: error.code, detail: detailOf(error) }], performance.now() - began);
      else this.#fail([{ id }], error);
    }
  }

  async #carryOutAlone(work: SoloWork): Promise<unknown> {
    switch (work.kind) {
      case "prune": {
        const keepSinceMs = work.nowMs - this.#setup.limits.retentionMs;
        this.#ballast.restore();
        return this.#inTransaction(() => this.#retention.pruneStep(keepSinceMs));
      }
      case "backup":
        return backupTo(this.#db, work.toFile);
      case "close":
        this.#inTransaction(() => this.#writeLife(work.at, true));
        this.#state = "closed";
        this.#db.pragma("wal_checkpoint(TRUNCATE)");
        this.#db.close();
        return undefined;
    }
  }

  #done(replies: readonly Reply[], commitMs: number | undefined): void {
    this.#send({
      kind: "done",
      replies,
      epoch: this.#ledger.epoch,
      heads: this.#ledger.heads,
      figures: this.#figures(),
      commitMs,
    });
  }

  #fail(orders: readonly { readonly id: number }[], error: unknown): void {
    this.#state = "failed";
    const detail = `${sqliteCode(error) ?? ""} ${error instanceof Error ? error.message : String(error)}`.trim();
    const unanswered = [...orders, ...this.#waiting].map(
      ({ id }): Reply => ({ id, ok: false, code: "JOURNAL_STORAGE_FAILED", detail }),
    );
    this.#waiting = [];
    this.#db.close();
    this.#send({ kind: "failed", replies: unanswered, detail });
  }

  #refuse(id: number): void {
    const code = this.#state === "closed" ? "JOURNAL_CLOSED" : "JOURNAL_STORAGE_FAILED";
    this.#send({
      kind: "done",
      replies: [{ id, ok: false, code, detail: "" }],
      epoch: this.#ledger.epoch,
      heads: this.#ledger.heads,
      figures: this.#lastFigures,
      commitMs: undefined,
    });
  }

  #limitPages(pages: number): void {
    this.#db.pragma(`max_page_count = ${pages}`);
  }

  #figures(): WriterFigures {
    if (this.#state === "open") this.#lastFigures = this.#measure();
    return this.#lastFigures;
  }

  #measure(): WriterFigures {
    return {
      bytes: this.#retention.pages().used * this.#pageSize,
      maxBytes: this.#setup.limits.maxBytes,
      records: this.#ledger.counts,
      lossRecords: this.#ledger.losses,
      quarantined: this.#quarantine.count,
      pressure: this.#pressure,
    };
  }
}

/** What an error says beyond its registered title, which the other side adds again. */
function detailOf(error: GatewayError): string {
  const title = `${ERRORS[error.code].title.en}: `;
  return error.message.startsWith(title) ? error.message.slice(title.length) : "";
}

/** Blocks this thread, as a slow disk does. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
