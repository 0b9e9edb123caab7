import { GatewayError } from "../../contract/errors.ts";
import type { Committed, PersonRole, PersonSummary } from "../../contract/http-api.ts";
import type { JobId } from "../../contract/ids.ts";
import type { Actor } from "../../contract/records.ts";
import type { PersonRequest } from "../http/shop-api.ts";
import { runningOf } from "../labour/labour.ts";
import type { People } from "../people/index.ts";
import type { ShopCommand } from "../shop/commands.ts";
import type { Outcome } from "../shop/executor.ts";
import type { ShopState } from "../shop/shop.ts";

const MAY_START_POLLING: readonly PersonRole[] = ["manager", "installer"];

/**
 * The command behind a press on the page.
 * @throws GatewayError PERMISSION_DENIED, PEOPLE_UNKNOWN
 */
export function commandOf(
  { person, action }: PersonRequest,
  state: ShopState,
  people: Pick<People, "byId">,
): ShopCommand {
  const by: Actor = { kind: "person", id: person.id };
  if ("jobId" in action && action.kind !== "clock-on") checkOwner(person, action.jobId, state);
  switch (action.kind) {
    case "clock-on":
      return { kind: "clock-on", technicianId: person.id, target: { by: "id", jobId: action.jobId }, by };
    case "clock-off":
      return { kind: "clock-off", technicianId: person.id, by };
    case "open-job": {
      const { bay, technicianId, ...job } = action.job;
      checkTechnician(technicianId, people);
      return { kind: "open-job", ...job, bayId: bay ?? null, technicianId: technicianId ?? null, by };
    }
    case "assign-job":
      checkTechnician(action.to.technicianId, people);
      return {
        kind: "assign-job",
        jobId: action.jobId,
        bayId: action.to.bay,
        technicianId: action.to.technicianId,
        by,
      };
    case "pause-job":
      return { kind: "pause-job", jobId: action.jobId, reason: action.reason, by };
    case "resume-job":
      return { kind: "resume-job", jobId: action.jobId, by };
    case "close-job":
      return { kind: "close-job", jobId: action.jobId, by };
    case "request-scan":
      return { kind: "request-scan", jobId: action.jobId, by };
    case "clear-codes":
      return { kind: "clear-codes", jobId: action.jobId, technicianId: person.id, by };
    case "judge-finding": {
      const { jobId, photoId, finding, verdict } = action;
      return { kind: "judge-finding", jobId, photoId, finding, verdict, by };
    }
    case "switch-polling":
      // Whoever sees harm may stop it; to begin again is for those who answer for the shop.
      if (action.enabled && !MAY_START_POLLING.includes(person.role)) throw new GatewayError("PERMISSION_DENIED");
      return { kind: "switch-polling", enabled: action.enabled, by };
  }
}

/** A technician acts on a job that is his, that he works on, or that is nobody's. @throws GatewayError PERMISSION_DENIED */
export function checkOwner(person: PersonSummary, jobId: JobId, state: ShopState): void {
  if (person.role !== "technician") return;
  const owner = state.jobs.open[jobId]?.technicianId ?? null;
  const works = runningOf(state.labour, person.id)?.jobId === jobId;
  if (owner !== null && owner !== person.id && !works) throw new GatewayError("PERMISSION_DENIED");
}

/** What the page is told of an outcome. @throws GatewayError with the domain's code when it was refused */
export function committedOf(outcome: Outcome): Committed {
  if (outcome.kind === "refused") throw new GatewayError(outcome.code);
  const ids: Record<string, string> = {};
  for (const record of outcome.kind === "committed" ? outcome.records : []) {
    if (record.type === "job.opened") ids.job = record.body.jobId;
    if (record.type === "labour.clocked-on") ids.interval = record.body.intervalId;
    if (record.type === "photo.looked-at") ids.photo = record.body.photoId;
  }
  return { committed: true, duplicate: outcome.kind === "duplicate", ids };
}

function checkTechnician(id: string | null | undefined, people: Pick<People, "byId">): void {
  if (id === null || id === undefined) return;
  const person = people.byId(id);
  if (person === undefined || person.disabled) throw new GatewayError("PEOPLE_UNKNOWN");
}
