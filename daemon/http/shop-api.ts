import type {
  AssignJobRequest,
  Committed,
  MyJobView,
  OpenJobRequest,
  PauseJobRequest,
  PersonSummary,
  TodayView,
} from "../../contract/http-api.ts";
import type { JobId, PersonId } from "../../contract/ids.ts";
import type { JudgeFindingRequest } from "../../contract/photos-api.ts";

/** What a person asks for on the page. `http` has checked its shape and his role; the domain decides. */
export type PersonAction =
  | { readonly kind: "clock-on"; readonly jobId: JobId }
  | { readonly kind: "clock-off" }
  | { readonly kind: "open-job"; readonly job: Omit<OpenJobRequest, "requestId"> }
  | { readonly kind: "assign-job"; readonly jobId: JobId; readonly to: Omit<AssignJobRequest, "requestId"> }
  | { readonly kind: "pause-job"; readonly jobId: JobId; readonly reason: PauseJobRequest["reason"] }
  | { readonly kind: "resume-job"; readonly jobId: JobId }
  | { readonly kind: "close-job"; readonly jobId: JobId }
  | { readonly kind: "request-scan"; readonly jobId: JobId }
  | { readonly kind: "clear-codes"; readonly jobId: JobId }
  | ({ readonly kind: "judge-finding"; readonly jobId: JobId } & Omit<JudgeFindingRequest, "requestId">)
  | { readonly kind: "switch-polling"; readonly enabled: boolean };

export interface PersonRequest {
  readonly person: PersonSummary;
  /** Goes down as the message id under the source `person/<id>`: the same one again changes nothing. */
  readonly requestId: string;
  readonly action: PersonAction;
}

/** The shop as the page needs it; `http` knows nothing more of the domain. */
export interface ShopApi {
  today(): TodayView;
  myJob(personId: PersonId): MyJobView;
  /** Calls the listener after a commit or a change of telemetry that a view shows; the result unsubscribes. */
  subscribe(listener: () => void): () => void;
  /**
   * Resolves after the commit; `duplicate` when this request had been committed before.
   * @throws GatewayError with the domain's code when it refuses
   */
  execute(request: PersonRequest): Promise<Committed>;
}
