import type { FastifyReply, FastifyRequest } from "fastify";
import { GatewayError } from "../../contract/errors.ts";
import { ApiError, SessionView, SetupRequest, SignInRequest } from "../../contract/http-api.ts";
import type { DraftOf } from "../../contract/records.ts";
import type { Clock } from "../../machine/clock.ts";
import type { People, Person, SetupCode } from "../people/index.ts";
import { draft } from "../shop/decider.ts";
import { type AccessOptions, type SignedIn, signedInOf } from "./access.ts";
import type { App } from "./app.ts";
import { languageOf } from "./language.ts";
import type { SignInPacing } from "./sign-in-pacing.ts";

/** What every session answer says about the shop. */
/** What sessions and set-up write down. */
export type AccessRecord = DraftOf<"person.changed"> | DraftOf<"session.signed-in"> | DraftOf<"session.refused">;

export interface ShopFacts
  extends Pick<SessionView, "shopName" | "language" | "timeZone" | "clockScale" | "safeMode" | "version"> {}

export interface SessionRoutesOptions extends AccessOptions {
  readonly people: People;
  readonly setupCode: SetupCode;
  readonly pacing: SignInPacing;
  readonly clock: Clock;
  readonly secureCookies: boolean;
  shopFacts(): ShopFacts;
  /** Appends records; resolves after the commit. */
  record(drafts: readonly AccessRecord[]): Promise<void>;
}

/** Refused sign-ins are recorded, but nobody fills the journal with them: so many an hour. */
const MOST_REFUSALS_RECORDED = 60;
const HOUR_MS = 3_600_000;

const answers = { 200: SessionView, "4xx": ApiError, "5xx": ApiError };

/** Who am I, sign in, sign out, first set-up. */
export function registerSessionRoutes(app: App, options: SessionRoutesOptions): void {
  const { people, sessions, setupCode, pacing, clock, cookieName, secureCookies } = options;
  const cookie = { path: "/", httpOnly: true, sameSite: "strict", secure: secureCookies } as const;
  let refusals = { count: 0, sinceMs: Number.NEGATIVE_INFINITY };

  const view = (request: FastifyRequest, signedIn: SignedIn | undefined): SessionView => {
    const facts = options.shopFacts();
    const person = signedIn?.person;
    return {
      ...facts,
      language: languageOf(request.headers["accept-language"], facts.language),
      person: person === undefined ? null : { id: person.id, name: person.name, role: person.role },
      csrfToken: signedIn?.session.csrfToken ?? null,
      setupNeeded: setupCode.needed(),
    };
  };

  const signIn = (request: FastifyRequest, reply: FastifyReply, person: Person): SessionView => {
    const before = signedInOf(request, options);
    if (before !== undefined) sessions.end(before.session.key);
    const { id, session } = sessions.begin(person);
    reply.setCookie(cookieName, id, cookie);
    return view(request, { person, session });
  };

  const recordRefusal = async (login: string): Promise<void> => {
    const nowMs = clock.monotonicMs();
    if (nowMs - refusals.sinceMs >= HOUR_MS) refusals = { count: 0, sinceMs: nowMs };
    refusals.count += 1;
    if (refusals.count > MOST_REFUSALS_RECORDED) return;
    await options.record([
      draft("session.refused", { loginHash: people.loginHash(login), code: "SIGN_IN_REFUSED", at: clock.stamp() }),
    ]);
  };

  app.get("/api/session", { config: { access: "everyone" }, schema: { response: answers } }, async (request) =>
    view(request, request.signedIn),
  );

  app.post(
    "/api/session",
    { config: { access: "everyone", beforeToken: true }, schema: { body: SignInRequest, response: answers } },
    async (request, reply) => {
      const { login, password } = request.body;
      const succeeded = pacing.begin(login, request.ip);
      const person = await people.verifyPassword(login, password);
      if (person === undefined) {
        await recordRefusal(login);
        throw new GatewayError("SIGN_IN_REFUSED");
      }
      succeeded();
      await options.record([draft("session.signed-in", { personId: person.id, at: clock.stamp() })]);
      return signIn(request, reply, person);
    },
  );

  app.delete(
    "/api/session",
    { config: { access: "everyone" }, schema: { response: answers } },
    async (request, reply) => {
      if (request.signedIn !== undefined) sessions.end(request.signedIn.session.key);
      reply.clearCookie(cookieName, cookie);
      return view(request, undefined);
    },
  );

  app.post(
    "/api/setup",
    { config: { access: "everyone", beforeToken: true }, schema: { body: SetupRequest, response: answers } },
    async (request, reply) => {
      const succeeded = pacing.begin("(setup)", request.ip);
      const change = await setupCode.redeem(request.body);
      succeeded();
      await options.record(change.drafts);
      return signIn(request, reply, change.person);
    },
  );
}
