import "reflect-metadata";
import { createHash, webcrypto, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { GatewayError } from "../../contract/errors.ts";
import { writeDurably } from "../../machine/durable-file.ts";

/** Key and certificate of the page, PEM. */
export interface PageCertificate {
  readonly key: string;
  readonly certificate: string;
  /** SHA-256 in groups of two hex digits, for the installer to compare. */
  readonly fingerprint: string;
}

const DAY_MS = 86_400_000;
/** Apple refuses server certificates that are valid longer than this. */
const VALID_DAYS = 825;
const RENEW_BEFORE_DAYS = 60;
const KEY_ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/**
 * The certificate by which browsers in the shop reach the page: self-signed, made at first start and again before it runs out, when it
 * is damaged, or when the box has an address that it does not name. `page.pem` holds key and certificate, 0600.
 * @param nowMs wall clock; a box that still believes in 1970 makes a certificate that is valid then and now
 * @param names host names beside the box's own
 * @throws GatewayError HTTP_CERTIFICATE_FAILED
 */
export async function loadPageCertificate(
  directory: string,
  nowMs: number,
  names: readonly string[],
): Promise<PageCertificate> {
  const path = join(directory, "page.pem");
  const wanted = subjectNames(names);
  try {
    const kept = read(await textOf(path), nowMs, wanted);
    if (kept !== undefined) return kept;
    const made = await make(nowMs, wanted);
    await writeDurably(path, `${made.key.trimEnd()}\n${made.certificate.trimEnd()}\n`, { mode: 0o600 });
    return made;
  } catch (cause) {
    throw new GatewayError("HTTP_CERTIFICATE_FAILED", { details: { path }, cause });
  }
}

interface SubjectNames {
  readonly dns: readonly string[];
  readonly ip: readonly string[];
}

function subjectNames(names: readonly string[]): SubjectNames {
  const own = hostname().toLowerCase();
  const addresses = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    // Link-local v6 addresses carry a zone that a certificate cannot name.
    .filter((each) => !each.address.startsWith("fe80:"))
    .map((each) => each.address);
  return {
    dns: [...new Set(["localhost", own, `${own}.local`, ...names])],
    ip: [...new Set(["127.0.0.1", "::1", ...addresses])],
  };
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function read(text: string | undefined, nowMs: number, wanted: SubjectNames): PageCertificate | undefined {
  const key = text?.match(/-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----/)?.[0];
  const certificate = text?.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/)?.[0];
  if (key === undefined || certificate === undefined) return undefined;
  const parsed = parse(certificate);
  if (parsed === undefined) return undefined;
  if (parsed.validToDate.getTime() - RENEW_BEFORE_DAYS * DAY_MS < nowMs) return undefined;
  const namesAll =
    wanted.dns.every((name) => parsed.checkHost(name) !== undefined) &&
    wanted.ip.every((ip) => parsed.checkIP(ip) !== undefined);
  return namesAll ? { key, certificate, fingerprint: parsed.fingerprint256 } : undefined;
}

function parse(certificate: string): X509Certificate | undefined {
  try {
    return new X509Certificate(certificate);
  } catch {
    // A damaged certificate is worth no more than none: a new one is made.
    return undefined;
  }
}

async function make(nowMs: number, names: SubjectNames): Promise<PageCertificate> {
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
  const serialNumber = Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)));
  // RFC 5280: positive, so the top bit is clear.
  serialNumber[0] = (serialNumber[0] ?? 0) & 0x7f;
  const subject = `CN=BayGate ${hostname().replace(/[^A-Za-z0-9.-]/g, "-")}`;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber.toString("hex"),
      name: subject,
      notBefore: new Date(Math.min(nowMs, Date.now()) - DAY_MS),
      notAfter: new Date(nowMs + VALID_DAYS * DAY_MS - 2 * DAY_MS),
      signingAlgorithm: KEY_ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([
          ...names.dns.map((value) => ({ type: "dns" as const, value })),
          ...names.ip.map((value) => ({ type: "ip" as const, value })),
        ]),
      ],
    },
    webcrypto,
  );
  const exported = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const key = `-----BEGIN PRIVATE KEY-----\n${exported.match(/.{1,64}/g)?.join("\n") ?? ""}\n-----END PRIVATE KEY-----`;
  const hex = createHash("sha256").update(new Uint8Array(certificate.rawData)).digest("hex").toUpperCase();
  return { key, certificate: certificate.toString("pem"), fingerprint: hex.match(/../g)?.join(":") ?? "" };
}
