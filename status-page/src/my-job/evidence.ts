import type { EvidenceCoverage } from "../../../contract/records.ts";

export interface EvidenceParts {
  /** Of the claimed time, 0 to 1. */
  readonly coveredShare: number;
  readonly observableShare: number;
  /** What there is, in milliseconds; kinds without any are left out. */
  readonly kinds: readonly { readonly kind: "presence" | "lift" | "tool" | "blind"; readonly ms: number }[];
}

/** Evidence of one interval as the bar and the line under it show it. */
export function evidenceParts(evidence: EvidenceCoverage): EvidenceParts {
  const { claimedMs, coveredMs, unobservableMs, presenceMs, liftMs, toolMs } = evidence;
  const share = (ms: number) => (claimedMs === 0 ? 0 : Math.min(1, Math.max(0, ms / claimedMs)));
  const kinds = [
    { kind: "presence", ms: presenceMs },
    { kind: "lift", ms: liftMs },
    { kind: "tool", ms: toolMs },
    { kind: "blind", ms: unobservableMs },
  ] as const;
  return {
    coveredShare: share(coveredMs),
    observableShare: share(claimedMs - unobservableMs),
    kinds: kinds.filter(({ ms }) => ms > 0),
  };
}
