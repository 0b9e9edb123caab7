import type { ElectricView } from "../../contract/diagnostics-api.ts";

/** Rows of values at regular times, the newest kept: what a chart of the last hours is drawn from. */
export class HistoryRing {
  readonly #names: readonly string[];
  readonly #capacity: number;
  readonly #at: Float64Array;
  /** One column per name; NaN where nothing fresh was there. */
  readonly #columns: readonly Float64Array[];
  #next = 0;
  #size = 0;

  constructor(names: readonly string[], capacity: number) {
    this.#names = names;
    this.#capacity = capacity;
    this.#at = new Float64Array(capacity);
    this.#columns = names.map(() => new Float64Array(capacity));
  }

  /** @param numberAt a fresh number, or undefined */
  push(at: number, numberAt: (name: string) => number | undefined): void {
    this.#at[this.#next] = at;
    for (const [index, name] of this.#names.entries())
      this.#columns[index]?.fill(numberAt(name) ?? Number.NaN, this.#next, this.#next + 1);
    this.#next = (this.#next + 1) % this.#capacity;
    this.#size = Math.min(this.#size + 1, this.#capacity);
  }

  /** Oldest first; names of which nothing ever came are left out. */
  view(): ElectricView["history"] {
    const order = Array.from(
      { length: this.#size },
      (_, index) => (this.#next - this.#size + index + this.#capacity) % this.#capacity,
    );
    const columns: ElectricView["history"]["columns"] = {};
    for (const [index, name] of this.#names.entries()) {
      const column = order.map((place) => finite(this.#columns[index]?.[place]));
      if (column.some((value) => value !== null)) columns[name] = column;
    }
    return { at: order.map((place) => this.#at[place] ?? 0), columns };
  }
}

function finite(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
