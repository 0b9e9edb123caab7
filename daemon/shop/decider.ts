import type { ErrorCode } from "../../contract/errors.ts";
import type { Draft, DraftOf, JournalRecord, Stamp } from "../../contract/records.ts";

/** What a command may know besides the state: the moment, a way to make ids, and nothing else. */
export interface DecisionContext {
  readonly at: Stamp;
  /** A new id (UUIDv7). Passed in, so that tests are repeatable. */
  newId(): string;
}

/** A refusal is an answer, not an exception: the code is in the registry. `drafts` may record that it was refused. */
export type Decision =
  | { readonly kind: "accepted"; readonly drafts: readonly Draft[] }
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly drafts: readonly Draft[] };

/**
 * A part of the shop as pure functions. `decide` sees a state that already includes what waits for its commit; `evolve`
 * is total: it accepts every record type and returns the state unchanged for those it does not know.
 * State is plain JSON data (it is checkpointed as such) and is never mutated.
 */
export interface Decider<State, Command> {
  readonly initial: State;
  decide(state: State, command: Command, context: DecisionContext): Decision;
  evolve(state: State, record: Draft | JournalRecord): State;
  /** Makes the state of a checkpoint that an earlier version wrote one of this version. */
  upgrade?(state: State): State;
}

export const accept = (...drafts: readonly Draft[]): Decision => ({ kind: "accepted", drafts });
export const refuse = (code: ErrorCode, ...drafts: readonly Draft[]): Decision => ({ kind: "refused", code, drafts });

/** Gives a draft its exact type, so that the compiler checks the body against the record's schema. */
export function draft<T extends Draft["type"]>(type: T, body: DraftOf<T>["body"]): DraftOf<T> {
  return { type, body };
}
