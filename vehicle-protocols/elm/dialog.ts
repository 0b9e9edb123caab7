import { ElmLineReader, type ElmToken } from "./line-reader.ts";
import { type ElmBus, type ElmReplyPart, readReplyLine } from "./reply-line.ts";

/** What a procedure wants of the chip next. */
export type ElmWish =
  /** Sends a command or request and waits for the prompt. */
  | {
      readonly kind: "send";
      readonly text: string;
      readonly bus?: ElmBus;
      /** When the prompt is overdue. */
      readonly timeoutMs: number;
      /** Takes each part of the answer, with the line that it stood in; true: that is enough, the chip need not wait on. */
      readonly hear: (part: ElmReplyPart, line: string) => boolean;
    }
  /** Says nothing; what comes in the meantime belongs to the past and is dropped. */
  | { readonly kind: "pause"; readonly ms: number };

/** How a wish ended. */
export type ElmPrompt = {
  readonly nowMs: number;
  /** The chip went on waiting although it was told to stop: it takes no interruption. */
  readonly ignoredInterruption: boolean;
};

/** A conversation with the chip as a coroutine: it yields wishes and is resumed at the prompt. */
export type ElmProcedure<Result> = Generator<ElmWish, Result, ElmPrompt>;

export type ElmEnd<Result> =
  | { readonly kind: "done"; readonly result: Result }
  /** The chip has not come back to its prompt: the line must be opened anew. */
  | { readonly kind: "lost" };

export type ElmStep = {
  /** What to write now, each item whole. */
  readonly send: readonly string[];
  /** Call `tick` at this time at the latest; undefined when nothing is under way. */
  readonly wakeAtMs: number | undefined;
};

/**
 * Ends what the chip is doing. Any character does while it waits for the car; a blank is the one that means nothing when it
 * comes too late, where a carriage return would repeat the last command.
 */
const INTERRUPTION = " ";
/** An answer that is enough is mostly followed by the prompt at once; only a chip that waits on is interrupted. */
const GRACE_MS = 30;
/** From an interruption to the prompt. */
const INTERRUPTION_MS = 1500;
/** A chip that needs this long after an interruption did not heed it. */
const HEEDED_MS = 400;

type Waiting =
  | {
      readonly kind: "prompt";
      readonly wish: Extract<ElmWish, { kind: "send" }>;
      readonly deadlineMs: number;
      /** The command without blanks until its echo has been seen. */
      echo: string | undefined;
      heardAnything: boolean;
      /** A prompt came before any word: it ended something older, or the chip has nothing to say. */
      emptyPrompt: boolean;
      interruptAtMs: number | undefined;
      interruptedAtMs: number | undefined;
    }
  | { readonly kind: "pause"; readonly untilMs: number };

type Running = {
  /** Resumes the procedure; undefined when that was its end. */
  readonly resume: (prompt: ElmPrompt) => ElmWish | undefined;
  readonly lose: () => void;
  waiting: Waiting;
};

/**
 * Carries out procedures with one chip, one after the other: writes commands, cuts the stream into answers, drops echoes,
 * interrupts a chip that waits longer than needed, and gives up when no prompt comes. Pure: bytes and time (milliseconds of any
 * monotonic clock) are passed in. Every procedure ends in bounded time.
 */
export class ElmDialog {
  readonly #reader = new ElmLineReader();
  readonly #unasked: (part: ElmReplyPart) => void;
  #running: Running | undefined;
  #send: string[] = [];

  /** @param unasked takes what the chip says while nothing was asked, such as the banner after it lost its power */
  constructor(unasked: (part: ElmReplyPart) => void = () => undefined) {
    this.#unasked = unasked;
  }

  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  /**
   * Begins a procedure; `finish` is called when it has ended.
   * @throws Error when another one is under way
   */
  begin<Result>(procedure: ElmProcedure<Result>, nowMs: number, finish: (end: ElmEnd<Result>) => void): ElmStep {
    if (this.#running !== undefined) throw new Error("an ELM327 does one thing at a time");
    const take = (next: IteratorResult<ElmWish, Result>): ElmWish | undefined => {
      if (next.done !== true) return next.value;
      this.#running = undefined;
      finish({ kind: "done", result: next.value });
      return undefined;
    };
    const first = take(procedure.next());
    if (first !== undefined) {
      this.#running = {
        resume: (prompt) => take(procedure.next(prompt)),
        lose: () => finish({ kind: "lost" }),
        waiting: this.#wait(first, nowMs),
      };
    }
    return this.#step();
  }

  /** Ends what is under way as lost, and forgets what the chip had begun to say. */
  abandon(): void {
    this.#send = [];
    this.#reader.reset();
    this.#lose();
  }

  receive(bytes: Uint8Array, nowMs: number): ElmStep {
    for (const token of this.#reader.push(bytes)) this.#take(token, nowMs);
    return this.tick(nowMs);
  }

  tick(nowMs: number): ElmStep {
    const waiting = this.#running?.waiting;
    if (waiting?.kind === "pause") {
      if (nowMs >= waiting.untilMs) {
        this.#reader.reset();
        this.#resume(nowMs, false);
      }
    } else if (waiting !== undefined) this.#tickPrompt(waiting, nowMs);
    return this.#step();
  }

  #tickPrompt(waiting: Extract<Waiting, { kind: "prompt" }>, nowMs: number): void {
    const { interruptedAtMs, interruptAtMs, deadlineMs, emptyPrompt } = waiting;
    if (interruptedAtMs !== undefined) {
      if (nowMs < Math.max(interruptedAtMs + INTERRUPTION_MS, deadlineMs)) return;
      this.#lose();
    } else if (nowMs >= deadlineMs && emptyPrompt && !waiting.heardAnything) this.#resume(nowMs, false);
    else if (nowMs >= Math.min(deadlineMs, interruptAtMs ?? deadlineMs)) {
      waiting.interruptedAtMs = nowMs;
      this.#send.push(INTERRUPTION);
    }
  }

  #take(token: ElmToken, nowMs: number): void {
    const waiting = this.#running?.waiting;
    if (token.kind === "prompt") {
      if (waiting?.kind === "prompt") this.#takePrompt(waiting, nowMs);
      return;
    }
    if (waiting?.kind === "pause") return;
    const parts: readonly ElmReplyPart[] = token.garbled
      ? [{ kind: "garbage" }]
      : readReplyLine(withoutEcho(token.text, waiting), waiting?.wish.bus);
    for (const part of parts) {
      if (waiting === undefined) this.#unasked(part);
      else this.#hear(waiting, part, token.text, nowMs);
    }
  }

  #hear(waiting: Extract<Waiting, { kind: "prompt" }>, part: ElmReplyPart, line: string, nowMs: number): void {
    waiting.heardAnything = true;
    // "STOPPED" after our own interruption is no news.
    if (waiting.interruptedAtMs !== undefined && part.kind === "notice" && part.notice === "stopped") return;
    if (waiting.wish.hear(part, line)) waiting.interruptAtMs ??= nowMs + GRACE_MS;
  }

  #takePrompt(waiting: Extract<Waiting, { kind: "prompt" }>, nowMs: number): void {
    if (!waiting.heardAnything && !waiting.emptyPrompt && waiting.interruptedAtMs === undefined) {
      waiting.emptyPrompt = true;
      return;
    }
    const { interruptedAtMs } = waiting;
    this.#resume(nowMs, interruptedAtMs !== undefined && nowMs - interruptedAtMs > HEEDED_MS);
  }

  #resume(nowMs: number, ignoredInterruption: boolean): void {
    const running = this.#running;
    const wish = running?.resume({ nowMs, ignoredInterruption });
    if (running !== undefined && wish !== undefined) running.waiting = this.#wait(wish, nowMs);
  }

  #lose(): void {
    const running = this.#running;
    this.#running = undefined;
    running?.lose();
  }

  #wait(wish: ElmWish, nowMs: number): Waiting {
    if (wish.kind === "pause") return { kind: "pause", untilMs: nowMs + wish.ms };
    this.#send.push(`${wish.text}\r`);
    return {
      kind: "prompt",
      wish,
      deadlineMs: nowMs + wish.timeoutMs,
      echo: withoutBlanks(wish.text),
      heardAnything: false,
      emptyPrompt: false,
      interruptAtMs: undefined,
      interruptedAtMs: undefined,
    };
  }

  #step(): ElmStep {
    const send = this.#send;
    this.#send = [];
    return { send, wakeAtMs: wakeTime(this.#running?.waiting) };
  }
}

function wakeTime(waiting: Waiting | undefined): number | undefined {
  if (waiting === undefined) return undefined;
  if (waiting.kind === "pause") return waiting.untilMs;
  const { interruptedAtMs, interruptAtMs, deadlineMs } = waiting;
  if (interruptedAtMs !== undefined) return Math.max(interruptedAtMs + INTERRUPTION_MS, deadlineMs);
  return Math.min(deadlineMs, interruptAtMs ?? deadlineMs);
}

/** Echoes may be on, with the answer joined to them; no answer begins like the command that it answers. */
function withoutEcho(text: string, waiting: Extract<Waiting, { kind: "prompt" }> | undefined): string {
  const echo = waiting?.echo;
  if (waiting === undefined || echo === undefined) return text;
  const line = withoutBlanks(text);
  if (!line.startsWith(echo)) return text;
  waiting.echo = undefined;
  if (line === echo) return "";
  // Blanks count in a banner: cut as many characters as the echo took.
  let at = 0;
  for (let seen = 0; seen < echo.length; at++) if (text[at] !== " ") seen += 1;
  return text.slice(at);
}

function withoutBlanks(text: string): string {
  return text.replace(/\s+/g, "").toUpperCase();
}
