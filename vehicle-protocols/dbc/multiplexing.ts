import type { DbcCondition, DbcSignal, SelectorRange } from "./model.ts";
import type { ProblemList } from "./problems.ts";
import type { MessageStatement, SelectorStatement, SignalStatement } from "./statements.ts";

/** Multiplexors selected by multiplexors; real files have three. */
const DEEPEST = 32;

/**
 * Finds out under which condition each signal is in the frame, and makes the signals in the order of the file.
 *
 * Simple multiplexing has one multiplexor (M), and mN is there when its raw value is N. Extended multiplexing names each
 * signal's multiplexor and the raw values in SG_MUL_VAL_; a multiplexor may itself be multiplexed (mNM). Where a message has
 * several multiplexors and SG_MUL_VAL_ is silent about a signal, the only one that is not multiplexed itself is meant.
 */
export function withConditions(
  message: MessageStatement,
  possible: readonly SignalStatement[],
  selectors: readonly SelectorStatement[],
  problems: ProblemList,
  make: (signal: SignalStatement, condition: DbcCondition | undefined) => DbcSignal,
): DbcSignal[] {
  const multiplexors = message.signals.filter(isMultiplexor);
  const multiplexorByName = new Map(multiplexors.map((signal) => [signal.name, signal]));
  const roots = multiplexors.filter(({ multiplexing }) => multiplexing === "M");
  const readable = new Set(possible);
  const selectorsOf = Map.groupBy(selectors, ({ signal }) => signal);
  const made = new Map<SignalStatement, DbcSignal | undefined>();
  const underWay = new Set<SignalStatement>();

  const makeOnce = (signal: SignalStatement): DbcSignal | undefined => {
    if (!made.has(signal)) made.set(signal, readable.has(signal) ? makeSignal(signal) : undefined);
    return made.get(signal);
  };

  const leaveOut = (code: "multiplexor-unclear" | "multiplexor-circular", signal: SignalStatement): undefined => {
    problems.add(code, signal.line, `${message.name}.${signal.name}`);
  };

  const makeSignal = (signal: SignalStatement): DbcSignal | undefined => {
    const stated = selectorsOf.get(signal.name) ?? [];
    if (signal.multiplexing === "") {
      if (stated.length > 0) problems.add("multiplexing-contradiction", signal.line, `${message.name}.${signal.name}`);
      return make(signal, undefined);
    }
    const ranges = stated.flatMap((selector) => selector.ranges);
    const ownValue = /\d+/.exec(signal.multiplexing)?.[0];
    let multiplexor: SignalStatement | undefined;
    const named = new Set(stated.map((selector) => selector.multiplexor));
    if (named.size > 0) {
      const [name = ""] = named;
      multiplexor = named.size === 1 ? multiplexorByName.get(name) : undefined;
      if (multiplexor === undefined) return leaveOut("multiplexor-unclear", signal);
      if (multiplexors.length === 1 && ownValue !== undefined) ranges.push(single(ownValue));
    } else {
      if (ownValue === undefined) return make(signal, undefined);
      const others = multiplexors.length - (isMultiplexor(signal) ? 1 : 0);
      multiplexor =
        others === 1 ? multiplexors.find((other) => other !== signal) : roots.length === 1 ? roots[0] : undefined;
      if (others === 0) {
        if (message.incomplete) return leaveOut("multiplexor-unclear", signal);
        problems.add("multiplexor-missing", signal.line, `${message.name}.${signal.name}`);
        return make(signal, undefined);
      }
      if (multiplexor === undefined) return leaveOut("multiplexor-unclear", signal);
      ranges.push(single(ownValue));
    }
    underWay.add(signal);
    const circular = underWay.has(multiplexor) || underWay.size > DEEPEST;
    const parent = circular ? undefined : makeOnce(multiplexor);
    underWay.delete(signal);
    if (parent === undefined) return leaveOut(circular ? "multiplexor-circular" : "multiplexor-unclear", signal);
    return make(signal, { multiplexor: parent, ranges });
  };

  return possible.flatMap((signal) => makeOnce(signal) ?? []);
}

function isMultiplexor({ multiplexing }: SignalStatement): boolean {
  return multiplexing.endsWith("M");
}

function single(digits: string): SelectorRange {
  return [Number(digits), Number(digits)];
}
