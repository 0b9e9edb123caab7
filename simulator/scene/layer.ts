import type { Actor } from "./actors.ts";
import type { Backdrop } from "./backdrop.ts";
import {
  clearSurface,
  createSurface,
  drawMesh,
  newSurfacePoint,
  readSurface,
  type SurfaceBuffer,
} from "./rasteriser.ts";

/** One actor as a camera sees it, with what of the room stands before it cut out already. */
export interface Layer {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
  /** 1/depth; 0 where the actor is not seen. */
  readonly nearness: Float32Array;
  readonly pixels: Uint8ClampedArray;
  /** 1 on the number plate. */
  readonly plate: Uint8Array;
  /** The whole silhouette, what lies outside the picture or behind the room included. */
  readonly silhouettePx: number;
}

/** Per backdrop, the actors drawn last; enough for a bay full of people standing still. */
const REMEMBERED = 10;

const layers = new WeakMap<Backdrop, Map<string, Layer>>();

let scratch: SurfaceBuffer | undefined;

/** The layer of an actor before a backdrop; drawn anew only when the actor's key is not remembered. */
export function layerOf(actor: Actor, backdrop: Backdrop): Layer {
  let drawn = layers.get(backdrop);
  if (drawn === undefined) {
    drawn = new Map();
    layers.set(backdrop, drawn);
  }
  const known = drawn.get(actor.key);
  if (known !== undefined) {
    // Put last again, so that the oldest is what was not wanted for longest.
    drawn.delete(actor.key);
    drawn.set(actor.key, known);
    return known;
  }
  const layer = drawLayer(actor, backdrop);
  const oldest = drawn.keys().next();
  if (drawn.size >= REMEMBERED && !oldest.done) drawn.delete(oldest.value);
  drawn.set(actor.key, layer);
  return layer;
}

function drawLayer(actor: Actor, backdrop: Backdrop): Layer {
  const { camera } = backdrop;
  if (scratch?.widthPx !== camera.widthPx || scratch.heightPx !== camera.heightPx) {
    scratch = createSurface(camera.widthPx, camera.heightPx);
  }
  const surface = scratch;
  clearSurface(surface);
  drawMesh(surface, camera, actor.mesh(), actor.at);
  const { minX, minY, maxX, maxY } = surface;
  const width = Math.max(0, maxX - minX);
  const height = Math.max(0, maxY - minY);
  const nearness = new Float32Array(width * height);
  const pixels = new Uint8ClampedArray(width * height * 3);
  const plate = new Uint8Array(width * height);
  const shader = actor.shader();
  const out = new Float32Array(3);
  const point = newSurfacePoint();
  let silhouette = 0;
  for (let y = minY; y < maxY; y++) {
    for (let x = minX; x < maxX; x++) {
      const pixel = y * surface.widthPx + x;
      const near = surface.nearness[pixel]!;
      if (near === 0) continue;
      silhouette += 1;
      if (near <= backdrop.nearness[pixel]!) continue;
      readSurface(surface, camera, x, y, point);
      shader(point, out);
      const target = (y - minY) * width + x - minX;
      nearness[target] = near;
      plate[target] = actor.onPlate?.(point.tx, point.ty, point.tz) ? 1 : 0;
      pixels[target * 3] = out[0]!;
      pixels[target * 3 + 1] = out[1]!;
      pixels[target * 3 + 2] = out[2]!;
    }
  }
  const seen = width * height;
  const span = (surface.spanMaxX - surface.spanMinX) * (surface.spanMaxY - surface.spanMinY);
  // What lies outside the picture is counted in proportion to the outline's frame.
  const silhouettePx = seen > 0 && span > seen ? silhouette * (span / seen) : silhouette;
  return { minX, minY, maxX: Math.max(minX, maxX), maxY: Math.max(minY, maxY), nearness, pixels, plate, silhouettePx };
}
