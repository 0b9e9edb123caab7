import type { DongleId } from "../../contract/ids.ts";
import type { DongleReadings, DongleResponse, SignalSample } from "../../contract/payloads.ts";
import { fromHex } from "../../vehicle-protocols/index.ts";
import { codeOfBridge } from "../diagnostics/bridge-words.ts";
import type { Dialogue } from "./dialogue.ts";
import { type AnsweredValue, pidOf, type Question } from "./questions.ts";
import { questionsFor, type Repertoire } from "./repertoire.ts";

/** Where a job's car is. */
export interface LivePlace {
  readonly dongleId: DongleId | undefined;
  /** Why the car may not be asked now: a code of the registry. */
  readonly refusal: string | undefined;
  /** Firmware that only reports; it may report more while it knows that somebody looks. */
  readonly reportsOnly: boolean;
  /** The job is over: nothing comes any more. */
  readonly over: boolean;
}

/** Somebody who looks. */
export interface Viewer {
  readonly names: ReadonlySet<string>;
  readonly onChange: () => void;
}

export interface LiveSessionOptions {
  readonly dialogue: Dialogue;
  /** Where the job's car is, and why it may not be asked now. */
  place(): LivePlace;
  /** What the car can be asked; the same promise as long as the car is the same. */
  repertoire(): Promise<Repertoire>;
}

/** A car that leaves out PIDs of a request for several so often answers one at a time alone. */
const LEFT_OUT_BEFORE_APART = 3;
/** Bound of a request. */
const MOST_QUESTIONS = 64;

/** The conversation about one job's car while people look: one for all of them, with the questions that any of them needs. */
export class LiveSession {
  readonly viewers = new Set<Viewer>();
  readonly #options: LiveSessionOptions;
  #repertoire: Repertoire | undefined;
  #questions: ReadonlyMap<string, Question> = new Map();
  /** Where a lease was asked for last, under which transaction. */
  #lease: { readonly dongleId: DongleId; readonly transaction: string } | undefined;
  /** What the bridge said last of why no values come. */
  #told: string | null = null;
  #refusal: string | undefined;
  #together = true;
  #leftOut = 0;

  constructor(options: LiveSessionOptions) {
    this.#options = options;
  }

  /** Someone has come or gone: asks for what is wanted now, several values at once. */
  async change(): Promise<void> {
    this.#together = true;
    this.#leftOut = 0;
    await this.refresh();
  }

  /** Asks for what is wanted, if it may; called every few seconds, and when something that forbids it has changed. */
  async refresh(): Promise<void> {
    this.#repertoire = await this.#options.repertoire();
    this.#plan();
    this.#renew();
  }

  /** Ends the asking; the lease would run out by itself, but a car is not asked longer than somebody looks. */
  end(): void {
    if (this.#lease !== undefined) this.#options.dialogue.live(this.#lease.dongleId, [], this.#lease.transaction);
    this.#lease = undefined;
    this.#told = null;
  }

  /** Why the car is not asked, or does not answer; null when it is or need not be. */
  paused(): string | null {
    const { refusal = null, over } = this.#options.place();
    if (over) return refusal;
    return this.#questions.size === 0 ? (this.#repertoire?.code ?? null) : (refusal ?? this.#told);
  }

  /** Whether what forbids asking is another thing than when it was last asked. */
  hasTurned(): boolean {
    return this.#options.place().refusal !== this.#refusal;
  }

  /** @returns the values, where the readings are this session's */
  takeReadings(dongleId: DongleId, { transaction, readings }: DongleReadings): readonly SignalSample[] | undefined {
    if (this.#lease?.transaction !== transaction || this.#lease.dongleId !== dongleId) return undefined;
    return readings.flatMap(({ key, at, answers, error }) => {
      const question = this.#questions.get(key);
      if (question === undefined) return [];
      const values = answers.flatMap(({ payload }) => question.decode(fromHex(payload)));
      if (values.length > 0) this.#told = null;
      this.#judgeTogether(question, values, error);
      return values.map(({ name, value, unit }) => ({ name, value, at, unit: unit.slice(0, 20) }));
    });
  }

  /** @returns whether the response was this session's */
  takeResponse(dongleId: DongleId, { transaction, status, error }: DongleResponse): boolean {
    if (this.#lease?.transaction !== transaction || this.#lease.dongleId !== dongleId) return false;
    this.#told = status === "done" ? null : codeOfBridge(error?.code ?? "failed");
    return true;
  }

  /** Takes a sample to those who look at it. */
  notify(names: readonly string[]): void {
    for (const viewer of this.viewers) if (names.some((name) => viewer.names.has(name))) viewer.onChange();
  }

  notifyAll(): void {
    for (const viewer of this.viewers) viewer.onChange();
  }

  #renew(): void {
    const { dialogue, place } = this.#options;
    const { dongleId, refusal, reportsOnly } = place();
    this.#refusal = refusal;
    if (reportsOnly && dongleId !== undefined && this.viewers.size > 0) dialogue.lookAt(dongleId);
    if (this.#lease !== undefined && this.#lease.dongleId !== dongleId) this.end();
    if (dongleId === undefined || refusal !== undefined || this.#questions.size === 0) {
      this.end();
      return;
    }
    const commands = [...this.#questions.values()].map(({ ask }) => ask);
    const transaction = dialogue.live(dongleId, commands, this.#lease?.transaction);
    this.#lease = { dongleId, transaction };
  }

  #plan(): void {
    const names = new Set([...this.viewers].flatMap((viewer) => [...viewer.names]));
    const questions =
      this.#repertoire === undefined
        ? []
        : questionsFor(names, this.#repertoire, this.#together).slice(0, MOST_QUESTIONS);
    this.#questions = new Map(questions.map((question) => [question.ask.key, question]));
  }

  /** SAE J1979 lets a request hold six PIDs, and some units answer only the first, or none. */
  #judgeTogether(question: Question, values: readonly AnsweredValue[], error: string | undefined): void {
    const asked = question.ask.request.length / 2 - 1;
    if (!this.#together || !question.ask.request.startsWith("01") || asked < 2) return;
    const answered = new Set(values.map(({ name }) => pidOf(name))).size;
    this.#leftOut = error !== undefined || answered < asked ? this.#leftOut + 1 : 0;
    if (this.#leftOut < LEFT_OUT_BEFORE_APART) return;
    this.#together = false;
    this.#plan();
    this.#renew();
  }
}
