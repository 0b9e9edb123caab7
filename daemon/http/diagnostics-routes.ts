import {
  ElectricAnswer,
  JobDiagnosticsView,
  LiveQuery,
  MOST_LIVE_SIGNALS,
  PollingRequest,
  RecordingAnswer,
  RecordingParams,
  RecordingRequest,
  RecordingView,
  SignalChoicesView,
  SignalsQuery,
} from "../../contract/diagnostics-api.ts";
import { GatewayError } from "../../contract/errors.ts";
import { ApiError, Committed, JobActionRequest, JobParams, PERMISSIONS } from "../../contract/http-api.ts";
import type { People } from "../people/index.ts";
import { entitledPerson, type SignedIn } from "./access.ts";
import type { App } from "./app.ts";
import type { DiagnosticsApi, LiveLook } from "./diagnostics-api.ts";
import type { LiveStreams } from "./live-streams.ts";
import type { Sessions } from "./sessions.ts";
import type { PersonAction, ShopApi } from "./shop-api.ts";

export interface DiagnosticsRoutesOptions {
  readonly shop: Pick<ShopApi, "execute">;
  readonly diagnostics: DiagnosticsApi;
  readonly people: People;
  readonly sessions: Sessions;
  readonly live: LiveStreams;
}

const errors = { "4xx": ApiError, "5xx": ApiError };

/** A job's car: scans, clearing, electric and live values, recordings; and the one switch. */
export function registerDiagnosticsRoutes(app: App, options: DiagnosticsRoutesOptions): void {
  const { shop, diagnostics, people, sessions, live } = options;
  const execute = (
    by: { readonly signedIn: SignedIn | undefined; readonly body: { readonly requestId: string } },
    action: PersonAction,
  ): Promise<Committed> => {
    const { id, name, role } = present(by.signedIn).person;
    return shop.execute({ person: { id, name, role }, requestId: by.body.requestId, action });
  };

  app.get(
    "/api/jobs/:id/diagnostics",
    {
      config: { access: "GET /api/jobs/:id/diagnostics" },
      schema: { params: JobParams, response: { 200: JobDiagnosticsView, ...errors } },
    },
    async (request) => diagnostics.diagnostics(request.params.id),
  );
  app.get(
    "/api/jobs/:id/electric",
    {
      config: { access: "GET /api/jobs/:id/electric" },
      schema: { params: JobParams, response: { 200: ElectricAnswer, ...errors } },
    },
    async (request) => diagnostics.electric(request.params.id),
  );
  app.get(
    "/api/jobs/:id/recordings/:recording",
    {
      config: { access: "GET /api/jobs/:id/recordings/:recording" },
      schema: { params: RecordingParams, response: { 200: RecordingView, ...errors } },
    },
    async (request) => diagnostics.recording(request.params.id, request.params.recording),
  );
  app.get(
    "/api/jobs/:id/signals",
    {
      config: { access: "GET /api/jobs/:id/signals" },
      schema: { params: JobParams, querystring: SignalsQuery, response: { 200: SignalChoicesView, ...errors } },
    },
    (request) => diagnostics.signalChoices(request.params.id, request.query.model),
  );

  app.get(
    "/api/jobs/:id/live",
    { config: { access: "GET /api/jobs/:id/live" }, schema: { params: JobParams, querystring: LiveQuery } },
    async (request, reply) => {
      const { person, session } = present(request.signedIn);
      live.checkRoom(session.key);
      const names = [...new Set(request.query.signals.split(","))];
      if (names.length > MOST_LIVE_SIGNALS) throw new GatewayError("HTTP_REQUEST_INVALID");
      let look: LiveLook | undefined;
      look = await diagnostics.look(request.params.id, names, request.query.model, () => {
        if (look !== undefined) live.changed(look);
      });
      // Whoever left while the car was looked up must not leave a look behind.
      if (request.raw.destroyed) {
        look.close();
        return reply.hijack();
      }
      reply.hijack();
      reply.raw.writeHead(200, {
        ...Object.fromEntries(
          Object.entries(reply.getHeaders()).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
        ),
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store, no-transform",
      });
      const allowed: readonly string[] = PERMISSIONS["GET /api/jobs/:id/live"];
      const owner = {
        sessionKey: session.key,
        isEntitled: () =>
          sessions.isAlive(session.key) &&
          allowed.includes(entitledPerson(people, session)?.role ?? "") &&
          entitledPerson(people, session)?.id === person.id,
      };
      live.open(reply.raw, owner, look);
      return reply;
    },
  );

  app.post(
    "/api/jobs/:id/recording",
    {
      config: { access: "POST /api/jobs/:id/recording" },
      schema: { params: JobParams, body: RecordingRequest, response: { 200: RecordingAnswer, ...errors } },
    },
    (request) => {
      const { id, name, role } = present(request.signedIn).person;
      return diagnostics.record({ person: { id, name, role }, jobId: request.params.id, ...request.body });
    },
  );
  app.post(
    "/api/jobs/:id/clear-codes",
    {
      config: { access: "POST /api/jobs/:id/clear-codes" },
      schema: { params: JobParams, body: JobActionRequest, response: { 200: Committed, ...errors } },
    },
    (request) => execute(request, { kind: "clear-codes", jobId: request.params.id }),
  );
  app.post(
    "/api/polling",
    {
      config: { access: "POST /api/polling" },
      schema: { body: PollingRequest, response: { 200: Committed, ...errors } },
    },
    (request) => execute(request, { kind: "switch-polling", enabled: request.body.enabled }),
  );
}

/** The access check has let only signed-in people come here. */
function present(signedIn: SignedIn | undefined): SignedIn {
  if (signedIn === undefined) throw new GatewayError("SIGN_IN_NEEDED");
  return signedIn;
}
