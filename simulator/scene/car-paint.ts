import { type BodyShape, beltHeight, CAR_PART, halfWidth, railHalfWidth, roofHeight } from "./car-body.ts";
import type { CarDescription } from "./description.ts";
import { isNewEnergyPlate, PLATE_HEIGHT_M, PLATE_WIDTH_M, plateInk } from "./plate.ts";
import type { SurfacePoint } from "./rasteriser.ts";
import { glossy, matt, parseColour, type Rgb, type Shader, smoothstep } from "./shading.ts";

const GLASS: Rgb = [26, 32, 36];
const BLACK: Rgb = [22, 22, 24];
const CHROME: Rgb = [168, 172, 176];
const LAMP: Rgb = [205, 212, 220];
const TAIL: Rgb = [176, 22, 26];

/** What of a car a point belongs to; decided from its place on the body, in the car's own coordinates. */
type Detail = "paint" | "glass" | "trim" | "black" | "lamp" | "tail" | "seam" | "chrome" | "plate" | "engine";

/** The middle height of the plates above the road. */
function plateHeight(shape: BodyShape, front: boolean): number {
  if (front) return 0.45 + (shape.heightM > 1.65 ? 0.1 : 0);
  return shape.bedFrom === undefined ? beltHeight(shape, 1) - 0.12 : 0.6;
}

/** True on the number plate; the plate faces forward or backward and sits in the middle. */
export function onPlate(shape: BodyShape, x: number, y: number, z: number): boolean {
  if (Math.abs(y) > PLATE_WIDTH_M / 2) return false;
  const front = x > shape.lengthM / 2 - 0.08;
  const rear = x < -shape.lengthM / 2 + 0.08;
  return (front || rear) && Math.abs(z - plateHeight(shape, front)) < PLATE_HEIGHT_M / 2;
}

function faceDetail(shape: BodyShape, station: number, y: number, z: number): Detail | undefined {
  const front = station < 0.5;
  const across = Math.abs(y) / halfWidth(shape, front ? 0.03 : 0.97);
  const belt = beltHeight(shape, front ? 0.02 : 0.985);
  if (front && station < 0.075) {
    if (across > 0.52 && across < 0.97 && z > belt - 0.17 && z < belt - 0.03) return "lamp";
    if (across < 0.5 && z > belt - 0.21 && z < belt - 0.06)
      return Math.abs(((z * 28) % 1) - 0.5) < 0.2 ? "chrome" : "black";
    if (z < 0.38 && z > 0.24 && across < 0.72) return "black";
    if (z < 0.33 && z > 0.25 && across > 0.78) return "lamp";
  }
  if (!front && station > 0.945) {
    if (across > 0.58 && z > belt - 0.2 && z < belt - 0.02) return "tail";
    if (z < 0.42) return "black";
    if (Math.abs(z - (belt - 0.22)) < 0.008) return "seam";
  }
  return undefined;
}

function greenhouseDetail(shape: BodyShape, station: number, y: number, z: number): Detail {
  const belt = beltHeight(shape, station);
  const roof = roofHeight(shape, station);
  const side = Math.abs(y);
  const rail = railHalfWidth(shape, station);
  const { screenFoot, screenTop, rearTop, rearFoot } = shape;
  if (side < rail - 0.05 && z > roof - 0.13) {
    if (station > screenFoot + 0.006 && station < screenTop - 0.004) return "glass";
    if (station > rearTop + 0.006 && station < rearFoot - 0.006) return "glass";
    return "paint";
  }
  const rise = shape.heightM - 0.06 - belt;
  const share = Math.min(1, Math.max(0, (z - belt) / rise));
  const front = screenFoot + (screenTop - screenFoot) * share + 0.018;
  const back = rearFoot + (rearTop - rearFoot) * share - 0.028;
  if (station < front || station > back || z < belt + 0.03 || z > shape.heightM - 0.14 || side < rail - 0.1)
    return "paint";
  return shape.pillars.some((pillar) => Math.abs(station - pillar) < 0.011) ? "black" : "glass";
}

function bodyDetail(shape: BodyShape, x: number, y: number, z: number, bonnetOpen: boolean): Detail {
  if (onPlate(shape, x, y, z)) return "plate";
  const station = 0.5 - x / shape.lengthM;
  if (z < 0.215) return "black";
  const side = Math.abs(y);
  for (const axle of [shape.frontAxle, shape.rearAxle]) {
    const dx = x - shape.lengthM * (0.5 - axle);
    const dz = z - shape.wheelRadiusM;
    const arch = shape.wheelRadiusM + 0.06;
    if (side > halfWidth(shape, station) * 0.6 && dx * dx + dz * dz < arch * arch) return "black";
  }
  const belt = beltHeight(shape, station);
  if (z > belt + 0.045 && station > shape.screenFoot && station < shape.rearFoot) {
    return greenhouseDetail(shape, station, y, z);
  }
  const width = halfWidth(shape, station);
  if (z > belt - 0.02 && side < width * 0.84) {
    if (shape.bedFrom !== undefined && station > shape.bedFrom && station < 0.975) return "black";
    if (bonnetOpen && station > 0.03 && station < shape.screenFoot - 0.015) return "engine";
    if (Math.abs(station - (shape.screenFoot - 0.012)) < 0.012) return "black";
  }
  const face = faceDetail(shape, station, y, z);
  if (face) return face;
  if (side > width * 0.85) {
    if (z < 0.3) return "trim";
    const doorFront = shape.screenFoot + 0.045;
    const seams = [doorFront, ...shape.pillars];
    if (z > 0.32 && z < belt && seams.some((seam) => Math.abs(station - seam) * shape.lengthM < 0.008)) return "seam";
    for (const pillar of shape.pillars) {
      const handle = (station - pillar) * shape.lengthM;
      if (handle > -0.24 && handle < -0.06 && Math.abs(z - (belt - 0.12)) < 0.018) return "chrome";
    }
    if (Math.abs(z - (belt - 0.2)) < 0.008 && station > 0.1 && station < 0.93) return "trim";
  }
  if (z > belt - 0.05 && Math.abs(side - width * 0.8) < 0.008 && station > 0.04 && station < shape.screenFoot)
    return "seam";
  return "paint";
}

/** Engine bay as one sees it from above: block, covers, hoses; enough for a detector and an eye at three metres. */
function engineColour(x: number, y: number, out: [number, number, number]): void {
  const tile = Math.floor(x * 7) * 13 + Math.floor(y * 6) * 7;
  const tone = 24 + ((tile * 37) & 31) + (((tile * 11) & 7) === 3 ? 60 : 0);
  out[0] = tone;
  out[1] = tone;
  out[2] = tone + 4;
}

function wheelColour(point: SurfacePoint, daylight: number, out: Float32Array): void {
  const radius = point.tx;
  if (point.tz < 0.5 || radius > 0.7) {
    const groove = point.tz < 0.5 && (point.ty * 60) % 1 < 0.35 ? 0.7 : 1;
    matt(point, [34, 34, 36], daylight, out, groove);
    return;
  }
  const spoke = Math.abs(((point.ty * 5) % 1) - 0.5) * 2;
  const metal = radius > 0.62 || radius < 0.14 || spoke < 0.5 - 0.25 * radius;
  if (metal) glossy(point, [150, 153, 158], 0.25, daylight, out);
  else matt(point, [26, 26, 28], daylight, out);
}

function drawPlate(
  shape: BodyShape,
  point: SurfacePoint,
  green: boolean,
  ink: (across: number, down: number) => number,
  daylight: number,
  out: Float32Array,
): void {
  const front = point.tx > 0;
  // The reader faces the car: its left is the car's right at the nose and the car's left at the tail.
  const across = 0.5 + ((front ? 1 : -1) * point.ty) / PLATE_WIDTH_M;
  const down = 0.5 - (point.tz - plateHeight(shape, front)) / PLATE_HEIGHT_M;
  const cover = ink(across, down);
  const ground: Rgb = green ? [120 + 90 * (1 - down), 205, 150 + 60 * (1 - down)] : [22, 60, 165];
  const character = green ? 20 : 240;
  const mix: Rgb = [
    ground[0] * (1 - cover) + character * cover,
    ground[1] * (1 - cover) + character * cover,
    ground[2] * (1 - cover) + character * cover,
  ];
  // Retro-reflective sheet: it stays bright whatever way it faces.
  matt(point, mix, daylight, out);
  for (let k = 0; k < 3; k++) out[k] = out[k]! * 0.5 + mix[k]! * 0.5;
}

/** The look of one car. Texture coordinates are the car's own metres: x forward, y left, z up. */
export function carShader(car: CarDescription, shape: BodyShape, daylight: number): Shader {
  const paint = parseColour(car.colour);
  const trim: Rgb = [paint[0] * 0.55, paint[1] * 0.55, paint[2] * 0.55];
  const ink = plateInk(car.plate);
  const green = isNewEnergyPlate(car.plate);
  const engine: [number, number, number] = [0, 0, 0];
  return (point, out) => {
    if (point.part === CAR_PART.wheel) return wheelColour(point, daylight, out);
    if (point.part === CAR_PART.mirror) return glossy(point, paint, 0.06, daylight, out);
    if (point.part === CAR_PART.bonnetLid) {
      // From behind one sees the lid's bare, ribbed inside.
      const inside = point.nz < 0;
      return inside ? matt(point, trim, daylight, out) : glossy(point, paint, 0.07, daylight, out);
    }
    switch (bodyDetail(shape, point.tx, point.ty, point.tz, car.bonnetOpen === true)) {
      case "paint":
        glossy(point, paint, 0.07, daylight, out);
        if (point.tz < 0.45) darken(out, smoothstep(0.1, 0.5, point.tz) * 0.3 + 0.7);
        return;
      case "glass":
        return glossy(point, GLASS, 0.16, daylight, out);
      case "trim":
        return matt(point, trim, daylight, out);
      case "seam":
        return matt(point, [paint[0] * 0.3, paint[1] * 0.3, paint[2] * 0.3], daylight, out);
      case "black":
        return matt(point, BLACK, daylight, out, 0.8);
      case "chrome":
        return glossy(point, CHROME, 0.4, daylight, out);
      case "lamp":
        return glossy(point, LAMP, 0.3, daylight, out);
      case "tail":
        return glossy(point, TAIL, 0.12, daylight, out);
      case "engine":
        engineColour(point.tx, point.ty, engine);
        return matt(point, engine, daylight, out, 0.9);
      case "plate":
        return drawPlate(shape, point, green, ink, daylight, out);
    }
  };
}

function darken(out: Float32Array, share: number): void {
  for (let k = 0; k < 3; k++) out[k] = out[k]! * share;
}
