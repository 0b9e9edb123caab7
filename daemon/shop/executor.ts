import { type ErrorCode, GatewayError } from "../../contract/errors.ts";
import type { Draft, JournalRecord, Stream } from "../../contract/records.ts";
import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import type { Head, Journal } from "../journal/journal.ts";
import type { Decider, Decision } from "./decider.ts";

/** Who says it, and by which name of his own; the same pair again makes no record. */
export interface Origin {
  readonly source: string;
  readonly messageId?: string;
}

export type Outcome =
  | { readonly kind: "committed"; readonly records: readonly JournalRecord[] }
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly records: readonly JournalRecord[] }
  | { readonly kind: "duplicate" };

export interface ExecutorOptions<State, Command> {
  readonly decider: Decider<State, Command>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log?: Logger;
  /** A checkpoint is written by itself after so many records; boot replays at most about twice as many. */
  readonly checkpointEveryRecords?: number;
}

interface Pending {
  readonly drafts: readonly Draft[];
  readonly key: string | undefined;
  /** Resolves when the commit has been told to the listeners; rejects when nothing of it was kept. */
  readonly settled: Promise<Outcome>;
}

const CHECKPOINT_EVERY_RECORDS = 2_000;
/** Under pressure only a checkpoint lets the journal give anything up, so it may not wait as long. */
const CHECKPOINT_UNDER_PRESSURE_RECORDS = 50;

/** Boots from the journal's latest checkpoint and its tail. */
export function createExecutor<State, Command>(options: ExecutorOptions<State, Command>): Executor<State, Command> {
  return new Executor(options);
}

/**
 * Decides one command after the other against a state that already holds what waits for its commit, and tells of nothing before the
 * commit that holds it.
 */
export class Executor<State, Command> {
  readonly #options: ExecutorOptions<State, Command>;
  readonly #listeners: ((records: readonly JournalRecord[]) => void)[] = [];
  readonly #pending = new Set<Pending>();
  readonly #pendingMessages = new Map<string, Pending>();
  #committed: State;
  /** Committed state plus what is pending. */
  #expected: State;
  #heads: Readonly<Record<Stream, Head>>;
  #epoch: string;
  #sinceCheckpoint = 0;
  #checkpointing = false;

  constructor(options: ExecutorOptions<State, Command>) {
    this.#options = options;
    const { journal } = options;
    this.#committed = this.#replay();
    this.#expected = this.#committed;
    this.#heads = journal.heads();
    this.#epoch = journal.epoch;
    journal.onReopened(() => this.#reload());
  }

  /** The committed state: what may be shown and told. */
  get state(): State {
    return this.#committed;
  }

  /** The committed state plus what waits for its commit: what the next command will be decided against. Never shown or told. */
  get expected(): State {
    return this.#expected;
  }

  /** Calls the listener after every commit, in the order of commit, before `execute` resolves. */
  onCommitted(listener: (records: readonly JournalRecord[]) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Decides a command and commits what it decided. Resolves after the commit, also where the answer is a refusal or there was nothing to record:
   * an answer may rest on what others are still waiting for.
   * @throws GatewayError JOURNAL_STORAGE_FAILED, JOURNAL_FULL, JOURNAL_RECORD_INVALID, JOURNAL_CLOSED; nothing of this command was kept
   */
  async execute(command: Command, origin: Origin): Promise<Outcome> {
    const { decider, journal, clock, newId } = this.#options;
    const key = origin.messageId === undefined ? undefined : JSON.stringify([origin.source, origin.messageId]);
    if (key !== undefined && origin.messageId !== undefined) {
      const first = this.#pendingMessages.get(key);
      if (first !== undefined) {
        await first.settled;
        return { kind: "duplicate" };
      }
      if (journal.seen({ source: origin.source, messageId: origin.messageId })) return { kind: "duplicate" };
    }
    const at = clock.stamp();
    const decision = decider.decide(this.#expected, command, { at, newId });
    if (decision.drafts.length === 0) return this.#answerWithoutRecords(decision, command, origin);
    const request = { drafts: decision.drafts, at, source: origin.source };
    const appended = journal.append(
      origin.messageId === undefined ? request : { ...request, messageId: origin.messageId },
    );
    const pending: Pending = { drafts: decision.drafts, key, settled: this.#settle(appended, decision, () => pending) };
    this.#expected = fold(decider, this.#expected, decision.drafts);
    this.#pending.add(pending);
    if (key !== undefined) this.#pendingMessages.set(key, pending);
    return pending.settled;
  }

  /** Writes the committed state with the heads that it stands for; what is pending or comes meanwhile is not in it. */
  async checkpoint(): Promise<void> {
    const { journal } = this.#options;
    // With nothing pending the journal's own heads may be taken: they also count the tombstones it wrote by itself.
    const heads = this.#pending.size === 0 && journal.epoch === this.#epoch ? journal.heads() : this.#heads;
    this.#sinceCheckpoint = 0;
    await journal.checkpoint(this.#committed, { epoch: this.#epoch, heads });
  }

  /** Where nothing is to be recorded, the answer waits for what it rests on, and is thought over when that came to nothing. */
  async #answerWithoutRecords(decision: Decision, command: Command, origin: Origin): Promise<Outcome> {
    const restsOn = [...this.#pending].map(({ settled }) => settled);
    const results = await Promise.allSettled(restsOn);
    if (results.some(({ status }) => status === "rejected")) return this.execute(command, origin);
    return outcomeOf(decision, []);
  }

  async #settle(
    appended: Promise<readonly JournalRecord[]>,
    decision: Decision,
    self: () => Pending,
  ): Promise<Outcome> {
    try {
      const records = await appended;
      this.#remove(self());
      this.#advance(records);
      return outcomeOf(decision, records);
    } catch (error) {
      this.#remove(self());
      this.#expected = [...this.#pending].reduce(
        (state, { drafts }) => fold(this.#options.decider, state, drafts),
        this.#committed,
      );
      if (error instanceof GatewayError && error.code === "JOURNAL_DUPLICATE_MESSAGE") return { kind: "duplicate" };
      throw error;
    }
  }

  #remove(pending: Pending): void {
    this.#pending.delete(pending);
    if (pending.key !== undefined) this.#pendingMessages.delete(pending.key);
  }

  #advance(records: readonly JournalRecord[]): void {
    const { decider, journal } = this.#options;
    if (journal.epoch !== this.#epoch) {
      this.#epoch = journal.epoch;
      this.#heads = { labour: NOTHING, work: NOTHING, diagnostics: NOTHING, findings: NOTHING, operations: NOTHING };
    }
    const heads = { ...this.#heads };
    for (const { stream, seq, hash } of records) heads[stream] = { seq, hash };
    this.#heads = heads;
    this.#committed = fold(decider, this.#committed, records);
    if (this.#pending.size === 0) this.#expected = this.#committed;
    for (const listener of this.#listeners) this.#tell(listener, records);
    this.#sinceCheckpoint += records.length;
    this.#checkpointWhenDue();
  }

  /** A listener that throws must not keep the others, or the sender, from learning of the commit. */
  #tell(listener: (records: readonly JournalRecord[]) => void, records: readonly JournalRecord[]): void {
    try {
      listener(records);
    } catch (error) {
      if (this.#options.log === undefined) {
        queueMicrotask(() => {
          throw error;
        });
      } else {
        this.#options.log.error({ err: error }, "a listener failed on committed records");
      }
    }
  }

  #checkpointWhenDue(): void {
    const { journal, checkpointEveryRecords = CHECKPOINT_EVERY_RECORDS, log } = this.#options;
    const due =
      journal.statistics().state === "pressure"
        ? Math.min(checkpointEveryRecords, CHECKPOINT_UNDER_PRESSURE_RECORDS)
        : checkpointEveryRecords;
    if (this.#checkpointing || this.#sinceCheckpoint < due) return;
    this.#checkpointing = true;
    const written = async () => {
      try {
        await this.checkpoint();
        await journal.prune();
      } catch (error) {
        // Boot replays a longer tail instead; the journal itself reports a disk that fails.
        log?.warn({ err: error }, "no checkpoint was written");
      } finally {
        this.#checkpointing = false;
      }
    };
    void written();
  }

  #reload(): void {
    this.#committed = this.#replay();
    this.#expected = [...this.#pending].reduce(
      (state, { drafts }) => fold(this.#options.decider, state, drafts),
      this.#committed,
    );
    this.#heads = this.#options.journal.heads();
    this.#epoch = this.#options.journal.epoch;
  }

  #replay(): State {
    const { decider, journal } = this.#options;
    const checkpoint = journal.latestCheckpoint();
    const kept = checkpoint !== undefined && isStateOf(decider, checkpoint.state) ? checkpoint.state : decider.initial;
    return fold(decider, decider.upgrade?.(kept) ?? kept, journal.tail());
  }
}

const NOTHING: Head = { seq: 0, hash: "" };

function fold<State, Command>(
  decider: Decider<State, Command>,
  state: State,
  records: Iterable<Draft | JournalRecord>,
): State {
  let next = state;
  for (const record of records) next = decider.evolve(next, record);
  return next;
}

/** The journal gives back what an executor of this decider stored, checked by its hash; only a change of the state's kind is caught here. */
function isStateOf<State, Command>(decider: Decider<State, Command>, state: unknown): state is State {
  return typeof state === typeof decider.initial && (state === null) === (decider.initial === null);
}

function outcomeOf(decision: Decision, records: readonly JournalRecord[]): Outcome {
  return decision.kind === "accepted"
    ? { kind: "committed", records }
    : { kind: "refused", code: decision.code, records };
}
