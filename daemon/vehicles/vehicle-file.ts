import { readFile, stat } from "node:fs/promises";
import { GatewayError } from "../../contract/errors.ts";

/** The largest public files known (a merged file of all WiCAN profiles, big DBC files) have some 3 MB. */
const MOST_BYTES = 16_000_000;

/**
 * The bytes of a file about vehicles.
 * @throws GatewayError `VEHICLE_FILE_UNREADABLE`, `VEHICLE_FILE_TOO_LARGE`
 */
export async function readVehicleFile(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw new GatewayError("VEHICLE_FILE_TOO_LARGE", { detail: `${path}: ${size} bytes` });
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError("VEHICLE_FILE_UNREADABLE", { detail: path, cause });
  }
}

/**
 * The JSON document in a file, which may begin with a byte order mark.
 * @throws GatewayError as `readVehicleFile`, and `VEHICLE_FILE_INVALID`
 */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = (await readVehicleFile(path)).toString("utf8");
  try {
    const document: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return document;
  } catch (cause) {
    throw new GatewayError("VEHICLE_FILE_INVALID", { detail: `${path} is not JSON`, cause });
  }
}
