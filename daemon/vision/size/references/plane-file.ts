import { readFile, stat } from "node:fs/promises";
import Value from "typebox/value";
import { parse } from "yaml";
import { CameraPlane, DEFAULT_OFF_PLANE } from "../../../../contract/configuration.ts";
import { GatewayError } from "../../../../contract/errors.ts";
import { planeFault } from "./camera-plane.ts";

const MOST_BYTES = 1_000_000;

/**
 * Reads a camera plane from a YAML or JSON file, written as `cameras.….plane` is in `shop.yaml`.
 * @throws GatewayError SIZE_PLANE_INVALID
 */
export async function readPlaneFile(file: string): Promise<Required<CameraPlane>> {
  let document: unknown;
  try {
    const { size } = await stat(file);
    if (size > MOST_BYTES) throw new Error(`${size} bytes`);
    document = parse(await readFile(file, "utf8"));
  } catch (error) {
    const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new GatewayError("SIZE_PLANE_INVALID", { detail: `${file}: ${why}`, cause: error });
  }
  if (!Value.Check(CameraPlane, document)) {
    const first = Value.Errors(CameraPlane, document)[0];
    throw new GatewayError("SIZE_PLANE_INVALID", {
      detail: `${file}: ${first?.instancePath ?? ""} ${first?.message ?? ""}`.trimEnd(),
    });
  }
  return checkedPlane({ offPlane: DEFAULT_OFF_PLANE, ...document }, file);
}

/**
 * The plane, if its points make one.
 * @param name for people: the file or the camera
 * @throws GatewayError SIZE_PLANE_INVALID
 */
export function checkedPlane(plane: Required<CameraPlane>, name: string): Required<CameraPlane> {
  const fault = planeFault(plane.points);
  if (fault === undefined) return plane;
  const why = fault === "in-line" ? "three of the points stand in a line" : "the points contradict each other";
  throw new GatewayError("SIZE_PLANE_INVALID", { detail: `${name}: ${why}` });
}
