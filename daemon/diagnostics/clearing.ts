import type { DongleId, JobId, PersonId } from "../../contract/ids.ts";
import type { ClearedEcu, DongleResponse } from "../../contract/payloads.ts";
import type { Draft, DraftOf, JournalRecord, Stamp } from "../../contract/records.ts";
import { codeOfBridge } from "./bridge-words.ts";

type Outcome = DraftOf<"codes.cleared">["body"]["outcome"];

/** A request to clear codes whose end is not known. */
export interface Clearing {
  readonly transaction: string;
  readonly jobId: JobId;
  readonly dongleId: DongleId;
  readonly technicianId: PersonId;
  readonly preScan: string;
  readonly at: Stamp;
  /** It was given up as unknown; an answer that comes all the same still counts. */
  readonly givenUp: boolean;
}

/** By dongle: the clearing that runs there, or the last one that nobody answered. */
export type Clearings = Readonly<Record<string, Clearing>>;

export const NO_CLEARINGS: Clearings = {};

/** The clearing that a dongle is at now. */
export function runningClearing(clearings: Clearings, dongleId: DongleId): Clearing | undefined {
  const clearing = clearings[dongleId];
  return clearing?.givenUp === false ? clearing : undefined;
}

export function evolveClearings(clearings: Clearings, record: Draft | JournalRecord): Clearings {
  switch (record.type) {
    case "codes.clear-requested": {
      const { transaction, jobId, dongleId, technicianId, preScan, at } = record.body;
      const clearing = { transaction, jobId, dongleId, technicianId, preScan, at, givenUp: false };
      return { ...clearings, [dongleId]: clearing };
    }
    case "codes.cleared": {
      const { dongleId, transaction, outcome } = record.body;
      const { [dongleId]: clearing, ...others } = clearings;
      if (clearing?.transaction !== transaction) return clearings;
      return outcome === "unknown" ? { ...others, [dongleId]: { ...clearing, givenUp: true } } : others;
    }
    default:
      return clearings;
  }
}

/** Failures after which the request may have reached the car. */
const MAY_HAVE_REACHED_THE_CAR = ["deadline-passed", "link-lost", "adapter-failed"];

/** How a clearing ended, by the bridge's answer. Where no unit said anything, nobody knows. */
export function clearingOutcome({ status, error, cleared }: DongleResponse): {
  readonly outcome: Outcome;
  readonly code: string | null;
  readonly ecus: ClearedEcu[];
} {
  if (status === "done") {
    const ecus = cleared ?? [];
    const has = (outcome: ClearedEcu["outcome"]) => ecus.some((ecu) => ecu.outcome === outcome);
    if (has("cleared")) return { outcome: has("refused") || has("no-answer") ? "partly" : "cleared", code: null, ecus };
    if (has("refused")) return { outcome: "refused", code: "CLEAR_REFUSED", ecus };
    return { outcome: "unknown", code: "CLEAR_NO_ANSWER", ecus };
  }
  const word = error?.code ?? "failed";
  const outcome = status === "refused" ? "refused" : MAY_HAVE_REACHED_THE_CAR.includes(word) ? "unknown" : "failed";
  return { outcome, code: codeOfBridge(word), ecus: cleared ?? [] };
}
