import type { BayDescription, Point } from "./description.ts";
import { type Mesh, MeshBuilder } from "./mesh.ts";
import { randomStream } from "./randomness.ts";
import type { Rgb } from "./shading.ts";

/** The gate's plane and opening, in metres. */
export const GATE_Y = -4.6;
export const GATE_HALF_WIDTH_M = 1.9;
const GATE_HEIGHT_M = 3.3;
export const BACK_WALL_Y = 7.6;
export const SIDE_WALL_X = 7.4;
const CEILING_M = 4.7;
/** Distance between the centre lines of neighbouring bays. */
export const BAY_PITCH_M = 4.4;
export const LIFT_POST_X = 1.62;

type RoomSurface =
  | "floor"
  | "wall"
  | "gateWall"
  | "ceiling"
  | "gate"
  | "yard"
  | "outside"
  | "painted"
  | "steel"
  | "cabinet"
  | "tyre"
  | "drum"
  | "wood"
  | "poster"
  | "column";

interface RoomPart {
  readonly surface: RoomSurface;
  readonly colour: Rgb;
}

export interface Room {
  readonly mesh: Mesh;
  /** What each material number of the mesh is. */
  readonly parts: readonly RoomPart[];
}

const FURNITURE: readonly Rgb[] = [
  [172, 34, 30],
  [36, 66, 132],
  [58, 60, 64],
  [196, 120, 28],
  [120, 124, 128],
  [36, 96, 72],
];

/** Everything of a bay that never moves. */
export function buildRoom(bay: BayDescription, gateOpen: boolean, liftColour: Rgb, wall: Rgb): Room {
  const builder = new MeshBuilder();
  const parts: RoomPart[] = [];
  const part = (surface: RoomSurface, colour: Rgb = [128, 128, 128]): number => parts.push({ surface, colour }) - 1;
  const random = randomStream(bay.seed);
  const [x, far] = [SIDE_WALL_X, BACK_WALL_Y];
  builder.quad([-x, GATE_Y, 0], [x, GATE_Y, 0], [x, far, 0], [-x, far, 0], part("floor"));
  const wallPart = part("wall", wall);
  builder.quad([-x, far, 0], [x, far, 0], [x, far, CEILING_M], [-x, far, CEILING_M], wallPart);
  builder.quad([-x, GATE_Y, 0], [-x, far, 0], [-x, far, CEILING_M], [-x, GATE_Y, CEILING_M], wallPart);
  builder.quad([x, GATE_Y, 0], [x, far, 0], [x, far, CEILING_M], [x, GATE_Y, CEILING_M], wallPart);
  builder.quad(
    [-x, GATE_Y, CEILING_M],
    [x, GATE_Y, CEILING_M],
    [x, far, CEILING_M],
    [-x, far, CEILING_M],
    part("ceiling"),
  );
  buildGateWall(builder, part, wall, gateOpen, random);
  builder.quad([-90, -34, -0.02], [90, -34, -0.02], [90, GATE_Y, -0.02], [-90, GATE_Y, -0.02], part("yard"));
  builder.quad([-90, -34, -1], [90, -34, -1], [90, -34, 30], [-90, -34, 30], part("outside"));
  const columnPart = part("column", wall);
  for (const column of [-BAY_PITCH_M / 2, BAY_PITCH_M / 2]) {
    builder.box([column, far - 0.25, 0], [0.4, 0.4, CEILING_M], columnPart);
    builder.box([column * 3, 1.2, 0], [0.35, 0.35, CEILING_M], columnPart);
  }
  if (bay.lift === "two-post") buildLiftPosts(builder, part("painted", liftColour), part("steel"));
  furnish(builder, part, bay, random);
  return { mesh: builder.finish(), parts };
}

type NewPart = (surface: RoomSurface, colour?: Rgb) => number;

function buildGateWall(builder: MeshBuilder, part: NewPart, wall: Rgb, gateOpen: boolean, random: () => number): void {
  const wallPart = part("gateWall", wall);
  const leafPart = part("gate", random() < 0.5 ? [186, 190, 192] : [96, 116, 140]);
  const upright = (x0: number, x1: number, z0: number, z1: number, id: number): void =>
    builder.quad([x0, GATE_Y, z0], [x1, GATE_Y, z0], [x1, GATE_Y, z1], [x0, GATE_Y, z1], id);
  let edge = -SIDE_WALL_X;
  for (const centre of [-BAY_PITCH_M, 0, BAY_PITCH_M]) {
    upright(edge, centre - GATE_HALF_WIDTH_M, 0, CEILING_M, wallPart);
    upright(centre - GATE_HALF_WIDTH_M, centre + GATE_HALF_WIDTH_M, GATE_HEIGHT_M, CEILING_M, wallPart);
    edge = centre + GATE_HALF_WIDTH_M;
    const open = centre === 0 ? gateOpen : random() < 0.25;
    if (!open) upright(centre - GATE_HALF_WIDTH_M, centre + GATE_HALF_WIDTH_M, 0, GATE_HEIGHT_M, leafPart);
    else upright(centre - GATE_HALF_WIDTH_M, centre + GATE_HALF_WIDTH_M, GATE_HEIGHT_M - 0.35, GATE_HEIGHT_M, leafPart);
    const frame = part("painted", [208, 176, 40]);
    for (const side of [-1, 1]) {
      builder.box([centre + side * (GATE_HALF_WIDTH_M + 0.05), GATE_Y + 0.06, 0], [0.1, 0.12, 1.1], frame);
    }
  }
  upright(edge, SIDE_WALL_X, 0, CEILING_M, wallPart);
}

function buildLiftPosts(builder: MeshBuilder, painted: number, steel: number): void {
  for (const side of [-1, 1]) {
    builder.box([side * LIFT_POST_X, 0.1, 0], [0.3, 0.34, 2.9], painted);
    builder.box([side * (LIFT_POST_X - 0.15), 0.1, 0.1], [0.03, 0.16, 2.7], steel);
    builder.box([side * LIFT_POST_X, 0.1, 0], [0.5, 0.6, 0.03], steel);
  }
  builder.box([LIFT_POST_X + 0.22, 0.1, 1.2], [0.18, 0.24, 0.4], steel);
}

function furnish(builder: MeshBuilder, part: NewPart, bay: BayDescription, random: () => number): void {
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;
  const between = (low: number, high: number): number => low + (high - low) * random();
  const cabinet = (at: Point, size: Point): void => builder.box(at, size, part("cabinet", pick(FURNITURE)));
  const pieces = Math.round(bay.clutter * 16);
  for (let i = 0; i < pieces; i++) {
    // Along the back wall, the side walls, or beside the gate, where a shop keeps its things.
    const place = random();
    const alongBack: Point = [between(-6.6, 6.6), BACK_WALL_Y - 0.45, 0];
    const alongSide: Point = [random() < 0.5 ? -SIDE_WALL_X + 0.4 : SIDE_WALL_X - 0.4, between(-3.6, 6.4), 0];
    const byGate: Point = [(random() < 0.5 ? -1 : 1) * between(2.15, 2.35), GATE_Y + between(0.4, 0.7), 0];
    const at = place < 0.42 ? alongBack : place < 0.8 ? alongSide : byGate;
    const kind = random();
    if (kind < 0.3) cabinet(at, [between(0.6, 1.1), between(0.45, 0.6), between(0.8, 1.9)]);
    else if (kind < 0.45) {
      const count = 2 + Math.floor(random() * 4);
      for (let t = 0; t < count; t++) builder.drum([at[0], at[1], t * 0.22], 0.31, 0.2, part("tyre"));
    } else if (kind < 0.62) builder.drum(at, 0.28, 0.88, part("drum", pick(FURNITURE)));
    else if (kind < 0.8) {
      builder.box([at[0], at[1], 0.82], [1.5, 0.65, 0.06], part("wood", [146, 110, 72]));
      builder.box([at[0], at[1], 0], [1.4, 0.55, 0.8], part("steel"));
      cabinet([at[0] + between(-0.5, 0.5), at[1], 0.88], [0.3, 0.25, 0.28]);
    } else {
      for (const level of [0.1, 0.8, 1.5]) {
        builder.box([at[0], at[1], level], [1.2, 0.45, 0.04], part("steel"));
        cabinet([at[0] + between(-0.3, 0.3), at[1], level + 0.04], [between(0.2, 0.5), 0.3, between(0.15, 0.45)]);
      }
    }
  }
  for (let i = 0; i < 2 + Math.round(bay.clutter * 5); i++) {
    const centre = between(-6, 6);
    const base = between(1.5, 2.3);
    const half = between(0.25, 0.6);
    const id = part("poster", [between(60, 240), between(60, 240), between(60, 240)]);
    const y = BACK_WALL_Y - 0.02;
    builder.quad(
      [centre - half, y, base],
      [centre + half, y, base],
      [centre + half, y, base + half],
      [centre - half, y, base + half],
      id,
    );
    const sideX = SIDE_WALL_X - 0.02;
    const along = between(-3, 6);
    for (const x of [-sideX, sideX]) {
      builder.quad(
        [x, along, base],
        [x, along + half * 2, base],
        [x, along + half * 2, base + half],
        [x, along, base + half],
        id,
      );
    }
  }
}
