import { Value } from "typebox/value";
import { BayId } from "../../contract/ids.ts";
import type { WaitReason } from "../../contract/payloads.ts";
import type { Checkpoint } from "../../contract/photos.ts";
import type { DtcOutcome } from "../../contract/records.ts";
import type { Codes, SimulatedCar } from "../dongle/car.ts";
import type { BodyType, Colour } from "../scene/index.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

export interface Person {
  readonly login: string;
  readonly name: string;
  readonly badge: string;
  readonly overalls: Colour;
  readonly helmet?: Colour;
}

/** What the technician does to the car's faults, and what a comparison of the scans before and after must then say. */
export interface Repair {
  /** He tells the car to forget its codes, through the page. */
  readonly clearAt?: number;
  /** His work is done, and this is what the units hold from then on. */
  readonly doneAt: number;
  readonly leaves: readonly { readonly requestId: number; readonly codes: Partial<Codes> }[];
  /** He asks for the departure scan. */
  readonly scanAt: number;
  readonly outcomes: readonly { readonly ecu: string; readonly code: string; readonly outcome: DtcOutcome }[];
  readonly cleared: "no" | "by-us";
}

/** A photo that the technician takes at the car; what is true of it follows from the visit. */
export interface PlannedPhoto {
  readonly checkpoint: Checkpoint;
  readonly at: number;
  readonly isWindscreenCracked: boolean;
}

/** One car's visit, all times in milliseconds of shop time since the script began. This is the truth that everything else follows from. */
export interface Visit {
  readonly bay: BayId;
  readonly jobNumber: string;
  readonly work: string;
  readonly flatRateHours: number;
  readonly plate: string;
  readonly body: BodyType;
  readonly colour: Colour;
  readonly car: SimulatedCar;
  readonly technician: Person;
  readonly arrivesAt: number;
  readonly parkedAt: number;
  readonly jobOpenedAt: number;
  readonly clockOnAt: number;
  readonly wait?: { readonly reason: WaitReason; readonly from: number; readonly to: number };
  readonly repair: Repair;
  readonly photos: readonly PlannedPhoto[];
  readonly clockOffAt: number;
  readonly jobClosedAt: number;
  readonly departsAt: number;
  readonly goneAt: number;
  /** The lift goes up after the technician has begun and comes down before he ends. */
  readonly lift?: { readonly raisedAt: number; readonly loweredAt: number };
}

export const WANG: Person = {
  login: "wang",
  name: "Wang Jun",
  badge: "04A1B2C3D4",
  overalls: "#20406a",
  helmet: "#e0c020",
};
export const LI: Person = { login: "li", name: "Li Mei", badge: "04FFEE1122", overalls: "#5a2020" };

/** Two codes confirmed, one of them permanent, one pending; the gearbox is sound. */
const TURBO_CAR: SimulatedCar = {
  vin: "LSVAB2BR2HN000017",
  ecus: [
    {
      requestId: 0x7e0,
      name: "ECM-EngineControl",
      confirmed: ["P0299", "P0420"],
      pending: ["P0171"],
      permanent: ["P0299"],
      freezeFrame: { loadPercent: 40, coolantC: 88, rpm: 2150, kmh: 61 },
      monitorBytes: [0x07, 0xe5, 0x01],
      live: { 5: [0x80], 12: [0x0c, 0x80], 13: [0x00], 66: [0x36, 0xb0] },
    },
    {
      requestId: 0x7e1,
      name: "TCM-TransmisCtrl",
      confirmed: [],
      pending: [],
      permanent: [],
      monitorBytes: [0x04, 0, 0],
    },
  ],
};

/** An electric car whose coolant pump is weak: one code confirmed, one pending. */
const ELECTRIC_CAR: SimulatedCar = {
  vin: "LFV3A23C2J3000051",
  ecus: [
    {
      requestId: 0x7e0,
      name: "HPCM-HybridPtCtrl",
      confirmed: ["P0A93"],
      pending: ["P0A7E"],
      permanent: [],
      monitorBytes: [0x04, 0x00, 0x00],
      // State of charge, pack voltage and current, 12 V, state of health.
      live: { 66: [0x34, 0x26], 91: [0xa5], 154: [0x07, 0x00, 0x57, 0xd9, 0xff, 0x85], 178: [0xf7] },
    },
  ],
};

/** Length of the script below. */
export const SCRIPT_MS = 30 * MINUTE;

/** Half an hour in a small shop: a turbo fault that has to wait for a part, and a service beside it that overlaps. */
export const SCRIPT: readonly Visit[] = [
  {
    bay: Value.Parse(BayId, "bay1"),
    jobNumber: "RO-1001",
    work: "Turbo underboost diagnosis",
    flatRateHours: 0.5,
    plate: "沪A31K88",
    body: "sedan",
    colour: "#a11d22",
    car: TURBO_CAR,
    repair: {
      clearAt: 17.5 * MINUTE,
      doneAt: 18.5 * MINUTE,
      // The catalyst is what it was; its monitor notices it first.
      leaves: [{ requestId: 0x7e0, codes: { pending: ["P0420"] } }],
      scanAt: 19 * MINUTE,
      cleared: "by-us",
      outcomes: [
        { ecu: "7E8", code: "P0171", outcome: "cleared-not-proven" },
        { ecu: "7E8", code: "P0299", outcome: "permanent-left" },
        { ecu: "7E8", code: "P0420", outcome: "still-there" },
      ],
    },
    // A stone has struck the windscreen on the way here; nobody has ordered a new one.
    photos: [
      { checkpoint: "arrival-front", at: 6.5 * MINUTE, isWindscreenCracked: true },
      { checkpoint: "departure-front", at: 18.75 * MINUTE, isWindscreenCracked: true },
    ],
    technician: WANG,
    arrivesAt: 1.5 * MINUTE,
    parkedAt: 2 * MINUTE,
    jobOpenedAt: 3 * MINUTE,
    clockOnAt: 6 * MINUTE,
    lift: { raisedAt: 7.5 * MINUTE, loweredAt: 21 * MINUTE },
    wait: { reason: "parts", from: 11 * MINUTE, to: 16 * MINUTE },
    clockOffAt: 23 * MINUTE,
    jobClosedAt: 24 * MINUTE,
    departsAt: 26 * MINUTE,
    goneAt: 26.5 * MINUTE,
  },
  {
    bay: Value.Parse(BayId, "bay2"),
    jobNumber: "RO-1002",
    work: "Coolant pump of the traction battery",
    flatRateHours: 0.4,
    plate: "京E90D21",
    body: "suv",
    colour: "#2f5f8a",
    car: ELECTRIC_CAR,
    repair: {
      doneAt: 14.5 * MINUTE,
      // The pump is bled; a plug was forgotten.
      leaves: [{ requestId: 0x7e0, codes: { pending: ["U0293"] } }],
      scanAt: 15 * MINUTE,
      cleared: "no",
      outcomes: [
        { ecu: "7E8", code: "P0A7E", outcome: "fixed" },
        { ecu: "7E8", code: "P0A93", outcome: "still-there" },
        { ecu: "7E8", code: "U0293", outcome: "new" },
      ],
    },
    photos: [],
    technician: LI,
    arrivesAt: 5 * MINUTE,
    parkedAt: 5.5 * MINUTE,
    jobOpenedAt: 6.5 * MINUTE,
    clockOnAt: 9 * MINUTE,
    clockOffAt: 20 * MINUTE,
    jobClosedAt: 21 * MINUTE,
    departsAt: 22.5 * MINUTE,
    goneAt: 23 * MINUTE,
  },
];

/** A technician needs this long to walk in, and is at the car from then on. */
export const WALK_MS = 20 * SECOND;

/** Whether the visit's technician is at the car. */
export function isAtCar(visit: Visit, t: number): boolean {
  return (
    t >= visit.clockOnAt &&
    t < visit.clockOffAt &&
    !(visit.wait !== undefined && t >= visit.wait.from && t < visit.wait.to)
  );
}

/** Intervals in which the technician is clocked on. */
export function labourTruth(visit: Visit): readonly { readonly from: number; readonly to: number }[] {
  const { clockOnAt, clockOffAt, wait } = visit;
  if (wait === undefined) return [{ from: clockOnAt, to: clockOffAt }];
  return [
    { from: clockOnAt, to: wait.from },
    { from: wait.to, to: clockOffAt },
  ];
}
