import { ElmChip, ElmDialog, type ElmProcedure, type ElmStep } from "../../vehicle-protocols/elm/index.ts";
import { ConversationFailure } from "../dialect.ts";

/** How a chip's words leave. */
export interface ChipPort {
  /** @throws EgressRefusal when they may not */
  write(text: string): void;
}

/**
 * Carries out procedures with one chip over a line, one after the other, on machine time (these are deadlines of electronics).
 * What the chip forgets when its power fails is its own affair; what we knew of it is forgotten with the line.
 */
export class ChipLine {
  readonly #port: ChipPort;
  readonly #lost: () => void;
  readonly #dialog: ElmDialog;
  #queue: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #refusal: unknown;
  #generation = 0;
  #isUp = false;
  chip = new ElmChip();

  /** @param lost called when the chip does not come back to its prompt */
  constructor(port: ChipPort, lost: () => void) {
    this.#port = port;
    this.#lost = lost;
    this.#dialog = new ElmDialog((part) => this.chip.hearUnasked(part));
  }

  get isBusy(): boolean {
    return this.#dialog.isBusy;
  }

  /** The line is there, with a chip of which nothing is known. */
  open(): void {
    this.close();
    this.chip = new ElmChip();
    this.#isUp = true;
  }

  receive(bytes: Uint8Array): void {
    this.#carryOut(this.#dialog.receive(bytes, performance.now()));
  }

  /**
   * Runs a procedure after those before it.
   * @throws ConversationFailure `link-lost` when the line or the chip was lost; EgressRefusal when something of it may not leave
   */
  run<Result>(make: (chip: ElmChip, nowMs: number) => ElmProcedure<Result>): Promise<Result> {
    const generation = this.#generation;
    const turn = this.#queue.then(() => {
      if (!this.#isUp || generation !== this.#generation) throw new ConversationFailure("link-lost");
      return this.#run(make);
    });
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  /** Ends what is under way and what waits; the chip must be set up anew, since nobody knows what it is doing. */
  interrupt(): void {
    this.#generation += 1;
    this.chip.forget();
    clearTimeout(this.#timer);
    this.#dialog.abandon();
  }

  close(): void {
    this.#isUp = false;
    this.interrupt();
  }

  #run<Result>(make: (chip: ElmChip, nowMs: number) => ElmProcedure<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#refusal = undefined;
      const nowMs = performance.now();
      const generation = this.#generation;
      const step = this.#dialog.begin(make(this.chip, nowMs), nowMs, (end) => {
        clearTimeout(this.#timer);
        if (end.kind === "done") {
          resolve(end.result);
          return;
        }
        reject(this.#refusal ?? new ConversationFailure("link-lost"));
        // A chip that fell silent by itself; a line that was closed knows.
        if (this.#refusal === undefined && generation === this.#generation) this.#lost();
      });
      this.#carryOut(step);
    });
  }

  #carryOut({ send, wakeAtMs }: ElmStep): void {
    try {
      for (const text of send) this.#port.write(text);
    } catch (error) {
      // A mistake of ours or worse: nothing of it has left, and what the chip was told before is not to be relied on.
      this.#refusal = error;
      this.chip.forget();
      this.#dialog.abandon();
      return;
    }
    clearTimeout(this.#timer);
    if (wakeAtMs === undefined) return;
    const waitMs = Math.max(0, Math.ceil(wakeAtMs - performance.now()));
    this.#timer = setTimeout(() => this.#carryOut(this.#dialog.tick(performance.now())), waitMs);
  }
}
