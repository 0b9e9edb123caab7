import type {
  BayDescription,
  CameraDescription,
  CarDescription,
  LightDescription,
  Posture,
  SceneDescription,
  TechnicianDescription,
} from "../scene/index.ts";
import { isAtCar, type Visit, WALK_MS } from "./visit.ts";

/** A bay as its camera sees it, apart from who comes and goes. */
export interface BayStage {
  readonly bay: BayDescription;
  readonly camera: CameraDescription;
  readonly light: LightDescription;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A place beside the car, and what one does there. */
const PLACES: readonly (Pick<TechnicianDescription, "x" | "y" | "headingDeg"> & { readonly posture: Posture })[] = [
  { x: 1.5, y: 1.6, headingDeg: 180, posture: "bending" },
  { x: 1.55, y: 0.2, headingDeg: 180, posture: "standing" },
  { x: 0.7, y: 2.9, headingDeg: 250, posture: "reaching" },
  { x: 1.5, y: -0.8, headingDeg: 170, posture: "standing" },
];
const PLACE_MS = 45_000;
const DOOR = { x: 4.6, y: 5.2 };
const LIFT_TRAVEL_MS = 25_000;
const LIFT_TOP_M = 1.7;

/** What stands before a bay's camera at `t`, milliseconds of the script. */
export function sceneAt(stage: BayStage, visits: readonly Visit[], t: number): SceneDescription {
  const here = visits.filter((visit) => t >= visit.arrivesAt && t < visit.goneAt);
  return {
    ...stage,
    gateOpen: true,
    cars: here.map((visit) => carAt(visit, t)),
    technicians: visits.flatMap((visit) => technicianAt(visit, t)),
    liftHeightM: Math.max(0, ...here.map((visit) => liftAt(visit, t))),
    occluders: [],
    noiseSeed: Math.floor(t / 100),
  };
}

function carAt(visit: Visit, t: number): CarDescription {
  const inward = Math.min(1, (t - visit.arrivesAt) / (visit.parkedAt - visit.arrivesAt));
  const outward = Math.max(0, (t - visit.departsAt) / (visit.goneAt - visit.departsAt));
  return {
    pose: smooth(inward) * (1 - smooth(Math.min(1, outward))),
    body: visit.body,
    colour: visit.colour,
    plate: visit.plate,
  };
}

function liftAt(visit: Visit, t: number): number {
  if (visit.lift === undefined) return 0;
  const up = smooth(clamp((t - visit.lift.raisedAt) / LIFT_TRAVEL_MS));
  const down = smooth(clamp((t - visit.lift.loweredAt + LIFT_TRAVEL_MS) / LIFT_TRAVEL_MS));
  return LIFT_TOP_M * (up - down);
}

function technicianAt(visit: Visit, t: number): TechnicianDescription[] {
  const looks = {
    overalls: visit.technician.overalls,
    ...(visit.technician.helmet === undefined ? {} : { helmet: visit.technician.helmet }),
  };
  const comes = [visit.clockOnAt, ...(visit.wait === undefined ? [] : [visit.wait.to])];
  const goes = [visit.clockOffAt, ...(visit.wait === undefined ? [] : [visit.wait.from])];
  const phase = (t / 900) % 1;
  for (const at of comes) {
    if (t >= at - WALK_MS && t < at)
      return [{ ...walk((t - at + WALK_MS) / WALK_MS), headingDeg: 220, posture: "walking", phase, ...looks }];
  }
  for (const at of goes) {
    if (t >= at && t < at + WALK_MS)
      return [{ ...walk(1 - (t - at) / WALK_MS), headingDeg: 40, posture: "walking", phase, ...looks }];
  }
  if (!isAtCar(visit, t)) return [];
  const place = PLACES[Math.floor(t / PLACE_MS) % PLACES.length];
  return place === undefined ? [] : [{ ...place, phase, ...looks }];
}

/** Between the door (0) and the car (1). */
function walk(share: number): { x: number; y: number } {
  return { x: DOOR.x + (1.9 - DOOR.x) * share, y: DOOR.y + (1.2 - DOOR.y) * share };
}

const clamp = (share: number) => Math.min(1, Math.max(0, share));
const smooth = (share: number) => share * share * (3 - 2 * share);
