import { type Homography, homographyBetween, horizonSide, middleOf, type Point, sideLengths } from "../geometry.ts";
import type { Random } from "../random.ts";

export type ReferenceMethod = "marker" | "camera" | "plate" | "part";

/** Something of known size: what it says, and how far that may be trusted. */
export interface Reference {
  readonly method: ReferenceMethod;
  /** What it is, for people and scripts. */
  readonly name: string;
  /** Its points in pixels of the upright picture, and where they stand in their plane, mm. At least four of each. */
  readonly picture: readonly Point[];
  readonly plane: readonly Point[];
  /** Standard deviation of a point in the picture, pixels, along each axis. */
  readonly sigmaPx: number;
  /**
   * Relative standard deviation of lengths that no better look at the picture would lessen: the reference's own size, and damage that lies near the
   * plane but not in it.
   */
  readonly sigmaScale: number;
  /** What is added to `sigmaScale` (squared) for each of the reference's own lengths that the damage lies away from it. */
  readonly sigmaScalePerLength: number;
}

/** The map from the picture to the reference's plane in mm; undefined where its points do not make one. */
export function planeOf({ picture, plane }: Pick<Reference, "picture" | "plane">): Homography | undefined {
  return homographyBetween(picture, plane);
}

/** One of the maps that its points may mean, each moved by its noise. */
export function planeOnce(reference: Reference, random: Random): Homography | undefined {
  const { picture, plane, sigmaPx } = reference;
  const moved = picture.map(([x, y]): Point => [x + sigmaPx * random.normal(), y + sigmaPx * random.normal()]);
  return homographyBetween(moved, plane);
}

/** Relative standard deviation of lengths around a place in the picture. */
export function sigmaScaleAt({ picture, sigmaScale, sigmaScalePerLength }: Reference, [x, y]: Point): number {
  const [middleX, middleY] = middleOf(picture);
  const length = Math.max(...sideLengths(picture));
  return Math.hypot(sigmaScale, (sigmaScalePerLength * Math.hypot(x - middleX, y - middleY)) / length);
}

/** Whether all these places lie on the same side of the plane's horizon as the reference: beyond it there is nothing to measure. */
export function sees(toPlane: Homography, { picture }: Reference, places: readonly Point[]): boolean {
  const side = Math.sign(horizonSide(toPlane, ...middleOf(picture)));
  return places.every(([x, y]) => horizonSide(toPlane, x, y) * side > 0);
}
