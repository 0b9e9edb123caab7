/** What stands in front of a simulated camera. Pure data: the same description always gives the same picture. */

/** A point in metres: x to the right, y into the shop (the gate lies at negative y), z up; the bay's centre on the floor is the origin. */
export type Point = readonly [x: number, y: number, z: number];

/** Relative xyxy box, 0..1, origin top left. */
export type RelativeBox = readonly [left: number, top: number, right: number, bottom: number];

/** `#rrggbb`. */
export type Colour = `#${string}`;

export type BodyType = "sedan" | "hatchback" | "suv" | "van" | "pickup";

export interface CarDescription {
  /** Where the car is on its way in: 0 outside the gate, 1 at its place in the bay. */
  readonly pose: number;
  readonly body: BodyType;
  readonly colour: Colour;
  /** Digits, capital letters and the province characters of `PROVINCES`; other characters are drawn as a blank. */
  readonly plate: string;
  /** Sideways from the bay's centre line; 4.4 is the middle of the neighbouring bay. Default 0. */
  readonly lateralM?: number;
  /** 0: nose into the shop; 180: backed in. Default 0. */
  readonly headingDeg?: number;
  readonly bonnetOpen?: boolean;
}

export type Posture = "standing" | "walking" | "bending" | "kneeling" | "crouching" | "reaching" | "carrying";

export interface TechnicianDescription {
  readonly x: number;
  readonly y: number;
  /** 0 looks along +x, 90 along +y (into the shop). */
  readonly headingDeg: number;
  readonly posture: Posture;
  readonly overalls: Colour;
  /** Hard hat; without one the hair is seen. */
  readonly helmet?: Colour;
  readonly reflectiveStripes?: boolean;
  readonly heightM?: number;
  /** 0 light … 1 dark. */
  readonly skinTone?: number;
  /** Phase of the step while walking, 0..1; sways other postures a little. */
  readonly phase?: number;
}

export interface OccluderDescription {
  readonly kind: "trolley" | "screen" | "crate";
  readonly x: number;
  readonly y: number;
  readonly headingDeg?: number;
  readonly colour?: Colour;
}

export interface BayDescription {
  /** Furniture, stains, wear: two bays with different seeds look like two bays. */
  readonly seed: number;
  readonly floor: Colour;
  readonly wall: Colour;
  readonly marking: Colour;
  readonly lift: "two-post" | "none";
  readonly liftColour: Colour;
  /** 0 bare … 1 crowded with cabinets, shelves, tyres, drums. */
  readonly clutter: number;
}

export type Viewpoint = "front-left" | "front-right" | "rear-left" | "rear-right" | "side-left" | "side-right";

export interface CameraDescription {
  readonly viewpoint: Viewpoint;
  /** Shifts the camera from the named viewpoint. */
  readonly offset?: Point;
  /** Vertical field of view. Default 48. */
  readonly fieldOfViewDeg?: number;
  readonly rollDeg?: number;
}

export interface LightDescription {
  /** 1 is a well-lit bay, 0.3 an emergency light. */
  readonly brightness: number;
  /** Depth of the mains flicker that a rolling shutter shows as bands, 0..1. */
  readonly flicker?: number;
  /** -1 cold … 1 warm. */
  readonly warmth?: number;
  /** Standard deviation of the sensor noise at full light, in 8-bit steps. Default 3. */
  readonly noise?: number;
}

export interface SceneDescription {
  readonly bay: BayDescription;
  readonly camera: CameraDescription;
  readonly gateOpen: boolean;
  readonly cars: readonly CarDescription[];
  readonly technicians: readonly TechnicianDescription[];
  /** Height of the lift's arms above rest; a car at pose 1 on the centre line goes with it. */
  readonly liftHeightM: number;
  readonly light: LightDescription;
  readonly occluders: readonly OccluderDescription[];
  /** Sensor noise and flicker phase; change it for each frame. */
  readonly noiseSeed: number;
  /** Default 1280×720; up to 1920×1080. */
  readonly widthPx?: number;
  readonly heightPx?: number;
  /** JPEG quality, default 82. */
  readonly quality?: number;
}

export interface TrueObject {
  readonly label: "vehicle" | "person";
  /** Index in `cars` or `technicians`. */
  readonly index: number;
  /** Around the visible part. */
  readonly box: RelativeBox;
  /** Visible share of the whole silhouette, what lies outside the picture counted as hidden. */
  readonly visibility: number;
}

export interface TruePlate {
  readonly text: string;
  /** Index in `cars`. */
  readonly index: number;
  readonly box: RelativeBox;
  readonly areaPx: number;
}

export interface SceneTruth {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly objects: readonly TrueObject[];
  readonly plates: readonly TruePlate[];
}
