import { promisify } from "node:util";
import { constants, gunzip, zstdDecompress } from "node:zlib";
import { REQUEST_MAX_BYTES, REQUEST_MAX_DEPTH } from "../contract/headquarters.ts";
import { Refused } from "./refused.ts";

const unzip = promisify(gunzip);
const unzstd = promisify<Buffer, { maxOutputLength: number; params: Record<number, number> }, Buffer>(zstdDecompress);

/** 2^21 = 2 MiB, zstd's window at its default level. A frame that asks for a larger one is refused before the window is allocated. */
const MAX_WINDOW_LOG = 21;

/**
 * Unpacks and parses a request body. What is unpacked never grows beyond the limit, whatever the packed bytes claim.
 * @throws Refused encoding-unknown, too-large, body-unreadable
 */
export async function readBody(packed: Buffer, encoding: string | undefined): Promise<unknown> {
  const bytes = await unpack(packed, encoding ?? "identity");
  if (nesting(bytes) > REQUEST_MAX_DEPTH) throw new Refused("body-unreadable", "the body is nested too deeply");
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return value;
  } catch (error) {
    throw new Refused("body-unreadable", error instanceof Error ? error.message : "not JSON");
  }
}

async function unpack(packed: Buffer, encoding: string): Promise<Buffer> {
  try {
    switch (encoding) {
      case "identity":
        if (packed.length > REQUEST_MAX_BYTES) throw new Refused("too-large", "the body is too large");
        return packed;
      case "gzip":
        return await unzip(packed, { maxOutputLength: REQUEST_MAX_BYTES });
      case "zstd":
        return await unzstd(packed, {
          maxOutputLength: REQUEST_MAX_BYTES,
          params: { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG },
        });
      default:
        throw new Refused("encoding-unknown", `content-encoding ${encoding.slice(0, 40)} is not known`);
    }
  } catch (error) {
    if (error instanceof Refused) throw error;
    if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE")
      throw new Refused("too-large", "the body is too large once unpacked");
    throw new Refused("body-unreadable", error instanceof Error ? error.message : "the body cannot be unpacked");
  }
}

/** Deepest nesting of a JSON text, counted without parsing it: a parser and a canonical form that recurse must not be led into the deep. */
export function nesting(bytes: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inString) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return deepest;
}
