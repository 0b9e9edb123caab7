import type { X509Certificate } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { TLSSocket } from "node:tls";
import { type Authority, fingerprintOf } from "./authority.ts";
import { Refused } from "./refused.ts";
import type { Registry } from "./registry.ts";

/**
 * Who is at the other end. TLS has proved that the peer holds the certificate's key; everything else is checked here and not left to the
 * TLS library, because one that ran out while the box was offline must still be good for renewal.
 */
export class GatewayCertificates {
  readonly #authority: Authority;
  readonly #registry: Registry;
  readonly #nowMs: () => number;
  readonly #graceMs: number;

  /** @param graceMs how long after its end a certificate is still good for renewal */
  constructor(authority: Authority, registry: Registry, nowMs: () => number, graceMs: number) {
    this.#authority = authority;
    this.#registry = registry;
    this.#nowMs = nowMs;
    this.#graceMs = graceMs;
  }

  /**
   * @param purpose `renew` forgives a certificate that ran out within the time of grace
   * @returns the gateway's name
   * @throws Refused certificate-missing, certificate-refused, or other-gateway when the path names another
   */
  async identify(
    request: IncomingMessage | Http2ServerRequest,
    named: string,
    purpose: "records" | "renew",
  ): Promise<string> {
    const certificate = peerCertificate(request);
    if (certificate === undefined) throw new Refused("certificate-missing", "a client certificate is needed");
    if (!this.#authority.issued(certificate)) throw new Refused("certificate-refused", "not signed by this authority");
    const now = this.#nowMs();
    const end = certificate.validToDate.getTime() + (purpose === "renew" ? this.#graceMs : 0);
    if (now < certificate.validFromDate.getTime() || now > end)
      throw new Refused("certificate-refused", "the certificate has run out or is not valid yet");
    const known = await this.#registry.findCertificate(fingerprintOf(certificate));
    if (known === undefined || known.revoked) throw new Refused("certificate-refused", "the certificate is revoked");
    if (known.gateway !== named) throw new Refused("other-gateway", "the certificate is another gateway's");
    return known.gateway;
  }
}

function peerCertificate(request: IncomingMessage | Http2ServerRequest): X509Certificate | undefined {
  // Over HTTP/2 the request's own socket is a guarded view of the connection; the session holds the real one.
  const socket = "stream" in request ? request.stream.session?.socket : request.socket;
  return socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
}
