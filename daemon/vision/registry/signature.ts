import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GatewayError } from "../../../contract/errors.ts";
import type { ModelBundle } from "./bundle.ts";
import { readBounded } from "./bundle-file.ts";

/** Whom a shop believes about models. */
export interface Trust {
  /** Ed25519 public keys. */
  readonly keys: readonly KeyObject[];
  /** Whether a bundle must be signed by one of them. */
  readonly required: boolean;
}

/** `unchecked`: there is a signature and no key by which it could be checked. */
export type SignatureState =
  | { readonly state: "unsigned" | "unchecked" }
  | { readonly state: "signed"; readonly by: string };

/** Base64 of 64 bytes and a line's end fit many times. */
const MAX_SIGNATURE_BYTES = 1024;
const ED25519_SIGNATURE_BYTES = 64;

/**
 * Checks the signature that a card names: Ed25519 over the card's bytes. The card names the networks' hashes, so that they are covered too.
 * @param folder where the signature's file lies
 * @throws GatewayError MODEL_SIGNATURE_INVALID, MODEL_SIGNATURE_REQUIRED, MODEL_FILE_MISSING, MODEL_BUNDLE_UNSAFE
 */
export async function checkSignature(
  folder: string,
  { manifest, card }: Pick<ModelBundle, "manifest" | "card">,
  trust: Trust,
): Promise<SignatureState> {
  if (manifest.signature === undefined) {
    if (trust.required) throw new GatewayError("MODEL_SIGNATURE_REQUIRED", { detail: "the bundle is unsigned" });
    return { state: "unsigned" };
  }
  const text = await readBounded(join(folder, manifest.signature), MAX_SIGNATURE_BYTES, "MODEL_SIGNATURE_INVALID");
  const signature = Buffer.from(text.toString("latin1").trim(), "base64");
  if (signature.length !== ED25519_SIGNATURE_BYTES)
    throw new GatewayError("MODEL_SIGNATURE_INVALID", { detail: `${manifest.signature} is not base64 of 64 bytes` });
  if (trust.keys.length === 0) {
    if (trust.required) throw new GatewayError("MODEL_SIGNATURE_REQUIRED", { detail: "no trusted key is configured" });
    return { state: "unchecked" };
  }
  const signer = trust.keys.find((key) => verify(null, card, key, signature));
  if (signer === undefined) throw new GatewayError("MODEL_SIGNATURE_INVALID");
  return { state: "signed", by: fingerprint(signer) };
}

/**
 * Reads trusted keys: PEM files (SPKI) with Ed25519 public keys.
 * @throws GatewayError MODEL_KEY_UNREADABLE
 */
export async function readTrustedKeys(files: readonly string[]): Promise<KeyObject[]> {
  return Promise.all(
    files.map(async (file) => {
      try {
        const key = createPublicKey(await readFile(file));
        if (key.asymmetricKeyType === "ed25519") return key;
        throw new GatewayError("MODEL_KEY_UNREADABLE", { detail: `${file} is ${key.asymmetricKeyType}, not ed25519` });
      } catch (error) {
        if (error instanceof GatewayError) throw error;
        throw new GatewayError("MODEL_KEY_UNREADABLE", { detail: file, cause: error });
      }
    }),
  );
}

/** The first digits of the key's SHA-256 (of its DER), enough to compare by eye. */
function fingerprint(key: KeyObject): string {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex")
    .slice(0, 16);
}
