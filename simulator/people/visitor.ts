import { randomUUID } from "node:crypto";
import { Compile } from "typebox/compile";
import { JobDiagnosticsView } from "../../contract/diagnostics-api.ts";
import {
  ApiError,
  Committed,
  type OpenJobRequest,
  PeopleView,
  type PersonSummary,
  SessionView,
  TodayView,
} from "../../contract/http-api.ts";
import type { WaitReason } from "../../contract/payloads.ts";
import type { Checkpoint } from "../../contract/photos.ts";
import { JobPhotosView } from "../../contract/photos-api.ts";

const SESSION = Compile(SessionView);
const COMMITTED = Compile(Committed);
const TODAY = Compile(TodayView);
const API_ERROR = Compile(ApiError);
const PEOPLE = Compile(PeopleView);
const PHOTOS = Compile(JobPhotosView);
const DIAGNOSTICS = Compile(JobDiagnosticsView);

interface Body {
  readonly type: string;
  readonly bytes: Buffer;
}

const BUSY_PAUSE_MS = 1_000;

/** Somebody at the page: signs in and presses its buttons, over the same HTTP API. */
export class Visitor {
  readonly #base: string;
  #cookie = "";
  #csrfToken = "";

  /** @param base e.g. `http://127.0.0.1:8443` */
  constructor(base: string) {
    this.#base = base;
  }

  async signIn(login: string, password: string): Promise<void> {
    await this.#call("GET", "/api/session");
    const session = await this.#call("POST", "/api/session", { login, password });
    if (!SESSION.Check(session) || session.csrfToken === null) throw new Error("signing in gave no session");
    this.#csrfToken = session.csrfToken;
  }

  async openJob(job: Omit<OpenJobRequest, "requestId">): Promise<string> {
    const jobId = (await this.#commit("/api/jobs", job)).ids.job;
    if (jobId === undefined) throw new Error("the opened job has no id");
    return jobId;
  }

  /** Whom a job can be given to, by name. */
  async personNamed(name: string): Promise<PersonSummary> {
    const view = await this.#call("GET", "/api/people");
    const person = PEOPLE.Check(view) ? view.people.find((each) => each.name === name) : undefined;
    if (person === undefined) throw new Error(`nobody here is called ${name}`);
    return person;
  }

  async pauseJob(jobId: string, reason: WaitReason): Promise<void> {
    await this.#commit(`/api/jobs/${jobId}/pause`, { reason });
  }

  async resumeJob(jobId: string): Promise<void> {
    await this.#commit(`/api/jobs/${jobId}/resume`, {});
  }

  async closeJob(jobId: string): Promise<void> {
    await this.#commit(`/api/jobs/${jobId}/close`, {});
  }

  async requestScan(jobId: string): Promise<void> {
    await this.#commit(`/api/jobs/${jobId}/scan`, {});
  }

  async clearCodes(jobId: string): Promise<void> {
    await this.#commit(`/api/jobs/${jobId}/clear-codes`, {});
  }

  /** What the page of a job's car says. */
  async diagnostics(jobId: string): Promise<JobDiagnosticsView> {
    const view = await this.#call("GET", `/api/jobs/${jobId}/diagnostics`);
    if (!DIAGNOSTICS.Check(view)) throw new Error("the gateway's view of a job's car does not fit its schema");
    return view;
  }

  /**
   * Sends a photo and waits until it was looked at.
   * @returns null when it is on record, else the code why it was refused for what it shows or is
   */
  async sendPhoto(jobId: string, checkpoint: Checkpoint, jpeg: Buffer): Promise<string | null> {
    const path = `/api/jobs/${jobId}/photos?${new URLSearchParams({ requestId: randomUUID(), checkpoint })}`;
    for (;;) {
      const response = await this.#send("POST", path, { type: "image/jpeg", bytes: jpeg });
      const answer: unknown = await response.json();
      if (COMMITTED.Check(answer)) return null;
      const code = API_ERROR.Check(answer) ? answer.code : String(response.status);
      if (response.status === 422) return code;
      // Models that are still being opened, other photos before this one: the page says the same and tries again.
      if (response.status !== 503) throw new Error(`POST ${path}: ${code}`);
      await new Promise((resolve) => setTimeout(resolve, BUSY_PAUSE_MS));
    }
  }

  async photos(jobId: string): Promise<JobPhotosView> {
    const view = await this.#call("GET", `/api/jobs/${jobId}/photos`);
    if (!PHOTOS.Check(view)) throw new Error("the gateway's view of a job's photos does not fit its schema");
    return view;
  }

  /** A stored picture, as the page shows it. */
  async picture(address: string): Promise<Buffer> {
    const response = await this.#send("GET", address);
    if (!response.ok) throw new Error(`GET ${address}: ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  }

  async today(): Promise<TodayView> {
    const view = await this.#call("GET", "/api/today");
    if (!TODAY.Check(view)) throw new Error("the gateway's view of today does not fit its schema");
    return view;
  }

  async #commit(path: string, body: object): Promise<Committed> {
    const answer = await this.#call("POST", path, { requestId: randomUUID(), ...body });
    if (!COMMITTED.Check(answer)) throw new Error(`${path} was not committed`);
    return answer;
  }

  #send(method: string, path: string, body?: Body): Promise<Response> {
    return fetch(this.#base + path, {
      method,
      headers: {
        origin: this.#base,
        ...(this.#cookie === "" ? {} : { cookie: this.#cookie }),
        ...(this.#csrfToken === "" ? {} : { "x-csrf-token": this.#csrfToken }),
        ...(body === undefined ? {} : { "content-type": body.type }),
      },
      ...(body === undefined ? {} : { body: new Uint8Array(body.bytes) }),
    });
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const json = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const response = await this.#send(method, path, json && { type: "application/json", bytes: json });
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? "");
    if (cookies.length > 0) this.#cookie = cookies.join("; ");
    const answer: unknown = await response.json();
    if (SESSION.Check(answer) && answer.csrfToken !== null) this.#csrfToken = answer.csrfToken;
    if (!response.ok) throw new Error(`${method} ${path}: ${API_ERROR.Check(answer) ? answer.code : response.status}`);
    return answer;
  }
}
