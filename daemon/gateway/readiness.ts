import type { ReadyView } from "../../contract/http-api.ts";
import type { Broker } from "../broker/broker.ts";
import type { Journal } from "../journal/journal.ts";
import type { Uplink } from "../sync/uplink.ts";
import type { Vision } from "../vision/index.ts";

/** How the parts are, for a watchdog and for `doctor`. Ready means: facts are taken, kept and shown. What is absent outside does not make the box unready. */
export function readinessOf(parts: {
  readonly journal: Journal;
  readonly broker: Broker;
  /** Undefined where there is nothing to look at. */
  readonly vision: Vision | undefined;
  readonly uplink: Uplink | undefined;
  readonly safeMode: boolean;
}): ReadyView {
  const { journal, broker, vision, uplink, safeMode } = parts;
  const journalState = journal.statistics().state;
  const listening = broker.listeners().filter((listener) => listener.state === "listening").length;
  const visionState = vision?.status().state;
  const line = uplink?.status().state;
  const view: ReadyView["parts"] = {
    journal: journalState === "failed" ? "failed" : journalState === "ok" ? "ok" : "degraded",
    broker: listening === 0 ? "failed" : listening < broker.listeners().length ? "degraded" : "ok",
    vision:
      visionState === "running" || visionState === undefined
        ? "ok"
        : visionState === "preparing"
          ? "starting"
          : visionState === "degraded"
            ? "degraded"
            : "failed",
    configuration: safeMode ? "degraded" : "ok",
    ...(line === undefined ? {} : { headquarters: line === "all-sent" || line === "sending" ? "ok" : "degraded" }),
  };
  return { ready: view.journal !== "failed" && view.broker !== "failed", parts: view };
}
