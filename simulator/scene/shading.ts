import type { Colour } from "./description.ts";
import type { SurfacePoint } from "./rasteriser.ts";

/** 8-bit red, green, blue. */
export type Rgb = readonly [number, number, number];

export function parseColour(colour: Colour): Rgb {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** Writes the colour of a point into `out` (three values, 0..255, may overshoot). */
export type Shader = (point: SurfacePoint, out: Float32Array) => void;

export function smoothstep(low: number, high: number, x: number): number {
  const t = Math.min(1, Math.max(0, (x - low) / (high - low)));
  return t * t * (3 - 2 * t);
}

/** Share of light a dull surface returns in a bay: ceiling tubes above, daylight through the gate (−y), bounce from floor and walls. */
function dullLight(nx: number, ny: number, nz: number, daylight: number): number {
  const tubes = Math.max(0, 0.93 * nz + 0.24 * nx + 0.28 * ny);
  const window = Math.max(0, -0.9 * ny + 0.35 * nz - 0.2 * nx) * daylight;
  return 0.5 + 0.1 * nz + 0.38 * tubes + 0.3 * window;
}

/** What a mirror would show in a direction: ceiling with tubes, walls, floor; 0..~1.8. */
function reflectedLight(dx: number, dy: number, dz: number, daylight: number): number {
  if (dz > 0.03) {
    const across = dx / dz;
    const along = dy / dz;
    const nearestTube = Math.abs(across - Math.round(across / 0.75) * 0.75);
    const tube = smoothstep(0.12, 0.04, nearestTube) * smoothstep(0.0, 0.12, Math.abs(((along + 40) % 0.9) - 0.45));
    const ceiling = 0.52 + 0.22 * dz;
    return ceiling + 1.0 * tube * smoothstep(0.05, 0.4, dz) + Math.max(0, -dy) * (1 - dz) * 0.35 * daylight;
  }
  const wall = 0.46 + (dy < -0.5 ? 0.4 * daylight * (-dy - 0.5) : 0);
  const floor = 0.26 + 0.12 * (1 + dz);
  const t = smoothstep(-0.12, 0.03, dz);
  return floor * (1 - t) + wall * t;
}

/**
 * A glossy surface: paint of `base` under a clear coat.
 * `mirror` is the reflection seen head-on (0.05 for paint, 0.09 for glass); it grows at grazing angles (Schlick).
 */
export function glossy(point: SurfacePoint, base: Rgb, mirror: number, daylight: number, out: Float32Array): void {
  const facing = -(point.rayX * point.nx + point.rayY * point.ny + point.rayZ * point.nz);
  const k = 2 * facing;
  const grazing = 1 - Math.min(1, Math.max(0, facing));
  const fresnel = mirror + (1 - mirror) * grazing * grazing * grazing * grazing * grazing * 0.6;
  const reflected =
    255 * reflectedLight(point.rayX + k * point.nx, point.rayY + k * point.ny, point.rayZ + k * point.nz, daylight);
  const dull = dullLight(point.nx, point.ny, point.nz, daylight);
  out[0] = base[0] * dull * (1 - fresnel) + reflected * fresnel;
  out[1] = base[1] * dull * (1 - fresnel) + reflected * fresnel;
  out[2] = base[2] * dull * (1 - fresnel) + reflected * fresnel;
}

export function matt(point: SurfacePoint, base: Rgb, daylight: number, out: Float32Array, strength = 1): void {
  const dull = dullLight(point.nx, point.ny, point.nz, daylight) * strength;
  out[0] = base[0] * dull;
  out[1] = base[1] * dull;
  out[2] = base[2] * dull;
}
