import type { BodyType, Point } from "./description.ts";
import { type Mesh, MeshBuilder } from "./mesh.ts";

/** Material numbers of a car's mesh. */
export const CAR_PART = { body: 0, wheel: 1, mirror: 2, bonnetLid: 3 } as const;

/**
 * A body as a designer sketches it. Stations run from the nose (0) to the tail (1); heights in metres above the road.
 * The greenhouse stands between the foot of the windscreen and the foot of the rear window.
 */
export interface BodyShape {
  readonly lengthM: number;
  readonly widthM: number;
  readonly heightM: number;
  readonly wheelRadiusM: number;
  readonly frontAxle: number;
  readonly rearAxle: number;
  /** Height of bonnet, belt line and boot. */
  readonly belt: readonly (readonly [station: number, heightM: number])[];
  readonly screenFoot: number;
  readonly screenTop: number;
  readonly rearTop: number;
  readonly rearFoot: number;
  readonly pillars: readonly number[];
  /** Where the open bed of a pickup begins. */
  readonly bedFrom?: number;
}

export const BODY_SHAPES: Record<BodyType, BodyShape> = {
  sedan: {
    lengthM: 4.72,
    widthM: 1.83,
    heightM: 1.46,
    wheelRadiusM: 0.33,
    frontAxle: 0.19,
    rearAxle: 0.79,
    belt: [
      [0, 0.66],
      [0.03, 0.74],
      [0.14, 0.82],
      [0.27, 0.91],
      [0.5, 0.95],
      [0.82, 1.01],
      [0.97, 1.0],
      [1, 0.88],
    ],
    screenFoot: 0.25,
    screenTop: 0.42,
    rearTop: 0.67,
    rearFoot: 0.85,
    pillars: [0.5, 0.7],
  },
  hatchback: {
    lengthM: 4.2,
    widthM: 1.79,
    heightM: 1.5,
    wheelRadiusM: 0.32,
    frontAxle: 0.19,
    rearAxle: 0.81,
    belt: [
      [0, 0.68],
      [0.03, 0.77],
      [0.14, 0.86],
      [0.25, 0.94],
      [0.6, 0.99],
      [0.95, 1.03],
      [1, 0.95],
    ],
    screenFoot: 0.23,
    screenTop: 0.42,
    rearTop: 0.88,
    rearFoot: 0.985,
    pillars: [0.53, 0.76],
  },
  suv: {
    lengthM: 4.65,
    widthM: 1.89,
    heightM: 1.7,
    wheelRadiusM: 0.37,
    frontAxle: 0.19,
    rearAxle: 0.8,
    belt: [
      [0, 0.78],
      [0.02, 0.92],
      [0.12, 1.0],
      [0.25, 1.06],
      [0.6, 1.09],
      [0.95, 1.13],
      [1, 1.05],
    ],
    screenFoot: 0.25,
    screenTop: 0.4,
    rearTop: 0.88,
    rearFoot: 0.975,
    pillars: [0.51, 0.72],
  },
  van: {
    lengthM: 4.95,
    widthM: 1.92,
    heightM: 1.95,
    wheelRadiusM: 0.34,
    frontAxle: 0.17,
    rearAxle: 0.8,
    belt: [
      [0, 0.75],
      [0.02, 0.9],
      [0.1, 1.05],
      [0.2, 1.12],
      [0.95, 1.15],
      [1, 1.1],
    ],
    screenFoot: 0.12,
    screenTop: 0.29,
    rearTop: 0.955,
    rearFoot: 0.992,
    pillars: [0.42, 0.68],
  },
  pickup: {
    lengthM: 5.25,
    widthM: 1.88,
    heightM: 1.8,
    wheelRadiusM: 0.39,
    frontAxle: 0.18,
    rearAxle: 0.78,
    belt: [
      [0, 0.85],
      [0.02, 1.0],
      [0.12, 1.07],
      [0.24, 1.12],
      [0.6, 1.14],
      [0.99, 1.14],
      [1, 1.08],
    ],
    screenFoot: 0.25,
    screenTop: 0.37,
    rearTop: 0.6,
    rearFoot: 0.635,
    pillars: [0.46],
    bedFrom: 0.65,
  },
};

/** Heights and widths along a body are asked for at every pixel, so they are tabulated once per shape. */
const TABLE_STEPS = 512;

type Profile = (shape: BodyShape, station: number) => number;

function tabulated(profile: Profile): Profile {
  const tables = new Map<BodyShape, Float32Array>();
  return (shape, station) => {
    let table = tables.get(shape);
    if (table === undefined) {
      table = Float32Array.from({ length: TABLE_STEPS + 1 }, (_, i) => profile(shape, i / TABLE_STEPS));
      tables.set(shape, table);
    }
    const at = Math.min(1, Math.max(0, station)) * TABLE_STEPS;
    const i = Math.min(TABLE_STEPS - 1, Math.floor(at));
    return table[i]! + (table[i + 1]! - table[i]!) * (at - i);
  };
}

function exactBelt(shape: BodyShape, station: number): number {
  const { belt } = shape;
  for (let i = 1; i < belt.length; i++) {
    const [s1, z1] = belt[i]!;
    if (station <= s1) {
      const [s0, z0] = belt[i - 1]!;
      return z0 + ((z1 - z0) * (station - s0)) / (s1 - s0);
    }
  }
  return belt.at(-1)?.[1] ?? 0;
}

function exactRoof(shape: BodyShape, station: number): number {
  const { screenFoot, screenTop, rearTop, rearFoot, heightM } = shape;
  const belt = exactBelt(shape, station);
  if (station <= screenFoot || station >= rearFoot) return belt;
  if (station < screenTop) {
    const t = (station - screenFoot) / (screenTop - screenFoot);
    return belt + (heightM - 0.05 - belt) * (t + 0.16 * t * (1 - t));
  }
  if (station > rearTop) {
    const t = (rearFoot - station) / (rearFoot - rearTop);
    return belt + (heightM - 0.06 - belt) * (t + 0.2 * t * (1 - t));
  }
  const t = (station - screenTop) / (rearTop - screenTop);
  return heightM - 0.05 - 0.01 * t + 0.2 * t * (1 - t);
}

function exactHalfWidth(shape: BodyShape, station: number): number {
  const round = (reach: number, from: number, distance: number): number => {
    if (distance >= reach) return 1;
    const t = 1 - distance / reach;
    return from + (1 - from) * Math.sqrt(1 - t * t);
  };
  return (shape.widthM / 2) * round(0.13, 0.8, station) * round(0.1, 0.86, 1 - station);
}

function exactRail(shape: BodyShape, station: number): number {
  const rise = exactRoof(shape, station) - exactBelt(shape, station);
  return exactHalfWidth(shape, station) * (0.93 - 0.24 * Math.min(1, rise / 0.6));
}

/** Height of bonnet, belt line and boot over a station. */
export const beltHeight = tabulated(exactBelt);
/** Height of the roof line over a station; the belt line where there is no greenhouse. */
export const roofHeight = tabulated(exactRoof);
/** Half width of the body seen from above: rounded at nose and tail. */
export const halfWidth = tabulated(exactHalfWidth);
/** Half width of the roof over a station, where side glass meets roof. */
export const railHalfWidth = tabulated(exactRail);

/** One half of a cross-section, from the middle of the floor pan round the side to the middle of the roof. */
function halfSection(shape: BodyShape, station: number): (readonly [y: number, z: number])[] {
  const w = halfWidth(shape, station);
  const belt = beltHeight(shape, station);
  const rise = roofHeight(shape, station) - belt;
  const floor = 0.2 + 0.07 * Math.max(0, 1 - station / 0.06) + 0.1 * Math.max(0, 1 - (1 - station) / 0.05);
  const t = Math.min(1, rise / 0.12);
  const mix = (a: number, b: number): number => a * (1 - t) + b * t;
  const rail = railHalfWidth(shape, station) / w;
  return [
    [0, floor],
    [w * 0.86, floor],
    [w * 0.97, floor + 0.1],
    [w, floor + (belt - floor) * 0.55],
    [w * 0.975, belt - 0.07],
    [w * 0.93, belt],
    [w * mix(0.86, 0.93 - (0.93 - rail) * 0.42), belt + mix(0.012, rise * 0.46)],
    [w * mix(0.72, rail), belt + mix(0.022, rise * 0.9)],
    [w * mix(0.42, rail * 0.84), belt + mix(0.034, rise * 0.985)],
    [0, belt + mix(0.04, rise * 1.0 + 0.012)],
  ];
}

const meshes = new Map<string, Mesh>();

/** The body, its wheels and mirrors, nose along +x, centred over the wheelbase's ground; made once per shape. */
export function carMesh(body: BodyType, bonnetOpen: boolean, wheelDropM: number): Mesh {
  const key = `${body}/${bonnetOpen}/${wheelDropM}`;
  const known = meshes.get(key);
  if (known) return known;
  const shape = BODY_SHAPES[body];
  const builder = new MeshBuilder();
  const keyStations = [shape.screenFoot, shape.screenTop, shape.rearTop, shape.rearFoot, 0.005, 0.015, 0.985, 0.995];
  const stations = [...Array.from({ length: 41 }, (_, i) => i / 40), ...keyStations].sort((p, q) => p - q);
  const ring = (station: number, x: number, scale: number): Point[] => {
    const half = halfSection(shape, station);
    const middle = 0.3 + beltHeight(shape, station) * 0.35;
    const right = half.map(([y, z]): Point => [x, -y * scale, middle + (z - middle) * scale]);
    const left = half.map(([y, z]): Point => [x, y * scale, middle + (z - middle) * scale]).reverse();
    return [...right, ...left];
  };
  const nose = shape.lengthM / 2;
  builder.loft(
    [
      ring(0, nose + 0.03, 0),
      ring(0, nose + 0.028, 0.55),
      ring(0, nose + 0.02, 0.9),
      ...stations.map((station) => ring(station, nose - station * shape.lengthM, 1)),
      ring(1, -nose - 0.012, 0.9),
      ring(1, -nose - 0.016, 0.55),
      ring(1, -nose - 0.017, 0),
    ],
    CAR_PART.body,
    true,
    true,
  );
  for (const axle of [shape.frontAxle, shape.rearAxle]) {
    for (const side of [-1, 1]) addWheel(builder, shape, nose - axle * shape.lengthM, side, wheelDropM);
  }
  for (const side of [-1, 1]) {
    const station = shape.screenFoot + 0.055;
    const centre: Point = [
      nose - station * shape.lengthM,
      side * (halfWidth(shape, station) + 0.07),
      beltHeight(shape, station) + 0.02,
    ];
    builder.box(centre, [0.12, 0.2, 0.13], CAR_PART.mirror);
  }
  if (bonnetOpen) addOpenBonnet(builder, shape, nose);
  const mesh = builder.finish();
  meshes.set(key, mesh);
  return mesh;
}

/** Wheels carry texture (radius / wheel radius, angle in turns, 1 outer face or 0 tread). */
function addWheel(builder: MeshBuilder, shape: BodyShape, x: number, side: number, dropM: number): void {
  const outer = side * (shape.widthM / 2 + 0.005);
  const inner = outer - side * 0.22;
  const r = shape.wheelRadiusM;
  const steps = 28;
  const circle = (y: number, radius: number, tone: number): number[] =>
    Array.from({ length: steps + 1 }, (_, k) => {
      const angle = (k / steps) * 2 * Math.PI;
      return builder.vertex(
        [x + radius * Math.cos(angle), y, r - dropM + radius * Math.sin(angle)],
        [radius / r, k / steps, tone],
      );
    });
  const join = (a: readonly number[], b: readonly number[]): void => {
    for (let k = 0; k < steps; k++) {
      builder.triangle(a[k]!, b[k]!, b[k + 1]!, CAR_PART.wheel);
      builder.triangle(a[k]!, b[k + 1]!, a[k + 1]!, CAR_PART.wheel);
    }
  };
  join(circle(inner, r, 0), circle(outer - side * 0.02, r, 0));
  join(circle(outer - side * 0.02, r, 1), circle(outer, r * 0.9, 1));
  join(circle(outer, r * 0.9, 1), circle(outer - side * 0.03, 0, 1));
  join(circle(inner, r, 0), circle(inner, 0, 0));
}

/** A raised lid: hinged at the foot of the windscreen, 55° up. */
function addOpenBonnet(builder: MeshBuilder, shape: BodyShape, nose: number): void {
  const hinge = shape.screenFoot - 0.01;
  const length = (hinge - 0.02) * shape.lengthM;
  const x0 = nose - hinge * shape.lengthM;
  const z0 = beltHeight(shape, hinge) + 0.05;
  const w = halfWidth(shape, hinge) * 0.82;
  const slope = (55 * Math.PI) / 180;
  const at = (t: number, y: number): Point => [
    x0 + t * length * Math.cos(slope),
    y * (1 - 0.12 * t),
    z0 + t * length * Math.sin(slope) + 0.04 * (1 - (y / w) ** 2),
  ];
  const columns = [-w, -w / 2, 0, w / 2, w];
  builder.loft(
    [0, 0.5, 1].map((t) => columns.map((y) => at(t, y))),
    CAR_PART.bonnetLid,
    false,
    true,
  );
}
