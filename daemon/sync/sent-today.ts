import { readFile } from "node:fs/promises";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { writeDurably } from "../../machine/durable-file.ts";

const isKept = Compile(Type.Object({ day: Type.String(), count: Type.Integer({ minimum: 0 }) }));

/** Counts what headquarters confirmed since the shop's midnight; written down, so that a restart does not make it look like an idle day. */
export class SentToday {
  readonly #file: string;
  readonly #dayOf: (wallMs: number) => string;
  #day = "";
  #count = 0;
  #unsaved = false;

  /** @param timeZone IANA name of the shop's zone */
  constructor(file: string, timeZone: string) {
    this.#file = file;
    const format = new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" });
    this.#dayOf = (wallMs) => format.format(wallMs);
  }

  async load(): Promise<void> {
    try {
      const kept: unknown = JSON.parse(await readFile(this.#file, "utf8"));
      if (isKept.Check(kept)) [this.#day, this.#count] = [kept.day, kept.count];
    } catch {
      // A figure for people, not a fact: where it is missing or damaged the day counts from now.
      this.#count = 0;
    }
  }

  add(records: number, nowMs: number): void {
    this.#count = this.at(nowMs) + records;
    this.#day = this.#dayOf(nowMs);
    this.#unsaved = true;
  }

  at(nowMs: number): number {
    return this.#dayOf(nowMs) === this.#day ? this.#count : 0;
  }

  async save(): Promise<void> {
    if (!this.#unsaved) return;
    this.#unsaved = false;
    await writeDurably(this.#file, JSON.stringify({ day: this.#day, count: this.#count }));
  }
}
