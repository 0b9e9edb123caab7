import type { Static, TSchema } from "typebox";
import { Check } from "typebox/value";
import { ApiError } from "../../../contract/http-api.ts";
import { currentLanguage } from "../language/i18n.ts";

/**
 * Why a request did not do what was asked: refused by the gateway (with its sentence, remedy and code), not answered at all,
 * or answered in words this page does not know.
 */
export class ApiFailure extends Error {
  readonly kind: "refused" | "offline" | "unexpected";
  readonly status: number;
  readonly told: ApiError | undefined;

  constructor(kind: ApiFailure["kind"], status: number, told?: ApiError) {
    super(told === undefined ? kind : `${told.code}: ${told.title}`);
    this.name = "ApiFailure";
    this.kind = kind;
    this.status = status;
    this.told = told;
  }
}

let csrfToken: string | null = null;

/** The token of the session; every changing request carries it. */
export function keepToken(token: string | null): void {
  csrfToken = token;
}

/** For a request that does not go through `ask`. */
export function tokenInUse(): string | null {
  return csrfToken;
}

/** A wireless network that swallows packets must not leave a button waiting for ever. */
const ANSWER_DEADLINE_MS = 8_000;

/** Asks the gateway and checks the answer by its schema. @throws ApiFailure */
export async function ask<S extends TSchema>(
  method: "GET" | "POST" | "DELETE",
  path: string,
  schema: S,
  body?: object,
): Promise<Static<S>> {
  const response = await send(method, path, body);
  const answer = await jsonOf(response);
  if (!response.ok) {
    if (Check(ApiError, answer)) throw new ApiFailure("refused", response.status, answer);
    throw new ApiFailure("unexpected", response.status);
  }
  if (!Check(schema, answer)) throw new ApiFailure("unexpected", response.status);
  return answer;
}

async function send(method: string, path: string, body: object | undefined): Promise<Response> {
  try {
    return await fetch(path, {
      method,
      credentials: "same-origin",
      signal: AbortSignal.timeout(ANSWER_DEADLINE_MS),
      headers: {
        accept: "application/json",
        "accept-language": currentLanguage(),
        ...(csrfToken === null ? {} : { "x-csrf-token": csrfToken }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (error instanceof DOMException || error instanceof TypeError) throw new ApiFailure("offline", 0);
    throw error;
  }
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw new ApiFailure(response.ok ? "offline" : "unexpected", response.status);
  }
}

/** The shape of a failure that trying the very same request again may mend. */
export function mayHelpToRepeat(failure: unknown): boolean {
  return failure instanceof ApiFailure && (failure.kind === "offline" || failure.status === 503);
}
