import { Type } from "typebox";
import {
  ElectricAnswer,
  JobDiagnosticsView,
  RecordingAnswer,
  RecordingView,
  SignalChoicesView,
} from "../../../contract/diagnostics-api.ts";
import {
  type AssignJobRequest,
  Committed,
  MyJobView,
  type OpenJobRequest,
  PeopleView,
  SessionView,
  type SetupRequest,
  type SignInRequest,
  TodayView,
} from "../../../contract/http-api.ts";
import type { JobId } from "../../../contract/ids.ts";
import type { WaitReason } from "../../../contract/payloads.ts";
import { JobPhotosView, type JudgeFindingRequest } from "../../../contract/photos-api.ts";
import { ask, keepToken, mayHelpToRepeat } from "./client.ts";

async function session(answer: Promise<SessionView>): Promise<SessionView> {
  const view = await answer;
  keepToken(view.csrfToken);
  return view;
}

export const fetchSession = () => session(ask("GET", "/api/session", SessionView));
export const signIn = (request: SignInRequest) => session(ask("POST", "/api/session", SessionView, request));
export const setUp = (request: SetupRequest) => session(ask("POST", "/api/setup", SessionView, request));
export const signOut = () => session(ask("DELETE", "/api/session", SessionView));

export const fetchToday = () => ask("GET", "/api/today", TodayView);
export const fetchMyJob = () => ask("GET", "/api/my-job", MyJobView);
export const fetchPeople = () => ask("GET", "/api/people", PeopleView);

/** Waits between the tries of one press; all carry the same `requestId`, so that the gateway records it once. */
const REPEAT_AFTER_MS = [400, 1_200] as const;

async function commit(path: string, body: object): Promise<Committed> {
  const request = { requestId: newRequestId(), ...body };
  for (const waitMs of REPEAT_AFTER_MS) {
    try {
      return await ask("POST", path, Committed, request);
    } catch (error) {
      if (!mayHelpToRepeat(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  return ask("POST", path, Committed, request);
}

/** `crypto.randomUUID` is missing where a page is served plainly from another machine; random bytes are not. */
export function newRequestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const aboutJob = (jobId: string, what: string) => `/api/jobs/${encodeURIComponent(jobId)}/${what}`;
const ofJob: (jobId: JobId, action: string) => string = aboutJob;

export const clockOn = (jobId: JobId) => commit("/api/labour/on", { jobId });
export const clockOff = () => commit("/api/labour/off", {});
export const openJob = (job: Omit<OpenJobRequest, "requestId">) => commit("/api/jobs", job);
export const assignJob = (jobId: JobId, to: Omit<AssignJobRequest, "requestId">) => commit(ofJob(jobId, "assign"), to);
export const pauseJob = (jobId: JobId, reason: WaitReason) => commit(ofJob(jobId, "pause"), { reason });
export const resumeJob = (jobId: JobId) => commit(ofJob(jobId, "resume"), {});
export const closeJob = (jobId: JobId) => commit(ofJob(jobId, "close"), {});
export const requestScan = (jobId: JobId) => commit(ofJob(jobId, "scan"), {});

export const fetchDiagnostics = (jobId: string) => ask("GET", aboutJob(jobId, "diagnostics"), JobDiagnosticsView);
export const fetchElectric = (jobId: string) => ask("GET", aboutJob(jobId, "electric"), ElectricAnswer);
export const fetchSignalChoices = (jobId: string) => ask("GET", aboutJob(jobId, "signals"), SignalChoicesView);
export const fetchRecording = (jobId: string, recording: string) =>
  ask("GET", aboutJob(jobId, `recordings/${encodeURIComponent(recording)}`), RecordingView);
export const liveAddress = (jobId: string, names: readonly string[]) =>
  `${aboutJob(jobId, "live")}?${new URLSearchParams({ signals: names.join(",") })}`;
export const clearCodes = (jobId: JobId) => commit(ofJob(jobId, "clear-codes"), {});
export const switchPolling = (enabled: boolean) => commit("/api/polling", { enabled });
export const fetchPhotos = (jobId: string) => ask("GET", aboutJob(jobId, "photos"), JobPhotosView);
export const judgeFinding = (jobId: string, word: Omit<JudgeFindingRequest, "requestId">) =>
  commit(aboutJob(jobId, "judge-finding"), word);
export const startRecording = (jobId: JobId) =>
  ask("POST", ofJob(jobId, "recording"), RecordingAnswer, { requestId: newRequestId(), action: "start" });
export const stopRecording = (jobId: JobId) =>
  ask("POST", ofJob(jobId, "recording"), RecordingAnswer, { requestId: newRequestId(), action: "stop" });

/** What a beat says; only used to set the page's idea of the shop's clock. */
export const Beat = Type.Object({ asOf: Type.Number() });
