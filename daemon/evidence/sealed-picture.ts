import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/**
 * A picture's file: magic (4) · nonce of the wrapping (12) · wrapped key (32) · its tag (16) · nonce (12) · tag (16) · ciphertext.
 * Both layers are AES-256-GCM; both authenticate magic and name, so that a file that was renamed does not open.
 */
const MAGIC = Buffer.from("BGP1");
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LAYER_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES;
const HEAD_BYTES = MAGIC.length + LAYER_BYTES + NONCE_BYTES + TAG_BYTES;
const GCM = { authTagLength: TAG_BYTES } as const;

/** SHA-256 of a picture in lower-case hex: its name. */
export function nameOf(picture: Uint8Array): string {
  return createHash("sha256").update(picture).digest("hex");
}

/** What a picture's file holds beside the picture itself. */
export const SEAL_BYTES = HEAD_BYTES;

/** @param boxKey 32 bytes */
export function seal(picture: Uint8Array, name: string, boxKey: Uint8Array): Buffer {
  const key = randomBytes(KEY_BYTES);
  const bound = Buffer.concat([MAGIC, Buffer.from(name)]);
  const wrapped = encrypt(key, boxKey, bound);
  const body = encrypt(picture, key, bound);
  return Buffer.concat([MAGIC, wrapped.nonce, wrapped.ciphertext, wrapped.tag, body.nonce, body.tag, body.ciphertext]);
}

/** @returns the picture, or undefined when the file is not what was written under this name with this key */
export function unseal(file: Buffer, name: string, boxKey: Uint8Array): Buffer | undefined {
  if (file.length < HEAD_BYTES || !file.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const bound = Buffer.concat([MAGIC, Buffer.from(name)]);
  let at = MAGIC.length;
  const take = (bytes: number) => {
    at += bytes;
    return file.subarray(at - bytes, at);
  };
  const [wrapNonce, wrappedKey, wrapTag] = [take(NONCE_BYTES), take(KEY_BYTES), take(TAG_BYTES)];
  const [nonce, tag] = [take(NONCE_BYTES), take(TAG_BYTES)];
  const key = decrypt({ nonce: wrapNonce, ciphertext: wrappedKey, tag: wrapTag }, boxKey, bound);
  const picture = key && decrypt({ nonce, ciphertext: file.subarray(at), tag }, key, bound);
  return picture !== undefined && nameOf(picture) === name ? picture : undefined;
}

interface Encrypted {
  readonly nonce: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
}

function encrypt(plain: Uint8Array, key: Uint8Array, bound: Buffer): Encrypted {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, GCM).setAAD(bound);
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { nonce, ciphertext, tag: cipher.getAuthTag() };
}

function decrypt({ nonce, ciphertext, tag }: Encrypted, key: Uint8Array, bound: Buffer): Buffer | undefined {
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, GCM).setAAD(bound).setAuthTag(tag);
  const plain = decipher.update(ciphertext);
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    // `final` throws when the tag does not fit, and for no other reason.
    return undefined;
  }
}
