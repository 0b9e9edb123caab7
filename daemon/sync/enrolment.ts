import { readFile } from "node:fs/promises";
import { GatewayError } from "../../contract/errors.ts";
import { EnrolResponse } from "../../contract/headquarters.ts";
import { type Identity, type IdentityStore, signingRequest } from "./identity.ts";
import { type Answer, answers, type Line } from "./line.ts";

const readEnrolment = answers(EnrolResponse);

/**
 * Turns a claim code into an identity: the key is made and stored here, headquarters signs it. Safe to repeat when the answer was lost.
 * @param gateway the name that shop.yaml gives this box; headquarters' name must be the same
 * @throws GatewayError HEADQUARTERS_NOT_ENROLLED without a code, HEADQUARTERS_CLAIM_REFUSED, HEADQUARTERS_OTHER_GATEWAY, and those of the line
 */
export async function enrol(
  line: Line,
  store: IdentityStore,
  gateway: string,
  claimCodeFile: string | undefined,
): Promise<{ readonly identity: Identity; readonly serverTime: number }> {
  const claimCode = await readClaimCode(claimCodeFile);
  const key = await store.pendingKey();
  const csr = await signingRequest(key, gateway);
  const answer = await line.post("/v1/enrol", JSON.stringify({ claimCode, csr }), readEnrolment);
  if (answer.kind === "refused" && answer.status === 401) throw new GatewayError("HEADQUARTERS_CLAIM_REFUSED");
  return keep(answer, store, gateway, key);
}

/**
 * Renews the certificate with a fresh key. The present one may have run out while the box was offline.
 * @throws GatewayError HEADQUARTERS_REFUSES_GATEWAY when headquarters does not know this box any more, and those of the line
 */
export async function renew(
  line: Line,
  store: IdentityStore,
  present: Identity,
): Promise<{ readonly identity: Identity; readonly serverTime: number }> {
  const key = await store.pendingKey();
  const csr = await signingRequest(key, present.gateway);
  const answer = await line.post(`/v1/gateways/${present.gateway}/renew`, JSON.stringify({ csr }), readEnrolment);
  return keep(answer, store, present.gateway, key);
}

/** Two thirds of a certificate's life are over. */
export function isDueForRenewal(identity: Identity, nowMs: number): boolean {
  return nowMs >= identity.notBeforeMs + ((identity.notAfterMs - identity.notBeforeMs) * 2) / 3;
}

async function keep(
  answer: Answer<EnrolResponse>,
  store: IdentityStore,
  gateway: string,
  key: string,
): Promise<{ readonly identity: Identity; readonly serverTime: number }> {
  if (answer.kind === "refused") throw refusalError(answer);
  const { value } = answer;
  if (value.gateway !== gateway)
    throw new GatewayError("HEADQUARTERS_OTHER_GATEWAY", { details: { here: gateway, there: value.gateway } });
  try {
    return { identity: await store.save(value.gateway, key, value.certificate), serverTime: value.serverTime };
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && typeof cause.code === "string" && cause.code.startsWith("E"))
      throw cause;
    throw new GatewayError("HEADQUARTERS_ANSWER_INVALID", { detail: "the certificate is not for our key", cause });
  }
}

/** What a refusal of the whole box (not of a record) means. */
export function refusalError(answer: {
  readonly status: number;
  readonly refusal: { readonly code: string; readonly message: string } | undefined;
  readonly retryAfterMs: number;
}): GatewayError {
  const details = {
    status: answer.status,
    code: answer.refusal?.code,
    message: answer.refusal?.message,
    retryAfterMs: answer.retryAfterMs,
  };
  if (answer.status === 401 || answer.status === 403)
    return new GatewayError("HEADQUARTERS_REFUSES_GATEWAY", { details });
  if (answer.status === 429 || answer.status >= 500) return new GatewayError("HEADQUARTERS_BUSY", { details });
  return new GatewayError("HEADQUARTERS_ANSWER_INVALID", { detail: `status ${answer.status}`, details });
}

async function readClaimCode(file: string | undefined): Promise<string> {
  if (file === undefined) throw new GatewayError("HEADQUARTERS_NOT_ENROLLED");
  try {
    const code = (await readFile(file, "utf8")).trim();
    if (code.length < 8 || code.length > 64) throw new TypeError("a claim code has 8 to 64 characters");
    return code;
  } catch (cause) {
    throw new GatewayError("HEADQUARTERS_NOT_ENROLLED", { cause, details: { file } });
  }
}
