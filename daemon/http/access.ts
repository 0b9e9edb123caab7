import { timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { GatewayError } from "../../contract/errors.ts";
import { PERMISSIONS } from "../../contract/http-api.ts";
import type { People, Person } from "../people/index.ts";
import type { Session, Sessions } from "./sessions.ts";

/** Who may come in: everyone, or the roles of a row of the permission table. A route without one is not registered at all. */
export type Access = "everyone" | keyof typeof PERMISSIONS;

export interface SignedIn {
  readonly person: Person;
  readonly session: Session;
}

declare module "fastify" {
  interface FastifyContextConfig {
    access?: Access;
    /** Sign-in and set-up come before there is a token; the origin is checked all the same. */
    beforeToken?: boolean;
  }
  interface FastifyRequest {
    signedIn: SignedIn | undefined;
  }
}

export interface AccessOptions {
  readonly people: People;
  readonly sessions: Sessions;
  readonly cookieName: string;
}

/** The session behind a request, if its person may still use it. */
export function signedInOf(
  request: FastifyRequest,
  { people, sessions, cookieName }: AccessOptions,
): SignedIn | undefined {
  const id = request.cookies[cookieName];
  if (id === undefined || id.length > 100) return undefined;
  const session = sessions.use(id);
  if (session === undefined) return undefined;
  const person = entitledPerson(people, session);
  if (person === undefined) sessions.end(session.key);
  return person === undefined ? undefined : { person, session };
}

/** The person of a session, unless disabled or with other credentials than it was made under. */
export function entitledPerson(people: People, session: Session): Person | undefined {
  const person = people.byId(session.personId);
  return person === undefined || person.disabled || person.credentialVersion !== session.credentialVersion
    ? undefined
    : person;
}

/** Checks origin, session, token and role of every request, in this order; what no rule allows is refused. */
export function registerAccess(app: FastifyInstance, options: AccessOptions): void {
  app.decorateRequest("signedIn", undefined);
  app.addHook("onRoute", (route) => {
    if (route.config?.access === undefined)
      throw new Error(`route ${String(route.method)} ${route.url} names nobody who may use it`);
  });
  app.addHook("onRequest", async (request) => {
    const { access, beforeToken } = request.routeOptions.config;
    const changes = request.method !== "GET" && request.method !== "HEAD";
    if (changes) checkOrigin(request);
    request.signedIn = signedInOf(request, options);
    if (access !== "everyone") {
      if (access === undefined) throw new GatewayError(request.is404 ? "HTTP_NOT_FOUND" : "PERMISSION_DENIED");
      if (request.signedIn === undefined) throw new GatewayError("SIGN_IN_NEEDED");
    }
    if (changes && beforeToken !== true && request.signedIn !== undefined)
      checkToken(request, request.signedIn.session);
    if (access !== "everyone" && access !== undefined && request.signedIn !== undefined) {
      const allowed: readonly string[] = PERMISSIONS[access];
      if (!allowed.includes(request.signedIn.person.role)) throw new GatewayError("PERMISSION_DENIED");
    }
  });
}

/** Browsers say where a changing request comes from; programs that are no browsers say nothing and carry no foreign cookie. */
function checkOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  const site = request.headers["sec-fetch-site"];
  if (origin !== undefined && origin !== `${request.protocol}://${host ?? ""}`)
    throw new GatewayError("HTTP_FORGED_REQUEST");
  if (site !== undefined && site !== "same-origin" && site !== "none") throw new GatewayError("HTTP_FORGED_REQUEST");
}

function checkToken(request: FastifyRequest, session: Session): void {
  const token = request.headers["x-csrf-token"];
  const given = Buffer.from(typeof token === "string" ? token : "");
  const wanted = Buffer.from(session.csrfToken);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new GatewayError("HTTP_FORGED_REQUEST");
}
