import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import cookie from "@fastify/cookie";
import rateLimit from "@fastify/rate-limit";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import Fastify, { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, LogController } from "fastify";
import type { Registry } from "prom-client";
import { GatewayError } from "../../contract/errors.ts";
import type { ReadyView } from "../../contract/http-api.ts";
import type { CameraId } from "../../contract/ids.ts";
import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import { isLoopback } from "../../machine/loopback.ts";
import type { People, SetupCode } from "../people/index.ts";
import { type Access, registerAccess } from "./access.ts";
import { checkedAnswers } from "./answers.ts";
import type { App } from "./app.ts";
import { loadPageCertificate } from "./certificate.ts";
import type { DiagnosticsApi } from "./diagnostics-api.ts";
import { registerDiagnosticsRoutes } from "./diagnostics-routes.ts";
import { type EventPacing, EventStreams } from "./events.ts";
import { registerHeaders, registerHostGuard } from "./headers.ts";
import { languageOf } from "./language.ts";
import { type LivePacing, LiveStreams } from "./live-streams.ts";
import { registerPage } from "./page.ts";
import type { PhotosApi } from "./photos-api.ts";
import { registerPhotosRoutes } from "./photos-routes.ts";
import { refusalOf } from "./refusals.ts";
import { type AccessRecord, registerSessionRoutes, type ShopFacts } from "./session-routes.ts";
import { Sessions } from "./sessions.ts";
import type { ShopApi } from "./shop-api.ts";
import { registerShopRoutes, type Thumbnail } from "./shop-routes.ts";
import { SignInPacing } from "./sign-in-pacing.ts";
import { registerWatchRoutes } from "./watch-routes.ts";

export interface HttpDependencies {
  readonly shop: ShopApi;
  readonly diagnostics: DiagnosticsApi;
  readonly photos: PhotosApi;
  readonly people: People;
  readonly setupCode: SetupCode;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Plain HTTP only on loopback; HTTPS everywhere else. */
  readonly listen: { readonly address: string; readonly port: number };
  /** Host names beside the box's own. */
  readonly names?: readonly string[];
  readonly idleMinutes?: number;
  /** Where `page.pem` is kept. */
  readonly certificateDirectory: string;
  /** The built page, `status-page/dist`. */
  readonly pageDirectory: string;
  shopFacts(): ShopFacts;
  thumbnail(cameraId: CameraId): Thumbnail | undefined;
  /** Appends records; resolves after the commit. */
  record(drafts: readonly AccessRecord[]): Promise<void>;
  live(): boolean;
  ready(): ReadyView;
  /** Monotonic milliseconds of the machine, unscaled; for tests. */
  machineMs?(): number;
  readonly eventPacing?: Partial<EventPacing>;
  readonly livePacing?: Partial<LivePacing>;
  /** Requests of one address in ten seconds. */
  readonly requestsPerTenSeconds?: number;
}

interface RouteEntry {
  readonly method: string;
  readonly url: string;
  readonly access: Access;
}

export interface Http {
  /** @throws GatewayError HTTP_LISTEN_FAILED; may be called again */
  start(): Promise<void>;
  /** Ends the event streams and open connections. */
  stop(): Promise<void>;
  /** Where it listens; undefined before `start`. */
  address(): { readonly url: string; readonly port: number } | undefined;
  /** SHA-256 of the certificate for the installer to compare; undefined on plain HTTP. */
  readonly fingerprint: string | undefined;
  readonly inject: App["inject"];
  /** Every route with who may use it. */
  readonly routes: readonly RouteEntry[];
}

const BODY_LIMIT_BYTES = 64 * 1024;
const ABSOLUTE_SESSION_MS = 7 * 86_400_000;
const MOST_CONNECTIONS = 500;
const DAY_MS = 86_400_000;

/** Builds the page's server: nothing listens and no timer runs before `start`. @throws GatewayError HTTP_CERTIFICATE_FAILED */
export async function createHttp(dependencies: HttpDependencies): Promise<Http> {
  const { people, clock, log, listen, certificateDirectory } = dependencies;
  const names = dependencies.names ?? [];
  const machineMs = () => dependencies.machineMs?.() ?? performance.now();
  const secure = !isLoopback(listen.address);
  const certificate = secure ? await loadPageCertificate(certificateDirectory, clock.now(), names) : undefined;
  const secureServer =
    certificate === undefined
      ? undefined
      : createSecureServer({ key: certificate.key, cert: certificate.certificate, minVersion: "TLSv1.2" });
  const server: Server = secureServer ?? createServer();
  server.maxConnections = MOST_CONNECTIONS;
  // Whoever sends a request slowly gives up a connection of a bounded number; event streams send nothing after theirs.
  server.headersTimeout = 10_000;
  server.requestTimeout = 20_000;
  server.keepAliveTimeout = 20_000;
  server.maxHeadersCount = 100;

  const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const refusal = refusalOf(error, languageOf(request.headers["accept-language"], dependencies.shopFacts().language));
    if (refusal.ours)
      log.error({ err: error, route: request.routeOptions.url, method: request.method }, refusal.body.code);
    if (refusal.body.retryAfterSeconds !== undefined)
      reply.header("retry-after", String(refusal.body.retryAfterSeconds));
    // Bare JSON: not every route's schema lists every status, and an error answer must never fail itself.
    return reply
      .code(refusal.status)
      .type("application/json; charset=utf-8")
      .serializer(JSON.stringify)
      .send(refusal.body);
  };

  const fastifyLog: FastifyBaseLogger = log.child({ part: "http" }, { level: "error" });
  const app: App = Fastify({
    serverFactory: (handler) => server.on("request", handler),
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: 100, ignoreTrailingSlash: false },
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    return503OnClosing: true,
    trustProxy: false,
    loggerInstance: fastifyLog,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: refuse,
    clientErrorHandler: refuseMalformed,
  }).withTypeProvider<TypeBoxTypeProvider>();
  // Strict: Fastify's default would convert types and silently strip unknown fields.
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  app.setSerializerCompiler(checkedAnswers);
  app.setErrorHandler(refuse);
  // JSON alone: a foreign page may send text/plain without asking first.
  app.removeContentTypeParser("text/plain");

  const routes: RouteEntry[] = [];
  app.addHook("onRoute", ({ method, url, config }) => {
    for (const each of [method].flat())
      if (config?.access !== undefined) routes.push({ method: each, url, access: config.access });
  });

  const sessions = new Sessions(
    {
      idleMs: (dependencies.idleMinutes ?? 480) * 60_000,
      absoluteMs: ABSOLUTE_SESSION_MS,
      most: 1000,
      mostPerPerson: 16,
    },
    machineMs,
  );
  const events = new EventStreams({
    shop: dependencies.shop,
    log,
    now: () => clock.now(),
    machineMs,
    ...(dependencies.eventPacing === undefined ? {} : { pacing: dependencies.eventPacing }),
  });
  const live = new LiveStreams({
    log,
    now: () => clock.now(),
    machineMs,
    ...(dependencies.livePacing === undefined ? {} : { pacing: dependencies.livePacing }),
  });
  sessions.onEnded((key) => {
    events.endSession(key);
    live.endSession(key);
  });
  // The prefix binds the cookie to this host and to HTTPS; browsers refuse it on plain HTTP.
  const access = { people, sessions, cookieName: secure ? "__Host-baygate" : "baygate" };

  await registerHeaders(app);
  registerHostGuard(app, names);
  await app.register(rateLimit, {
    global: true,
    max: dependencies.requestsPerTenSeconds ?? 400,
    timeWindow: 10_000,
    cache: 5_000,
    ipv6Subnet: 64,
    addHeaders: { "x-ratelimit-limit": false, "x-ratelimit-remaining": false, "x-ratelimit-reset": false },
    addHeadersOnExceeding: { "x-ratelimit-limit": false, "x-ratelimit-remaining": false, "x-ratelimit-reset": false },
    errorResponseBuilder: (_request, { ttl }) =>
      new GatewayError("HTTP_RATE_LIMITED", { details: { retryAfterSeconds: Math.max(1, Math.ceil(ttl / 1000)) } }),
  });
  await app.register(cookie);
  registerAccess(app, access);
  app.setNotFoundHandler((request, reply) => refuse(new GatewayError("HTTP_NOT_FOUND"), request, reply));

  registerSessionRoutes(app, {
    ...access,
    setupCode: dependencies.setupCode,
    pacing: new SignInPacing(machineMs),
    clock,
    secureCookies: secure,
    shopFacts: () => dependencies.shopFacts(),
    record: (drafts) => dependencies.record(drafts),
  });
  registerShopRoutes(app, {
    shop: dependencies.shop,
    people,
    sessions,
    events,
    thumbnail: (cameraId) => dependencies.thumbnail(cameraId),
  });
  registerDiagnosticsRoutes(app, {
    shop: dependencies.shop,
    diagnostics: dependencies.diagnostics,
    people,
    sessions,
    live,
  });
  registerPhotosRoutes(app, { shop: dependencies.shop, photos: dependencies.photos });
  registerWatchRoutes(app, {
    metrics: dependencies.metrics,
    live: () => dependencies.live(),
    ready: () => dependencies.ready(),
  });
  await registerPage(app, dependencies.pageDirectory, () => dependencies.shopFacts().language);
  await app.ready();

  let renewal: NodeJS.Timeout | undefined;
  const renew = async (): Promise<void> => {
    if (secureServer === undefined) return;
    const { key, certificate: cert } = await loadPageCertificate(certificateDirectory, clock.now(), names);
    secureServer.setSecureContext({ key, cert, minVersion: "TLSv1.2" });
  };

  return {
    start: async () => {
      try {
        await app.listen({ host: listen.address, port: listen.port });
      } catch (cause) {
        throw new GatewayError("HTTP_LISTEN_FAILED", { details: { ...listen }, cause });
      }
      events.start();
      live.start();
      renewal = setInterval(() => {
        renew().catch((error: unknown) =>
          log.error({ err: error, code: "HTTP_CERTIFICATE_FAILED" }, "the page's certificate could not be renewed"),
        );
      }, DAY_MS);
      renewal.unref();
    },
    stop: async () => {
      clearInterval(renewal);
      events.stop();
      live.stop();
      await app.close();
    },
    address: () => addressOf(server.address(), secure),
    fingerprint: certificate?.fingerprint,
    inject: app.inject.bind(app),
    routes,
  };
}

function addressOf(
  bound: AddressInfo | string | null,
  secure: boolean,
): { readonly url: string; readonly port: number } | undefined {
  if (bound === null || typeof bound === "string") return undefined;
  const host = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
  return { url: `${secure ? "https" : "http"}://${host}:${bound.port}`, port: bound.port };
}

/** What is not HTTP at all gets the shortest answer and no connection. */
function refuseMalformed(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = error.code === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
