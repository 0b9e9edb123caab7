import type { Camera } from "./camera.ts";
import type { Mesh, Placement } from "./mesh.ts";

/** Nearer than this nothing is drawn. */
const NEAR_M = 0.12;
/** Per vertex after projection: x, y, 1/depth, then normal and texture, each divided by depth. */
const STRIDE = 9;

/** What the camera sees at each pixel, before any colour: nearness, surface normal, texture coordinates, material. */
export interface SurfaceBuffer {
  readonly widthPx: number;
  readonly heightPx: number;
  /** 1/depth; 0 where nothing was drawn. */
  readonly nearness: Float32Array;
  /** Six values a pixel: normal, texture. */
  readonly surface: Float32Array;
  readonly part: Uint8Array;
  /** Pixels touched since `clearSurface` (max exclusive). */
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
  /** The projected extent, picture border ignored. */
  spanMinX: number;
  spanMinY: number;
  spanMaxX: number;
  spanMaxY: number;
}

export function createSurface(widthPx: number, heightPx: number): SurfaceBuffer {
  const pixels = widthPx * heightPx;
  const buffer: SurfaceBuffer = {
    widthPx,
    heightPx,
    nearness: new Float32Array(pixels),
    surface: new Float32Array(pixels * 6),
    part: new Uint8Array(pixels),
    minX: 0,
    minY: 0,
    maxX: 0,
    maxY: 0,
    spanMinX: 0,
    spanMinY: 0,
    spanMaxX: 0,
    spanMaxY: 0,
  };
  clearSurface(buffer);
  return buffer;
}

/** Forgets what was drawn; costs only what had been touched. */
export function clearSurface(buffer: SurfaceBuffer): void {
  for (let y = buffer.minY; y < buffer.maxY; y++) {
    buffer.nearness.fill(0, y * buffer.widthPx + buffer.minX, y * buffer.widthPx + buffer.maxX);
  }
  buffer.minX = buffer.widthPx;
  buffer.minY = buffer.heightPx;
  buffer.maxX = 0;
  buffer.maxY = 0;
  buffer.spanMinX = Number.POSITIVE_INFINITY;
  buffer.spanMinY = Number.POSITIVE_INFINITY;
  buffer.spanMaxX = Number.NEGATIVE_INFINITY;
  buffer.spanMaxY = Number.NEGATIVE_INFINITY;
}

/** Draws a mesh, nearest surface wins, perspective-correct. */
export function drawMesh(buffer: SurfaceBuffer, camera: Camera, mesh: Mesh, at: Placement): void {
  const count = mesh.positions.length / 3;
  const c = Math.cos(at.headingRad);
  const s = Math.sin(at.headingRad);
  // Camera-space x, y, depth, then normal and texture.
  const vertices = new Float64Array(count * STRIDE);
  for (let i = 0; i < count; i++) {
    const px = mesh.positions[i * 3]!;
    const py = mesh.positions[i * 3 + 1]!;
    const dx = c * px - s * py + at.x - camera.position[0];
    const dy = s * px + c * py + at.y - camera.position[1];
    const dz = mesh.positions[i * 3 + 2]! + at.z - camera.position[2];
    const nx = mesh.normals[i * 3]!;
    const ny = mesh.normals[i * 3 + 1]!;
    const nz = mesh.normals[i * 3 + 2]!;
    const inverse = 1 / (Math.sqrt(nx * nx + ny * ny + nz * nz) + 1e-12);
    const o = i * STRIDE;
    vertices[o] = dx * camera.right[0] + dy * camera.right[1] + dz * camera.right[2];
    vertices[o + 1] = dx * camera.down[0] + dy * camera.down[1] + dz * camera.down[2];
    vertices[o + 2] = dx * camera.forward[0] + dy * camera.forward[1] + dz * camera.forward[2];
    vertices[o + 3] = (c * nx - s * ny) * inverse;
    vertices[o + 4] = (s * nx + c * ny) * inverse;
    vertices[o + 5] = nz * inverse;
    vertices[o + 6] = mesh.texture[i * 3]!;
    vertices[o + 7] = mesh.texture[i * 3 + 1]!;
    vertices[o + 8] = mesh.texture[i * 3 + 2]!;
  }
  const a = new Float64Array(STRIDE);
  const b = new Float64Array(STRIDE);
  const d = new Float64Array(STRIDE);
  for (let t = 0; t < mesh.parts.length; t++) {
    const corners = [mesh.triangles[t * 3]!, mesh.triangles[t * 3 + 1]!, mesh.triangles[t * 3 + 2]!];
    const polygon = clipToNear(vertices, corners);
    for (let k = 2; k < polygon.length; k++) {
      project(camera, polygon[0]!, a);
      project(camera, polygon[k - 1]!, b);
      project(camera, polygon[k]!, d);
      fillTriangle(buffer, a, b, d, mesh.parts[t]!);
    }
  }
}

/** Sutherland–Hodgman against the near plane: the floor reaches behind the camera. */
function clipToNear(vertices: Float64Array, corners: readonly number[]): Float64Array[] {
  const result: Float64Array[] = [];
  for (let i = 0; i < 3; i++) {
    const from = corners[i]! * STRIDE;
    const to = corners[(i + 1) % 3]! * STRIDE;
    const fromDepth = vertices[from + 2]! - NEAR_M;
    const toDepth = vertices[to + 2]! - NEAR_M;
    if (fromDepth >= 0) result.push(vertices.subarray(from, from + STRIDE));
    if (fromDepth >= 0 !== toDepth >= 0) {
      const k = fromDepth / (fromDepth - toDepth);
      const crossing = new Float64Array(STRIDE);
      for (let j = 0; j < STRIDE; j++) crossing[j] = vertices[from + j]! * (1 - k) + vertices[to + j]! * k;
      result.push(crossing);
    }
  }
  return result;
}

function project(camera: Camera, vertex: Float64Array, out: Float64Array): void {
  const nearness = 1 / vertex[2]!;
  out[0] = camera.widthPx / 2 + camera.focalPx * vertex[0]! * nearness;
  out[1] = camera.heightPx / 2 + camera.focalPx * vertex[1]! * nearness;
  out[2] = nearness;
  for (let j = 3; j < STRIDE; j++) out[j] = vertex[j]! * nearness;
}

function fillTriangle(buffer: SurfaceBuffer, a: Float64Array, b: Float64Array, d: Float64Array, part: number): void {
  const [ax, ay, bx, by, dx, dy] = [a[0]!, a[1]!, b[0]!, b[1]!, d[0]!, d[1]!];
  const lowX = Math.min(ax, bx, dx);
  const highX = Math.max(ax, bx, dx);
  const lowY = Math.min(ay, by, dy);
  const highY = Math.max(ay, by, dy);
  if (lowX < buffer.spanMinX) buffer.spanMinX = lowX;
  if (lowY < buffer.spanMinY) buffer.spanMinY = lowY;
  if (highX > buffer.spanMaxX) buffer.spanMaxX = highX;
  if (highY > buffer.spanMaxY) buffer.spanMaxY = highY;
  const area = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax);
  if (Math.abs(area) < 1e-9) return;
  const x0 = Math.max(0, Math.ceil(lowX - 0.5));
  const x1 = Math.min(buffer.widthPx - 1, Math.floor(highX - 0.5));
  const y0 = Math.max(0, Math.ceil(lowY - 0.5));
  const y1 = Math.min(buffer.heightPx - 1, Math.floor(highY - 0.5));
  if (x0 > x1 || y0 > y1) return;
  if (x0 < buffer.minX) buffer.minX = x0;
  if (y0 < buffer.minY) buffer.minY = y0;
  if (x1 >= buffer.maxX) buffer.maxX = x1 + 1;
  if (y1 >= buffer.maxY) buffer.maxY = y1 + 1;
  const inverseArea = 1 / area;
  const { nearness, surface, part: parts, widthPx } = buffer;
  // Barycentric weights of b and d grow linearly along a row.
  const stepB = (dy - ay) * inverseArea;
  const stepD = -(by - ay) * inverseArea;
  for (let y = y0; y <= y1; y++) {
    const py = y + 0.5 - ay;
    const px = x0 + 0.5 - ax;
    let wb = (px * (dy - ay) - py * (dx - ax)) * inverseArea;
    let wd = ((bx - ax) * py - (by - ay) * px) * inverseArea;
    for (let x = x0; x <= x1; x++, wb += stepB, wd += stepD) {
      const wa = 1 - wb - wd;
      if (wa < -1e-9 || wb < -1e-9 || wd < -1e-9) continue;
      const near = wa * a[2]! + wb * b[2]! + wd * d[2]!;
      const pixel = y * widthPx + x;
      if (near <= nearness[pixel]!) continue;
      nearness[pixel] = near;
      parts[pixel] = part;
      const depth = 1 / near;
      const o = pixel * 6;
      for (let j = 0; j < 6; j++) surface[o + j] = (wa * a[j + 3]! + wb * b[j + 3]! + wd * d[j + 3]!) * depth;
    }
  }
}
