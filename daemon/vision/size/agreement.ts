import type { Estimate, Size } from "./estimate.ts";
import type { ReferenceMethod } from "./references/reference.ts";

/** Two methods whose values differ by more than this share of their mean do not confirm each other. */
const AGREEMENT = 0.15;
/** An interval wider than this share of its value says too little to be written into an offer. */
const WIDEST_INTERVAL = 1;

/**
 * What becomes of the estimates:
 * - `agreed`: two methods confirm each other; the one that stands first in the order of trust gives the size.
 * - `one-method`: there was one reference only; its interval is all that is known.
 * - `person`: methods contradict each other, or the interval says too little. There is no size, only what each method says.
 */
export type Verdict = {
  readonly agreement: Agreement | null;
} & (
  | { readonly decision: "agreed" | "one-method"; readonly size: Size; readonly reason: null }
  | { readonly decision: "person"; readonly size: null; readonly reason: "methods-differ" | "interval-wide" }
);

export interface Agreement {
  readonly methods: readonly [ReferenceMethod, ReferenceMethod];
  /** Difference of their lengths (of areas, where that is larger after taking its root) as a share of the mean. */
  readonly difference: number;
  readonly agree: boolean;
}

/** @param estimates at least one, the most trusted method first */
export function judge(estimates: readonly [Estimate, ...Estimate[]]): Verdict {
  const pairs = estimates.flatMap((one, index) => estimates.slice(index + 1).map((other) => compare(one, other)));
  // Of those that agree the most trusted pair; pairs come in that order.
  const agreement = pairs.find(({ agree }) => agree) ?? pairs[0] ?? null;
  if (agreement !== null && !agreement.agree)
    return { decision: "person", reason: "methods-differ", size: null, agreement };
  const chosen = estimates.find(({ method }) => method === agreement?.methods[0]) ?? estimates[0];
  const { lower, upper, value } = chosen.lengthCm;
  if (!(upper - lower <= WIDEST_INTERVAL * value))
    return { decision: "person", reason: "interval-wide", size: null, agreement };
  const { lengthCm, widthCm, areaCm2 } = chosen;
  return {
    decision: agreement === null ? "one-method" : "agreed",
    reason: null,
    size: { lengthCm, widthCm, areaCm2 },
    agreement,
  };
}

function compare(one: Estimate, other: Estimate): Agreement {
  const lengths = share(one.lengthCm.value, other.lengthCm.value);
  const areas = share(Math.sqrt(one.areaCm2.value), Math.sqrt(other.areaCm2.value));
  const difference = Math.max(lengths, areas);
  return { methods: [one.method, other.method], difference, agree: difference <= AGREEMENT };
}

function share(a: number, b: number): number {
  return a === b ? 0 : Math.abs(a - b) / ((a + b) / 2);
}
