import type { Provider, RefusedProvider } from "../providers.ts";
import type { LiveCover } from "../redaction/recent-covers.ts";
import { pauseBeforeStart } from "./back-off.ts";
import type { FromWorker, ReadyMessage } from "./messages.ts";
import { WorkerProcess } from "./process.ts";

export interface SupervisorOptions {
  readonly name: string;
  readonly bundleFolder: string;
  readonly providers: readonly Provider[];
  readonly enginesFolder?: string;
  /** A worker that has been silent, or has kept a frame, for this long is killed (machine time; off while a model is being prepared). */
  readonly hangMs: number;
  readonly maxMemoryBytes: number;
  readonly random: () => number;
  readonly program?: string;
  readonly onReady: (message: ReadyMessage) => void;
  /** Answers to frames. */
  readonly onAnswer: (message: Extract<FromWorker, { kind: "seen" | "unreadable" | "thumbnail" }>) => void;
  /** The worker is gone and what it held is lost to it. A new one follows by itself. */
  readonly onGone: (end: WorkerEnd) => void;
}

export interface WorkerEnd {
  readonly reason: "died" | "hung" | "memory" | "drill" | "model-refused" | "lied" | "stopped";
  /** The pictures that it held may be the cause. */
  readonly blame: boolean;
  /** For the log: exit code, signal, or the error of a model that was refused. */
  readonly detail: string;
  readonly problem: WorkerProblem | undefined;
}

/** Why a model cannot be opened. */
export interface WorkerProblem {
  readonly code: string;
  readonly message: string;
  readonly refused: readonly RefusedProvider[];
}

export interface WorkerStatus {
  readonly name: string;
  readonly state: WorkerState;
  /** Its last life ended badly and the next one has not proved itself yet. */
  readonly recovering: boolean;
  readonly pid: number | undefined;
  readonly restarts: number;
  readonly rssBytes: number;
  /** Processor time of the present process. */
  readonly cpuMs: number;
  /** Frames that it has at the moment. */
  readonly holds: number;
}

export type WorkerState = "preparing" | "running" | "draining" | "waiting" | "stopped";

/** A worker that has lived this long has outlived what killed the one before. */
const STABLE_MS = 60_000;
const STOP_PATIENCE_MS = 2_000;

/** Keeps one worker alive: heartbeat, hang deadline, memory ceiling, and starts with a growing pause after failures. All in machine time. */
export class Supervisor {
  readonly name: string;
  readonly #options: SupervisorOptions;
  #process: WorkerProcess | undefined;
  #state: WorkerState = "stopped";
  #failures = 0;
  #restarts = 0;
  #startedMs = 0;
  #lastWordMs = 0;
  #ending: Pick<WorkerEnd, "reason" | "blame"> | undefined;
  #problem: WorkerProblem | undefined;
  #timer: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #rssBytes = 0;
  #cpuMs = 0;
  /** Frame number → its place in shared memory and since when the worker has it. */
  readonly #frames = new Map<number, { readonly place: number; readonly sinceMs: number }>();
  #whenGone: (() => void) | undefined;

  constructor(options: SupervisorOptions) {
    this.name = options.name;
    this.#options = options;
  }

  start(): void {
    if (this.#state !== "stopped") return;
    this.#launch();
    this.#watch = setInterval(() => this.#check(), Math.min(1000, this.#options.hangMs / 4));
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ending = { reason: "stopped", blame: false };
    this.#state = "stopped";
    const running = this.#process;
    if (running === undefined) return;
    this.#whenGone = resolve;
    running.release();
    const impatience = setTimeout(() => running.kill(), STOP_PATIENCE_MS);
    await promise;
    clearTimeout(impatience);
  }

  get state(): WorkerState {
    return this.#state;
  }

  status(): WorkerStatus {
    return {
      name: this.name,
      state: this.#state,
      recovering: this.#failures > 0 && (this.#state === "waiting" || this.#state === "preparing"),
      pid: this.#process?.pid,
      restarts: this.#restarts,
      rssBytes: this.#rssBytes,
      cpuMs: this.#cpuMs,
      holds: this.#frames.size,
    };
  }

  /** Hands a frame over. Only while `running`. */
  look(
    frame: number,
    picture: Buffer,
    how: {
      readonly reference: Uint8Array | undefined;
      readonly thumbnail: boolean;
      readonly covers: readonly LiveCover[];
    },
  ): void {
    const used = new Set([...this.#frames.values()].map((held) => held.place));
    let place = 0;
    while (used.has(place)) place++;
    this.#frames.set(frame, { place, sinceMs: performance.now() });
    this.#process?.look({ frame, place, ...how }, picture);
  }

  /** Kills the process as a crash would. @returns false when there is none */
  killForDrill(): boolean {
    if (this.#process === undefined || this.#state === "stopped") return false;
    this.#end({ reason: "drill", blame: false });
    return true;
  }

  #launch(): void {
    this.#state = "preparing";
    this.#startedMs = performance.now();
    this.#lastWordMs = this.#startedMs;
    this.#ending = undefined;
    this.#problem = undefined;
    this.#frames.clear();
    const { bundleFolder, providers, program, enginesFolder } = this.#options;
    this.#process = new WorkerProcess(
      {
        bundleFolder,
        providers,
        ...(enginesFolder === undefined ? {} : { enginesFolder }),
        ...(program === undefined ? {} : { program }),
      },
      {
        onMessage: (message) => this.#hear(message),
        onGone: ({ code, signal, lie }) => {
          const detail = signal ?? `exit code ${code ?? "none"}`;
          // While the model is prepared no picture is there to blame.
          const own = lie ? ({ reason: "lied", blame: true } as const) : ({ reason: "died", blame: true } as const);
          this.#gone(this.#ending ?? own, detail);
        },
      },
    );
  }

  #hear(message: FromWorker): void {
    this.#lastWordMs = performance.now();
    switch (message.kind) {
      case "ready":
        if (this.#state === "preparing") this.#state = "running";
        this.#options.onReady(message);
        return;
      case "refused":
        this.#problem = { code: message.code, message: message.message, refused: message.refused };
        this.#ending ??= { reason: "model-refused", blame: false };
        return;
      case "pulse":
        this.#rssBytes = message.rssBytes;
        this.#cpuMs = message.cpuMs;
        if (message.rssBytes > this.#options.maxMemoryBytes) this.#drain();
        return;
      case "thumbnail":
        this.#options.onAnswer(message);
        return;
      case "seen":
      case "unreadable":
        this.#cpuMs = message.cpuMs;
        this.#frames.delete(message.frame);
        this.#options.onAnswer(message);
        if (this.#state === "draining" && this.#frames.size === 0) this.#end({ reason: "memory", blame: false });
    }
  }

  /** Too much memory: what it holds is finished, then a fresh process takes its place. */
  #drain(): void {
    if (this.#state !== "running") return;
    this.#state = "draining";
    if (this.#frames.size === 0) this.#end({ reason: "memory", blame: false });
  }

  #check(): void {
    if (this.#state !== "running" && this.#state !== "draining") return;
    const nowMs = performance.now();
    const oldestMs = Math.min(this.#lastWordMs, ...[...this.#frames.values()].map((held) => held.sinceMs));
    if (nowMs - oldestMs > this.#options.hangMs) this.#end({ reason: "hung", blame: true });
  }

  #end(ending: Pick<WorkerEnd, "reason" | "blame">): void {
    this.#ending ??= ending;
    this.#process?.kill();
  }

  #gone(ending: Pick<WorkerEnd, "reason" | "blame">, detail: string): void {
    this.#process = undefined;
    this.#frames.clear();
    this.#rssBytes = 0;
    this.#whenGone?.();
    const livedMs = performance.now() - this.#startedMs;
    this.#failures = livedMs > STABLE_MS || ending.reason === "drill" ? 1 : this.#failures + 1;
    const stopped = this.#state === "stopped";
    if (!stopped) {
      this.#state = "waiting";
      this.#timer = setTimeout(
        () => {
          this.#restarts++;
          this.#launch();
        },
        pauseBeforeStart(this.#failures, this.#options.random()),
      );
    }
    this.#options.onGone({ ...ending, detail: this.#problem?.message ?? detail, problem: this.#problem });
  }
}
