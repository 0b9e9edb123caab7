/**
 * A place for one thing, where the newest wins: whoever takes late gets the present, never a queue of the past.
 * What was replaced before it was taken is counted.
 */
export class LatestSlot<T> {
  #waiting: T | undefined;
  #replaced = 0;

  /** @returns true when something older had to go */
  put(item: T): boolean {
    const lost = this.#waiting !== undefined;
    if (lost) this.#replaced++;
    this.#waiting = item;
    return lost;
  }

  /** Gives an item back that could not be used; whatever came meanwhile is newer and stays. */
  putBack(item: T): void {
    if (this.#waiting === undefined) this.#waiting = item;
    else this.#replaced++;
  }

  take(): T | undefined {
    const item = this.#waiting;
    this.#waiting = undefined;
    return item;
  }

  get waiting(): boolean {
    return this.#waiting !== undefined;
  }

  peek(): T | undefined {
    return this.#waiting;
  }

  get replaced(): number {
    return this.#replaced;
  }
}
