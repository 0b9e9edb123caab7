import "reflect-metadata";
import { createPublicKey, randomBytes, webcrypto, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { writeDurably } from "../machine/durable-file.ts";
import { Refused } from "./refused.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 20 * 365;
const SERVER_DAYS = 365;
/** Clocks of two machines differ; a certificate is good from a little before it was made. */
const BACKDATE_MS = 10 * 60_000;

export interface IssuedCertificate {
  readonly pem: string;
  /** SHA-256 over the certificate, lower-case hex. */
  readonly fingerprint: string;
  readonly serial: string;
  readonly notAfterMs: number;
}

interface KeyAndCertificate {
  readonly keyPem: string;
  readonly certificatePem: string;
}

/** Where keys live: a folder with files of mode 0600, or memory for a test. */
interface KeyStore {
  read(name: string): Promise<KeyAndCertificate | undefined>;
  write(name: string, pair: KeyAndCertificate): Promise<void>;
}

/**
 * Headquarters' own certificate authority (ECDSA P-256). It signs the servers and the gateways and nothing else; gateways trust it alone.
 */
export class Authority {
  readonly certificatePem: string;
  readonly #certificate: X509Certificate;
  readonly #issuer: string;
  readonly #signingKey: webcrypto.CryptoKey;
  readonly #keys: KeyStore;
  readonly #nowMs: () => number;

  private constructor(pair: KeyAndCertificate, signingKey: webcrypto.CryptoKey, keys: KeyStore, nowMs: () => number) {
    this.certificatePem = pair.certificatePem;
    this.#certificate = new X509Certificate(pair.certificatePem);
    this.#issuer = new x509.X509Certificate(pair.certificatePem).subject;
    this.#signingKey = signingKey;
    this.#keys = keys;
    this.#nowMs = nowMs;
  }

  /**
   * Opens the authority, or makes one at the first start.
   * @param directory folder for the keys; undefined keeps them in memory
   * @param nowMs the machine's wall clock, which is what TLS checks certificates against
   */
  static async open(directory: string | undefined, nowMs: () => number): Promise<Authority> {
    const keys = directory === undefined ? inMemory() : inFolder(directory);
    let pair = await keys.read("authority");
    if (pair === undefined) {
      pair = await createAuthority(nowMs());
      await keys.write("authority", pair);
    }
    return new Authority(pair, await importSigningKey(pair.keyPem), keys, nowMs);
  }

  /** The server's key and certificate for these names and addresses; made anew when they change or a third of its life is left. */
  async server(hosts: readonly string[]): Promise<{ readonly key: string; readonly cert: string }> {
    const present = await this.#keys.read("server");
    if (present !== undefined && this.#serves(present.certificatePem, hosts))
      return { key: present.keyPem, cert: present.certificatePem };
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const certificate = await this.#sign(hosts[0] ?? "headquarters", keys.publicKey, SERVER_DAYS, [
      new x509.SubjectAlternativeNameExtension(
        hosts.map((host) => ({ type: isIP(host) === 0 ? "dns" : "ip", value: host })),
      ),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ]);
    const pair = { keyPem: await exportKey(keys.privateKey), certificatePem: certificate.toString("pem") };
    await this.#keys.write("server", pair);
    return { key: pair.keyPem, cert: pair.certificatePem };
  }

  /**
   * Signs a gateway's key. Only the public key is taken from the request; the name is headquarters' choice.
   * @param csrPem PKCS #10
   * @throws Refused csr-invalid
   */
  async signGateway(gateway: string, csrPem: string, lifeMs: number): Promise<IssuedCertificate> {
    const request = await readSigningRequest(csrPem);
    const certificate = await this.#sign(gateway, request.publicKey, lifeMs / DAY_MS, [
      new x509.SubjectAlternativeNameExtension([{ type: "url", value: `urn:baygate:gateway:${gateway}` }]),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
    ]);
    const pem = certificate.toString("pem");
    return {
      pem,
      fingerprint: fingerprintOf(new X509Certificate(pem)),
      serial: certificate.serialNumber,
      notAfterMs: certificate.notAfter.getTime(),
    };
  }

  /** Whether this authority signed the certificate, by signature and not by name alone. */
  issued(certificate: X509Certificate): boolean {
    return certificate.checkIssued(this.#certificate) && certificate.verify(this.#certificate.publicKey);
  }

  #serves(certificatePem: string, hosts: readonly string[]): boolean {
    const certificate = new X509Certificate(certificatePem);
    const left = certificate.validToDate.getTime() - this.#nowMs();
    const named = hosts.every((host) =>
      isIP(host) === 0 ? certificate.checkHost(host) !== undefined : certificate.checkIP(host) !== undefined,
    );
    return named && left > (SERVER_DAYS * DAY_MS) / 3 && this.issued(certificate);
  }

  #sign(
    commonName: string,
    publicKey: webcrypto.CryptoKey | x509.PublicKey,
    days: number,
    extensions: readonly x509.Extension[],
  ): Promise<x509.X509Certificate> {
    const now = this.#nowMs();
    return x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: [{ CN: [commonName] }, { O: ["BayGate"] }],
      issuer: this.#issuer,
      notBefore: new Date(now - BACKDATE_MS),
      notAfter: new Date(now + days * DAY_MS),
      signingAlgorithm: ALGORITHM,
      publicKey,
      signingKey: this.#signingKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        ...extensions,
      ],
    });
  }
}

/** SHA-256 fingerprint in lower-case hex without colons. */
export function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(":", "").toLowerCase();
}

/**
 * Fingerprint of the public key in a signing request, so that a repeated enrolment with the same key is known again.
 * @throws Refused csr-invalid when it is damaged, not signed by its own key, or not for an ECDSA P-256 key
 */
export async function keyOfSigningRequest(csrPem: string): Promise<string> {
  const request = await readSigningRequest(csrPem);
  return Buffer.from(await webcrypto.subtle.digest("SHA-256", request.publicKey.rawData)).toString("hex");
}

async function readSigningRequest(csrPem: string): Promise<x509.Pkcs10CertificateRequest> {
  let request: x509.Pkcs10CertificateRequest;
  try {
    request = new x509.Pkcs10CertificateRequest(csrPem);
    const key = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: "der", type: "spki" });
    if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
      throw new Refused("csr-invalid", "the key must be ECDSA P-256");
    if (!(await request.verify())) throw new Refused("csr-invalid", "the request is not signed by its own key");
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused("csr-invalid", "the signing request cannot be read");
  }
  return request;
}

async function createAuthority(nowMs: number): Promise<KeyAndCertificate> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    // Two authorities must never share a name: a client that pins both picks the issuer by it.
    name: [{ CN: [`BayGate headquarters ${randomBytes(4).toString("hex")}`] }, { O: ["BayGate"] }],
    notBefore: new Date(nowMs - BACKDATE_MS),
    notAfter: new Date(nowMs + AUTHORITY_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  return { keyPem: await exportKey(keys.privateKey), certificatePem: certificate.toString("pem") };
}

/** 127 random bits: positive, and never twice. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return bytes.toString("hex");
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

function importSigningKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [der] = x509.PemConverter.decode(pem);
  if (der === undefined) throw new TypeError("the authority's key file holds no key");
  return webcrypto.subtle.importKey("pkcs8", der, ALGORITHM, false, ["sign"]);
}

function inMemory(): KeyStore {
  const pairs = new Map<string, KeyAndCertificate>();
  return {
    read: async (name) => pairs.get(name),
    write: async (name, pair) => {
      pairs.set(name, pair);
    },
  };
}

/** Key and certificate stand in one file, so that a power cut cannot leave one without the other. */
function inFolder(directory: string): KeyStore {
  const file = (name: string): string => join(directory, `${name}.pem`);
  return {
    async read(name) {
      let content: string;
      try {
        content = await readFile(file(name), "utf8");
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      }
      const blocks = content.match(/-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----/g) ?? [];
      const keyPem = blocks.find((block) => block.includes("PRIVATE KEY"));
      const certificatePem = blocks.find((block) => block.includes("BEGIN CERTIFICATE"));
      if (keyPem === undefined || certificatePem === undefined)
        throw new TypeError(`${name}.pem must hold a key and a certificate`);
      return { keyPem, certificatePem };
    },
    write: (name, pair) => writeDurably(file(name), `${pair.keyPem}\n${pair.certificatePem}\n`, { mode: 0o600 }),
  };
}
