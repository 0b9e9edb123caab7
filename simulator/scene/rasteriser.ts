import type { Camera } from "./camera.ts";
import type { Mesh, Placement } from "./mesh.ts";

/** Nearer than this nothing is drawn. */
const NEAR_M = 0.12;
/** A vertex in camera space: x, y, depth, normal, texture; once projected: x px, y px, 1/depth and the rest divided by depth. */
const STRIDE = 9;
const TRIANGLE = STRIDE * 3;

/**
 * What the camera sees of one mesh at each pixel: which triangle and where in it. Normals and texture coordinates are
 * worked out only for pixels that are coloured in the end.
 */
export interface SurfaceBuffer {
  readonly widthPx: number;
  readonly heightPx: number;
  /** 1/depth; 0 where nothing was drawn. */
  readonly nearness: Float32Array;
  readonly triangle: Uint32Array;
  /** Barycentric weights of the triangle's second and third corner. */
  readonly second: Float32Array;
  readonly third: Float32Array;
  /** Projected corners of the triangles drawn since `clearSurface`. */
  corners: Float64Array;
  parts: Uint8Array;
  triangles: number;
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
    triangle: new Uint32Array(pixels),
    second: new Float32Array(pixels),
    third: new Float32Array(pixels),
    corners: new Float64Array(TRIANGLE * 4096),
    parts: new Uint8Array(4096),
    triangles: 0,
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
  buffer.triangles = 0;
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
  const vertices = toCameraSpace(camera, mesh, at);
  const projected = new Float64Array(vertices.length);
  for (let o = 0; o < vertices.length; o += STRIDE) {
    if (vertices[o + 2]! >= NEAR_M) project(camera, vertices, o, projected, o);
  }
  for (let t = 0; t < mesh.parts.length; t++) {
    const a = mesh.triangles[t * 3]! * STRIDE;
    const b = mesh.triangles[t * 3 + 1]! * STRIDE;
    const c = mesh.triangles[t * 3 + 2]! * STRIDE;
    const part = mesh.parts[t]!;
    const hidden =
      Number(vertices[a + 2]! < NEAR_M) + Number(vertices[b + 2]! < NEAR_M) + Number(vertices[c + 2]! < NEAR_M);
    if (hidden === 0) addTriangle(buffer, projected, a, b, c, part);
    else if (hidden < 3) addClipped(buffer, camera, vertices, [a, b, c], part);
  }
}

function toCameraSpace(camera: Camera, mesh: Mesh, at: Placement): Float64Array {
  const count = mesh.positions.length / 3;
  const { positions, normals, texture } = mesh;
  const { position, right, down, forward } = camera;
  const c = Math.cos(at.headingRad);
  const s = Math.sin(at.headingRad);
  const vertices = new Float64Array(count * STRIDE);
  for (let i = 0; i < count; i++) {
    const px = positions[i * 3]!;
    const py = positions[i * 3 + 1]!;
    const dx = c * px - s * py + at.x - position[0];
    const dy = s * px + c * py + at.y - position[1];
    const dz = positions[i * 3 + 2]! + at.z - position[2];
    const nx = normals[i * 3]!;
    const ny = normals[i * 3 + 1]!;
    const nz = normals[i * 3 + 2]!;
    const inverse = 1 / (Math.sqrt(nx * nx + ny * ny + nz * nz) + 1e-12);
    const o = i * STRIDE;
    vertices[o] = dx * right[0] + dy * right[1] + dz * right[2];
    vertices[o + 1] = dx * down[0] + dy * down[1] + dz * down[2];
    vertices[o + 2] = dx * forward[0] + dy * forward[1] + dz * forward[2];
    vertices[o + 3] = (c * nx - s * ny) * inverse;
    vertices[o + 4] = (s * nx + c * ny) * inverse;
    vertices[o + 5] = nz * inverse;
    vertices[o + 6] = texture[i * 3]!;
    vertices[o + 7] = texture[i * 3 + 1]!;
    vertices[o + 8] = texture[i * 3 + 2]!;
  }
  return vertices;
}

function project(camera: Camera, from: Float64Array, at: number, to: Float64Array, o: number): void {
  const nearness = 1 / from[at + 2]!;
  to[o] = camera.widthPx / 2 + camera.focalPx * from[at]! * nearness;
  to[o + 1] = camera.heightPx / 2 + camera.focalPx * from[at + 1]! * nearness;
  to[o + 2] = nearness;
  for (let j = 3; j < STRIDE; j++) to[o + j] = from[at + j]! * nearness;
}

/** Sutherland–Hodgman against the near plane: the floor reaches behind the camera. */
function addClipped(
  buffer: SurfaceBuffer,
  camera: Camera,
  vertices: Float64Array,
  corners: readonly [number, number, number],
  part: number,
): void {
  const polygon = new Float64Array(STRIDE * 4);
  const between = new Float64Array(STRIDE);
  let count = 0;
  for (let i = 0; i < 3; i++) {
    const from = corners[i]!;
    const to = corners[(i + 1) % 3]!;
    const fromDepth = vertices[from + 2]! - NEAR_M;
    const toDepth = vertices[to + 2]! - NEAR_M;
    if (fromDepth >= 0) project(camera, vertices, from, polygon, STRIDE * count++);
    if (fromDepth >= 0 !== toDepth >= 0) {
      const k = fromDepth / (fromDepth - toDepth);
      for (let j = 0; j < STRIDE; j++) between[j] = vertices[from + j]! * (1 - k) + vertices[to + j]! * k;
      project(camera, between, 0, polygon, STRIDE * count++);
    }
  }
  for (let k = 2; k < count; k++) addTriangle(buffer, polygon, 0, STRIDE * (k - 1), STRIDE * k, part);
}

function addTriangle(
  buffer: SurfaceBuffer,
  projected: Float64Array,
  a: number,
  b: number,
  c: number,
  part: number,
): void {
  if (buffer.triangles === buffer.parts.length) growTriangles(buffer);
  const index = buffer.triangles++;
  const o = index * TRIANGLE;
  const { corners } = buffer;
  for (let j = 0; j < STRIDE; j++) {
    corners[o + j] = projected[a + j]!;
    corners[o + STRIDE + j] = projected[b + j]!;
    corners[o + 2 * STRIDE + j] = projected[c + j]!;
  }
  buffer.parts[index] = part;
  fill(buffer, index);
}

function growTriangles(buffer: SurfaceBuffer): void {
  const corners = new Float64Array(buffer.corners.length * 2);
  corners.set(buffer.corners);
  const parts = new Uint8Array(buffer.parts.length * 2);
  parts.set(buffer.parts);
  buffer.corners = corners;
  buffer.parts = parts;
}

function fill(buffer: SurfaceBuffer, index: number): void {
  const o = index * TRIANGLE;
  const { corners, nearness, triangle, second, third, widthPx } = buffer;
  const ax = corners[o]!;
  const ay = corners[o + 1]!;
  const bx = corners[o + STRIDE]!;
  const by = corners[o + STRIDE + 1]!;
  const cx = corners[o + 2 * STRIDE]!;
  const cy = corners[o + 2 * STRIDE + 1]!;
  const lowX = Math.min(ax, bx, cx);
  const highX = Math.max(ax, bx, cx);
  const lowY = Math.min(ay, by, cy);
  const highY = Math.max(ay, by, cy);
  if (lowX < buffer.spanMinX) buffer.spanMinX = lowX;
  if (lowY < buffer.spanMinY) buffer.spanMinY = lowY;
  if (highX > buffer.spanMaxX) buffer.spanMaxX = highX;
  if (highY > buffer.spanMaxY) buffer.spanMaxY = highY;
  const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
  if (Math.abs(area) < 1e-9) return;
  const x0 = Math.max(0, Math.ceil(lowX - 0.5));
  const x1 = Math.min(widthPx - 1, Math.floor(highX - 0.5));
  const y0 = Math.max(0, Math.ceil(lowY - 0.5));
  const y1 = Math.min(buffer.heightPx - 1, Math.floor(highY - 0.5));
  if (x0 > x1 || y0 > y1) return;
  if (x0 < buffer.minX) buffer.minX = x0;
  if (y0 < buffer.minY) buffer.minY = y0;
  if (x1 >= buffer.maxX) buffer.maxX = x1 + 1;
  if (y1 >= buffer.maxY) buffer.maxY = y1 + 1;
  const inverse = 1 / area;
  // Weights of the second and third corner grow linearly along a row.
  const stepB = (cy - ay) * inverse;
  const stepC = -(by - ay) * inverse;
  const nearA = corners[o + 2]!;
  const slopeB = corners[o + STRIDE + 2]! - nearA;
  const slopeC = corners[o + 2 * STRIDE + 2]! - nearA;
  for (let y = y0; y <= y1; y++) {
    const py = y + 0.5 - ay;
    const px = x0 + 0.5 - ax;
    let wb = (px * (cy - ay) - py * (cx - ax)) * inverse;
    let wc = ((bx - ax) * py - (by - ay) * px) * inverse;
    let entered = false;
    let pixel = y * widthPx + x0;
    for (let x = x0; x <= x1; x++, pixel++, wb += stepB, wc += stepC) {
      if (wb < -1e-9 || wc < -1e-9 || wb + wc > 1 + 1e-9) {
        // A triangle is convex: once left, a row is not entered again.
        if (entered) break;
        continue;
      }
      entered = true;
      const near = nearA + wb * slopeB + wc * slopeC;
      if (near <= nearness[pixel]!) continue;
      nearness[pixel] = near;
      triangle[pixel] = index;
      second[pixel] = wb;
      third[pixel] = wc;
    }
  }
}

/** One visible point: world normal turned to the viewer, texture coordinates, and the unit ray from the camera to it. */
export interface SurfacePoint {
  part: number;
  nx: number;
  ny: number;
  nz: number;
  tx: number;
  ty: number;
  tz: number;
  rayX: number;
  rayY: number;
  rayZ: number;
}

export function newSurfacePoint(): SurfacePoint {
  return { part: 0, nx: 0, ny: 0, nz: 0, tx: 0, ty: 0, tz: 0, rayX: 0, rayY: 0, rayZ: 0 };
}

/** Reads a drawn pixel: normal made unit and turned to the viewer, ray made unit. */
export function readSurface(buffer: SurfaceBuffer, camera: Camera, x: number, y: number, point: SurfacePoint): void {
  const pixel = y * buffer.widthPx + x;
  const { corners } = buffer;
  const { right, down, forward } = camera;
  const u = (x + 0.5 - camera.widthPx / 2) / camera.focalPx;
  const v = (y + 0.5 - camera.heightPx / 2) / camera.focalPx;
  const length = 1 / Math.sqrt(1 + u * u + v * v);
  const rayX = (right[0] * u + down[0] * v + forward[0]) * length;
  const rayY = (right[1] * u + down[1] * v + forward[1]) * length;
  const rayZ = (right[2] * u + down[2] * v + forward[2]) * length;
  const index = buffer.triangle[pixel]!;
  const a = index * TRIANGLE;
  const b = a + STRIDE;
  const c = b + STRIDE;
  const depth = 1 / buffer.nearness[pixel]!;
  const wb = buffer.second[pixel]! * depth;
  const wc = buffer.third[pixel]! * depth;
  const wa = depth - wb - wc;
  const nx = wa * corners[a + 3]! + wb * corners[b + 3]! + wc * corners[c + 3]!;
  const ny = wa * corners[a + 4]! + wb * corners[b + 4]! + wc * corners[c + 4]!;
  const nz = wa * corners[a + 5]! + wb * corners[b + 5]! + wc * corners[c + 5]!;
  const away = nx * rayX + ny * rayY + nz * rayZ > 0 ? -1 : 1;
  const inverse = away / (Math.sqrt(nx * nx + ny * ny + nz * nz) + 1e-9);
  point.nx = nx * inverse;
  point.ny = ny * inverse;
  point.nz = nz * inverse;
  point.tx = wa * corners[a + 6]! + wb * corners[b + 6]! + wc * corners[c + 6]!;
  point.ty = wa * corners[a + 7]! + wb * corners[b + 7]! + wc * corners[c + 7]!;
  point.tz = wa * corners[a + 8]! + wb * corners[b + 8]! + wc * corners[c + 8]!;
  point.rayX = rayX;
  point.rayY = rayY;
  point.rayZ = rayZ;
  point.part = buffer.parts[index]!;
}
