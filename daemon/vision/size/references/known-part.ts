import type { Point } from "../geometry.ts";
import type { PixelBox } from "../mask.ts";
import { rectangle } from "./marker-card.ts";
import type { Reference } from "./reference.ts";

/** A box drawn by hand around a part: its edges to a hundredth of its longer side, at least a pixel. */
const SIGMA_OF_SIDE = 0.01;
/** A box knows no tilt (20° shorten by 6 %, 30° by 13 %), and a part seldom lies in the plane of the damage. */
const SIGMA_SCALE = 0.08;
const SIGMA_SCALE_PER_LENGTH = 0.03;

/**
 * A part whose size someone knows, in a box drawn around it.
 * @param sizeMm its width and height; one number: its longer side, and the scale is taken for both directions
 */
export function partReference(box: PixelBox, sizeMm: readonly [number, number?]): Reference {
  const [x, y, width, height] = box;
  const perPx = sizeMm[0] / Math.max(width, height);
  const [across, down] = sizeMm[1] === undefined ? [width * perPx, height * perPx] : [sizeMm[0], sizeMm[1]];
  return {
    method: "part",
    name: `${sizeMm.filter((side) => side !== undefined).join(" × ")} mm`,
    picture: rectangle(width, height).map(([dx, dy]): Point => [x + dx, y + dy]),
    plane: rectangle(across, down),
    sigmaPx: Math.max(1, SIGMA_OF_SIDE * Math.max(width, height)),
    sigmaScale: SIGMA_SCALE,
    sigmaScalePerLength: SIGMA_SCALE_PER_LENGTH,
  };
}
