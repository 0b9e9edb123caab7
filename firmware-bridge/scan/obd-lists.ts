import type { ScannedDtc, SignalSample } from "../../contract/payloads.ts";
import { vocabularyRow } from "../../contract/vocabulary.ts";
import {
  decodeLegacyAnswer,
  decodeObdResponse,
  encodeObdRequest,
  type MonitorTest,
  type ObdRequest,
  type ObdResponse,
  type PidSignal,
} from "../../vehicle-protocols/index.ts";
import { OPTIONAL_P2_MS, type ScanTalk, type UnitAnswer } from "./scan-talk.ts";
import type { UnitNotes } from "./unit-notes.ts";

/** Service and status of the three lists of trouble codes (SAE J1979). */
const CODE_LISTS = [
  { service: 0x03, status: "confirmed" },
  { service: 0x07, status: "pending" },
  { service: 0x0a, status: "permanent" },
] as const;

/** Freeze-frame values that a workshop looks at first: load, coolant, engine speed, road speed. */
const FREEZE_FRAME_PIDS = [0x04, 0x05, 0x0c, 0x0d] as const;

/**
 * What belongs to a scan beside codes: how long ago they were cleared (warm-ups, distance, time) and driven with the lamp on, and the distance
 * that the car has gone. Asked of the units that announce them.
 */
const SCAN_PIDS: ReadonlySet<number> = new Set([0x21, 0x30, 0x31, 0x4d, 0x4e, 0xa6]);
/** Maps that announce them; on the old lines one question is one PID, and these PIDs are younger than those lines. */
const SCAN_MAPS = [0x00, 0x20, 0x40, 0xa0] as const;

const VOCABULARY_OF: Readonly<Record<string, string>> = { ODO: "odometer" };

/** What OBD told of the car as a whole. */
export interface ObdFindings {
  readonly vins: readonly { readonly vin: string; readonly doubts: readonly string[] }[];
  readonly signals: readonly SignalSample[];
}

export interface ObdOptions {
  /** Whether results of monitor tests (service 06) are read too. */
  readonly monitorResults: boolean;
  /** Wall clock. */
  readonly now: () => number;
}

/** Everything that SAE J1979 has for a scan, the lists of codes first. A service that a unit does not answer is noted, never taken as an empty list. */
export async function readObd(talk: ScanTalk, units: readonly UnitNotes[], options: ObdOptions): Promise<ObdFindings> {
  const vins = await readVins(talk, units);
  for (const { service, status } of CODE_LISTS) await readCodes(talk, units, service, status);
  await readMonitors(talk, units);
  await readNames(talk, units);
  for (const unit of units) await readFreezeFrame(talk, unit);
  const signals = await readCounters(talk, units, options.now);
  if (options.monitorResults) signals.push(...(await readMonitorResults(talk, units, options.now)));
  return { vins, signals };
}

async function ask(
  talk: ScanTalk,
  units: readonly UnitNotes[],
  request: ObdRequest,
  p2Ms?: number,
): Promise<(unit: UnitNotes) => UnitAnswer> {
  const ids = units.map((unit) => unit.ecuId);
  const answers = await talk.askAll(encodeObdRequest(request), ids, p2Ms);
  return (unit) => answers.get(unit.ecuId) ?? talk.silence();
}

/** The decoded answer of one unit, or why there is none. */
function decode<Service extends ObdResponse["service"]>(
  answer: UnitAnswer,
  service: Service,
):
  | { readonly response: Extract<ObdResponse, { service: Service }> }
  | { readonly reason: string; readonly denied: boolean } {
  if ("reason" in answer) return answer;
  const { payloads, transport } = answer;
  const [first = new Uint8Array()] = payloads;
  const decoded = transport === "legacy" ? decodeLegacyAnswer(payloads) : decodeObdResponse(first);
  if (!decoded.ok) return { reason: decoded.error.code, denied: false };
  return isService(decoded.value, service)
    ? { response: decoded.value }
    : { reason: "unexpected-service", denied: false };
}

function isService<Service extends ObdResponse["service"]>(
  response: ObdResponse,
  service: Service,
): response is Extract<ObdResponse, { service: Service }> {
  return response.service === service;
}

async function readVins(talk: ScanTalk, units: readonly UnitNotes[]): Promise<ObdFindings["vins"]> {
  const answerOf = await ask(talk, units, { service: 0x09, infoType: 0x02 }, OPTIONAL_P2_MS);
  return units.flatMap((unit) => {
    const answer = decode(answerOf(unit), 0x09);
    if (!("response" in answer) || answer.response.info.kind !== "vin") return [];
    const { vin, problems } = answer.response.info.check;
    return [{ vin, doubts: problems.map((problem) => problem.code) }];
  });
}

async function readCodes(
  talk: ScanTalk,
  units: readonly UnitNotes[],
  service: 0x03 | 0x07 | 0x0a,
  status: ScannedDtc["status"],
): Promise<void> {
  const answerOf = await ask(talk, units, { service });
  for (const unit of units) {
    let told = answerOf(unit);
    // Radio loses frames; a list of codes is worth asking the unit alone.
    if ("reason" in told && told.reason === "no-answer" && unit.address !== undefined)
      told = await talk.askOne(unit.address, encodeObdRequest({ service }));
    const answer = decode(told, service);
    const text = service.toString(16).toUpperCase().padStart(2, "0");
    if (!("response" in answer)) {
      unit.noteUnanswered(text, answer);
      continue;
    }
    unit.hasListedCodes = true;
    if (!answer.response.complete) unit.noteUnanswered(text, { reason: "list-incomplete", denied: false });
    for (const code of answer.response.dtcs) unit.noteDtc({ code, status });
  }
}

async function readMonitors(talk: ScanTalk, units: readonly UnitNotes[]): Promise<void> {
  const answerOf = await ask(talk, units, { service: 0x01, pids: [0x01] });
  for (const unit of units) {
    const answer = decode(answerOf(unit), 0x01);
    if (!("response" in answer)) continue;
    for (const reading of answer.response.readings) if (reading.kind === "monitors") unit.monitors = reading.status;
  }
}

async function readNames(talk: ScanTalk, units: readonly UnitNotes[]): Promise<void> {
  const answerOf = await ask(talk, units, { service: 0x09, infoType: 0x0a }, OPTIONAL_P2_MS);
  for (const unit of units) {
    const answer = decode(answerOf(unit), 0x09);
    if (!("response" in answer) || answer.response.info.kind !== "ecu-name") continue;
    const { acronym, name } = answer.response.info;
    unit.name = name || acronym;
  }
}

/** Asked of each unit alone, since only units with a confirmed code have one to give. */
async function readFreezeFrame(talk: ScanTalk, unit: UnitNotes): Promise<void> {
  if (!unit.dtcs.some((dtc) => dtc.status === "confirmed")) return;
  const cause = (await readFrame(talk, unit, [0x02])).find((reading) => reading.kind === "dtc")?.dtc;
  const dtc = unit.dtcs.find(({ code, status }) => code === cause && status === "confirmed");
  if (dtc === undefined) return;
  const freezeFrame: Record<string, number> = {};
  // Three PIDs fit one request.
  for (const pids of [FREEZE_FRAME_PIDS.slice(0, 3), FREEZE_FRAME_PIDS.slice(3)])
    for (const reading of await readFrame(talk, unit, pids)) {
      if (reading.kind !== "signals") continue;
      for (const { id, value } of reading.signals) if (typeof value === "number") freezeFrame[id] = value;
    }
  if (Object.keys(freezeFrame).length > 0) unit.noteDtc({ ...dtc, freezeFrame });
}

async function readFrame(talk: ScanTalk, unit: UnitNotes, pids: readonly number[]) {
  if (unit.address === undefined) return [];
  const request = encodeObdRequest({ service: 0x02, pids, frame: 0 });
  const answer = decode(await talk.askOne(unit.address, request), 0x02);
  return "response" in answer ? answer.response.readings : [];
}

async function readCounters(talk: ScanTalk, units: readonly UnitNotes[], now: () => number): Promise<SignalSample[]> {
  if (units.every((unit) => unit.address === undefined)) return [];
  const mapsOf = await ask(talk, units, { service: 0x01, pids: SCAN_MAPS }, OPTIONAL_P2_MS);
  const supported = new Set(units.flatMap((unit) => supportedPids(mapsOf(unit))));
  const pids = [...SCAN_PIDS].filter((pid) => supported.has(pid));
  if (pids.length === 0) return [];
  const answerOf = await ask(talk, units, { service: 0x01, pids }, OPTIONAL_P2_MS);
  const found = new Map<string, SignalSample>();
  for (const unit of units) {
    const answer = decode(answerOf(unit), 0x01);
    if (!("response" in answer)) continue;
    for (const reading of answer.response.readings)
      if (reading.kind === "signals")
        for (const signal of reading.signals) found.set(signal.id, sampleOf(signal, now()));
  }
  return [...found.values()];
}

function supportedPids(answer: UnitAnswer): readonly number[] {
  const decoded = decode(answer, 0x01);
  if (!("response" in decoded)) return [];
  return decoded.response.readings.flatMap((reading) => (reading.kind === "supported" ? reading.pids : []));
}

function sampleOf({ id, value, unit }: PidSignal, at: number): SignalSample {
  const name = VOCABULARY_OF[id] ?? id;
  const shown = vocabularyRow(name)?.unit ?? (unit === "1" ? "" : unit);
  return { name, value, ...(shown === "" ? {} : { unit: shown }), at };
}

/** Service 06: tests that a monitor has made, with what they measured. Maps say which monitors there are; one monitor is one question. */
async function readMonitorResults(
  talk: ScanTalk,
  units: readonly UnitNotes[],
  now: () => number,
): Promise<SignalSample[]> {
  const maps = await ask(talk, units, { service: 0x06, ids: [0x00, 0x20, 0x40, 0x60, 0x80, 0xa0] }, OPTIONAL_P2_MS);
  const samples: SignalSample[] = [];
  for (const unit of units) {
    const announced = decode(maps(unit), 0x06);
    if (!("response" in announced) || unit.address === undefined) continue;
    for (const id of announced.response.announced.filter((monitor) => monitor % 0x20 !== 0)) {
      const answer = decode(await talk.askOne(unit.address, encodeObdRequest({ service: 0x06, ids: [id] })), 0x06);
      if ("response" in answer) samples.push(...answer.response.tests.map((test) => testSample(unit, test, now())));
    }
  }
  return samples;
}

function testSample({ ecuId }: UnitNotes, test: MonitorTest, at: number): SignalSample {
  const hex = (number: number) => number.toString(16).toUpperCase().padStart(2, "0");
  const name = `monitor-test.${hex(ecuId)}.${hex(test.monitorId)}.${hex(test.testId)}`;
  return { name, value: test.value, ...(test.unit === undefined || test.unit === "1" ? {} : { unit: test.unit }), at };
}
