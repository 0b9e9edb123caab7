import type { DongleScan, Readiness, ScannedDtc, ScannedEcu } from "../../contract/payloads.ts";
import {
  decodeObdResponse,
  type EcuAnswer,
  type ExchangeTarget,
  encodeObdRequest,
  type MonitorStatus,
  type ObdRequest,
  type ObdResponse,
  type PidReading,
  physicalAddressOf,
} from "../../vehicle-protocols/index.ts";
import type { BoundedCar } from "../bounded-car.ts";
import { ecuText } from "../readings.ts";
import { type FoundUnit, findUnits } from "./find-units.ts";

/** What a scan found out, before it gets its names and times. */
export type ScanFindings = Pick<DongleScan, "protocol" | "vin" | "vinDoubts" | "ecus" | "readiness">;

/** Service and status of the three lists of trouble codes (SAE J1979). */
const CODE_LISTS = [
  { service: 0x03, status: "confirmed" },
  { service: 0x07, status: "pending" },
  { service: 0x0a, status: "permanent" },
] as const;

/** Freeze-frame values that a workshop looks at first: load, coolant, engine speed, road speed. */
const FREEZE_FRAME_PIDS = [0x04, 0x05, 0x0c, 0x0d] as const;

/** One control unit while the scan goes on. */
interface EcuNotes {
  readonly ecuId: number;
  readonly extended: boolean;
  name: string | undefined;
  readonly dtcs: ScannedDtc[];
  readonly unanswered: { service: string; reason: string }[];
  monitors: MonitorStatus | undefined;
}

function notesOf({ ecuId, extended }: FoundUnit): EcuNotes {
  return { ecuId, extended, name: undefined, dtcs: [], unanswered: [], monitors: undefined };
}

type Answers = ReadonlyMap<number, EcuAnswer>;

/**
 * Reads all control units that answer: VIN (09 02), names (09 0A), confirmed, pending and permanent codes (03, 07, 0A), the freeze frame
 * of the first confirmed code (02) and readiness (01 01). A service that a unit does not answer is noted as unanswered, never taken as an empty list.
 * @throws ConversationFailure `car-silent` when no unit answers on either kind of identifier
 */
export async function scanCar(car: BoundedCar): Promise<ScanFindings> {
  const { target, line, units } = await findUnits(car);
  const ecus = units.map(notesOf);
  const ask = (request: ObdRequest) => askAll(car, target, request, ecus);

  const vin = readVin(await ask({ service: 0x09, infoType: 0x02 }), ecus);
  for (const { service, status } of CODE_LISTS) noteCodes(await ask({ service }), ecus, service, status);
  noteMonitors(await ask({ service: 0x01, pids: [0x01] }), ecus);
  noteNames(await ask({ service: 0x09, infoType: 0x0a }), ecus);
  await noteFreezeFrames(car, ecus);

  return {
    protocol: line.protocol,
    vin: vin.text,
    vinDoubts: vin.doubts,
    ecus: ecus.map(toScannedEcu),
    readiness: worstReadiness(ecus),
  };
}

async function askAll(
  car: BoundedCar,
  target: ExchangeTarget,
  request: ObdRequest,
  ecus: EcuNotes[],
): Promise<Answers> {
  const outcome = await car.ask({
    target,
    request: encodeObdRequest(request),
    expectedEcuIds: ecus.map((ecu) => ecu.ecuId),
  });
  return new Map(outcome.answers.map((answer) => [answer.ecuId, answer]));
}

/** The decoded answer of one unit, or why there is none. */
function answerOf<Service extends ObdResponse["service"]>(
  answers: Answers,
  ecu: EcuNotes,
  service: Service,
): { readonly response: Extract<ObdResponse, { service: Service }> } | { readonly reason: string } {
  const answer = answers.get(ecu.ecuId);
  if (answer === undefined) return { reason: "no-answer" };
  if (answer.kind === "negative") return { reason: answer.name };
  if (answer.kind === "failed") return { reason: answer.error.code };
  const response = decodeObdResponse(answer.payload);
  if (!response.ok) return { reason: response.error.code };
  return isService(response.value, service) ? { response: response.value } : { reason: "unexpected-service" };
}

function isService<Service extends ObdResponse["service"]>(
  response: ObdResponse,
  service: Service,
): response is Extract<ObdResponse, { service: Service }> {
  return response.service === service;
}

function readVin(answers: Answers, ecus: readonly EcuNotes[]): { text: string | null; doubts: string[] } {
  const found = new Map<string, string[]>();
  for (const ecu of ecus) {
    const answer = answerOf(answers, ecu, 0x09);
    if (!("response" in answer) || answer.response.info.kind !== "vin") continue;
    const { vin, problems } = answer.response.info.check;
    if (vin.length <= 17)
      found.set(
        vin,
        problems.map((problem) => problem.code),
      );
  }
  const [first] = found;
  if (first === undefined) return { text: null, doubts: ["not-readable"] };
  const [text, doubts] = first;
  return { text, doubts: found.size > 1 ? [...doubts, "units-disagree"] : doubts };
}

function noteCodes(
  answers: Answers,
  ecus: readonly EcuNotes[],
  service: 0x03 | 0x07 | 0x0a,
  status: ScannedDtc["status"],
): void {
  for (const ecu of ecus) {
    const answer = answerOf(answers, ecu, service);
    if (!("response" in answer)) ecu.unanswered.push({ service: serviceText(service), reason: answer.reason });
    else {
      if (!answer.response.complete) ecu.unanswered.push({ service: serviceText(service), reason: "list-incomplete" });
      for (const code of answer.response.dtcs) ecu.dtcs.push({ code, status });
    }
  }
}

function noteMonitors(answers: Answers, ecus: readonly EcuNotes[]): void {
  for (const ecu of ecus) {
    const answer = answerOf(answers, ecu, 0x01);
    if (!("response" in answer)) continue;
    for (const reading of answer.response.readings) if (reading.kind === "monitors") ecu.monitors = reading.status;
  }
}

function noteNames(answers: Answers, ecus: readonly EcuNotes[]): void {
  for (const ecu of ecus) {
    const answer = answerOf(answers, ecu, 0x09);
    if (!("response" in answer) || answer.response.info.kind !== "ecu-name") continue;
    const { acronym, name } = answer.response.info;
    ecu.name = (name || acronym).slice(0, 40) || undefined;
  }
}

/** Asked of each unit alone, since only units with a confirmed code have one to give. */
async function noteFreezeFrames(car: BoundedCar, ecus: readonly EcuNotes[]): Promise<void> {
  for (const ecu of ecus) {
    if (!ecu.dtcs.some((dtc) => dtc.status === "confirmed")) continue;
    const ask = (pids: readonly number[]) => askOne(car, ecu, { service: 0x02, pids, frame: 0 });
    const cause = await ask([0x02]);
    const code = cause.find((reading) => reading.kind === "dtc")?.dtc;
    const index = ecu.dtcs.findIndex((dtc) => dtc.code === code && dtc.status === "confirmed");
    const dtc = ecu.dtcs[index];
    if (dtc === undefined) continue;
    const freezeFrame: Record<string, number> = {};
    // Three PIDs fit one request.
    for (const reading of [...(await ask(FREEZE_FRAME_PIDS.slice(0, 3))), ...(await ask(FREEZE_FRAME_PIDS.slice(3)))]) {
      if (reading.kind !== "signals") continue;
      for (const signal of reading.signals) if (typeof signal.value === "number") freezeFrame[signal.id] = signal.value;
    }
    if (Object.keys(freezeFrame).length > 0) ecu.dtcs[index] = { ...dtc, freezeFrame };
  }
}

async function askOne(car: BoundedCar, ecu: EcuNotes, request: ObdRequest): Promise<readonly PidReading[]> {
  const address = physicalAddressOf(ecu.ecuId, ecu.extended);
  if (address === undefined) return [];
  const outcome = await car.ask({ target: { kind: "physical", address }, request: encodeObdRequest(request) });
  const answers = new Map(outcome.answers.map((answer) => [answer.ecuId, answer]));
  const answer = answerOf(answers, ecu, 0x02);
  return "response" in answer ? answer.response.readings : [];
}

function toScannedEcu(ecu: EcuNotes): ScannedEcu {
  return {
    address: ecuText(ecu.ecuId),
    ...(ecu.name === undefined ? {} : { name: ecu.name }),
    dtcs: ecu.dtcs,
    unanswered: ecu.unanswered,
  };
}

/** A car is ready when every unit is: a monitor that one unit has not completed counts as incomplete. */
function worstReadiness(ecus: readonly EcuNotes[]): Readiness | null {
  const all = ecus.flatMap((ecu) => (ecu.monitors === undefined ? [] : [ecu.monitors]));
  const [first] = all;
  if (first === undefined) return null;
  const monitors: Readiness["monitors"] = {};
  for (const status of all) {
    for (const { name, supported, complete } of status.monitors) {
      const word = !supported ? "unsupported" : complete ? "complete" : "incomplete";
      const known = monitors[name];
      if (known === undefined || known === "unsupported" || word === "incomplete") monitors[name] = word;
    }
  }
  return {
    milOn: all.some((status) => status.milOn),
    confirmedDtcCount: Math.min(
      127,
      all.reduce((sum, status) => sum + status.dtcCount, 0),
    ),
    ignition: first.ignition,
    monitors,
  };
}

function serviceText(service: number): string {
  return service.toString(16).toUpperCase().padStart(2, "0");
}
