import type {
  ElectricAnswer,
  JobDiagnosticsView,
  LiveUpdate,
  RecordingAnswer,
  RecordingRequest,
  RecordingView,
  SignalChoicesView,
} from "../../contract/diagnostics-api.ts";
import type { PersonSummary } from "../../contract/http-api.ts";
import type { JobId } from "../../contract/ids.ts";

/** Somebody's look at live values: the car is asked while it lasts. */
export interface LiveLook {
  /** The values as they are now. */
  update(): LiveUpdate;
  /** Ends the look; harmless when called again. */
  close(): void;
}

export interface PersonRecordingRequest extends RecordingRequest {
  readonly person: PersonSummary;
  readonly jobId: JobId;
}

/** A job's diagnostics as the page needs them; what people do to them that is a fact goes through `ShopApi.execute`. */
export interface DiagnosticsApi {
  /** @throws GatewayError JOB_UNKNOWN when the job is neither open nor lately closed */
  diagnostics(jobId: JobId): JobDiagnosticsView;
  /** @throws GatewayError JOB_UNKNOWN */
  electric(jobId: JobId): ElectricAnswer;
  /** @throws GatewayError RECORDING_UNKNOWN */
  recording(jobId: JobId, recording: string): RecordingView;
  /** May ask the car what it knows and waits a few seconds for its answer. @throws GatewayError JOB_UNKNOWN, JOB_CLOSED */
  signalChoices(jobId: JobId, model: string | undefined): Promise<SignalChoicesView>;
  /**
   * Begins to look at values of an open job's car; everybody who looks at one car shares one conversation with it.
   * @param onChange called, often, when one of them or what keeps them from coming has changed
   * @throws GatewayError JOB_UNKNOWN, JOB_CLOSED, SIGNAL_UNKNOWN
   */
  look(jobId: JobId, signals: readonly string[], model: string | undefined, onChange: () => void): Promise<LiveLook>;
  /** @throws GatewayError JOB_UNKNOWN, JOB_CLOSED, RECORDING_RUNNING, RECORDING_NEEDS_VIEWER, SIGNAL_UNKNOWN */
  record(request: PersonRecordingRequest): Promise<RecordingAnswer>;
}
