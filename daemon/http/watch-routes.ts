import { Histogram, type Registry } from "prom-client";
import Type from "typebox";
import { GatewayError } from "../../contract/errors.ts";
import { ApiError, ReadyView } from "../../contract/http-api.ts";
import { isLoopback } from "../../machine/loopback.ts";
import type { App } from "./app.ts";

export interface WatchRoutesOptions {
  readonly metrics: Registry;
  /** Whether the process makes progress; false lets the watchdog restart it. */
  live(): boolean;
  ready(): ReadyView;
}

/** For watchdogs and monitoring: without a session, with nothing secret. Metrics are told to this machine alone. */
export function registerWatchRoutes(app: App, options: WatchRoutesOptions): void {
  const { metrics } = options;
  const seconds = new Histogram({
    name: "baygate_http_request_seconds",
    help: "Time from request to answer",
    labelNames: ["method", "route", "status"],
    buckets: [0.005, 0.02, 0.1, 0.5, 2],
    registers: [metrics],
  });
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "(none)";
    seconds.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
  });

  const Alive = Type.Object({ alive: Type.Boolean() }, { additionalProperties: false });
  app.get(
    "/livez",
    { config: { access: "everyone" }, schema: { response: { 200: Alive, 503: Alive } } },
    async (_request, reply) => {
      const alive = options.live();
      return reply.code(alive ? 200 : 503).send({ alive });
    },
  );
  app.get(
    "/readyz",
    { config: { access: "everyone" }, schema: { response: { 200: ReadyView, 503: ReadyView } } },
    async (_request, reply) => {
      const view = options.ready();
      return reply.code(view.ready ? 200 : 503).send(view);
    },
  );
  app.get(
    "/metrics",
    { config: { access: "everyone" }, schema: { response: { 200: Type.String(), "4xx": ApiError } } },
    async (request, reply) => {
      // Who comes from the very address that he calls sits on this machine.
      if (!isLoopback(request.ip) && request.ip !== request.socket.localAddress)
        throw new GatewayError("HTTP_NOT_FOUND");
      return reply.type(metrics.contentType).send(await metrics.metrics());
    },
  );
}
