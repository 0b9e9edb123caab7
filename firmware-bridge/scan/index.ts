import type { DiagnosticAddress, DongleScan, ScannedEcu } from "../../contract/payloads.ts";
import { checkVin, type UdsDtc } from "../../vehicle-protocols/index.ts";
import type { BoundedCar } from "../bounded-car.ts";
import { ConversationFailure } from "../dialect.ts";
import { physicalAddress } from "../readings.ts";
import type { CarMemory } from "./car-memory.ts";
import { type FoundUnits, findUnits } from "./find-units.ts";
import { type ObdFindings, readObd } from "./obd-lists.ts";
import { readObdOnUds } from "./obd-on-uds-lists.ts";
import { ScanTalk } from "./scan-talk.ts";
import { sweep } from "./sweep.ts";
import { TruckEar, type TruckFindings } from "./truck.ts";
import { readIdentification, readSnapshots, readUdsCodes } from "./uds-unit.ts";
import { addressTextOf, UnitNotes, worstReadiness } from "./unit-notes.ts";

/** What a scan found out, before it gets its names and times. */
export type ScanFindings = Pick<
  DongleScan,
  "protocol" | "standard" | "vin" | "vinDoubts" | "ecus" | "readiness" | "signals"
>;

export interface ScanWishes {
  /** Units that do not hear questions to all, by configuration or by the car's signal set. */
  readonly addresses: readonly DiagnosticAddress[];
  /** Whether all addresses are tried on which units may listen: some half a minute more. */
  readonly sweep: boolean;
  /** Whether results of monitor tests (SAE J1979 service 06) are read too. */
  readonly monitorResults: boolean;
  readonly memory: CarMemory;
  /** Wall clock. */
  readonly now: () => number;
}

/** Bounds of the contract. */
const MOST_ECUS = 64;
const MOST_SIGNALS = 1_000;

/**
 * Reads all control units that can be reached: SAE J1979 or OBD on UDS for all together, then ISO 14229-1 unit by unit: codes with failure type and status,
 * identification, snapshots. What matters most is read first; when the conversation breaks off or time is up, what has been read stays, and the rest is
 * noted as unanswered with the reason.
 * @throws ConversationFailure `car-silent` when nobody answers, or the reason why not one list of codes could be read
 */
export async function scanCar(car: BoundedCar, wishes: ScanWishes): Promise<ScanFindings> {
  const truck = car.bus === undefined ? undefined : new TruckEar(car.bus);
  try {
    return await readCar(car, wishes, truck);
  } finally {
    truck?.close();
  }
}

async function readCar(car: BoundedCar, wishes: ScanWishes, truck: TruckEar | undefined): Promise<ScanFindings> {
  const found = await findUnitsOrTruck(car, truck);
  if (found === "truck") return truckFindings(await truck?.read(() => car.leftMs));
  const talk = new ScanTalk(car, found.target);
  const units = found.units.map(({ ecuId, extended }) => UnitNotes.of(ecuId, extended));
  const obd = await readTogether(talk, units, found.standard, wishes);
  if (found.line.format === "can") {
    units.push(...(await findMore(talk, units, found.line.idBits, wishes)));
    await readUnits(talk, units);
  }
  if (!units.some((unit) => unit.hasListedCodes || unit.isLocked))
    throw new ConversationFailure(talk.ended ?? "car-silent", "units answered, but none gave a list of codes");

  const vin = vinOf(obd.vins, units);
  const missing = wishes.memory.complete(vin.vin, units).map(missingUnit);
  const ecus = [...units.map((unit) => unit.toScannedEcu()), ...missing];
  const { ecus: controllers = [] } = (await truckBeside(talk, truck)) ?? {};
  return {
    protocol: found.line.protocol,
    standard: found.standard,
    ...vin,
    ecus: [...ecus, ...controllers].slice(0, MOST_ECUS),
    readiness: worstReadiness(units),
    ...(obd.signals.length === 0 ? {} : { signals: obd.signals.slice(0, MOST_SIGNALS) }),
  };
}

/** A truck may answer no question that cars answer, and tell its codes all the same. */
async function findUnitsOrTruck(car: BoundedCar, truck: TruckEar | undefined): Promise<FoundUnits | "truck"> {
  try {
    return await findUnits(car);
  } catch (error) {
    const isSilent = error instanceof ConversationFailure && error.code === "car-silent";
    if (isSilent && (await truck?.hasHeardTruck(car.leftMs)) === true) return "truck";
    throw error;
  }
}

/** Unit by unit: all lists first, then what was kept with the codes, then who the units are. */
async function readUnits(talk: ScanTalk, units: readonly UnitNotes[]): Promise<void> {
  const lists = new Map<UnitNotes, readonly UdsDtc[]>();
  for (const unit of units) lists.set(unit, await readUdsCodes(talk, unit));
  const speaking = units.filter((unit) => unit.spokeUds);
  for (const unit of speaking) await readSnapshots(talk, unit, lists.get(unit) ?? []);
  for (const unit of speaking) await readIdentification(talk, unit);
}

/** A car that answers OBD may be a truck as well; one that does not send its codes by itself is none. */
async function truckBeside(talk: ScanTalk, truck: TruckEar | undefined): Promise<TruckFindings | undefined> {
  if (truck === undefined || talk.ended !== undefined || !(await truck.hasHeardTruck(0))) return undefined;
  return truck.read(() => talk.leftMs);
}

function truckFindings(truck: TruckFindings | undefined): ScanFindings {
  if (truck === undefined) throw new ConversationFailure("car-silent");
  return {
    protocol: "j1939",
    standard: "j1939",
    vin: truck.vin?.vin ?? null,
    vinDoubts: truck.vin === undefined ? ["not-readable"] : truck.vin.problems.map(({ code }) => code),
    ecus: [...truck.ecus],
    readiness: truck.readiness,
  };
}

function missingUnit(address: string): ScannedEcu {
  return { address, reach: "no-answer", dtcs: [], unanswered: [{ service: "all", reason: "no-answer" }] };
}

async function readTogether(
  talk: ScanTalk,
  units: readonly UnitNotes[],
  standard: "obd" | "obd-on-uds" | "wwh-obd" | "uds",
  wishes: ScanWishes,
): Promise<ObdFindings> {
  if (standard === "obd") return readObd(talk, units, wishes);
  return standard === "uds" ? { vins: [], signals: [] } : readObdOnUds(talk, units);
}

/** Units beyond those that hear questions to all. One that does not answer is not in this car, as far as anybody knows. */
async function findMore(
  talk: ScanTalk,
  known: readonly UnitNotes[],
  idBits: 11 | 29,
  wishes: ScanWishes,
): Promise<UnitNotes[]> {
  const told = wishes.addresses.filter((address) => address.functional !== true).map(physicalAddress);
  const isKnown = new Set(known.map((unit) => unit.addressText));
  const asked = told.filter((address) => !isKnown.has(addressTextOf(address)));
  return sweep(talk, asked, wishes.sweep ? { idBits, except: isKnown } : undefined);
}

/** The VIN that OBD tells, else the one that a unit keeps by ISO 14229-1. */
function vinOf(
  told: ObdFindings["vins"],
  units: readonly UnitNotes[],
): { readonly vin: string | null; readonly vinDoubts: string[] } {
  const kept = units.flatMap((unit) => {
    const vin = unit.identification("vin");
    return vin === undefined ? [] : [{ vin, doubts: checkVin(vin).problems.map(({ code }) => code as string) }];
  });
  const all = (told.length > 0 ? told : kept).filter(({ vin }) => vin.length <= 17);
  const [first] = all;
  if (first === undefined) return { vin: null, vinDoubts: ["not-readable"] };
  const disagree = all.some(({ vin }) => vin !== first.vin);
  return { vin: first.vin, vinDoubts: [...first.doubts, ...(disagree ? ["units-disagree"] : [])].slice(0, 8) };
}
