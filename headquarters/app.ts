import Fastify, { LogController } from "fastify";
import { REQUEST_MAX_BYTES, type Refusal } from "../contract/headquarters.ts";
import type { Logger } from "../machine/log.ts";
import { Refused } from "./refused.ts";
import { readBody } from "./request-body.ts";

const RETRY_AFTER_FAULT_MS = 1_000;

export type App = ReturnType<typeof createApp>;

/** The HTTP server without its routes: TLS 1.3, HTTP/2 where the client offers it, unpacking of bodies, and refusals as the contract words them. */
export function createApp(server: { readonly key: string; readonly cert: string }, log: Logger) {
  const app = Fastify({
    http2: true,
    https: {
      ...server,
      allowHTTP1: true,
      // Asked for and not demanded: enrolment comes without one, and the checks are ours (GatewayCertificates).
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: "TLSv1.3",
      handshakeTimeout: 10_000,
    },
    http2SessionTimeout: 120_000,
    bodyLimit: REQUEST_MAX_BYTES,
    requestTimeout: 30_000,
    logController: new LogController({ disableRequestLogging: true }),
    loggerInstance: log,
  });
  // What a peer does wrong at the TLS layer is his trouble; without a listener it would end the process.
  app.server.on("tlsClientError", () => undefined);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    async (request: { headers: Record<string, unknown> }, body: Buffer) => {
      const encoding = request.headers["content-encoding"];
      return readBody(body, typeof encoding === "string" ? encoding.toLowerCase() : undefined);
    },
  );
  app.setNotFoundHandler(() => {
    throw new Refused("unknown-route", "there is no such route");
  });
  app.setErrorHandler((error, _request, reply) => {
    const refused = asRefused(error, log);
    if (refused.retryAfterMs !== undefined) reply.header("retry-after", String(Math.ceil(refused.retryAfterMs / 1000)));
    const body: Refusal = refused.body;
    return reply.status(refused.status).send(body);
  });
  return app;
}

function asRefused(error: unknown, log: Logger): Refused {
  if (error instanceof Refused) return error;
  const status = typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : undefined;
  if (status === 413) return new Refused("too-large", "the body is too large");
  if (status === 415) return new Refused("encoding-unknown", "the body must be application/json");
  if (typeof status === "number" && status >= 400 && status < 500)
    return new Refused("body-unreadable", "the request cannot be read");
  log.error({ err: error }, "a request failed");
  return new Refused("internal-error", "headquarters has a fault; try again", { retryAfterMs: RETRY_AFTER_FAULT_MS });
}
