import type { ReadyMessage } from "./messages.ts";
import { Supervisor, type SupervisorOptions, type WorkerEnd } from "./supervisor.ts";

type Answer = Parameters<SupervisorOptions["onAnswer"]>[0];

export interface CrewOptions
  extends Omit<SupervisorOptions, "name" | "bundleFolder" | "onReady" | "onAnswer" | "onGone"> {
  readonly onReady: (worker: string, message: ReadyMessage) => void;
  readonly onAnswer: (worker: string, message: Answer) => void;
  readonly onGone: (worker: string, end: WorkerEnd) => void;
}

/** The workers that look at frames, one that is being prepared to take their place, and those on their way out. Names are never given twice. */
export class Crew {
  readonly #options: CrewOptions;
  #workers: Supervisor[] = [];
  #candidate: Supervisor | undefined;
  readonly #leaving = new Set<Promise<void>>();
  #named = 0;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  get workers(): readonly Supervisor[] {
    return this.#workers;
  }

  get isPreparing(): boolean {
    return this.#candidate !== undefined;
  }

  /** One more worker with this bundle. */
  add(bundleFolder: string): void {
    const { onReady, onGone } = this.#options;
    const worker = this.#create(bundleFolder, {
      onReady: (message) => onReady(worker.name, message),
      onGone: (end) => onGone(worker.name, end),
    });
    this.#workers.push(worker);
    worker.start();
  }

  /**
   * Starts a candidate beside the present workers. Until it is warm nothing changes for them.
   * @param then `onWarm` may `promote` it; once it is among the workers or given up, it is a worker as any other
   */
  prepare(bundleFolder: string, then: { onWarm: () => void; onFailed: (end: WorkerEnd) => void }): void {
    const { onReady, onGone } = this.#options;
    const candidate = this.#create(bundleFolder, {
      onReady: (message) => {
        if (this.#candidate === candidate) then.onWarm();
        onReady(candidate.name, message);
      },
      onGone: (end) => {
        if (this.#candidate === candidate) then.onFailed(end);
        else onGone(candidate.name, end);
      },
    });
    this.#candidate = candidate;
    candidate.start();
  }

  /** The candidate takes the place of all others. */
  promote(): void {
    if (this.#candidate === undefined) return;
    const former = this.#workers;
    this.#workers = [this.#candidate];
    this.#candidate = undefined;
    this.#dismiss(former);
  }

  /** @returns whether there was a candidate */
  giveUpCandidate(): boolean {
    const candidate = this.#candidate;
    this.#candidate = undefined;
    if (candidate === undefined) return false;
    this.#dismiss([candidate]);
    return true;
  }

  dismissAll(): void {
    const former = this.#workers;
    this.#workers = [];
    this.#dismiss(former);
  }

  /** Resolves when the last process is gone. */
  async stop(): Promise<void> {
    this.giveUpCandidate();
    this.dismissAll();
    await Promise.all(this.#leaving);
  }

  #create(bundleFolder: string, events: Pick<SupervisorOptions, "onReady" | "onGone">): Supervisor {
    const { onReady: _ready, onGone: _gone, onAnswer, ...rest } = this.#options;
    const name = `vision-${++this.#named}`;
    return new Supervisor({ ...rest, name, bundleFolder, onAnswer: (message) => onAnswer(name, message), ...events });
  }

  #dismiss(workers: readonly Supervisor[]): void {
    for (const worker of workers) {
      const leaving = worker.stop().finally(() => this.#leaving.delete(leaving));
      this.#leaving.add(leaving);
    }
  }
}
