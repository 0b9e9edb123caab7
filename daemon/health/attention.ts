import type { AttentionItem } from "../../contract/http-api.ts";

type Kind = AttentionItem["kind"];

/** Something that is wrong at this moment. `since` is absent where nobody knows better than "since we noticed". */
export type Cause = Omit<AttentionItem, "since"> & { readonly since?: number };

/** A cause that has been noticed: it becomes a card when it lasts, and stays one until it has been gone for a while. */
interface Watched {
  readonly item: AttentionItem;
  /** Monotonic shop time. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly shown: boolean;
}

/** Keyed by cause. */
export type AttentionState = ReadonlyMap<string, Watched>;

export const NO_ATTENTION: AttentionState = new Map();

/** How long (shop time) a fault must last to become a card, and must be gone for the card to go. */
interface Patience {
  readonly enterMs: number;
  readonly leaveMs: number;
}

/** Facts of the journal are true at once and vanish at once. */
const FACT: Patience = { enterMs: 0, leaveMs: 0 };

/** Faults come and go by themselves: a transient one never makes a card, a flapping one makes one that stays. */
const FAULTS: Readonly<Partial<Record<Kind, Patience>>> = {
  "camera-silent": { enterMs: 15_000, leaveMs: 10_000 },
  "camera-frozen": { enterMs: 15_000, leaveMs: 10_000 },
  "dongle-silent": { enterMs: 30_000, leaveMs: 15_000 },
  "bridge-offline": { enterMs: 30_000, leaveMs: 15_000 },
  // Lines drop for minutes every day, and nothing is lost meanwhile.
  "headquarters-offline": { enterMs: 300_000, leaveMs: 15_000 },
  "vision-stopped": { enterMs: 60_000, leaveMs: 10_000 },
  "disk-low": { enterMs: 60_000, leaveMs: 600_000 },
  "clock-untrusted": { enterMs: 30_000, leaveMs: 30_000 },
  "journal-failed": { enterMs: 5_000, leaveMs: 30_000 },
};

const URGENCY = { now: 0, soon: 1, info: 2 } as const;

/**
 * One step of the "needs you" list.
 * @param causes all that is wrong now, keys unique
 * @param at wall time for cards whose cause names none, monotonic shop time for patience
 * @returns the state for the next step and the cards, by urgency, then age, then key
 */
export function stepAttention(
  state: AttentionState,
  causes: readonly Cause[],
  at: { readonly wallMs: number; readonly monoMs: number },
): { readonly state: AttentionState; readonly items: readonly AttentionItem[] } {
  const next = new Map<string, Watched>();
  for (const cause of causes) {
    const before = state.get(cause.key);
    const firstMs = before?.firstMs ?? at.monoMs;
    const since = cause.since ?? before?.item.since ?? at.wallMs;
    const shown = before?.shown === true || at.monoMs - firstMs >= patienceFor(cause.kind).enterMs;
    next.set(cause.key, { item: { ...cause, since }, firstMs, lastMs: at.monoMs, shown });
  }
  for (const [key, watched] of state) {
    // What was never shown is forgotten when it ends: that is the transient fault.
    if (next.has(key) || !watched.shown) continue;
    if (at.monoMs - watched.lastMs < patienceFor(watched.item.kind).leaveMs) next.set(key, watched);
  }
  const items = [...next.values()].filter((watched) => watched.shown).map((watched) => watched.item);
  return { state: next, items: items.sort(byUrgencyThenAge) };
}

/** How long this kind must last before it is a card, and be gone before it is none. */
export function patienceFor(kind: Kind): Patience {
  return FAULTS[kind] ?? FACT;
}

function byUrgencyThenAge(a: AttentionItem, b: AttentionItem): number {
  return URGENCY[a.urgency] - URGENCY[b.urgency] || a.since - b.since || (a.key < b.key ? -1 : 1);
}
