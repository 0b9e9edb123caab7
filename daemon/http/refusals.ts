import { ERRORS, type ErrorCode, type ErrorRow, GatewayError } from "../../contract/errors.ts";
import type { ApiError, ApiLanguage } from "../../contract/http-api.ts";

/** An error as it goes to the client. */
export interface Refusal {
  readonly status: number;
  readonly body: ApiError;
  /** True when the fault is ours and belongs into the log. */
  readonly ours: boolean;
}

/** Turns whatever was thrown into a coded answer. What the registry does not know is HTTP_INTERNAL: its message stays in the log. */
export function refusalOf(error: unknown, language: ApiLanguage): Refusal {
  const code = codeOf(error);
  const row: ErrorRow = ERRORS[code];
  const status = row.status ?? (row.retryable ? 503 : 500);
  const retryAfterSeconds = retryAfterOf(error);
  const detail = code === "HTTP_REQUEST_INVALID" ? placeOf(error) : undefined;
  const body: ApiError = {
    code,
    title: row.title[language],
    remedy: row.remedy[language],
    ...(detail === undefined ? {} : { detail }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
  return { status, body, ours: status >= 500 && code !== "HTTP_BUSY" };
}

function codeOf(error: unknown): ErrorCode {
  if (error instanceof GatewayError) return error.code;
  if (typeof error !== "object" || error === null) return "HTTP_INTERNAL";
  if ("validation" in error) return "HTTP_REQUEST_INVALID";
  const status = "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : 500;
  if (status === 413 || status === 431) return "HTTP_REQUEST_TOO_LARGE";
  if (status === 415) return "HTTP_MEDIA_TYPE_REFUSED";
  if (status === 404) return "HTTP_NOT_FOUND";
  if (status === 429) return "HTTP_RATE_LIMITED";
  return status >= 400 && status < 500 ? "HTTP_REQUEST_INVALID" : "HTTP_INTERNAL";
}

function retryAfterOf(error: unknown): number | undefined {
  if (!(error instanceof GatewayError)) return undefined;
  const { retryAfterSeconds: seconds } = error.details;
  if (typeof seconds === "number") return seconds;
  return error.code === "HTTP_BUSY" ? 3 : undefined;
}

/** Where in the request the fault is, never what stood there. */
function placeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("validation" in error) || !Array.isArray(error.validation))
    return undefined;
  const first: unknown = error.validation[0];
  if (typeof first !== "object" || first === null) return undefined;
  const path = "instancePath" in first && typeof first.instancePath === "string" ? first.instancePath : "";
  const rule = "keyword" in first && typeof first.keyword === "string" ? first.keyword : "";
  return `${path === "" ? "/" : path}: ${rule}`;
}
