import type { JobView, MyJobView } from "../../../contract/http-api.ts";
import type { JobId } from "../../../contract/ids.ts";
import { runningMs } from "../live/shop-clock.ts";

/** A press that the views do not show yet. */
export interface PendingPress {
  /** The job whose clock was asked to run; null for clock off. */
  readonly jobId: JobId | null;
  readonly number: string;
  /** Shop time of the press. */
  readonly at: number;
  readonly phase: "sending" | "recorded";
}

/** What the big clock shows. */
export interface ClockFace {
  readonly jobId: JobId | null;
  readonly since: number | null;
  readonly elapsedMs: number;
  /** Whether the gateway has said so, or the page only expects it. */
  readonly certain: boolean;
}

/** The clock as pressed, until the gateway's view says it itself. */
export function clockFace(view: MyJobView, pending: PendingPress | null, now: number): ClockFace {
  const { running } = view;
  if (pending === null || agrees(view, pending)) {
    return running === null
      ? { jobId: null, since: null, elapsedMs: 0, certain: true }
      : {
          jobId: running.jobId,
          since: running.since,
          elapsedMs: runningMs(running.elapsedMs, view.asOf, now),
          certain: true,
        };
  }
  if (pending.jobId === null) return { jobId: null, since: null, elapsedMs: 0, certain: false };
  return { jobId: pending.jobId, since: pending.at, elapsedMs: Math.max(0, now - pending.at), certain: false };
}

/** Whether the gateway's view shows what was pressed. */
export function agrees(view: MyJobView, pending: PendingPress): boolean {
  return (view.running?.jobId ?? null) === pending.jobId;
}

/** All jobs of the view by the order in which they matter to him. */
export function jobsOf(view: MyJobView): readonly JobView[] {
  const others = view.choices.filter((job) => job.id !== view.current?.id);
  return view.current === null ? others : [view.current, ...others];
}

/** His time of today now: closed intervals and the one that runs. */
export function todayMs(view: MyJobView, now: number): number {
  return view.todayMs + (view.running === null ? 0 : runningMs(0, view.asOf, now));
}
