import type { Quad } from "../geometry.ts";
import type { Marker } from "../markers/markers.ts";
import type { Reference } from "./reference.ts";

/** Printers scale by up to a percent, cards lie a millimetre above the panel, lenses bend. */
const SIGMA_SCALE = 0.012;
/** A panel is curved: each length of the card further away it is less surely in the card's plane. */
const SIGMA_SCALE_PER_LENGTH = 0.004;

/**
 * A marker card that lies in the plane of the damage.
 * @param sideMm the black square's outer side
 */
export function markerReference(marker: Marker, sideMm: number): Reference {
  return {
    method: "marker",
    name: `${marker.dictionary} ${marker.id}, ${sideMm} mm`,
    picture: marker.corners,
    plane: rectangle(sideMm, sideMm),
    sigmaPx: marker.sigmaPx,
    sigmaScale: SIGMA_SCALE,
    sigmaScalePerLength: SIGMA_SCALE_PER_LENGTH,
  };
}

/** Corners from the top left, clockwise. */
export function rectangle(width: number, height: number): Quad {
  return [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ];
}
