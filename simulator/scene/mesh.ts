import type { Point } from "./description.ts";

/** Triangles with smooth normals; `texture` is what the material looks at (for a car its own coordinates in metres). */
export interface Mesh {
  readonly positions: Float32Array;
  readonly normals: Float32Array;
  readonly texture: Float32Array;
  readonly triangles: Uint32Array;
  /** One material number per triangle. */
  readonly parts: Uint8Array;
}

/** Where a mesh stands in the world: turned about the vertical, then moved. */
export interface Placement {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly headingRad: number;
}

export const AT_ORIGIN: Placement = { x: 0, y: 0, z: 0, headingRad: 0 };

/** Collects vertices and triangles; `finish` computes normals where none were given. */
export class MeshBuilder {
  readonly #positions: number[] = [];
  readonly #texture: number[] = [];
  readonly #triangles: number[] = [];
  readonly #parts: number[] = [];

  vertex(position: Point, texture: Point = position): number {
    this.#positions.push(position[0], position[1], position[2]);
    this.#texture.push(texture[0], texture[1], texture[2]);
    return this.#positions.length / 3 - 1;
  }

  triangle(a: number, b: number, c: number, part: number): void {
    this.#triangles.push(a, b, c);
    this.#parts.push(part);
  }

  quad(a: Point, b: Point, c: Point, d: Point, part: number): void {
    const first = this.vertex(a);
    this.vertex(b);
    this.vertex(c);
    this.vertex(d);
    this.triangle(first, first + 1, first + 2, part);
    this.triangle(first, first + 2, first + 3, part);
  }

  /** Joins rings of equally many points; texture is (position along, angle 0..1, 0) unless the rings carry their own. */
  loft(rings: readonly (readonly Point[])[], part: number, closed: boolean, textureIsPosition = false): void {
    const count = rings[0]?.length ?? 0;
    const start = this.#positions.length / 3;
    rings.forEach((ring, i) => {
      ring.forEach((point, j) => {
        this.vertex(point, textureIsPosition ? point : [i / (rings.length - 1), j / count, 0]);
      });
    });
    const steps = closed ? count : count - 1;
    for (let i = 0; i + 1 < rings.length; i++) {
      for (let j = 0; j < steps; j++) {
        const a = start + i * count + j;
        const b = start + i * count + ((j + 1) % count);
        this.triangle(a, b, b + count, part);
        this.triangle(a, b + count, a + count, part);
      }
    }
  }

  /** An upright box turned about its own vertical axis; `centre` is the middle of its bottom. */
  box(centre: Point, size: Point, part: number, headingRad = 0): void {
    const c = Math.cos(headingRad);
    const s = Math.sin(headingRad);
    const corner = (dx: number, dy: number, dz: number): Point => [
      centre[0] + (c * dx * size[0] - s * dy * size[1]) / 2,
      centre[1] + (s * dx * size[0] + c * dy * size[1]) / 2,
      centre[2] + dz * size[2],
    ];
    const [a, b, d, e] = [corner(-1, -1, 0), corner(1, -1, 0), corner(1, 1, 0), corner(-1, 1, 0)];
    const [f, g, h, i] = [corner(-1, -1, 1), corner(1, -1, 1), corner(1, 1, 1), corner(-1, 1, 1)];
    this.quad(a, b, g, f, part);
    this.quad(b, d, h, g, part);
    this.quad(d, e, i, h, part);
    this.quad(e, a, f, i, part);
    this.quad(f, g, h, i, part);
    this.quad(a, b, d, e, part);
  }

  /** An upright cylinder with a lid. */
  drum(centre: Point, radius: number, height: number, part: number): void {
    const ring = (z: number, r: number): Point[] =>
      Array.from({ length: 20 }, (_, k) => {
        const angle = (k / 20) * 2 * Math.PI;
        return [centre[0] + r * Math.cos(angle), centre[1] + r * Math.sin(angle), z];
      });
    const top = centre[2] + height;
    this.loft([ring(centre[2], radius), ring(top, radius)], part, true, true);
    this.loft([ring(top, radius), ring(top, 0)], part, true, true);
  }

  finish(): Mesh {
    const positions = Float32Array.from(this.#positions);
    const triangles = Uint32Array.from(this.#triangles);
    const normals = new Float32Array(positions.length);
    for (let t = 0; t < triangles.length; t += 3) {
      const a = triangles[t]! * 3;
      const b = triangles[t + 1]! * 3;
      const c = triangles[t + 2]! * 3;
      const ux = positions[b]! - positions[a]!;
      const uy = positions[b + 1]! - positions[a + 1]!;
      const uz = positions[b + 2]! - positions[a + 2]!;
      const vx = positions[c]! - positions[a]!;
      const vy = positions[c + 1]! - positions[a + 1]!;
      const vz = positions[c + 2]! - positions[a + 2]!;
      const nx = uy * vz - uz * vy;
      const ny = uz * vx - ux * vz;
      const nz = ux * vy - uy * vx;
      for (const vertex of [a, b, c]) {
        normals[vertex] = normals[vertex]! + nx;
        normals[vertex + 1] = normals[vertex + 1]! + ny;
        normals[vertex + 2] = normals[vertex + 2]! + nz;
      }
    }
    return {
      positions,
      normals,
      texture: Float32Array.from(this.#texture),
      triangles,
      parts: Uint8Array.from(this.#parts),
    };
  }
}
