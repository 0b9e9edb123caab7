/**
 * What the page knows of its event stream, as a function from state and event to state. Times are the browser's monotonic
 * milliseconds (`performance.now()`); they have nothing to do with the shop's clock.
 */
export interface StreamState {
  readonly phase: "connecting" | "live" | "broken";
  /** When anything was last heard on this or an earlier connection; null before the first time. */
  readonly heardAtMs: number | null;
  /** When this connection was begun. */
  readonly begunAtMs: number;
  /** Revision of the newest view of this connection, per name. Counting begins anew with each: a restarted gateway starts at 0. */
  readonly revisions: Readonly<Record<string, number>>;
  /** Fruitless tries in a row. */
  readonly failures: number;
}

export type StreamEvent =
  | { readonly kind: "begun"; readonly atMs: number }
  | { readonly kind: "beat"; readonly atMs: number }
  | { readonly kind: "view"; readonly atMs: number; readonly name: string; readonly revision: number }
  | { readonly kind: "failed"; readonly atMs: number }
  | { readonly kind: "tick"; readonly atMs: number };

/** Beats come at least every 2 s; the page must say within 5 s that it is no longer live. */
const SILENCE_MS = 3_500;
/** A connection that is silent for this long is given up and made anew: half-open sockets never report an end. */
export const GIVE_UP_MS = 10_000;

export function beginStream(atMs: number): StreamState {
  return { phase: "connecting", heardAtMs: null, begunAtMs: atMs, revisions: {}, failures: 0 };
}

export function evolveStream(state: StreamState, event: StreamEvent): StreamState {
  switch (event.kind) {
    case "begun":
      return { ...state, begunAtMs: event.atMs, revisions: {} };
    case "beat":
      return { ...state, phase: "live", heardAtMs: event.atMs, failures: 0 };
    case "view":
      return {
        ...state,
        phase: "live",
        heardAtMs: event.atMs,
        failures: 0,
        revisions: isNews(state, event.name, event.revision)
          ? { ...state.revisions, [event.name]: event.revision }
          : state.revisions,
      };
    case "failed":
      return { ...state, phase: "broken", failures: state.failures + 1 };
    case "tick": {
      const quietMs = event.atMs - (state.heardAtMs ?? state.begunAtMs);
      return state.phase !== "broken" && quietMs > SILENCE_MS ? { ...state, phase: "broken" } : state;
    }
  }
}

/** Whether a view of this connection is newer than what it sent before. */
export function isNews(state: StreamState, name: string, revision: number): boolean {
  return revision >= (state.revisions[name] ?? 0);
}

/** Whether the present connection should be given up. */
export function isHopeless(state: StreamState, atMs: number): boolean {
  return atMs - Math.max(state.heardAtMs ?? 0, state.begunAtMs) > GIVE_UP_MS;
}

/** Wait before the next try: doubling to 10 s, with jitter so that a shop's tablets do not return in step. `random` in [0, 1). */
export function reconnectAfterMs(failures: number, random: number): number {
  const ceiling = Math.min(10_000, 500 * 2 ** Math.min(failures, 6));
  return ceiling / 2 + (random * ceiling) / 2;
}
