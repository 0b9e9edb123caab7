import "reflect-metadata";
import { createPrivateKey, webcrypto, X509Certificate } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { GatewayError } from "../../contract/errors.ts";
import { writeDurably } from "../../machine/durable-file.ts";

export interface BrokerCertificate {
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
  /** SHA-256 of the certificate, for devices that pin it and for the installer to compare. */
  readonly fingerprint: string;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
/** Devices pin this certificate and nobody visits them to renew it, so it outlives them; it begins before any clock that can be believed. */
const NOT_BEFORE = new Date(Date.UTC(2000, 0, 1));
const NOT_AFTER = new Date(Date.UTC(2049, 11, 31));

/**
 * The certificate of the TLS listeners: the configured one, or a self-signed one made once and kept for good (`broker-tls/`, key 0600).
 * @param names addresses of the listeners; they stand in the certificate beside `localhost`
 * @throws GatewayError BROKER_CERTIFICATE_UNUSABLE when files are missing, damaged or do not belong together
 */
export async function loadBrokerCertificate(
  dataDirectory: string,
  names: readonly string[],
  configured?: { readonly certificateFile: string; readonly keyFile: string },
): Promise<BrokerCertificate> {
  const directory = join(dataDirectory, "broker-tls");
  const files = configured ?? {
    certificateFile: join(directory, "certificate.pem"),
    keyFile: join(directory, "key.pem"),
  };
  if (configured === undefined && !(await exists(files.certificateFile))) {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const made = await makeSelfSigned(names);
    // The certificate last: while it is missing, both are made again.
    await writeDurably(files.keyFile, made.key, { mode: 0o600 });
    await writeDurably(files.certificateFile, made.certificate, { mode: 0o644 });
  }
  return readPair(files.certificateFile, files.keyFile);
}

async function readPair(certificateFile: string, keyFile: string): Promise<BrokerCertificate> {
  try {
    const [certificate, key] = await Promise.all([readFile(certificateFile, "utf8"), readFile(keyFile, "utf8")]);
    const parsed = new X509Certificate(certificate);
    if (!parsed.checkPrivateKey(createPrivateKey(key))) throw new Error("the key does not belong to the certificate");
    return { certificate, key, fingerprint: parsed.fingerprint256 };
  } catch (cause) {
    throw new GatewayError("BROKER_CERTIFICATE_UNUSABLE", { details: { certificateFile, keyFile }, cause });
  }
}

async function makeSelfSigned(
  names: readonly string[],
): Promise<{ readonly certificate: string; readonly key: string }> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const subjects = [...new Set(["localhost", "127.0.0.1", ...names])].filter(
    (name) => name !== "0.0.0.0" && name !== "::",
  );
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: Buffer.from([0x01, ...webcrypto.getRandomValues(new Uint8Array(15))]).toString("hex"),
      name: "CN=BayGate broker",
      notBefore: NOT_BEFORE,
      notAfter: NOT_AFTER,
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        // A device that is given this file as its authority must be able to accept it as one.
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyCertSign, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          subjects.map((value) => ({ type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const), value })),
        ),
      ],
    },
    webcrypto,
  );
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const exported = createPrivateKey({ key, format: "der", type: "pkcs8" })
    .export({ format: "pem", type: "pkcs8" })
    .toString();
  return { certificate: `${certificate.toString("pem")}\n`, key: exported };
}

async function exists(path: string): Promise<boolean> {
  try {
    await readFile(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw new GatewayError("BROKER_CERTIFICATE_UNUSABLE", { details: { path }, cause: error });
  }
}
