import { useEffect, useState } from "react";
import { Check } from "typebox/value";
import { LiveUpdate } from "../../../contract/diagnostics-api.ts";
import { liveAddress } from "../api/calls.ts";
import { reconnectAfterMs } from "../live/stream-state.ts";

/** The stream says something at least every 2 s; after this it is down. */
const DOWN_AFTER_MS = 5_000;
const LAST_MINUTE_MS = 60_000;

/** One column of values for each name, at common times, for the last minute. */
export interface LiveCourse {
  readonly at: readonly number[];
  readonly columns: Readonly<Record<string, readonly (number | null)[]>>;
}

export interface LiveValues {
  readonly state: "connecting" | "live" | "broken";
  readonly update: LiveUpdate | null;
  readonly course: LiveCourse;
}

const NOTHING: LiveValues = { state: "connecting", update: null, course: { at: [], columns: {} } };

/** Holds the live stream of these values while somebody looks; opening it makes the gateway ask the car, closing it ends that. */
export function useLiveValues(jobId: string, names: readonly string[]): LiveValues {
  const [values, setValues] = useState<LiveValues>(NOTHING);
  const wanted = names.join(",");
  useEffect(() => {
    if (wanted === "") return;
    let source: EventSource | undefined;
    let failures = 0;
    let heardAtMs = performance.now();
    let retry: ReturnType<typeof setTimeout> | undefined;
    const connect = () => {
      clearTimeout(retry);
      source?.close();
      source = new EventSource(liveAddress(jobId, wanted.split(",")));
      heardAtMs = performance.now();
      const heard = () => {
        heardAtMs = performance.now();
        failures = 0;
      };
      source.addEventListener("beat", heard);
      source.addEventListener("signals", (event) => {
        heard();
        const update = parsed(event.data);
        if (Check(LiveUpdate, update))
          setValues(({ course }) => ({ state: "live", update, course: grown(course, update) }));
      });
      source.addEventListener("error", broken);
    };
    const broken = () => {
      source?.close();
      source = undefined;
      setValues((before) => ({ ...before, state: "broken" }));
      failures += 1;
      clearTimeout(retry);
      retry = setTimeout(connect, reconnectAfterMs(failures, Math.random()));
    };
    const watch = setInterval(() => {
      if (source !== undefined && performance.now() - heardAtMs > DOWN_AFTER_MS) broken();
    }, 1_000);
    connect();
    return () => {
      clearInterval(watch);
      clearTimeout(retry);
      source?.close();
      setValues(NOTHING);
    };
  }, [jobId, wanted]);
  return values;
}

/** The course with one more column, without what is older than a minute. */
function grown(course: LiveCourse, update: LiveUpdate): LiveCourse {
  const from = course.at.findIndex((at) => at > update.at - LAST_MINUTE_MS);
  const keep = from < 0 ? course.at.length : from;
  const at = [...course.at.slice(keep), update.at];
  const columns = Object.fromEntries(
    update.signals.map(({ name, value, stale }) => {
      const before = course.columns[name]?.slice(keep) ?? course.at.slice(keep).map(() => null);
      return [name, [...before, typeof value === "number" && !stale ? value : null]];
    }),
  );
  return { at, columns };
}

function parsed(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined; // Fits no schema, and is left out.
  }
}
