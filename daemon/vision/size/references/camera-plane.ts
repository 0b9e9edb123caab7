import type { CameraPlane } from "../../../../contract/configuration.ts";
import { horizonSide, type Point, project, sideLengths, signedArea } from "../geometry.ts";
import { planeOf, type Reference } from "./reference.ts";

/** Someone clicks a floor mark to about this share of the picture's width. */
const SIGMA_OF_WIDTH = 0.0015;

/** `contradicting`: no camera sees a plane so; a mark is wrong, or two were exchanged. */
export type PlaneFault = "in-line" | "contradicting";

/** Largest distance between where a point was marked and where the others put it, as a share of the longest side of their outline in mm. */
const MOST_RESIDUAL = 0.05;

/** What makes points useless for a plane, or undefined. */
export function planeFault(points: CameraPlane["points"]): PlaneFault | undefined {
  const picture = points.map(({ at }): Point => at);
  const plane = points.map(({ metres: [x, y] }): Point => [x * 1000, y * 1000]);
  if (points.length === 4 && (threeInLine(picture) || threeInLine(plane))) return "in-line";
  const map = planeOf({ picture, plane });
  if (map === undefined) return points.length === 4 ? "contradicting" : "in-line";
  const size = Math.max(...sideLengths(plane));
  const residuals = picture.map(([x, y], at) => {
    const [u, v] = project(map, x, y);
    return Math.hypot(u - plane[at]![0], v - plane[at]![1]);
  });
  if (residuals.some((residual) => !(residual <= MOST_RESIDUAL * size))) return "contradicting";
  const sides = picture.map(([x, y]) => Math.sign(horizonSide(map, x, y)));
  return sides.every((side) => side === sides[0]) ? undefined : "contradicting";
}

/** Of four. */
function threeInLine(points: readonly Point[]): boolean {
  const size = Math.max(...sideLengths(points)) ** 2;
  return points.some((_, leftOut) => Math.abs(signedArea(points.filter((_, at) => at !== leftOut))) < FLATTEST * size);
}

/** Area of a triangle beside the square of the longest side. */
const FLATTEST = 0.001;

/**
 * The plane that a fixed camera was set up with: a floor, or a wall that cars stand along.
 * @param name the camera or the file, for people
 */
export function cameraReference(
  { points, offPlane }: Required<CameraPlane>,
  picture: { readonly width: number; readonly height: number },
  name: string,
): Reference {
  return {
    method: "camera",
    name,
    picture: points.map(({ at: [x, y] }): Point => [x * picture.width, y * picture.height]),
    plane: points.map(({ metres: [x, y] }): Point => [x * 1000, y * 1000]),
    sigmaPx: SIGMA_OF_WIDTH * picture.width,
    // The configuration names what nearly all lengths stay within: two standard deviations.
    sigmaScale: offPlane / 2,
    sigmaScalePerLength: 0,
  };
}
