import { BACK_WALL_Y, BAY_PITCH_M, GATE_Y, type Room, SIDE_WALL_X } from "./bay-room.ts";
import type { BayDescription } from "./description.ts";
import { valueNoise } from "./randomness.ts";
import type { SurfacePoint } from "./rasteriser.ts";
import { matt, parseColour, type Rgb, type Shader, smoothstep } from "./shading.ts";

/** The look of the room; texture coordinates are world metres. */
export function roomShader(bay: BayDescription, room: Room, daylight: number): Shader {
  const floor = parseColour(bay.floor);
  const marking = parseColour(bay.marking);
  const grime = (x: number, y: number): number => valueNoise(x + bay.seed * 7.3, y - bay.seed * 3.1);
  return (point, out) => {
    const part = room.parts[point.part]!;
    switch (part.surface) {
      case "floor":
        return floorColour(point, floor, marking, grime, daylight, out);
      case "wall":
      case "gateWall":
        return wallColour(point, part.colour, part.surface === "wall", grime, out, daylight);
      case "ceiling":
        return ceilingColour(point, out);
      case "gate": {
        const groove = Math.abs(((point.tz * 2.2) % 1) - 0.5) < 0.04 ? 0.78 : 1;
        return matt(point, part.colour, daylight * 0.4, out, groove);
      }
      case "yard": {
        const tone = 150 + 34 * grime(point.tx * 1.3, point.ty * 1.3) + 18 * grime(point.tx * 9, point.ty * 9);
        return set(out, tone * 1.02, tone, tone * 0.97);
      }
      case "outside":
        return outsideColour(point, out);
      case "painted":
        return matt(point, part.colour, daylight, out, 0.94 + 0.12 * grime(point.tx * 6 + point.ty * 5, point.tz * 6));
      case "steel":
        return matt(point, [124, 126, 130], daylight, out);
      case "cabinet": {
        const drawer = Math.abs(((point.tz * 5.5) % 1) - 0.5) < 0.05;
        return matt(point, part.colour, daylight, out, drawer ? 0.5 : 1);
      }
      case "tyre":
        return matt(point, [38, 38, 40], daylight, out);
      case "drum": {
        const rib = Math.abs(((point.tz * 3.4) % 1) - 0.5) < 0.07 ? 0.75 : 1;
        return matt(point, part.colour, daylight, out, rib);
      }
      case "wood":
        return matt(point, part.colour, daylight, out, 0.85 + 0.25 * grime(point.tx * 3, point.ty * 30));
      case "poster": {
        const line = Math.floor(point.tz * 18) % 3 === 0 ? 0.62 : 1;
        return matt(point, part.colour, daylight, out, line);
      }
      case "column": {
        const stripe = point.tz < 1.2 && (((point.tz * 2.5 + point.tx + point.ty) % 1) + 1) % 1 < 0.5;
        return matt(point, point.tz < 1.2 ? (stripe ? [34, 34, 36] : [214, 176, 32]) : part.colour, daylight, out);
      }
    }
  };
}

type Grime = (x: number, y: number) => number;

function set(out: Float32Array, r: number, g: number, b: number): void {
  out[0] = r;
  out[1] = g;
  out[2] = b;
}

function floorColour(
  point: SurfacePoint,
  floor: Rgb,
  marking: Rgb,
  grime: Grime,
  daylight: number,
  out: Float32Array,
): void {
  const { tx: x, ty: y } = point;
  const mottle = 0.84 + 0.2 * grime(x * 0.9, y * 0.9) + 0.1 * grime(x * 7, y * 7);
  const oil = smoothstep(0.7, 0.86, grime(x * 1.7 + 40, y * 1.7)) * 0.4;
  const lane = Math.abs(x - Math.round(x / BAY_PITCH_M) * BAY_PITCH_M);
  const line = Math.abs(lane - 1.95) < 0.05 && y > GATE_Y + 0.7 && y < 4.3;
  const stop = Math.abs(y - 4.3) < 0.05 && lane < 1.95;
  const worn = grime(x * 5, y * 5) > 0.22;
  const base = (line || stop) && worn ? marking : floor;
  // The tubes and the gate mirror faintly in a sealed floor; corners lie in shade.
  const corner = 0.72 + 0.28 * smoothstep(0, 1.2, Math.min(BACK_WALL_Y - y, SIDE_WALL_X - Math.abs(x)));
  const gate = daylight * 0.5 * Math.exp(-(y - GATE_Y) * 0.45) * smoothstep(3.2, 1.2, Math.abs(x));
  const sheen = 14 * smoothstep(0.5, 0.1, Math.abs(lane - 1.1));
  const strength = mottle * (1 - oil) * corner * (0.82 + gate);
  set(out, base[0] * strength + sheen, base[1] * strength + sheen, base[2] * strength + sheen);
}

function wallColour(
  point: SurfacePoint,
  wall: Rgb,
  windows: boolean,
  grime: Grime,
  out: Float32Array,
  daylight: number,
): void {
  const { tx, ty, tz } = point;
  const side = Math.abs(tx) > SIDE_WALL_X - 0.05;
  const run = side ? ty : tx;
  const shade = (0.8 + 0.16 * smoothstep(0, 2.5, tz) + 0.08 * grime(run * 2, tz * 2)) * (side ? 0.94 : 1);
  if (windows && tz > 2.9 && tz < 3.9 && Math.abs(((((run / 2.2) % 1) + 1) % 1) - 0.5) < 0.36) {
    const bar = Math.abs(((((run / 0.55) % 1) + 1) % 1) - 0.5) < 0.05 || Math.abs(tz - 3.4) < 0.03;
    const glass = 120 + 110 * daylight + 20 * grime(run * 3, tz * 3);
    if (bar) set(out, 96, 98, 100);
    else set(out, glass * 0.97, glass, glass * 1.03);
    return;
  }
  // A dark, washable dado as in most shops.
  const dado = tz < 1.25 ? 0.7 : 1;
  set(out, wall[0] * shade * dado, wall[1] * shade * dado, wall[2] * shade * dado);
}

function ceilingColour(point: SurfacePoint, out: Float32Array): void {
  const { tx, ty } = point;
  const lane = Math.abs(tx - Math.round(tx / 2.2) * 2.2);
  if (lane < 0.09 && (((ty / 1.8) % 1) + 1) % 1 < 0.78) {
    set(out, 252, 253, 255);
    return;
  }
  const beam = Math.abs(((((ty / 2.4) % 1) + 1) % 1) - 0.5) < 0.06 ? 0.7 : 1;
  const glow = 96 + 60 * smoothstep(0.9, 0.1, lane);
  set(out, glow * beam, glow * beam, glow * beam * 1.01);
}

function outsideColour(point: SurfacePoint, out: Float32Array): void {
  const { tx, tz } = point;
  if (tz < 5.5 + 1.2 * valueNoise(tx * 0.2, 1)) {
    const window =
      Math.abs(((((tx / 1.7) % 1) + 1) % 1) - 0.5) < 0.28 && Math.abs(((((tz / 1.6) % 1) + 1) % 1) - 0.5) < 0.3;
    if (window) set(out, 112, 124, 136);
    else set(out, 188, 180, 168);
    return;
  }
  set(out, 226, 234, 244);
}
