import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";
import helmet from "@fastify/helmet";
import type { FastifyInstance } from "fastify";
import { GatewayError } from "../../contract/errors.ts";

const nonces = new WeakMap<object, string>();

/** The nonce of one response: style elements that the page's library makes carry it, inline scripts never run. */
export function styleNonce(response: ServerResponse): string {
  const nonce = nonces.get(response) ?? randomBytes(16).toString("base64");
  nonces.set(response, nonce);
  return nonce;
}

/**
 * Security headers on every answer. No HSTS: behind a self-signed certificate it would take the browser's "continue anyway" away for good.
 */
export async function registerHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    strictTransportSecurity: false,
    referrerPolicy: { policy: "no-referrer" },
    crossOriginResourcePolicy: { policy: "same-origin" },
    xFrameOptions: { action: "deny" },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        scriptSrcAttr: ["'none'"],
        // React sets style attributes through the DOM, which the policy does not concern; the library's style elements need the nonce.
        styleSrc: ["'self'", (_request, response) => `'nonce-${styleNonce(response)}'`],
        imgSrc: ["'self'", "data:", "blob:"],
        connectSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
  });
  app.addHook("onRequest", async (request, reply) => {
    if (request.url.startsWith("/api/")) reply.header("cache-control", "no-store");
    reply.header("permissions-policy", "geolocation=(), microphone=(), payment=(), usb=()");
  });
}

/**
 * Refuses requests for host names that are not this box's: a foreign page whose name is suddenly made to point here (DNS rebinding) would otherwise
 * be of the same origin as ours. Addresses are always good, since they cannot be rebound.
 */
export function registerHostGuard(app: FastifyInstance, names: readonly string[]): void {
  const own = hostname().toLowerCase();
  const known = new Set(["localhost", own, `${own}.local`, ...names.map((name) => name.toLowerCase())]);
  app.addHook("onRequest", async (request) => {
    const name = hostName(request.headers.host);
    if (name === undefined || (isIP(name) === 0 && !known.has(name))) throw new GatewayError("HTTP_HOST_UNKNOWN");
  });
}

function hostName(header: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+))(?::\d{1,5})?$/.exec(header ?? "");
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}
