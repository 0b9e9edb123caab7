import type { CameraPlane, PlateRegion } from "../../../contract/configuration.ts";
import { GatewayError } from "../../../contract/errors.ts";
import { Detector } from "../detector.ts";
import { decodePicture } from "../picture.ts";
import { loadBundle } from "../registry/bundle.ts";
import { lookCarefully, wantsTiles } from "../tiles.ts";
import { judge, type Verdict } from "./agreement.ts";
import { type DamageRegion, damageIn } from "./damage-region.ts";
import { type Estimate, estimate } from "./estimate.ts";
import { type FullPicture, fullPicture, greyOf } from "./full-picture.ts";
import { middleOf, type Point, sideLengths, signedArea } from "./geometry.ts";
import { detectMarkers, type Marker } from "./markers/markers.ts";
import { maskOf, type PixelBox } from "./mask.ts";
import { cameraReference } from "./references/camera-plane.ts";
import { partReference } from "./references/known-part.ts";
import { markerReference } from "./references/marker-card.ts";
import { plateReference } from "./references/plate.ts";
import { planeOf, type Reference, type ReferenceMethod } from "./references/reference.ts";
import { shapeOf } from "./shape.ts";

export interface MeasureRequest {
  /** The picture file. */
  readonly bytes: Buffer;
  /** Around the damage, pixels of the upright picture. What lies outside is not measured. */
  readonly box: PixelBox;
  /** The damage's outline, drawn by hand, in place of the model's. */
  readonly outline?: readonly Point[];
  /** Which kind of damage is meant, where the model sees several in the box: a label of its card. */
  readonly label?: string;
  /** Side of a marker's black square. */
  readonly markerMm?: number;
  /** The plane of the fixed camera that took the picture. */
  readonly camera?: { readonly name: string; readonly plane: Required<CameraPlane> };
  readonly plateRegion?: PlateRegion;
  /** A part of known size: a box around it, and its width and height, or its longer side alone. */
  readonly part?: { readonly box: PixelBox; readonly sizeMm: readonly [number, number?] };
  /** Folders of the bundles that outline damage and find plates. */
  readonly bundles: { readonly damage: string; readonly plate: string };
}

/** A reference that could have been used and was not. */
export interface UnusedReference {
  readonly method: ReferenceMethod;
  readonly why: "not-in-picture" | "size-unknown" | "corners-unclear" | "damage-beyond-horizon";
}

export type MeasureReport = Verdict & {
  readonly width: number;
  readonly height: number;
  readonly box: PixelBox;
  readonly region: Omit<DamageRegion, "polygons"> & {
    readonly outlines: readonly (readonly Point[])[];
    readonly pieces: number;
    /** The damage goes on beyond the box, or beyond the picture: it is longer than measured. */
    readonly cutOff: boolean;
  };
  /** What each reference says, the most trusted first. */
  readonly estimates: readonly Estimate[];
  readonly unused: readonly UnusedReference[];
  readonly markers: readonly Marker[];
};

/** A hand sets points of an outline to about a pixel, and is itself the judge of what belongs to the damage. */
const BY_HAND = { edgePx: 1.2, length: 0, width: 0, area: 0 };
/** Of a plate that is only perhaps one nothing is measured. */
const LEAST_PLATE_SCORE = 0.5;

/**
 * Measures the damage in a box on the full picture.
 * @throws GatewayError PICTURE_* the picture; SIZE_BOX_INVALID; SIZE_NO_REFERENCE nothing of known size, so no size; SIZE_NO_DAMAGE; MODEL_*
 */
export async function measurePicture(request: MeasureRequest): Promise<MeasureReport> {
  const picture = await fullPicture(request.bytes);
  const box = insidePicture(request.box, picture);
  const { references, unused, markers } = await referencesFor(request, picture, box);
  if (references.length === 0) throw noReference(unused);
  const region: DamageRegion | undefined =
    request.outline === undefined
      ? await damageIn(picture, box, request.bundles.damage, request.label)
      : { source: "outline", polygons: [request.outline], sigma: BY_HAND };
  if (region === undefined) throw new GatewayError("SIZE_NO_DAMAGE");
  const { polygons, ...said } = region;
  const mask = maskOf(polygons, box);

  const estimates: Estimate[] = [];
  let pieces = 0;
  for (const reference of references) {
    const toPlane = planeOf(reference);
    const shape = toPlane === undefined ? undefined : shapeOf(mask, toPlane);
    if (toPlane !== undefined && shape === undefined) throw new GatewayError("SIZE_NO_DAMAGE");
    const estimated = shape === undefined ? undefined : estimate(shape, reference, region.sigma);
    if (shape === undefined || estimated === undefined) {
      unused.push({ method: reference.method, why: "damage-beyond-horizon" });
      continue;
    }
    pieces = shape.pieces.length;
    estimates.push(estimated);
  }
  const [first, ...others] = estimates;
  if (first === undefined) throw noReference(unused);
  return {
    ...judge([first, ...others]),
    width: picture.width,
    height: picture.height,
    box,
    region: {
      ...said,
      outlines: polygons.map((polygon) => polygon.map(([x, y]): Point => [hundredths(x), hundredths(y)])),
      pieces,
      cutOff: polygons.some((polygon) => polygon.some((point) => isBeyond(point, box))),
    },
    estimates,
    unused,
    markers,
  };
}

/** The part of a box that lies in the picture. */
function insidePicture([x, y, width, height]: PixelBox, picture: FullPicture): PixelBox {
  const left = Math.max(0, x);
  const top = Math.max(0, y);
  const right = Math.min(picture.width, x + width);
  const bottom = Math.min(picture.height, y + height);
  // Less than a pixel either way holds nothing that could be measured.
  if (!(width > 0 && height > 0 && right - left >= 1 && bottom - top >= 1))
    throw new GatewayError("SIZE_BOX_INVALID", {
      detail: `${[x, y, width, height].join(",")} in ${picture.width} × ${picture.height}`,
    });
  return [left, top, right - left, bottom - top];
}

interface Known {
  readonly references: readonly Reference[];
  readonly unused: UnusedReference[];
  readonly markers: readonly Marker[];
}

/** In the order of trust: marker card, camera plane, plate, part. */
async function referencesFor(request: MeasureRequest, picture: FullPicture, box: PixelBox): Promise<Known> {
  const references: Reference[] = [];
  const unused: UnusedReference[] = [];
  const markers = detectMarkers(greyOf(picture));
  const nearest = nearestTo(markers, box);
  if (nearest !== undefined && request.markerMm !== undefined)
    references.push(markerReference(nearest, request.markerMm));
  else if (nearest !== undefined) unused.push({ method: "marker", why: "size-unknown" });
  else if (request.markerMm !== undefined) unused.push({ method: "marker", why: "not-in-picture" });
  if (request.camera !== undefined)
    references.push(cameraReference(request.camera.plane, picture, request.camera.name));
  if (request.plateRegion !== undefined) {
    const plate = await bestPlate(request, picture);
    const reference = plate === undefined ? undefined : plateReference(picture, plate, request.plateRegion);
    if (reference !== undefined) references.push(reference);
    else unused.push({ method: "plate", why: plate === undefined ? "not-in-picture" : "corners-unclear" });
  }
  if (request.part !== undefined) {
    const part = insidePicture(request.part.box, picture);
    references.push(partReference(part, request.part.sizeMm));
  }
  return { references, unused, markers };
}

/** Fewest of its own sides away: the nearer, the more surely in the damage's plane, and the less its corners' noise grows. */
function nearestTo(markers: readonly Marker[], [x, y, width, height]: PixelBox): Marker | undefined {
  const away = ({ corners }: Marker) => {
    const [middleX, middleY] = middleOf(corners);
    return Math.hypot(middleX - x - width / 2, middleY - y - height / 2) / Math.max(...sideLengths(corners));
  };
  return [...markers].sort((a, b) => away(a) - away(b))[0];
}

async function bestPlate({ bytes, bundles }: MeasureRequest, picture: FullPicture): Promise<PixelBox | undefined> {
  const bundle = await loadBundle(bundles.plate);
  const { manifest } = bundle;
  const detector = await Detector.open(bundle, { providers: ["tensorrt", "cuda", "cpu"] });
  try {
    const whole = await decodePicture(bytes, manifest.input);
    const tiles = wantsTiles(manifest.tiles, whole.letterbox) ? manifest.tiles : undefined;
    const [best] = await lookCarefully(detector, bytes, whole, manifest, tiles);
    if (best === undefined || best.score < LEAST_PLATE_SCORE) return undefined;
    const [x1, y1, x2, y2] = best.box;
    const { width, height } = picture;
    return [x1 * width, y1 * height, (x2 - x1) * width, (y2 - y1) * height];
  } finally {
    await detector.close();
  }
}

const WHY: Readonly<Record<UnusedReference["why"], string>> = {
  "not-in-picture": "none in the picture",
  "size-unknown": "one is there, nobody said how large it is",
  "corners-unclear": "one is there, its corners are not clear",
  "damage-beyond-horizon": "the damage does not lie on its plane",
};

function noReference(unused: readonly UnusedReference[]): GatewayError {
  return new GatewayError("SIZE_NO_REFERENCE", {
    ...(unused.length === 0 ? {} : { detail: unused.map(({ method, why }) => `${method}: ${WHY[why]}`).join("; ") }),
    details: { unused },
  });
}

/** More than drawing by hand misses by. */
function isBeyond([px, py]: Point, [x, y, width, height]: PixelBox): boolean {
  return px < x - 1.5 || py < y - 1.5 || px > x + width + 1.5 || py > y + height + 1.5;
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The box around an outline. */
export function boxAround(outline: readonly Point[]): PixelBox {
  const xs = outline.map(([x]) => x);
  const ys = outline.map(([, y]) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
}

/** Whether an outline encloses something. */
export function enclosesNothing(outline: readonly Point[]): boolean {
  return outline.length < 3 || !(Math.abs(signedArea(outline)) > 0);
}
