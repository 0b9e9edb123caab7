import { ProtocolError } from "../errors.ts";
import {
  type AnyCodec,
  blob,
  type Codec,
  counted,
  number,
  struct,
  type Unavailable,
  type ValueOf,
  whole,
  word,
} from "./codec.ts";
import type { Edition } from "./packet.ts";

const temperature = number(1, 1, 40);
const cellVolts = number(2, 1000);
const tenths = number(2, 10);

/** GB/T 32960.3 annex A: the gear byte. */
export type Gear = {
  readonly position: (typeof POSITIONS)[number];
  readonly driving: boolean;
  readonly braking: boolean;
  /** Bits 6 and 7. In 2025 bit 7 says that the position is not valid. */
  readonly upperBits: number;
};
const POSITIONS = ["N", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "R", "D", "P"] as const;
const gear: Codec<Gear> = {
  read: (reader) => {
    const byte = reader.unsigned(1);
    return {
      position: POSITIONS[byte & 0x0f] ?? "N",
      driving: (byte & 0x20) !== 0,
      braking: (byte & 0x10) !== 0,
      upperBits: byte >> 6,
    };
  },
  write: (writer, { position, driving, braking, upperBits }) =>
    whole(1).write(writer, upperBits * 64 + (driving ? 0x20 : 0) + (braking ? 0x10 : 0) + POSITIONS.indexOf(position)),
};

/** 101 means "pressed" where the travel is not measured. */
const brakePedal: Codec<number | "pressed" | Unavailable> = {
  read: (reader) => {
    const value = number(1).read(reader);
    return value === 101 ? "pressed" : value;
  },
  write: (writer, value) => number(1).write(writer, value === "pressed" ? 101 : value),
};

const vehicleHead = {
  state: word({ 1: "started", 2: "off", 3: "other" }),
  charging: word({ 1: "charging-parked", 2: "charging-driving", 3: "not-charging", 4: "charged" }),
  mode: word({ 1: "electric", 2: "hybrid", 3: "fuel" }),
  speedKmh: tenths,
  odometerKm: number(4, 10),
  voltageV: tenths,
};
const vehicleTail = {
  socPercent: number(1),
  dcDc: word({ 1: "working", 2: "off" }),
  gear,
  insulationKohm: number(2),
};
const vehicle2016 = struct({
  ...vehicleHead,
  currentA: number(2, 10, 10_000),
  ...vehicleTail,
  acceleratorPercent: number(1),
  brakePercent: brakePedal,
});
const vehicle2025 = struct({ ...vehicleHead, currentA: number(2, 10, 30_000), ...vehicleTail });

const motorState = word({ 1: "consuming", 2: "generating", 3: "off", 4: "ready" });
const motors2016 = counted(
  1,
  struct({
    motor: whole(1),
    state: motorState,
    controllerC: temperature,
    speedRpm: number(2, 1, 20_000),
    torqueNm: number(2, 10, 20_000),
    temperatureC: temperature,
    inputV: tenths,
    busA: number(2, 10, 10_000),
  }),
);
const motors2025 = counted(
  1,
  struct({
    motor: whole(1),
    state: motorState,
    controllerC: temperature,
    speedRpm: number(2, 1, 32_000),
    torqueNm: number(4, 10, 200_000),
    temperatureC: temperature,
  }),
);

const hydrogenDcDc = word({ 1: "working", 2: "off" });
const fuelCell2016 = struct({
  voltageV: tenths,
  currentA: tenths,
  consumptionKgPer100Km: number(2, 100),
  probesC: counted(2, temperature),
  hottestC: number(2, 10, 400),
  hottestProbe: number(1),
  concentrationMgPerKg: number(2),
  concentrationSensor: number(1),
  pressureMpa: tenths,
  pressureSensor: number(1),
  dcDc: hydrogenDcDc,
});
const hydrogen2025 = struct({
  hottestC: number(2, 1, 40),
  hottestProbe: number(1),
  concentrationPercent: number(2, 10_000),
  concentrationSensor: number(1),
  pressureMpa: tenths,
  pressureSensor: number(1),
  dcDc: hydrogenDcDc,
  remainingPercent: number(1),
  dcDcControllerC: temperature,
});
const fuelCellStacks = counted(
  1,
  struct({
    stack: number(1),
    voltageV: tenths,
    currentA: tenths,
    hydrogenInletKpa: number(2, 10, 1_000),
    airInletKpa: number(2, 10, 1_000),
    airInletC: temperature,
    coolantOutletC: counted(2, temperature),
  }),
);

const engine2016 = struct({
  state: word({ 1: "started", 2: "off" }),
  crankshaftRpm: number(2),
  consumptionLPer100Km: number(2, 100),
});
const engine2025 = struct({ crankshaftRpm: number(2) });

/** Bits of the position byte: 1 no fix, 2 south, 4 west; the rest is reserved. */
const place = { status: whole(1), longitudeDegrees: number(4, 1_000_000), latitudeDegrees: number(4, 1_000_000) };
const position2016 = struct(place);
const position2025 = struct({
  status: place.status,
  coordinates: word({ 1: "WGS-84", 2: "GCJ-02", 3: "other" }),
  longitudeDegrees: place.longitudeDegrees,
  latitudeDegrees: place.latitudeDegrees,
});

const extremes = struct({
  highestVoltageSystem: number(1),
  highestVoltageCell: number(1),
  highestVoltageV: cellVolts,
  lowestVoltageSystem: number(1),
  lowestVoltageCell: number(1),
  lowestVoltageV: cellVolts,
  hottestSystem: number(1),
  hottestProbe: number(1),
  hottestC: temperature,
  coldestSystem: number(1),
  coldestProbe: number(1),
  coldestC: temperature,
});

/** Level 0 no fault … 3 stop at once (2016) or 4 (2025); the general alarms are bits, see `alarms.ts`. */
const alarmHead = {
  level: number(1),
  general: whole(4),
  batteryFaults: counted(1, whole(4)),
  motorFaults: counted(1, whole(4)),
  engineFaults: counted(1, whole(4)),
  otherFaults: counted(1, whole(4)),
};
const alarms2016 = struct(alarmHead);
const alarms2025 = struct({ ...alarmHead, levels: counted(1, struct({ alarm: whole(1), level: number(1) })) });

const cells2016 = counted(
  1,
  struct({
    system: number(1),
    voltageV: tenths,
    currentA: number(2, 10, 10_000),
    cells: number(2),
    firstCell: whole(2),
    cellsV: counted(1, cellVolts),
  }),
);
const cells2025 = counted(
  1,
  struct({ pack: number(1), voltageV: tenths, currentA: number(2, 10, 30_000), cellsV: counted(2, cellVolts) }),
);
const probes = counted(1, struct({ system: number(1), probesC: counted(2, temperature) }));

const superCapacitor = struct({
  system: number(1),
  voltageV: tenths,
  currentA: number(2, 10, 30_000),
  cellsV: counted(2, cellVolts),
  probesC: counted(2, temperature),
});
const superCapacitorExtremes = struct({
  highestVoltageSystem: number(1),
  highestVoltageCell: number(2),
  highestVoltageV: cellVolts,
  lowestVoltageSystem: number(1),
  lowestVoltageCell: number(2),
  lowestVoltageV: cellVolts,
  hottestSystem: number(1),
  hottestProbe: number(2),
  hottestC: temperature,
  coldestSystem: number(1),
  coldestProbe: number(2),
  coldestC: temperature,
});
const signature = struct({ algorithm: word({ 1: "SM2", 2: "RSA", 3: "ECC" }), r: blob, s: blob });

/** Blocks of 2016: tables 9 to 19, and B.5 to B.8 for cells and probes. */
const BLOCKS_2016 = {
  vehicle: { type: 0x01, body: vehicle2016 },
  motors: { type: 0x02, body: motors2016 },
  "fuel-cell": { type: 0x03, body: fuelCell2016 },
  engine: { type: 0x04, body: engine2016 },
  position: { type: 0x05, body: position2016 },
  extremes: { type: 0x06, body: extremes },
  alarms: { type: 0x07, body: alarms2016 },
  cells: { type: 0x08, body: cells2016 },
  probes: { type: 0x09, body: probes },
} as const;

/** Blocks of 2025: tables 10 to 27 and the signature of table 8. */
const BLOCKS_2025 = {
  vehicle: { type: 0x01, body: vehicle2025 },
  motors: { type: 0x02, body: motors2025 },
  hydrogen: { type: 0x03, body: hydrogen2025 },
  engine: { type: 0x04, body: engine2025 },
  position: { type: 0x05, body: position2025 },
  alarms: { type: 0x06, body: alarms2025 },
  cells: { type: 0x07, body: cells2025 },
  probes: { type: 0x08, body: probes },
  "fuel-cell-stacks": { type: 0x30, body: fuelCellStacks },
  "super-capacitor": { type: 0x31, body: superCapacitor },
  "super-capacitor-extremes": { type: 0x32, body: superCapacitorExtremes },
  signature: { type: 0xff, body: signature },
} as const;

type BlockOf<Table extends Readonly<Record<string, { readonly type: number; readonly body: AnyCodec }>>> = {
  [Kind in keyof Table]: { readonly kind: Kind; readonly value: ValueOf<Table[Kind]["body"]> };
}[keyof Table];

/** Types 80–FE: a maker's own data, with its length. */
export type CustomBlock = { readonly kind: "custom"; readonly type: number; readonly value: Uint8Array };
export type Block2016 = BlockOf<typeof BLOCKS_2016> | CustomBlock;
export type Block2025 = BlockOf<typeof BLOCKS_2025> | CustomBlock;
export type Block = Block2016 | Block2025;

type AnyBlock = { readonly type: number; readonly body: AnyCodec };

function tableOf(edition: Edition): Readonly<Record<string, AnyBlock>> {
  return edition === 2016 ? BLOCKS_2016 : BLOCKS_2025;
}

type TypedBlock = { readonly kind: string; readonly body: AnyCodec };
const BY_TYPE: Readonly<Record<Edition, ReadonlyMap<number, TypedBlock>>> = {
  2016: byType(BLOCKS_2016),
  2025: byType(BLOCKS_2025),
};
const CUSTOM: TypedBlock = { kind: "custom", body: blob };

function byType(table: Readonly<Record<string, AnyBlock>>): ReadonlyMap<number, TypedBlock> {
  return new Map(Object.entries(table).map(([kind, { type, body }]) => [type, { kind, body }]));
}

/** Kind and codec of a block type; undefined for the reserved ranges, whose layout nobody knows. */
export function blockOfType(edition: Edition, type: number): TypedBlock | undefined {
  return BY_TYPE[edition].get(type) ?? (type >= 0x80 && type <= 0xfe ? CUSTOM : undefined);
}

/**
 * Type byte and codec of a block.
 * @throws ProtocolError `invalid-argument` if the edition has no such block
 */
export function encodingOf(edition: Edition, block: Block): AnyBlock {
  const known =
    block.kind !== "custom"
      ? tableOf(edition)[block.kind]
      : blockOfType(edition, block.type) === CUSTOM
        ? { type: block.type, body: CUSTOM.body }
        : undefined;
  if (known === undefined)
    throw new ProtocolError("invalid-argument", `GB/T 32960.3-${edition} has no such block: ${block.kind}`);
  return known;
}
