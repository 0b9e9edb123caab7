import { carY } from "./actors.ts";
import { BODY_SHAPES } from "./car-body.ts";
import type {
  BayDescription,
  BodyType,
  CameraDescription,
  CarDescription,
  Colour,
  OccluderDescription,
  Posture,
  SceneDescription,
  TechnicianDescription,
  Viewpoint,
} from "./description.ts";
import { PROVINCES } from "./plate.ts";
import { randomStream } from "./randomness.ts";

const BODIES: readonly BodyType[] = ["sedan", "sedan", "hatchback", "suv", "suv", "van", "pickup"];
const PAINTS: readonly Colour[] = [
  "#e9eaea",
  "#f4f4f0",
  "#1b1c1f",
  "#2c2e33",
  "#8d9196",
  "#b9bdc1",
  "#5c6066",
  "#a31b20",
  "#c8242b",
  "#1f3f7d",
  "#2a6fb8",
  "#23503a",
  "#6b3f24",
  "#c9b28a",
  "#d97a1c",
  "#e3c11f",
  "#4a2a58",
  "#7fa7b8",
];
const OVERALLS: readonly Colour[] = [
  "#24457d",
  "#1c2e52",
  "#333b44",
  "#4c5156",
  "#7a1f22",
  "#2b5d3a",
  "#9a3b12",
  "#c65a11",
  "#6d7378",
  "#d2cfc4",
  "#15181c",
  "#3f6f9f",
];
const HELMETS: readonly Colour[] = ["#f2c21a", "#ffffff", "#d22222", "#1d5fb4", "#e07b1a"];
const POSTURES: readonly Posture[] = [
  "standing",
  "walking",
  "bending",
  "kneeling",
  "crouching",
  "reaching",
  "carrying",
];
const FLOORS: readonly Colour[] = [
  "#8b8d8c",
  "#a3a49f",
  "#6f7375",
  "#5d7a66",
  "#7c8793",
  "#9a8f80",
  "#b8b9b5",
  "#50565c",
];
const WALLS: readonly Colour[] = ["#c9ccc6", "#dfe1dd", "#b9c3c9", "#d8cfb8", "#9fa8a3", "#e9e9e4", "#8f979e"];
const MARKINGS: readonly Colour[] = ["#d9b32a", "#e8e8e2", "#c8452e", "#e6d24a"];
const LIFTS: readonly Colour[] = ["#1f5fae", "#b3261e", "#d6a516", "#60666b", "#2d7a46"];
const VIEWPOINTS: readonly Viewpoint[] = [
  "front-left",
  "front-right",
  "rear-left",
  "rear-right",
  "side-left",
  "side-right",
];
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ";
const LETTERS_AND_DIGITS = `${LETTERS}0123456789`;

type Random = () => number;

const pick = <T>(random: Random, choices: ArrayLike<T>): T => choices[Math.floor(random() * choices.length)]!;
const between = (random: Random, low: number, high: number): number => low + (high - low) * random();

function plate(random: Random): string {
  const length = random() < 0.25 ? 6 : 5;
  const tail = Array.from({ length }, () => pick(random, LETTERS_AND_DIGITS)).join("");
  return pick(random, PROVINCES) + pick(random, LETTERS) + tail;
}

function randomBay(random: Random, seed: number): BayDescription {
  return {
    seed,
    floor: pick(random, FLOORS),
    wall: pick(random, WALLS),
    marking: pick(random, MARKINGS),
    lift: random() < 0.72 ? "two-post" : "none",
    liftColour: pick(random, LIFTS),
    clutter: random(),
  };
}

function randomCamera(random: Random): CameraDescription {
  return {
    viewpoint: pick(random, VIEWPOINTS),
    offset: [between(random, -0.5, 0.5), between(random, -0.35, 0.35), between(random, -0.6, 0.6)],
    fieldOfViewDeg: between(random, 40, 64),
    rollDeg: between(random, -2.5, 2.5),
  };
}

function randomCar(random: Random, pose: number, lateralM: number): CarDescription {
  return {
    pose,
    body: pick(random, BODIES),
    colour: pick(random, PAINTS),
    plate: plate(random),
    lateralM,
    headingDeg: (random() < 0.2 ? 180 : 0) + between(random, -4, 4),
    bonnetOpen: pose > 0.9 && random() < 0.3,
  };
}

function randomCars(random: Random): CarDescription[] {
  const cars: CarDescription[] = [];
  if (random() < 0.78) {
    const pose = random() < 0.55 ? between(random, 0.97, 1.03) : between(random, 0.05, 1);
    cars.push(randomCar(random, pose, between(random, -0.2, 0.2)));
  }
  for (const lane of [-4.4, 4.4]) {
    if (random() < 0.22) cars.push(randomCar(random, between(random, 0.75, 1.1), lane + between(random, -0.3, 0.3)));
  }
  return cars;
}

/** Where a car stands, so that nobody is put inside it. */
function insideCar(cars: readonly CarDescription[], x: number, y: number, marginM: number): boolean {
  return cars.some((car) => {
    const shape = BODY_SHAPES[car.body];
    const centre = carY(car.pose);
    const beside = Math.abs(x - (car.lateralM ?? 0)) > shape.widthM / 2 + marginM;
    return !beside && Math.abs(y - centre) < shape.lengthM / 2 + marginM;
  });
}

function randomTechnician(
  random: Random,
  cars: readonly CarDescription[],
  raisedM: number,
): TechnicianDescription | undefined {
  const car = cars[0];
  const atCar = car !== undefined && random() < 0.6;
  let x = between(random, -4, 4);
  let y = between(random, -4, 6.2);
  let headingDeg = between(random, 0, 360);
  if (atCar) {
    const shape = BODY_SHAPES[car.body];
    const centre = carY(car.pose);
    const side = random() < 0.5 ? -1 : 1;
    if (random() < 0.65) {
      x = (car.lateralM ?? 0) + side * (shape.widthM / 2 + between(random, 0.3, 0.7));
      y = centre + between(random, -0.5, 0.5) * shape.lengthM;
      headingDeg = (side > 0 ? 180 : 0) + between(random, -50, 50);
    } else {
      x = (car.lateralM ?? 0) + between(random, -0.8, 0.8);
      y = centre + side * (shape.lengthM / 2 + between(random, 0.3, 0.7));
      headingDeg = (side > 0 ? 270 : 90) + between(random, -40, 40);
    }
  }
  const under = raisedM > 1.35 && car !== undefined && random() < 0.4;
  if (under) {
    x = between(random, -0.7, 0.7);
    y = between(random, -1.8, 1.8);
  }
  if (!under && insideCar(cars, x, y, 0.22)) return undefined;
  const helmeted = random() < 0.45;
  return {
    x,
    y,
    headingDeg,
    posture: under ? pick(random, ["reaching", "reaching", "standing"] as const) : pick(random, POSTURES),
    overalls: pick(random, OVERALLS),
    ...(helmeted ? { helmet: pick(random, HELMETS) } : {}),
    reflectiveStripes: random() < 0.35,
    heightM: between(random, 1.58, 1.92),
    skinTone: random(),
    phase: random(),
  };
}

function randomOccluders(random: Random, cars: readonly CarDescription[]): OccluderDescription[] {
  const count = random() < 0.35 ? 1 + Math.floor(random() * 2) : 0;
  return Array.from({ length: count }, () => ({
    kind: pick(random, ["trolley", "screen", "crate"] as const),
    x: between(random, -3, 3),
    y: between(random, -3.5, 5.5),
    headingDeg: between(random, 0, 360),
    colour: pick(random, PAINTS),
  })).filter((occluder) => !insideCar(cars, occluder.x, occluder.y, 0.9));
}

/** One shop camera's frames: the bay and the view stay, what moves differs. Deterministic in `seed`. */
export function randomScenes(seed: number, count: number, widthPx: number, heightPx: number): SceneDescription[] {
  const random = randomStream(seed);
  const bay = randomBay(random, seed);
  const camera = randomCamera(random);
  const gateOpen = random() < 0.6;
  return Array.from({ length: count }, () => {
    const cars = randomCars(random).filter((car) => gateOpen || car.pose > 0.72);
    const liftHeightM = bay.lift === "two-post" && random() < 0.45 ? between(random, 0.1, 1.8) : 0;
    const raisedM = (cars[0]?.pose ?? 0) >= 0.97 ? liftHeightM : 0;
    const people = random() < 0.2 ? 0 : 1 + Math.floor(random() * 3.4);
    const technicians = Array.from({ length: people }, () => randomTechnician(random, cars, raisedM)).filter(
      (technician) => technician !== undefined,
    );
    return {
      bay,
      camera,
      gateOpen,
      cars,
      technicians,
      liftHeightM,
      light: {
        brightness: random() < 0.2 ? between(random, 0.3, 0.7) : between(random, 1, 1.25),
        flicker: random() < 0.3 ? random() : 0,
        warmth: between(random, -1, 1),
        noise: between(random, 1, 7),
      },
      occluders: randomOccluders(random, cars),
      noiseSeed: Math.floor(random() * 2 ** 31),
      widthPx,
      heightPx,
      quality: Math.round(between(random, 55, 92)),
    };
  });
}
