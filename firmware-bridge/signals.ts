import type { SignalSample } from "../contract/payloads.ts";
import { TOPICS } from "../contract/topics.ts";
import { type SignalWord, vocabularyRow } from "../contract/vocabulary.ts";
import type { Clock } from "../machine/clock.ts";
import { convertUnit } from "../vehicle-protocols/units.ts";
import type { DongleReports } from "./dialect.ts";
import { packed } from "./packing.ts";

/** What a firmware's word means: a word of the vocabulary (with `.<which>` where there are several). */
export interface Meaning {
  readonly name: SignalWord | `${SignalWord}.${string}`;
  /** Unit of the firmware's number; the vocabulary's own where absent. */
  readonly unit?: string;
  /** The firmware's number is this many of the unit. */
  readonly scale?: number;
}

export type SignalValue = SignalSample["value"];

export interface SampleOptions {
  /** Nobody knows that the value still holds: the broker kept it from earlier, or the firmware did. */
  readonly stale?: boolean;
  /** Unit of the value as the firmware tells it; a word of the vocabulary has its own. */
  readonly unit?: string;
}

/** Values wait this long for their neighbours: firmware that sends one value per message would make as many messages here. */
const GATHER_MS = 100;
const MOST_SIGNALS = 2000;
const LONGEST_NAME = 80;
const LONGEST_TEXT = 200;
const LONGEST_UNIT = 20;

/** The broker hangs up on a larger message, and with it every dongle of the bridge would fall silent. */
const MOST_BYTES = TOPICS.dongleSignals.maxBytes - Buffer.byteLength('{"signals":[]}');
/** So many fit, whatever is in their names and texts. */
const ALWAYS_FIT = 100;

/** What gathering needs of an adapter's surroundings. */
interface GathererSurroundings {
  readonly clock: Pick<Clock, "now" | "after">;
  readonly reports: Pick<DongleReports, "signals">;
}

/** Gathers what a dongle says of its car and passes it on together; of a value that changes meanwhile the newest counts. */
export class SignalGatherer {
  readonly #at: GathererSurroundings;
  readonly #waiting = new Map<string, SignalSample>();
  #cancelFlush: (() => void) | undefined;

  constructor(surroundings: GathererSurroundings) {
    this.#at = surroundings;
  }

  add(name: string, value: SignalValue, { stale = false, unit }: SampleOptions = {}): void {
    if (typeof value === "number" && !Number.isFinite(value)) return;
    if (name === "" || (this.#waiting.size >= MOST_SIGNALS && !this.#waiting.has(name))) return;
    const known = vocabularyRow(name);
    const shownUnit = known?.unit ?? unit;
    this.#waiting.set(name, {
      name: name.slice(0, LONGEST_NAME),
      value: typeof value === "string" ? value.slice(0, LONGEST_TEXT) : value,
      ...(shownUnit === undefined || shownUnit === "" ? {} : { unit: shownUnit.slice(0, LONGEST_UNIT) }),
      at: this.#at.clock.now(),
      ...(stale ? { stale: true } : {}),
    });
    this.#cancelFlush ??= this.#at.clock.after(GATHER_MS, () => this.flush());
  }

  /**
   * A firmware's own word, translated where its meaning is known. A number whose unit cannot become the vocabulary's, and a text where a number
   * is meant, keep the firmware's word: nothing is guessed.
   */
  addMeant(word: string, value: SignalValue, meaning: Meaning | undefined, options: SampleOptions = {}): void {
    const row = meaning === undefined ? undefined : vocabularyRow(meaning.name);
    if (meaning === undefined || row === undefined) this.add(word, value, options);
    else if (typeof value === "number") {
      const unit = options.unit ?? meaning.unit ?? row.unit;
      const converted = convertUnit(value * (meaning.scale ?? 1), unit, row.unit);
      if (converted === undefined) this.add(word, value, options);
      else this.add(meaning.name, converted, options);
    } else if (row.unit === "") this.add(meaning.name, value, options);
    else this.add(word, value, options);
  }

  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const signals of messagesOf(waiting)) this.#at.reports.signals({ signals });
  }

  stop(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    this.#waiting.clear();
  }
}

/** As few messages as these signals take. */
function messagesOf(signals: readonly SignalSample[]): SignalSample[][] {
  if (signals.length <= ALWAYS_FIT) return [[...signals]];
  return packed(signals, (signal) => Buffer.byteLength(JSON.stringify(signal)) + 1, MOST_BYTES);
}
