import type { RelativeBox } from "../detections.ts";

/** A thing that a live picture must not show, whether or not its score counts as a detection. */
export interface LiveCover {
  readonly label: string;
  readonly box: RelativeBox;
}

/** A network that misses somebody in one frame seldom misses him three times; whoever walks on leaves a short trail. */
const LOOKS_KEPT = 3;

/** What the last looks at one camera covered, so that one missed frame shows nobody. */
export class RecentCovers {
  readonly #looks: (readonly LiveCover[])[] = [];

  note(covers: readonly LiveCover[]): void {
    this.#looks.push(covers);
    if (this.#looks.length > LOOKS_KEPT) this.#looks.shift();
  }

  /** Everything that any of the last looks covered. */
  union(): readonly LiveCover[] {
    return this.#looks.flat();
  }

  forget(): void {
    this.#looks.length = 0;
  }
}
