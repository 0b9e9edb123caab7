import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { GatewayError } from "../../contract/errors.ts";
import { writeDurably } from "../../machine/durable-file.ts";

const KEY_BYTES = 32;

const KeyFile = Compile(
  Type.Object(
    { version: Type.Literal(1), key: Type.String({ maxLength: 100 }), check: Type.String({ maxLength: 100 }) },
    { additionalProperties: false },
  ),
);

/**
 * The box's key, 32 bytes.
 * @returns undefined when there is no key file
 * @throws GatewayError EVIDENCE_KEY_UNUSABLE when there is one that cannot be read or was changed
 */
export async function readBoxKey(path: string): Promise<Buffer | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new GatewayError("EVIDENCE_KEY_UNUSABLE", { cause });
  }
  const file = parsed(text);
  if (!KeyFile.Check(file)) throw new GatewayError("EVIDENCE_KEY_UNUSABLE");
  const key = Buffer.from(file.key, "base64");
  if (key.length !== KEY_BYTES || file.check !== checkOf(key)) throw new GatewayError("EVIDENCE_KEY_UNUSABLE");
  return key;
}

/** Makes the key of this box; only its owner can read the file. @throws what the disk throws */
export async function makeBoxKey(path: string): Promise<Buffer> {
  const key = randomBytes(KEY_BYTES);
  const file = { version: 1, key: key.toString("base64"), check: checkOf(key) };
  await writeDurably(path, `${JSON.stringify(file)}\n`, { mode: 0o600 });
  return key;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** So that a flipped bit in the key is not taken for damage in every picture. Sixteen hex digits say nothing of 256 random bits. */
function checkOf(key: Buffer): string {
  return createHash("sha256").update("evidence key").update(key).digest("hex").slice(0, 16);
}
