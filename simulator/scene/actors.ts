import { daylightOf } from "./backdrop.ts";
import { BODY_SHAPES, carMesh } from "./car-body.ts";
import { carShader, onPlate } from "./car-paint.ts";
import type { SceneDescription } from "./description.ts";
import { liftMesh, liftShader, occluderMesh, occluderShader } from "./equipment.ts";
import { AT_ORIGIN, type Mesh, type Placement } from "./mesh.ts";
import { parseColour, type Shader } from "./shading.ts";
import type { Shadow } from "./shadow.ts";
import { technicianMesh, technicianShader } from "./technician.ts";

/** The middle of a car at pose 0 and at pose 1. */
const OUTSIDE_Y = -8.4;
const PARKED_Y = 0.1;
/** A car counts as standing on the lift's arms from here on. */
const ON_LIFT_POSE = 0.97;
/** Wheels hang this much when the springs are unloaded. */
const SPRING_DROP_M = 0.09;

/** Something of a scene that is not part of the room. */
export interface Actor {
  /** Equal keys look equal, so that what stands still is drawn once. */
  readonly key: string;
  readonly mesh: () => Mesh;
  readonly at: Placement;
  readonly shader: () => Shader;
  readonly label?: "vehicle" | "person";
  readonly index: number;
  /** Says whether a point of the mesh lies on a number plate. */
  readonly onPlate?: (x: number, y: number, z: number) => boolean;
}

/** Where a car's middle is on the way in, in metres. */
export function carY(pose: number): number {
  return OUTSIDE_Y + (PARKED_Y - OUTSIDE_Y) * pose;
}

/** How high a car of the scene stands above the floor. */
function raisedM(scene: SceneDescription, pose: number, lateralM: number): number {
  const onLift = scene.bay.lift === "two-post" && pose >= ON_LIFT_POSE && Math.abs(lateralM) < 0.4;
  return onLift ? scene.liftHeightM : 0;
}

export function actorsOf(scene: SceneDescription): { actors: Actor[]; shadows: Shadow[] } {
  const daylight = daylightOf(scene);
  const actors: Actor[] = [];
  const shadows: Shadow[] = [];
  if (scene.bay.lift === "two-post") {
    actors.push({
      key: `lift ${scene.liftHeightM}`,
      mesh: () => liftMesh(scene.liftHeightM),
      at: AT_ORIGIN,
      shader: () => liftShader(parseColour(scene.bay.liftColour), daylight),
      index: 0,
    });
  }
  scene.cars.forEach((car, index) => {
    const shape = BODY_SHAPES[car.body];
    const x = car.lateralM ?? 0;
    const y = carY(car.pose);
    const z = raisedM(scene, car.pose, x);
    const headingRad = Math.PI / 2 + ((car.headingDeg ?? 0) * Math.PI) / 180;
    actors.push({
      key: `car ${JSON.stringify([car, z])}`,
      mesh: () => carMesh(car.body, car.bonnetOpen === true, z > SPRING_DROP_M ? SPRING_DROP_M : 0),
      at: { x, y, z, headingRad },
      shader: () => carShader(car, shape, daylight),
      label: "vehicle",
      index,
      onPlate: (px, py, pz) => onPlate(shape, px, py, pz),
    });
    shadows.push({
      x,
      y,
      headingRad,
      halfLengthM: shape.lengthM / 2,
      halfWidthM: shape.widthM / 2,
      softM: 0.16 + z * 0.35,
      depth: 0.72 - z * 0.2,
    });
  });
  scene.technicians.forEach((technician, index) => {
    const { x, y } = technician;
    const headingRad = (technician.headingDeg * Math.PI) / 180;
    actors.push({
      key: `technician ${JSON.stringify(technician)}`,
      mesh: () => technicianMesh(technician),
      at: { x, y, z: 0, headingRad },
      shader: () => technicianShader(technician, daylight),
      label: "person",
      index,
    });
    shadows.push({ x, y, headingRad, halfLengthM: 0.14, halfWidthM: 0.16, softM: 0.22, depth: 0.5 });
  });
  scene.occluders.forEach((occluder, index) => {
    const { x, y } = occluder;
    const headingRad = ((occluder.headingDeg ?? 0) * Math.PI) / 180;
    actors.push({
      key: `occluder ${JSON.stringify(occluder)}`,
      mesh: () => occluderMesh(occluder),
      at: { x, y, z: 0, headingRad },
      shader: () => occluderShader(occluder, daylight),
      index,
    });
    shadows.push({ x, y, headingRad, halfLengthM: 0.4, halfWidthM: 0.25, softM: 0.2, depth: 0.5 });
  });
  return { actors, shadows };
}
