import type { CameraDescription, Point, Viewpoint } from "./description.ts";

/** A pinhole camera: `right`, `down` and `forward` are its unit axes in the world, `focalPx` its focal length. */
export interface Camera {
  readonly position: Point;
  readonly right: Point;
  readonly down: Point;
  readonly forward: Point;
  readonly focalPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Where installers put bay cameras: under the ceiling, looking down at the bay's centre. */
const VIEWPOINTS: Record<Viewpoint, { readonly position: Point; readonly target: Point }> = {
  "front-left": { position: [-3.1, 6.6, 3.1], target: [0.1, 0.1, 0.75] },
  "front-right": { position: [3.1, 6.6, 3.1], target: [-0.1, 0.1, 0.75] },
  "rear-left": { position: [-3.0, -4.1, 3.6], target: [0.25, 1.3, 0.55] },
  "rear-right": { position: [3.0, -4.1, 3.6], target: [-0.25, 1.3, 0.55] },
  "side-left": { position: [-6.4, 0.9, 3.2], target: [0, 0.2, 0.8] },
  "side-right": { position: [6.4, 0.9, 3.2], target: [0, 0.2, 0.8] },
};

function cross(a: Point, b: Point): Point {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit(a: Point): Point {
  const length = Math.hypot(a[0], a[1], a[2]);
  return [a[0] / length, a[1] / length, a[2] / length];
}

/** The camera of a description at a picture size. */
export function aimCamera(description: CameraDescription, widthPx: number, heightPx: number): Camera {
  const { position: base, target } = VIEWPOINTS[description.viewpoint];
  const offset = description.offset ?? [0, 0, 0];
  const position: Point = [base[0] + offset[0], base[1] + offset[1], base[2] + offset[2]];
  const forward = unit([target[0] - position[0], target[1] - position[1], target[2] - position[2]]);
  const level = unit(cross(forward, [0, 0, 1]));
  const plumb = cross(forward, level);
  const roll = ((description.rollDeg ?? 0) * Math.PI) / 180;
  const c = Math.cos(roll);
  const s = Math.sin(roll);
  const mix = (a: Point, ka: number, b: Point, kb: number): Point => [
    a[0] * ka + b[0] * kb,
    a[1] * ka + b[1] * kb,
    a[2] * ka + b[2] * kb,
  ];
  const halfHeight = Math.tan(((description.fieldOfViewDeg ?? 48) * Math.PI) / 360);
  return {
    position,
    right: mix(level, c, plumb, s),
    down: mix(plumb, c, level, -s),
    forward,
    focalPx: heightPx / 2 / halfHeight,
    widthPx,
    heightPx,
  };
}
