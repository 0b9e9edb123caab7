import { Extraction, isSafe } from "./extraction.ts";
import type { DbcMessage, DbcSignal, ExactNumber } from "./model.ts";

export type SignalReading = {
  readonly signal: DbcSignal;
  /** The bits as a number, before factor and offset. */
  readonly raw: ExactNumber;
  /** raw × factor + offset. A `bigint` only where a double would lose digits of a whole number. */
  readonly value: ExactNumber;
  /** What the file calls this raw value (VAL_). */
  readonly word: string | undefined;
};

export type MessageReading = {
  readonly message: DbcMessage;
  readonly signals: readonly SignalReading[];
  /** Signals that would be in this frame, had it enough bytes. */
  readonly absent: readonly DbcSignal[];
};

/** The signals that are in a frame together: those of one branch of the multiplexing. Numbers are slots. */
type Branch = {
  readonly slots: readonly number[];
  readonly bytesNeeded: number;
  readonly multiplexors: readonly Multiplexor[];
};

type Multiplexor = { readonly slot: number; readonly branches: Map<number, Branch> };

/** Values of a multiplexor whose branch is remembered; the others are looked up anew. */
const MOST_BRANCHES = 4096;

/**
 * Decodes the frames of one message. Signal `n` of the message has slot `n`. Compile once, use for every frame:
 *
 *     const decoder = new MessageDecoder(message);
 *     const slots = new Float64Array(decoder.slotCount);
 *     decoder.decodeInto(frame.data, slots);       // hot path: nothing is allocated
 *     const reading = decoder.decode(frame.data);  // convenience: names, words, every digit
 */
export class MessageDecoder {
  readonly message: DbcMessage;
  readonly slotCount: number;
  readonly #extractions: readonly Extraction[];
  readonly #factors: Float64Array;
  readonly #offsets: Float64Array;
  /** Slots whose value needs more digits than a double has. */
  readonly #exactInteger: readonly boolean[];
  readonly #children = new Map<DbcSignal, number[]>();
  readonly #root: Branch;

  constructor(message: DbcMessage) {
    const { signals } = message;
    this.message = message;
    this.slotCount = signals.length;
    this.#extractions = signals.map((signal) => new Extraction(signal));
    this.#factors = Float64Array.from(signals, ({ factor }) => factor);
    this.#offsets = Float64Array.from(signals, ({ offset }) => offset);
    this.#exactInteger = signals.map(outgrowsDoubles);
    const always: number[] = [];
    signals.forEach(({ condition }, slot) => {
      if (condition === undefined) always.push(slot);
      else {
        const children = this.#children.get(condition.multiplexor);
        if (children === undefined) this.#children.set(condition.multiplexor, [slot]);
        else children.push(slot);
      }
    });
    this.#root = this.#branchOf(always);
  }

  /**
   * Writes the scaled value of each signal that is in the frame into its slot, and NaN into the others (a floating-point
   * signal may itself be NaN). Whole numbers beyond 2^53 are rounded here; `decode` keeps their digits.
   * @param slots at least `slotCount` long
   * @returns how many signals were in the frame
   */
  decodeInto(data: Uint8Array, slots: Float64Array): number {
    const root = this.#root;
    if (root.slots.length < this.slotCount) slots.fill(Number.NaN, 0, this.slotCount);
    return this.#fill(root, data, slots);
  }

  #fill(branch: Branch, data: Uint8Array, slots: Float64Array): number {
    const { slots: present, multiplexors } = branch;
    const enough = data.length >= branch.bytesNeeded;
    let count = 0;
    for (let n = 0; n < present.length; n++) {
      const slot = present[n]!;
      const extraction = this.#extractions[slot]!;
      if (enough || data.length >= extraction.bytesNeeded) {
        slots[slot] = extraction.read(data) * this.#factors[slot]! + this.#offsets[slot]!;
        count += 1;
      } else slots[slot] = Number.NaN;
    }
    for (let n = 0; n < multiplexors.length; n++) {
      const selected = this.#select(multiplexors[n]!, data);
      if (selected !== undefined) count += this.#fill(selected, data, slots);
    }
    return count;
  }

  /** Every signal in the frame with its name, word and every digit; what the frame is too short for stands in `absent`. */
  decode(data: Uint8Array): MessageReading {
    const signals: SignalReading[] = [];
    const absent: DbcSignal[] = [];
    const visit = (branch: Branch): void => {
      for (const slot of branch.slots) {
        const signal = this.message.signals[slot]!;
        const extraction = this.#extractions[slot]!;
        if (data.length < extraction.bytesNeeded) {
          absent.push(signal);
          continue;
        }
        const raw = extraction.readExact(data);
        const value = this.#exactInteger[slot] ? exactValue(raw, signal) : Number(raw) * signal.factor + signal.offset;
        signals.push({ signal, raw, value, word: signal.words.get(raw) });
      }
      for (const multiplexor of branch.multiplexors) {
        const selected = this.#select(multiplexor, data);
        if (selected !== undefined) visit(selected);
      }
    };
    visit(this.#root);
    return { message: this.message, signals, absent };
  }

  #select({ slot, branches }: Multiplexor, data: Uint8Array): Branch | undefined {
    const extraction = this.#extractions[slot]!;
    if (data.length < extraction.bytesNeeded) return undefined;
    const { signals } = this.message;
    const multiplexor = signals[slot]!;
    const raw = extraction.read(data);
    // Selectors are never negative: of a signed multiplexor they mean the bits.
    const value = raw < 0 ? raw + 2 ** multiplexor.bitLength : raw;
    const known = branches.get(value);
    if (known !== undefined) return known;
    const children = this.#children.get(multiplexor) ?? [];
    const branch = this.#branchOf(
      children.filter((child) => signals[child]!.condition?.ranges.some(([from, to]) => from <= value && value <= to)),
    );
    if (branches.size < MOST_BRANCHES) branches.set(value, branch);
    return branch;
  }

  #branchOf(slots: readonly number[]): Branch {
    const { signals } = this.message;
    return {
      slots,
      bytesNeeded: slots.reduce((most, slot) => Math.max(most, this.#extractions[slot]!.bytesNeeded), 0),
      multiplexors: slots
        .filter((slot) => this.#children.has(signals[slot]!))
        .map((slot) => ({ slot, branches: new Map() })),
    };
  }
}

/** Whether whole numbers of this signal may pass 2^53, where doubles have gaps. */
function outgrowsDoubles({ encoding, bitLength, factor, offset }: DbcSignal): boolean {
  if (encoding === "float" || !Number.isInteger(factor) || !Number.isInteger(offset)) return false;
  return 2 ** bitLength * Math.abs(factor) + Math.abs(offset) > Number.MAX_SAFE_INTEGER;
}

function exactValue(raw: ExactNumber, { factor, offset }: DbcSignal): ExactNumber {
  const value = BigInt(raw) * BigInt(factor) + BigInt(offset);
  return isSafe(value) ? Number(value) : value;
}
