import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { constants, zstdCompress } from "node:zlib";
import type { Static, TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { Agent, buildConnector, request } from "undici";
import { GatewayError } from "../../contract/errors.ts";
import { Refusal } from "../../contract/headquarters.ts";

const compress = promisify<Buffer, { params: Record<number, number> }, Buffer>(zstdCompress);
/** 2^20 = 1 MiB: as large as the largest body, and within what headquarters unpacks. */
const COMPRESSION = { params: { [constants.ZSTD_c_windowLog]: 20 } };
const isRefusal = Compile(Refusal);
const MAX_ANSWER_BYTES = 64 * 1024;
/** Below this, compression saves less than its header costs. */
const COMPRESS_FROM_BYTES = 512;

export interface LineOptions {
  readonly url: string;
  /** Authorities that may have signed the server: these and no others. */
  readonly authorityPem: string;
  readonly identity?: { readonly privateKeyPem: string; readonly certificatePem: string };
  readonly timeoutMs: number;
  /** Whether this box's wall clock can be believed. Where it cannot, a server certificate is not refused for its dates alone. */
  readonly clockTrusted: () => boolean;
}

export type Answer<T> =
  | { readonly kind: "ok"; readonly value: T }
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly refusal: Refusal | undefined;
      readonly retryAfterMs: number;
    };

/** How an answer's body is checked. */
export type AnswerReader<T> = (value: unknown) => T | undefined;

/** A checker for answers of one schema; undefined means that it does not fit. */
export function answers<S extends TSchema>(schema: S): AnswerReader<Static<S>> {
  const compiled = Compile(schema);
  const check = (value: unknown): value is Static<S> => compiled.Check(value);
  return (value) => (check(value) ? value : undefined);
}

/**
 * The connection to headquarters: TLS 1.3 with pinned authority and client certificate, HTTP/2 where the server has it, kept alive. One request either yields
 * a checked answer, a refusal, or throws.
 */
export class Line {
  readonly #agent: Agent;
  readonly #options: LineOptions;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#agent = new Agent({
      allowH2: true,
      connections: 1,
      headersTimeout: options.timeoutMs,
      bodyTimeout: options.timeoutMs,
      keepAliveTimeout: 60_000,
      connect: connector(options),
    });
  }

  /**
   * @throws GatewayError HEADQUARTERS_UNREACHABLE, HEADQUARTERS_NOT_TRUSTED, HEADQUARTERS_ANSWER_INVALID
   */
  async post<T>(path: string, body: string, read: AnswerReader<T>): Promise<Answer<T>> {
    const packed = body.length >= COMPRESS_FROM_BYTES;
    const payload = packed ? await compress(Buffer.from(body), COMPRESSION) : Buffer.from(body);
    let status: number;
    let retryAfter: string | string[] | undefined;
    let text: string;
    try {
      const answer = await request(new URL(path, this.#options.url), {
        method: "POST",
        dispatcher: this.#agent,
        headers: { "content-type": "application/json", ...(packed ? { "content-encoding": "zstd" } : {}) },
        body: payload,
        signal: AbortSignal.timeout(this.#options.timeoutMs),
      });
      status = answer.statusCode;
      retryAfter = answer.headers["retry-after"];
      text = await readBounded(answer.body);
    } catch (cause) {
      throw asGatewayError(cause);
    }
    const value = parse(text);
    if (status === 200) {
      const checked = read(value);
      if (checked === undefined) throw new GatewayError("HEADQUARTERS_ANSWER_INVALID", { details: { path } });
      return { kind: "ok", value: checked };
    }
    if (status < 400) throw new GatewayError("HEADQUARTERS_ANSWER_INVALID", { details: { path, status } });
    const refusal = isRefusal.Check(value) ? value : undefined;
    return { kind: "refused", status, refusal, retryAfterMs: refusal?.retryAfterMs ?? secondsOf(retryAfter) * 1000 };
  }

  /** Ends the connection and what is under way on it. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

function connector(options: LineOptions): buildConnector.connector {
  const connect = buildConnector({
    ca: options.authorityPem,
    ...(options.identity === undefined
      ? {}
      : { key: options.identity.privateKeyPem, cert: options.identity.certificatePem }),
    allowH2: true,
    minVersion: "TLSv1.3",
    timeout: options.timeoutMs,
    // Judged below: Node's own verdict counts, save for dates while this box's clock is known to be wrong.
    rejectUnauthorized: false,
  });
  return (target, callback) => {
    connect(target, (...result) => {
      const [error, socket] = result;
      if (error !== null || socket === null)
        return callback(error ?? new GatewayError("HEADQUARTERS_UNREACHABLE"), null);
      const fault = socket instanceof TLSSocket ? faultOfServer(socket, target.hostname, options) : "no TLS";
      if (fault === undefined) return callback(null, socket);
      socket.destroy();
      callback(new GatewayError("HEADQUARTERS_NOT_TRUSTED", { detail: fault }), null);
    });
  };
}

const DATE_FAULTS: readonly string[] = ["CERT_NOT_YET_VALID", "CERT_HAS_EXPIRED"];

/** Why the server is not ours, or undefined when it is. */
function faultOfServer(socket: TLSSocket, hostname: string, options: LineOptions): string | undefined {
  if (socket.authorized) return undefined;
  const reason: unknown = socket.authorizationError;
  const fault =
    typeof reason === "string"
      ? reason
      : reason instanceof Error && "code" in reason
        ? String(reason.code)
        : String(reason);
  if (!DATE_FAULTS.includes(fault) || options.clockTrusted()) return fault;
  // A box whose clock stands in 1970 would never get headquarters' time and never be right again. Signature and name are checked all the same.
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return "no certificate";
  const host = hostname.replace(/^\[|\]$/g, "");
  const named = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  if (named === undefined) return "another host";
  const signed = authorities(options.authorityPem).some(
    (authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
  );
  return signed ? undefined : "another authority";
}

function authorities(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

async function readBounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES)
      throw new GatewayError("HEADQUARTERS_ANSWER_INVALID", { detail: "the answer is too long" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Cut off or not ours: the reader sees a value that fits no schema.
    return undefined;
  }
}

function secondsOf(header: string | string[] | undefined): number {
  const seconds = Number(Array.isArray(header) ? header[0] : header);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}

function asGatewayError(cause: unknown): GatewayError {
  if (cause instanceof GatewayError) return cause;
  const inner = cause instanceof Error ? cause.cause : undefined;
  if (inner instanceof GatewayError) return inner;
  const detail = cause instanceof Error ? ("code" in cause ? String(cause.code) : cause.message) : "unknown";
  return new GatewayError("HEADQUARTERS_UNREACHABLE", { cause, detail: detail.slice(0, 200) });
}
