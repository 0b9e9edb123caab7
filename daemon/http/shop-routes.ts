import Type from "typebox";
import { GatewayError } from "../../contract/errors.ts";
import {
  ApiError,
  AssignJobRequest,
  CameraParams,
  ClockOffRequest,
  ClockOnRequest,
  Committed,
  JobActionRequest,
  JobParams,
  MyJobView,
  OpenJobRequest,
  PauseJobRequest,
  PERMISSIONS,
  PeopleView,
  ThumbnailQuery,
  TodayView,
} from "../../contract/http-api.ts";
import type { CameraId } from "../../contract/ids.ts";
import type { People } from "../people/index.ts";
import { entitledPerson, type SignedIn } from "./access.ts";
import type { App } from "./app.ts";
import type { EventStreams } from "./events.ts";
import type { Sessions } from "./sessions.ts";
import type { PersonAction, ShopApi } from "./shop-api.ts";

export interface Thumbnail {
  readonly jpeg: Uint8Array;
  /** Wall clock of the frame. */
  readonly at: number;
}

export interface ShopRoutesOptions {
  readonly shop: ShopApi;
  readonly people: People;
  readonly sessions: Sessions;
  readonly events: EventStreams;
  /** The latest redacted picture of a camera; undefined where none may be shown. */
  thumbnail(cameraId: CameraId): Thumbnail | undefined;
}

const errors = { "4xx": ApiError, "5xx": ApiError };
const committed = { 200: Committed, ...errors };

/** What people see and do: views, live events, labour and jobs. */
export function registerShopRoutes(app: App, options: ShopRoutesOptions): void {
  const { shop, people, sessions, events } = options;
  const execute = (
    by: { readonly signedIn: SignedIn | undefined; readonly body: { readonly requestId: string } },
    action: PersonAction,
  ): Promise<Committed> => {
    const { id, name, role } = present(by.signedIn).person;
    return shop.execute({ person: { id, name, role }, requestId: by.body.requestId, action });
  };

  app.get(
    "/api/today",
    { config: { access: "GET /api/today" }, schema: { response: { 200: TodayView, ...errors } } },
    async () => shop.today(),
  );
  app.get(
    "/api/my-job",
    { config: { access: "GET /api/my-job" }, schema: { response: { 200: MyJobView, ...errors } } },
    async (request) => shop.myJob(present(request.signedIn).person.id),
  );
  app.get(
    "/api/people",
    { config: { access: "GET /api/people" }, schema: { response: { 200: PeopleView, ...errors } } },
    async () => ({
      people: people
        .list()
        .filter((person) => !person.disabled)
        .map(({ id, name, role }) => ({ id, name, role })),
    }),
  );

  app.get("/api/events", { config: { access: "GET /api/events" } }, (request, reply) => {
    const { person, session } = present(request.signedIn);
    events.checkRoom(session.key);
    const hasOwnJob = PERMISSIONS["GET /api/my-job"].some((role) => role === person.role);
    reply.hijack();
    reply.raw.writeHead(200, {
      ...Object.fromEntries(
        Object.entries(reply.getHeaders()).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ),
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform",
    });
    events.open(reply.raw, {
      sessionKey: session.key,
      technician: hasOwnJob ? person.id : undefined,
      isEntitled: () => sessions.isAlive(session.key) && entitledPerson(people, session) !== undefined,
    });
  });

  app.get(
    "/api/cameras/:id/thumbnail",
    {
      config: { access: "GET /api/cameras/:id/thumbnail" },
      schema: { params: CameraParams, querystring: ThumbnailQuery, response: { 200: Type.Unknown(), ...errors } },
    },
    async (request, reply) => {
      const thumbnail = options.thumbnail(request.params.id);
      if (thumbnail === undefined) throw new GatewayError("THUMBNAIL_ABSENT");
      return reply
        .type("image/jpeg")
        .header("last-modified", new Date(thumbnail.at).toUTCString())
        .send(Buffer.from(thumbnail.jpeg));
    },
  );

  app.post(
    "/api/labour/on",
    { config: { access: "POST /api/labour/on" }, schema: { body: ClockOnRequest, response: committed } },
    (request) => execute(request, { kind: "clock-on", jobId: request.body.jobId }),
  );
  app.post(
    "/api/labour/off",
    { config: { access: "POST /api/labour/off" }, schema: { body: ClockOffRequest, response: committed } },
    (request) => execute(request, { kind: "clock-off" }),
  );
  app.post(
    "/api/jobs",
    { config: { access: "POST /api/jobs" }, schema: { body: OpenJobRequest, response: committed } },
    (request) => {
      const { requestId: _, ...job } = request.body;
      return execute(request, { kind: "open-job", job });
    },
  );
  app.post(
    "/api/jobs/:id/assign",
    {
      config: { access: "POST /api/jobs/:id/assign" },
      schema: { params: JobParams, body: AssignJobRequest, response: committed },
    },
    (request) => {
      const { requestId: _, ...to } = request.body;
      return execute(request, { kind: "assign-job", jobId: request.params.id, to });
    },
  );
  app.post(
    "/api/jobs/:id/pause",
    {
      config: { access: "POST /api/jobs/:id/pause" },
      schema: { params: JobParams, body: PauseJobRequest, response: committed },
    },
    (request) => execute(request, { kind: "pause-job", jobId: request.params.id, reason: request.body.reason }),
  );
  const simple = { params: JobParams, body: JobActionRequest, response: committed };
  app.post("/api/jobs/:id/resume", { config: { access: "POST /api/jobs/:id/resume" }, schema: simple }, (request) =>
    execute(request, { kind: "resume-job", jobId: request.params.id }),
  );
  app.post("/api/jobs/:id/close", { config: { access: "POST /api/jobs/:id/close" }, schema: simple }, (request) =>
    execute(request, { kind: "close-job", jobId: request.params.id }),
  );
  app.post("/api/jobs/:id/scan", { config: { access: "POST /api/jobs/:id/scan" }, schema: simple }, (request) =>
    execute(request, { kind: "request-scan", jobId: request.params.id }),
  );
}

/** The access check has let only signed-in people come here. */
function present(signedIn: SignedIn | undefined): SignedIn {
  if (signedIn === undefined) throw new GatewayError("SIGN_IN_NEEDED");
  return signedIn;
}
