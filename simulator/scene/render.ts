import { backdropOf, type Backdrop, daylightOf, newSurfacePoint, readSurface } from "./backdrop.ts";
import { BODY_SHAPES, carMesh } from "./car-body.ts";
import { carShader, onPlate } from "./car-paint.ts";
import type { RelativeBox, SceneDescription, SceneTruth, TrueObject, TruePlate } from "./description.ts";
import { liftMesh, liftShader, occluderMesh, occluderShader } from "./equipment.ts";
import { AT_ORIGIN, type Mesh, type Placement } from "./mesh.ts";
import { clearSurface, createSurface, drawMesh, type SurfaceBuffer } from "./rasteriser.ts";
import { parseColour, type Shader } from "./shading.ts";
import { castShadows, type Shadow } from "./shadow.ts";
import { technicianMesh, technicianShader } from "./technician.ts";

const OUTSIDE_Y = -8.4;
const PARKED_Y = 0.1;
/** A car counts as standing on the lift's arms from here on. */
const ON_LIFT_POSE = 0.97;
/** Wheels hang this much when the springs are unloaded. */
const SPRING_DROP_M = 0.09;
/** Fewer visible pixels than this are no object to anyone. */
const SMALLEST_OBJECT_PX = 24;

interface Actor {
  readonly mesh: Mesh;
  readonly at: Placement;
  readonly shader: Shader;
  readonly label?: "vehicle" | "person";
  readonly index: number;
  /** Says whether a point of the mesh lies on a number plate. */
  readonly onPlate?: (x: number, y: number, z: number) => boolean;
}

/** What a drawn frame is before sensor noise and compression. */
export interface DrawnFrame {
  readonly pixels: Uint8ClampedArray;
  readonly truth: SceneTruth;
}

/** Buffers of one picture size, used again for every frame of that size. */
interface Canvas {
  readonly surface: SurfaceBuffer;
  readonly nearness: Float32Array;
  /** 1 + position in the list of actors; 0 is the room. */
  readonly owner: Uint8Array;
  /** 1 + index of the car whose plate is seen; 0 elsewhere. */
  readonly plate: Uint8Array;
}

let canvas: Canvas | undefined;

function canvasOf(widthPx: number, heightPx: number): Canvas {
  if (canvas?.surface.widthPx !== widthPx || canvas.surface.heightPx !== heightPx) {
    const pixels = widthPx * heightPx;
    canvas = {
      surface: createSurface(widthPx, heightPx),
      nearness: new Float32Array(pixels),
      owner: new Uint8Array(pixels),
      plate: new Uint8Array(pixels),
    };
  }
  return canvas;
}

function actorsOf(scene: SceneDescription): { actors: Actor[]; shadows: Shadow[] } {
  const daylight = daylightOf(scene);
  const actors: Actor[] = [];
  const shadows: Shadow[] = [];
  if (scene.bay.lift === "two-post") {
    const shader = liftShader(parseColour(scene.bay.liftColour), daylight);
    actors.push({ mesh: liftMesh(scene.liftHeightM), at: AT_ORIGIN, shader, index: 0 });
  }
  scene.cars.forEach((car, index) => {
    const shape = BODY_SHAPES[car.body];
    const lateral = car.lateralM ?? 0;
    const raised = scene.bay.lift === "two-post" && car.pose >= ON_LIFT_POSE && Math.abs(lateral) < 0.4 ? scene.liftHeightM : 0;
    const y = OUTSIDE_Y + (PARKED_Y - OUTSIDE_Y) * car.pose;
    const headingRad = Math.PI / 2 + ((car.headingDeg ?? 0) * Math.PI) / 180;
    actors.push({
      mesh: carMesh(car.body, car.bonnetOpen === true, raised > SPRING_DROP_M ? SPRING_DROP_M : 0),
      at: { x: lateral, y, z: raised, headingRad },
      shader: carShader(car, shape, daylight),
      label: "vehicle",
      index,
      onPlate: (px, py, pz) => onPlate(shape, px, py, pz),
    });
    const soft = 0.16 + raised * 0.35;
    shadows.push({ x: lateral, y, headingRad, halfLengthM: shape.lengthM / 2, halfWidthM: shape.widthM / 2, softM: soft, depth: 0.72 - raised * 0.2 });
  });
  scene.technicians.forEach((technician, index) => {
    const headingRad = (technician.headingDeg * Math.PI) / 180;
    actors.push({
      mesh: technicianMesh(technician),
      at: { x: technician.x, y: technician.y, z: 0, headingRad },
      shader: technicianShader(technician, daylight),
      label: "person",
      index,
    });
    shadows.push({ x: technician.x, y: technician.y, headingRad, halfLengthM: 0.14, halfWidthM: 0.16, softM: 0.22, depth: 0.5 });
  });
  scene.occluders.forEach((occluder, index) => {
    const headingRad = ((occluder.headingDeg ?? 0) * Math.PI) / 180;
    const at = { x: occluder.x, y: occluder.y, z: 0, headingRad };
    actors.push({ mesh: occluderMesh(occluder), at, shader: occluderShader(occluder, daylight), index });
    shadows.push({ x: occluder.x, y: occluder.y, headingRad, halfLengthM: 0.4, halfWidthM: 0.25, softM: 0.2, depth: 0.5 });
  });
  return { actors, shadows };
}

/** Draws a scene without noise; pure, and the same on every run. */
export function drawScene(scene: SceneDescription, widthPx: number, heightPx: number): DrawnFrame {
  const backdrop = backdropOf(scene, widthPx, heightPx);
  const { surface, nearness, owner, plate } = canvasOf(widthPx, heightPx);
  const pixels = new Uint8ClampedArray(backdrop.pixels);
  nearness.set(backdrop.nearness);
  owner.fill(0);
  plate.fill(0);
  const { actors, shadows } = actorsOf(scene);
  castShadows(pixels, backdrop, shadows);
  const silhouettes = actors.map((actor, i) => {
    clearSurface(surface);
    drawMesh(surface, backdrop.camera, actor.mesh, actor.at);
    return paint(actor, i + 1, surface, backdrop, { pixels, nearness, owner, plate });
  });
  softenOutlines(pixels, owner, widthPx, heightPx);
  return { pixels, truth: truthOf(scene, actors, silhouettes, { widthPx, heightPx, owner, plate }) };
}

interface Layers {
  readonly pixels: Uint8ClampedArray;
  readonly nearness: Float32Array;
  readonly owner: Uint8Array;
  readonly plate: Uint8Array;
}

/** Colours what of an actor is nearer than what is there already; returns the size of its whole silhouette in pixels. */
function paint(actor: Actor, mark: number, surface: SurfaceBuffer, backdrop: Backdrop, layers: Layers): number {
  const { pixels, nearness, owner, plate } = layers;
  const out = new Float32Array(3);
  const point = newSurfacePoint();
  let silhouette = 0;
  for (let y = surface.minY; y < surface.maxY; y++) {
    for (let x = surface.minX; x < surface.maxX; x++) {
      const pixel = y * surface.widthPx + x;
      const near = surface.nearness[pixel]!;
      if (near === 0) continue;
      silhouette += 1;
      if (near <= nearness[pixel]!) continue;
      readSurface(surface, backdrop.camera, pixel, x, y, point);
      actor.shader(point, out);
      nearness[pixel] = near;
      owner[pixel] = mark;
      plate[pixel] = actor.onPlate?.(point.tx, point.ty, point.tz) ? actor.index + 1 : 0;
      pixels[pixel * 3] = out[0]!;
      pixels[pixel * 3 + 1] = out[1]!;
      pixels[pixel * 3 + 2] = out[2]!;
    }
  }
  const seen = Math.max(0, surface.maxX - surface.minX) * Math.max(0, surface.maxY - surface.minY);
  const span = (surface.spanMaxX - surface.spanMinX) * (surface.spanMaxY - surface.spanMinY);
  // What lies outside the picture is counted in proportion to the outline's frame.
  return seen > 0 && span > seen ? silhouette * (span / seen) : silhouette;
}

/** Blends the pixels along outlines with their neighbours, as a lens does. */
function softenOutlines(pixels: Uint8ClampedArray, owner: Uint8Array, widthPx: number, heightPx: number): void {
  const row = widthPx * 3;
  for (let y = 1; y < heightPx - 1; y++) {
    for (let x = 1; x < widthPx - 1; x++) {
      const pixel = y * widthPx + x;
      const mark = owner[pixel]!;
      if (mark === owner[pixel + 1]! && mark === owner[pixel + widthPx]!) continue;
      for (let o = pixel * 3; o < pixel * 3 + 3; o++) {
        pixels[o] = (2 * pixels[o]! + pixels[o - 3]! + pixels[o + 3]! + pixels[o - row]! + pixels[o + row]!) / 6;
      }
    }
  }
}

class Extent {
  minX = Number.POSITIVE_INFINITY;
  minY = Number.POSITIVE_INFINITY;
  maxX = -1;
  maxY = -1;
  areaPx = 0;

  add(x: number, y: number): void {
    this.areaPx += 1;
    if (x < this.minX) this.minX = x;
    if (x > this.maxX) this.maxX = x;
    if (y < this.minY) this.minY = y;
    if (y > this.maxY) this.maxY = y;
  }

  box(widthPx: number, heightPx: number): RelativeBox {
    return [this.minX / widthPx, this.minY / heightPx, (this.maxX + 1) / widthPx, (this.maxY + 1) / heightPx];
  }
}

function truthOf(
  scene: SceneDescription,
  actors: readonly Actor[],
  silhouettes: readonly number[],
  seen: { widthPx: number; heightPx: number; owner: Uint8Array; plate: Uint8Array },
): SceneTruth {
  const { widthPx, heightPx, owner, plate } = seen;
  const extents = actors.map(() => new Extent());
  const plates = scene.cars.map(() => new Extent());
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const pixel = y * widthPx + x;
      const mark = owner[pixel]!;
      if (mark === 0) continue;
      extents[mark - 1]!.add(x, y);
      if (plate[pixel]! > 0) plates[plate[pixel]! - 1]!.add(x, y);
    }
  }
  const objects = actors.flatMap((actor, i): TrueObject[] => {
    const extent = extents[i]!;
    if (actor.label === undefined || extent.areaPx < SMALLEST_OBJECT_PX) return [];
    const visibility = Math.min(1, extent.areaPx / silhouettes[i]!);
    return [{ label: actor.label, index: actor.index, box: extent.box(widthPx, heightPx), visibility }];
  });
  const seenPlates = plates.flatMap((extent, index): TruePlate[] =>
    extent.areaPx < SMALLEST_OBJECT_PX
      ? []
      : [{ text: scene.cars[index]!.plate, index, box: extent.box(widthPx, heightPx), areaPx: extent.areaPx }],
  );
  return { widthPx, heightPx, objects, plates: seenPlates };
}
