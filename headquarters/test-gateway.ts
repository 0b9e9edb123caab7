import { generateKeyPairSync, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { Agent, request } from "undici";
import type { Headquarters } from "./headquarters.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

export interface Credentials {
  readonly key: string;
  readonly cert: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfter: string | string[] | undefined;
}

/** A key pair and the signing request for it, in PEM. */
export async function keyAndRequest(): Promise<{ readonly key: string; readonly csr: string }> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: "CN=whatever",
    keys,
    signingAlgorithm: ALGORITHM,
  });
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
  return { key, csr: csr.toString("pem") };
}

/** A signing request whose key is of a kind that headquarters does not take. */
export async function requestWithRsaKey(): Promise<string> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const der = new Uint8Array(privateKey.export({ type: "pkcs8", format: "der" }));
  const signing = await webcrypto.subtle.importKey("pkcs8", der, algorithm, true, ["sign"]);
  const { n, e, kty } = await webcrypto.subtle.exportKey("jwk", signing);
  const publicJwk = { kty: kty ?? "RSA", n: n ?? "", e: e ?? "" };
  const verifying = await webcrypto.subtle.importKey("jwk", publicJwk, algorithm, true, ["verify"]);
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: "CN=rsa",
    keys: { privateKey: signing, publicKey: verifying },
    signingAlgorithm: algorithm,
  });
  return csr.toString("pem");
}

/** Asks headquarters as a gateway with these credentials (or none) would. */
export async function ask(
  headquarters: Headquarters,
  path: string,
  body: unknown,
  options: {
    readonly credentials?: Credentials;
    readonly headers?: Record<string, string>;
    readonly method?: "GET" | "POST";
    readonly http2?: boolean;
  } = {},
): Promise<HttpAnswer> {
  const agent = new Agent({
    allowH2: options.http2 ?? true,
    connect: { ca: headquarters.authorityPem, ...options.credentials },
  });
  try {
    const method = options.method ?? "POST";
    const answer = await request(`${headquarters.url}${path}`, {
      method,
      dispatcher: agent,
      headers: { ...(method === "POST" ? { "content-type": "application/json" } : {}), ...options.headers },
      ...(method === "POST" ? { body: body instanceof Uint8Array ? body : JSON.stringify(body) } : {}),
    });
    return { status: answer.statusCode, body: await answer.body.json(), retryAfter: answer.headers["retry-after"] };
  } finally {
    await agent.destroy();
  }
}

/** Enrols a gateway and returns its credentials. */
export async function enrolled(headquarters: Headquarters, gateway: string): Promise<Credentials> {
  const { key, csr } = await keyAndRequest();
  const { body } = await ask(headquarters, "/v1/enrol", { claimCode: await headquarters.createClaim(gateway), csr });
  if (typeof body !== "object" || body === null || !("certificate" in body) || typeof body.certificate !== "string")
    throw new Error(`not enrolled: ${JSON.stringify(body)}`);
  return { key, cert: body.certificate };
}
