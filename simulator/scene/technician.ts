import type { Point, Posture, TechnicianDescription } from "./description.ts";
import { type Mesh, MeshBuilder } from "./mesh.ts";
import { glossy, matt, parseColour, type Rgb, type Shader } from "./shading.ts";

const PART = { torso: 0, arm: 1, leg: 2, head: 3, helmet: 4, hand: 5, shoe: 6, load: 7, brim: 8 } as const;

/** Joint angles in degrees. Limbs hang at 0 and swing forward with positive angles; the torso leans forward from upright. */
interface Joints {
  readonly torso: number;
  readonly head: number;
  /** Left, right. */
  readonly hips: readonly [number, number];
  readonly knees: readonly [number, number];
  readonly shoulders: readonly [number, number];
  readonly elbows: readonly [number, number];
  /** Arms away from the body. */
  readonly spread: number;
}

function joints(posture: Posture, phase: number): Joints {
  const swing = Math.sin(phase * 2 * Math.PI);
  const sway = 4 * swing;
  switch (posture) {
    case "standing":
      return {
        torso: 3 + sway / 2,
        head: 8,
        hips: [5, -4],
        knees: [5, 4],
        shoulders: [10 + sway, -6 - sway],
        elbows: [24, 16],
        spread: 9,
      };
    case "walking":
      return {
        torso: 6,
        head: 4,
        hips: [27 * swing, -27 * swing],
        knees: [10 + 28 * Math.max(0, -swing), 10 + 28 * Math.max(0, swing)],
        shoulders: [-26 * swing, 26 * swing],
        elbows: [26, 26],
        spread: 7,
      };
    case "bending":
      return {
        torso: 58 + sway,
        head: 22,
        hips: [12, -6],
        knees: [16, 8],
        shoulders: [28 + sway, 36 - sway],
        elbows: [30, 22],
        spread: 12,
      };
    case "kneeling":
      return {
        torso: 16 + sway,
        head: 20,
        hips: [86, 2],
        knees: [92, 96],
        shoulders: [58 + sway, 48],
        elbows: [38, 46],
        spread: 12,
      };
    case "crouching":
      return {
        torso: 30 + sway,
        head: 8,
        hips: [104, 96],
        knees: [128, 126],
        shoulders: [72 + sway, 62],
        elbows: [28, 36],
        spread: 14,
      };
    case "reaching":
      return {
        torso: -4,
        head: -26,
        hips: [4, -6],
        knees: [4, 5],
        shoulders: [152 + sway, 140 - sway],
        elbows: [28, 36],
        spread: 10,
      };
    case "carrying":
      return {
        torso: 2,
        head: 6,
        hips: [16 * swing, -16 * swing],
        knees: [12 + 12 * Math.max(0, -swing), 12 + 12 * Math.max(0, swing)],
        shoulders: [28, 28],
        elbows: [66, 66],
        spread: 8,
      };
  }
}

const RAD = Math.PI / 180;

function along(from: Point, pitchDeg: number, length: number, sideways = 0): Point {
  const pitch = pitchDeg * RAD;
  const side = sideways * RAD;
  return [
    from[0] + length * Math.sin(pitch) * Math.cos(side),
    from[1] + length * Math.sin(side),
    from[2] - length * Math.cos(pitch) * Math.cos(side),
  ];
}

/** A rounded limb between two joints, thicker in the first third as muscles and cloth are. */
function limb(
  builder: MeshBuilder,
  from: Point,
  to: Point,
  startRadius: number,
  endRadius: number,
  part: number,
): void {
  const axis: Point = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  const length = Math.hypot(axis[0], axis[1], axis[2]);
  const u: Point = [axis[0] / length, axis[1] / length, axis[2] / length];
  // Limbs move mostly in the x–z plane, so y is never along them.
  const v: Point = [-u[2], 0, u[0]];
  const norm = Math.hypot(v[0], v[2]) || 1;
  const ring = (distance: number, radius: number): Point[] =>
    Array.from({ length: 10 }, (_, k) => {
      const angle = (k / 10) * 2 * Math.PI;
      const c = (Math.cos(angle) * radius) / norm;
      const s = Math.sin(angle) * radius;
      return [
        from[0] + u[0] * distance + v[0] * c,
        from[1] + u[1] * distance + s,
        from[2] + u[2] * distance + v[2] * c,
      ];
    });
  builder.loft(
    [
      ring(-startRadius, 0),
      ring(-startRadius * 0.7, startRadius * 0.7),
      ring(0, startRadius),
      ring(length * 0.33, startRadius * 1.04),
      ring(length * 0.7, (startRadius + endRadius) / 2),
      ring(length, endRadius),
      ring(length + endRadius * 0.7, endRadius * 0.7),
      ring(length + endRadius, 0),
    ],
    part,
    true,
  );
}

/** An ellipsoid; texture is the direction from its centre. `fromHeight` cuts off what lies lower (−1..1). */
function ball(
  builder: MeshBuilder,
  centre: Point,
  radii: Point,
  part: number,
  pitchDeg: number,
  fromHeight = -1,
): void {
  const c = Math.cos(pitchDeg * RAD);
  const s = Math.sin(pitchDeg * RAD);
  const rows = 8;
  const columns = 14;
  const lowest = Math.asin(fromHeight);
  const indices: number[][] = [];
  for (let i = 0; i <= rows; i++) {
    const latitude = lowest + ((Math.PI / 2 - lowest) * i) / rows;
    indices.push(
      Array.from({ length: columns }, (_, k) => {
        const longitude = (k / columns) * 2 * Math.PI;
        const d: Point = [
          Math.cos(latitude) * Math.cos(longitude),
          Math.cos(latitude) * Math.sin(longitude),
          Math.sin(latitude),
        ];
        const [x, y, z] = [d[0] * radii[0], d[1] * radii[1], d[2] * radii[2]];
        return builder.vertex([centre[0] + c * x + s * z, centre[1] + y, centre[2] - s * x + c * z], d);
      }),
    );
  }
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < columns; k++) {
      const n = (k + 1) % columns;
      builder.triangle(indices[i]![k]!, indices[i]![n]!, indices[i + 1]![n]!, part);
      builder.triangle(indices[i]![k]!, indices[i + 1]![n]!, indices[i + 1]![k]!, part);
    }
  }
}

/** A technician looking along +x, the lowest sole at height 0. */
export function technicianMesh(technician: TechnicianDescription): Mesh {
  const pose = joints(technician.posture, technician.phase ?? 0);
  const scale = (technician.heightM ?? 1.76) / 1.76;
  const m = (metres: number): number => metres * scale;
  // Body planned with the pelvis at the origin, then set down on its soles.
  const lowest = lowestSole(pose, m);
  const pelvis: Point = [0, 0, -lowest];
  const builder = new MeshBuilder();
  const up = (distance: number): Point => along(pelvis, 180 - pose.torso, distance);
  const lean = pose.torso * RAD;
  const slice = (distance: number, depth: number, width: number): Point[] => {
    const centre = up(m(distance));
    return Array.from({ length: 14 }, (_, k) => {
      const angle = (k / 14) * 2 * Math.PI;
      const forward = Math.cos(angle) * m(depth);
      return [centre[0] + forward * Math.cos(lean), Math.sin(angle) * m(width), centre[2] - forward * Math.sin(lean)];
    });
  };
  builder.loft(
    [
      slice(-0.12, 0.02, 0.03),
      slice(-0.1, 0.11, 0.15),
      slice(0, 0.135, 0.175),
      slice(0.17, 0.12, 0.158),
      slice(0.32, 0.135, 0.185),
      slice(0.43, 0.125, 0.205),
      slice(0.49, 0.095, 0.19),
      slice(0.53, 0.06, 0.09),
      slice(0.59, 0.052, 0.055),
    ],
    PART.torso,
    true,
  );
  const headPitch = pose.torso + pose.head;
  const head = along(up(m(0.55)), 180 - headPitch, m(0.165));
  ball(builder, head, [m(0.1), m(0.078), m(0.125)], PART.head, headPitch);
  if (technician.helmet !== undefined) {
    ball(builder, along(head, 180 - headPitch, m(0.015)), [m(0.133), m(0.108), m(0.14)], PART.helmet, headPitch, 0.15);
    const brim = along(along(head, 180 - headPitch, m(0.04)), 90 - headPitch, m(0.07));
    ball(builder, brim, [m(0.11), m(0.085), m(0.014)], PART.brim, headPitch);
  } else {
    ball(
      builder,
      along(head, 180 - headPitch, m(0.012)),
      [m(0.108), m(0.086), m(0.126)],
      PART.brim,
      headPitch - 16,
      0.25,
    );
  }
  [1, -1].forEach((side, i) => {
    const shoulderCentre = up(m(0.455));
    const shoulder: Point = [shoulderCentre[0], side * m(0.2), shoulderCentre[2]];
    const armPitch = pose.shoulders[i]! + pose.torso * 0.8;
    const elbow = along(shoulder, armPitch, m(0.29), side * pose.spread);
    const wrist = along(elbow, armPitch + pose.elbows[i]!, m(0.25), -side * pose.spread * 0.5);
    limb(builder, shoulder, elbow, m(0.07), m(0.053), PART.arm);
    limb(builder, elbow, wrist, m(0.055), m(0.04), PART.arm);
    ball(
      builder,
      along(wrist, armPitch + pose.elbows[i]!, m(0.075)),
      [m(0.045), m(0.035), m(0.075)],
      PART.hand,
      -armPitch - pose.elbows[i]!,
    );
    const [hip, knee, ankle, foot] = leg(pelvis, pose, i, m);
    limb(builder, hip, knee, m(0.098), m(0.068), PART.leg);
    limb(builder, knee, ankle, m(0.07), m(0.052), PART.leg);
    ball(builder, foot, [m(0.145), m(0.052), m(0.058)], PART.shoe, footPitch(pose, i));
  });
  if (technician.posture === "carrying") {
    const chest = up(m(0.22));
    builder.box([chest[0] + m(0.36), 0, chest[2] - m(0.12)], [0.3, 0.42, 0.26], PART.load);
  }
  return builder.finish();
}

function footPitch(pose: Joints, i: number): number {
  const shin = pose.hips[i]! - pose.knees[i]!;
  // A kneeling shin lies on the floor, its foot stretched behind; otherwise the sole stays flat.
  return shin < -70 ? 75 : 0;
}

function leg(
  pelvis: Point,
  pose: Joints,
  i: number,
  m: (metres: number) => number,
): readonly [Point, Point, Point, Point] {
  const hip: Point = [pelvis[0], (i === 0 ? 1 : -1) * m(0.095), pelvis[2]];
  const knee = along(hip, pose.hips[i]!, m(0.43));
  const ankle = along(knee, pose.hips[i]! - pose.knees[i]!, m(0.4));
  const foot: Point =
    footPitch(pose, i) > 0
      ? [ankle[0] - m(0.03), ankle[1], ankle[2]]
      : [ankle[0] + m(0.055), ankle[1], ankle[2] - m(0.055)];
  return [hip, knee, ankle, foot];
}

function lowestSole(pose: Joints, m: (metres: number) => number): number {
  return Math.min(
    ...[0, 1].flatMap((i) => {
      const [, knee, , foot] = leg([0, 0, 0], pose, i, m);
      return [knee[2] - m(0.07), foot[2] - m(0.057)];
    }),
  );
}

const SKIN: readonly Rgb[] = [
  [226, 178, 150],
  [198, 146, 112],
  [128, 86, 62],
];

/** The look of one technician: overalls with folds and pockets, reflective bands, face, helmet or hair. */
export function technicianShader(technician: TechnicianDescription, daylight: number): Shader {
  const overalls = parseColour(technician.overalls);
  const dark: Rgb = [overalls[0] * 0.6, overalls[1] * 0.6, overalls[2] * 0.6];
  const helmet = technician.helmet === undefined ? undefined : parseColour(technician.helmet);
  const tone = Math.min(1, Math.max(0, technician.skinTone ?? 0.3)) * 2;
  const low = SKIN[Math.min(1, Math.floor(tone))]!;
  const high = SKIN[Math.min(2, Math.floor(tone) + 1)]!;
  const k = tone - Math.floor(tone);
  const skin: Rgb = [low[0] + (high[0] - low[0]) * k, low[1] + (high[1] - low[1]) * k, low[2] + (high[2] - low[2]) * k];
  const hair: Rgb = [34, 28, 25];
  const stripes = technician.reflectiveStripes === true;
  return (point, out) => {
    const { part, tx, ty, tz } = point;
    const folds = 0.92 + 0.1 * Math.sin(tx * 19 + ty * 9) * Math.sin(ty * 25);
    if (part === PART.torso || part === PART.arm || part === PART.leg) {
      if (part === PART.torso && tx > 0.93) return matt(point, skin, daylight, out);
      const band =
        part === PART.torso ? Math.abs(tx - 0.44) < 0.035 || Math.abs(tx - 0.62) < 0.03 : Math.abs(tx - 0.66) < 0.05;
      if (stripes && band) return matt(point, [214, 218, 208], daylight, out, 1.12);
      const belt = part === PART.torso && Math.abs(tx - 0.27) < 0.025;
      return matt(point, belt ? dark : overalls, daylight, out, folds);
    }
    if (part === PART.head) {
      const face = tx > 0.35;
      const eyes = face && Math.abs(tz - 0.12) < 0.07 && Math.abs(Math.abs(ty) - 0.36) < 0.13;
      const mouth = face && Math.abs(tz + 0.48) < 0.04 && Math.abs(ty) < 0.24;
      const covered = tz > 0.45 || (tx < -0.05 && tz > -0.35);
      if (covered) return matt(point, hair, daylight, out);
      if (eyes) return matt(point, [52, 38, 34], daylight, out);
      if (mouth) return matt(point, [150, 84, 76], daylight, out);
      return matt(point, skin, daylight, out);
    }
    if (part === PART.helmet || (part === PART.brim && helmet))
      return glossy(point, helmet ?? hair, 0.05, daylight, out);
    if (part === PART.brim) return matt(point, hair, daylight, out);
    if (part === PART.hand) return matt(point, stripes ? [70, 74, 80] : skin, daylight, out);
    if (part === PART.load) return matt(point, [176, 138, 92], daylight, out);
    return matt(point, [40, 36, 34], daylight, out);
  };
}
