import "reflect-metadata";
import { createPrivateKey, generateKeyPairSync, webcrypto, X509Certificate } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import { GatewayError } from "../../contract/errors.ts";
import { writeDurably } from "../../machine/durable-file.ts";

const IdentityFile = Type.Object({
  gateway: Type.String({ minLength: 1, maxLength: 40 }),
  privateKey: Type.String(),
  certificate: Type.String(),
});
const isIdentityFile = Compile(IdentityFile);
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** The box at headquarters: its name, its key, and the certificate that joins them. */
export interface Identity {
  readonly gateway: string;
  readonly privateKeyPem: string;
  readonly certificatePem: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/**
 * Keeps the identity in one file of mode 0600, so that a power cut leaves the old one or the new one and never a key without its certificate. A key that
 * waits for its certificate lies beside it, so that a try whose answer was lost is repeated with the same key.
 */
export class IdentityStore {
  readonly #file: string;
  readonly #pendingFile: string;

  constructor(directory: string) {
    this.#file = join(directory, "identity.json");
    this.#pendingFile = join(directory, "pending-key.pem");
  }

  /** @throws GatewayError HEADQUARTERS_IDENTITY_UNREADABLE */
  async load(): Promise<Identity | undefined> {
    const content = await readIfThere(this.#file);
    if (content === undefined) return undefined;
    try {
      const value: unknown = JSON.parse(content);
      if (!isIdentityFile.Check(value)) throw new TypeError("fields are missing");
      return identityOf(value);
    } catch (cause) {
      throw new GatewayError("HEADQUARTERS_IDENTITY_UNREADABLE", { cause, details: { file: this.#file } });
    }
  }

  async save(gateway: string, privateKeyPem: string, certificatePem: string): Promise<Identity> {
    const file: Static<typeof IdentityFile> = { gateway, privateKey: privateKeyPem, certificate: certificatePem };
    const identity = identityOf(file);
    await writeDurably(this.#file, JSON.stringify(file), { mode: 0o600 });
    await rm(this.#pendingFile, { force: true });
    return identity;
  }

  /** The key for the next certificate; made once and kept until its certificate is there. */
  async pendingKey(): Promise<string> {
    const present = await readIfThere(this.#pendingFile);
    if (present !== undefined && isKey(present)) return present;
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    await writeDurably(this.#pendingFile, pem, { mode: 0o600 });
    return pem;
  }
}

/** PKCS #10 for a key, in PEM. The name in it is a wish: headquarters chooses. */
export async function signingRequest(privateKeyPem: string, name: string): Promise<string> {
  const der = createPrivateKey(privateKeyPem).export({ type: "pkcs8", format: "der" });
  const privateKey = await webcrypto.subtle.importKey("pkcs8", new Uint8Array(der), ALGORITHM, true, ["sign"]);
  const { d: _private, key_ops: _operations, ...open } = await webcrypto.subtle.exportKey("jwk", privateKey);
  const publicKey = await webcrypto.subtle.importKey("jwk", open, ALGORITHM, true, ["verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [name] }],
    keys: { privateKey, publicKey },
    signingAlgorithm: ALGORITHM,
  });
  return request.toString("pem");
}

function identityOf(file: Static<typeof IdentityFile>): Identity {
  const certificate = new X509Certificate(file.certificate);
  if (!certificate.checkPrivateKey(createPrivateKey(file.privateKey)))
    throw new TypeError("key and certificate do not belong together");
  return {
    gateway: file.gateway,
    privateKeyPem: file.privateKey,
    certificatePem: file.certificate,
    notBeforeMs: certificate.validFromDate.getTime(),
    notAfterMs: certificate.validToDate.getTime(),
  };
}

function isKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === "ec";
  } catch {
    // A half-made key from an older program is worth nothing: a new one takes its place.
    return false;
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
