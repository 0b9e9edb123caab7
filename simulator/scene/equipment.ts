import { LIFT_POST_X } from "./bay-room.ts";
import type { OccluderDescription } from "./description.ts";
import { type Mesh, MeshBuilder } from "./mesh.ts";
import { matt, parseColour, type Rgb, type Shader } from "./shading.ts";

/** How far below the sills the lift's arms rest when they are down. */
const ARM_REST_M = 0.1;

/** The lift's carriages and arms at a height; the posts belong to the room. */
export function liftMesh(heightM: number): Mesh {
  const builder = new MeshBuilder();
  for (const side of [-1, 1]) {
    const x = side * (LIFT_POST_X - 0.2);
    builder.box([x, 0.1, ARM_REST_M + heightM - 0.05], [0.14, 0.3, 0.55], 0);
    for (const reach of [-1, 1]) {
      builder.box(
        [x - side * 0.36, 0.1 + reach * 0.5, ARM_REST_M + heightM],
        [0.85, 0.1, 0.09],
        0,
        side * reach * -0.8,
      );
      builder.drum([x - side * 0.6, 0.1 + reach * 0.85, ARM_REST_M + heightM], 0.07, 0.14, 1);
    }
  }
  return builder.finish();
}

export function liftShader(colour: Rgb, daylight: number): Shader {
  return (point, out) => matt(point, point.part === 0 ? colour : [40, 40, 42], daylight, out);
}

const OCCLUDER_COLOUR = { trolley: "#b3261e", screen: "#6f7a80", crate: "#8a6a42" } as const;

/** A thing that stands in the way, its middle at the origin. */
export function occluderMesh(occluder: OccluderDescription): Mesh {
  const builder = new MeshBuilder();
  if (occluder.kind === "screen") {
    builder.box([0, 0, 0.15], [1.9, 0.05, 1.75], 0);
    for (const x of [-0.9, 0.9]) builder.box([x, 0, 0], [0.06, 0.5, 0.15], 1);
  } else if (occluder.kind === "crate") {
    builder.box([0, 0, 0], [1.2, 0.9, 0.95], 0);
  } else {
    builder.box([0, 0, 0.12], [0.75, 0.48, 0.82], 0);
    builder.box([0, 0, 0.94], [0.8, 0.52, 0.05], 1);
    for (const x of [-0.3, 0.3]) builder.box([x, 0, 0], [0.08, 0.4, 0.12], 1);
    builder.box([0.1, 0.05, 0.99], [0.3, 0.2, 0.14], 1);
  }
  return builder.finish();
}

export function occluderShader(occluder: OccluderDescription, daylight: number): Shader {
  const colour = parseColour(occluder.colour ?? OCCLUDER_COLOUR[occluder.kind]);
  return (point, out) => {
    if (point.part === 1) return matt(point, [52, 54, 58], daylight, out);
    const groove = occluder.kind === "trolley" && Math.abs(((point.tz * 6.5) % 1) - 0.5) < 0.07;
    const plank = occluder.kind === "crate" && Math.abs(((point.tz * 5) % 1) - 0.5) < 0.06;
    return matt(point, colour, daylight, out, groove || plank ? 0.5 : 1);
  };
}
