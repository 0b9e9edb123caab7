import type { BatteryAlert } from "../../contract/records.ts";
import type { Judgement } from "./battery-limits.ts";

/** A conclusion to be written down. */
export type BatteryNews = Omit<Judgement, "state" | "receivedMs"> & { readonly state: "raised" | "ended" };

/** How long a value has been beyond its limit, or back inside, by readings of its own. */
interface Trend {
  readonly state: "beyond" | "within";
  /** Monotonic milliseconds at which the first and the last of the readings that agree arrived. */
  readonly firstMs: number;
  readonly lastMs: number;
}

export type Trends = Readonly<Partial<Record<BatteryAlert, Trend>>>;

/** A start of the engine pulls the 12 V battery down for a second: two readings this far apart must agree. */
const RAISED_AFTER_MS = 5_000;
const ENDED_AFTER_MS = 30_000;

/**
 * One step of the watch over one car's batteries.
 * @param judgements what its values say now
 * @param isRaised what has been written down of this car
 * @param certain the values are written down already, in a scan: they need no second reading
 */
export function stepWatch(
  trends: Trends,
  judgements: readonly Judgement[],
  isRaised: (alert: BatteryAlert) => boolean,
  certain = false,
): { readonly trends: Trends; readonly news: readonly BatteryNews[] } {
  const next: Partial<Record<BatteryAlert, Trend>> = { ...trends };
  const news: BatteryNews[] = [];
  for (const { state, receivedMs, ...judgement } of judgements) {
    const { alert } = judgement;
    if (state === "between") {
      delete next[alert];
      continue;
    }
    const before = trends[alert];
    const goesOn = before?.state === state;
    const trend = { state, firstMs: goesOn ? before.firstMs : receivedMs, lastMs: receivedMs };
    next[alert] = trend;
    const wanted = state === "beyond" ? "raised" : "ended";
    if (isRaised(alert) === (wanted === "raised")) continue;
    const lastedMs = trend.lastMs - trend.firstMs;
    if (certain || lastedMs >= (wanted === "raised" ? RAISED_AFTER_MS : ENDED_AFTER_MS))
      news.push({ ...judgement, state: wanted });
  }
  return { trends: next, news };
}
