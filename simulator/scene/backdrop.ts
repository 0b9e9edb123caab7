import { buildRoom, GATE_HALF_WIDTH_M, type Room } from "./bay-room.ts";
import { roomShader } from "./bay-surfaces.ts";
import { aimCamera, type Camera } from "./camera.ts";
import type { SceneDescription } from "./description.ts";
import { AT_ORIGIN } from "./mesh.ts";
import { createSurface, drawMesh, newSurfacePoint, readSurface, type SurfaceBuffer } from "./rasteriser.ts";
import { parseColour, type Shader } from "./shading.ts";

/** The empty bay as one camera sees it: drawn once, then copied under every frame. */
export interface Backdrop {
  readonly camera: Camera;
  /** Packed 8-bit RGB. */
  readonly pixels: Uint8ClampedArray;
  readonly nearness: Float32Array;
  /** 1 where the shop's floor or the yard is seen, where shadows may fall. */
  readonly ground: Uint8Array;
}

/** Backdrops cost about a second each and ten megabytes, so a few are kept and the oldest is forgotten. */
const REMEMBERED = 6;

const drawn = new Map<string, Backdrop>();

/** Light that comes through the gate, 0..1. */
export function daylightOf(scene: SceneDescription): number {
  return scene.gateOpen ? 1 : 0.25;
}

export function backdropOf(scene: SceneDescription, widthPx: number, heightPx: number): Backdrop {
  const daylight = daylightOf(scene);
  const key = JSON.stringify([scene.bay, scene.camera, scene.gateOpen, widthPx, heightPx]);
  const known = drawn.get(key);
  if (known) return known;
  const backdrop = drawBackdrop(scene, widthPx, heightPx, daylight);
  const oldest = drawn.keys().next();
  if (drawn.size >= REMEMBERED && !oldest.done) drawn.delete(oldest.value);
  drawn.set(key, backdrop);
  return backdrop;
}

function drawBackdrop(scene: SceneDescription, widthPx: number, heightPx: number, daylight: number): Backdrop {
  const room = buildRoom(scene.bay, scene.gateOpen, parseColour(scene.bay.liftColour), parseColour(scene.bay.wall));
  const camera = aimCamera(scene.camera, widthPx, heightPx);
  // Two samples each way: the room's edges stand still, so every step in them would be seen.
  const fine = aimCamera(scene.camera, widthPx * 2, heightPx * 2);
  const surface = createSurface(widthPx * 2, heightPx * 2);
  drawMesh(surface, fine, room.mesh, AT_ORIGIN);
  const colours = new Float32Array(widthPx * heightPx * 3);
  const nearness = new Float32Array(widthPx * heightPx);
  const ground = new Uint8Array(widthPx * heightPx);
  shadeAveraged(surface, fine, room, roomShader(scene.bay, room, daylight), colours, nearness, ground);
  return { camera, pixels: Uint8ClampedArray.from(colours), nearness, ground };
}

function shadeAveraged(
  fine: SurfaceBuffer,
  camera: Camera,
  room: Room,
  shader: Shader,
  colours: Float32Array,
  nearness: Float32Array,
  ground: Uint8Array,
): void {
  const widthPx = fine.widthPx / 2;
  const out = new Float32Array(3);
  const point = newSurfacePoint();
  for (let y = 0; y < fine.heightPx; y++) {
    for (let x = 0; x < fine.widthPx; x++) {
      const pixel = y * fine.widthPx + x;
      const target = (y >> 1) * widthPx + (x >> 1);
      const near = fine.nearness[pixel]!;
      if (near === 0) continue;
      readSurface(fine, camera, x, y, point);
      shader(point, out);
      for (let k = 0; k < 3; k++) {
        colours[target * 3 + k] = colours[target * 3 + k]! + Math.min(255, Math.max(0, out[k]!)) / 4;
      }
      if (near > nearness[target]!) {
        nearness[target] = near;
        const { surface } = room.parts[point.part]!;
        ground[target] =
          surface === "floor" || (surface === "yard" && Math.abs(point.tx) < GATE_HALF_WIDTH_M * 3) ? 1 : 0;
      }
    }
  }
}
