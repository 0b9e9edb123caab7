import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { GatewayError } from "../../../contract/errors.ts";

/**
 * Reads a file of a bundle whole. Its size is looked at before it is read; a link, a folder, a pipe or a device is refused, because each could lead
 * out of the bundle or never end.
 * @param tooLarge the code for a file that is longer than `maxBytes`
 * @throws GatewayError MODEL_FILE_MISSING, MODEL_BUNDLE_UNSAFE, or `tooLarge`
 */
export async function readBounded(
  path: string,
  maxBytes: number,
  tooLarge: "MODEL_MANIFEST_INVALID" | "MODEL_TOO_LARGE" | "MODEL_SIGNATURE_INVALID" | "MODEL_GOLDEN_INVALID",
): Promise<Buffer> {
  try {
    // Without O_NONBLOCK, opening a pipe waits for somebody to write to it.
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const found = await file.stat();
    if (!found.isFile()) throw new GatewayError("MODEL_BUNDLE_UNSAFE", { detail: path });
    if (found.size > maxBytes)
      throw new GatewayError(tooLarge, {
        detail: `${found.size} bytes, at most ${maxBytes}`,
        details: { path, size: found.size },
      });
    return await file.readFile();
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    if (error instanceof Error && "code" in error && error.code === "ELOOP")
      throw new GatewayError("MODEL_BUNDLE_UNSAFE", { detail: path, cause: error });
    throw new GatewayError("MODEL_FILE_MISSING", { detail: path, cause: error });
  }
}
