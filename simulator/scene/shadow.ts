import type { Backdrop } from "./backdrop.ts";
import { smoothstep } from "./shading.ts";

/** A soft rectangle of shade on the floor under something. */
export interface Shadow {
  readonly x: number;
  readonly y: number;
  readonly headingRad: number;
  readonly halfLengthM: number;
  readonly halfWidthM: number;
  /** Width of the fringe; grows as the thing rises. */
  readonly softM: number;
  /** Light taken away at the middle, 0..1. */
  readonly depth: number;
}

/** Darkens the ground under the shadows. The backdrop's nearness tells where each pixel's floor lies. */
export function castShadows(pixels: Uint8ClampedArray, backdrop: Backdrop, shadows: readonly Shadow[]): void {
  for (const shadow of shadows) castShadow(pixels, backdrop, shadow);
}

function castShadow(pixels: Uint8ClampedArray, backdrop: Backdrop, shadow: Shadow): void {
  const { camera, ground } = backdrop;
  const { position, right, down, forward, focalPx, widthPx, heightPx } = camera;
  const fringe = shadow.softM * 2.4;
  const area = screenArea(backdrop, shadow);
  const c = Math.cos(shadow.headingRad);
  const s = Math.sin(shadow.headingRad);
  for (let y = area.minY; y < area.maxY; y++) {
    const v = (y + 0.5 - heightPx / 2) / focalPx;
    for (let x = area.minX; x < area.maxX; x++) {
      const pixel = y * widthPx + x;
      if (ground[pixel] === 0) continue;
      const u = (x + 0.5 - widthPx / 2) / focalPx;
      const fall = right[2] * u + down[2] * v + forward[2];
      if (fall >= -1e-6) continue;
      const t = -position[2] / fall;
      const dx = position[0] + t * (right[0] * u + down[0] * v + forward[0]) - shadow.x;
      const dy = position[1] + t * (right[1] * u + down[1] * v + forward[1]) - shadow.y;
      const beyondLength = Math.max(0, Math.abs(c * dx + s * dy) - shadow.halfLengthM + shadow.softM);
      const beyondWidth = Math.max(0, Math.abs(-s * dx + c * dy) - shadow.halfWidthM + shadow.softM);
      if (beyondLength > fringe || beyondWidth > fringe) continue;
      const distance = Math.sqrt(beyondLength * beyondLength + beyondWidth * beyondWidth);
      const light = 1 - shadow.depth * smoothstep(fringe, 0, distance);
      const o = pixel * 3;
      pixels[o] = pixels[o]! * light;
      pixels[o + 1] = pixels[o + 1]! * light;
      pixels[o + 2] = pixels[o + 2]! * light;
    }
  }
}

/** The part of the picture that a shadow can touch; all of it when the shadow reaches behind the camera. */
function screenArea(backdrop: Backdrop, shadow: Shadow): { minX: number; minY: number; maxX: number; maxY: number } {
  const { position, right, down, forward, focalPx, widthPx, heightPx } = backdrop.camera;
  const reach = Math.hypot(shadow.halfLengthM, shadow.halfWidthM) + shadow.softM * 2.4;
  const area = { minX: widthPx, minY: heightPx, maxX: 0, maxY: 0 };
  for (const [sx, sy] of [
    [-1, -1],
    [-1, 1],
    [1, -1],
    [1, 1],
  ] as const) {
    const dx = shadow.x + sx * reach - position[0];
    const dy = shadow.y + sy * reach - position[1];
    const dz = -position[2];
    const depth = dx * forward[0] + dy * forward[1] + dz * forward[2];
    if (depth < 0.2) return { minX: 0, minY: 0, maxX: widthPx, maxY: heightPx };
    const x = widthPx / 2 + (focalPx * (dx * right[0] + dy * right[1] + dz * right[2])) / depth;
    const y = heightPx / 2 + (focalPx * (dx * down[0] + dy * down[1] + dz * down[2])) / depth;
    area.minX = Math.min(area.minX, Math.floor(x));
    area.maxX = Math.max(area.maxX, Math.ceil(x));
    area.minY = Math.min(area.minY, Math.floor(y));
    area.maxY = Math.max(area.maxY, Math.ceil(y));
  }
  return {
    minX: Math.max(0, area.minX),
    minY: Math.max(0, area.minY),
    maxX: Math.min(widthPx, area.maxX),
    maxY: Math.min(heightPx, area.maxY),
  };
}
