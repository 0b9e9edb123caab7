import type { DiagnosticAddress, DongleReadings, ReadCommand } from "../../contract/payloads.ts";
import {
  decodeObdResponse,
  encodeObdRequest,
  fromHex,
  knownPids,
  type PidMaxima,
  physicalAddressOf,
  pidSignals,
  readPidMaxima,
  toHex,
} from "../../vehicle-protocols/index.ts";
import { nameOfAcronym } from "./words.ts";

/** One value that an answer holds, under the name and in the unit in which it travels. */
export interface AnsweredValue {
  readonly name: string;
  readonly value: number | string;
  readonly unit: string;
}

/** Something a car can be asked, and what its answers mean. The commands of the vehicle catalogue are such questions too. */
export interface Question {
  readonly ask: ReadCommand;
  readonly signals: readonly { readonly name: string; readonly unit: string; readonly label: string }[];
  /** The values of one unit's answer; none if it is no answer to this question. */
  decode(answer: Uint8Array): readonly AnsweredValue[];
}

/** Standard PIDs that each unit says it knows, by the id that it answers from in hex. */
export type SupportedPids = ReadonlyMap<string, ReadonlySet<number>>;

type Answers = DongleReadings["readings"][number]["answers"];

/** SAE J1979: one request holds six PIDs at most, on CAN. */
const MOST_PIDS = 6;
const LAST_MAP = 0xe0;

/** Which of the next 32 PIDs the units know: PID 00, 20, … E0 of service 01, asked of all. */
export function supportQuestion(base: number, extended: boolean): ReadCommand {
  const request = toHex(encodeObdRequest({ service: 0x01, pids: [base] }));
  return { key: `support-${request}`, request, address: everybody(extended) };
}

/** Adds what the units' maps announce. @returns the next map that one of them announces, or undefined */
export function readSupport(answers: Answers, base: number, into: Map<string, Set<number>>): number | undefined {
  for (const { ecu, payload } of answers) {
    const response = decodeObdResponse(fromHex(payload));
    if (!response.ok || response.value.service !== 0x01) continue;
    for (const reading of response.value.readings) {
      if (reading.kind !== "supported" || reading.pid !== base) continue;
      const known = into.get(ecu) ?? new Set<number>();
      for (const pid of reading.pids) known.add(pid);
      into.set(ecu, known);
    }
  }
  const next = base + 0x20;
  return next <= LAST_MAP && [...into.values()].some((known) => known.has(next)) ? next : undefined;
}

/** PIDs that say with which scales a unit tells others. */
const MAXIMA = [0x4f, 0x50] as const;

/** What each unit says of its scales, by the id that it answers from in hex; units that say nothing have the usual ones. */
export type MaximaOfUnits = ReadonlyMap<string, PidMaxima>;

/** The scales of the units that announce to have their own, asked of all, one PID at a time. */
export function maximaQuestions(supported: SupportedPids, extended: boolean): readonly ReadCommand[] {
  return MAXIMA.filter((pid) => [...supported.values()].some((known) => known.has(pid))).map((pid) => {
    const request = toHex(encodeObdRequest({ service: 0x01, pids: [pid] }));
    return { key: `maxima-${request}`, request, address: everybody(extended) };
  });
}

export function readMaxima(answers: Answers): MaximaOfUnits {
  const told = new Map<string, Map<number, Uint8Array>>();
  for (const { ecu, payload } of answers) {
    const response = decodeObdResponse(fromHex(payload));
    if (!response.ok || response.value.service !== 0x01) continue;
    const ofUnit = told.get(ecu) ?? new Map<number, Uint8Array>();
    for (const { pid, data } of response.value.readings) ofUnit.set(pid, data);
    told.set(ecu, ofUnit);
  }
  const nothing = new Uint8Array();
  return new Map(
    [...told].map(([ecu, data]) => [ecu, readPidMaxima(data.get(0x4f) ?? nothing, data.get(0x50) ?? nothing)]),
  );
}

/** The PID that tells a value; undefined for what the standard does not know. */
export function pidOf(name: string): number | undefined {
  return PID_OF_NAME.get(name);
}

const PID_OF_NAME: ReadonlyMap<string, number> = new Map(
  knownPids().flatMap((pid) => pidSignals(pid).map(({ id }) => [nameOfAcronym(id), pid] as const)),
);

/** Names of all values that the units of this car can be asked for by the standard. */
export function standardNames(supported: SupportedPids): readonly string[] {
  const known = new Set([...supported.values()].flatMap((pids) => [...pids]));
  return [...PID_OF_NAME].filter(([, pid]) => known.has(pid)).map(([name]) => name);
}

/**
 * The questions whose answers tell these values. Of several units that know a PID the one with the lowest address is asked: the engine's.
 * @param together several PIDs in one request; false for cars that answer only one
 * @param maxima the units' own scales
 */
export function standardQuestions(
  names: Iterable<string>,
  supported: SupportedPids,
  together: boolean,
  maxima: MaximaOfUnits = new Map(),
): readonly Question[] {
  const byEcu = new Map<string, Set<number>>();
  for (const name of names) {
    const pid = pidOf(name);
    const ecu = [...supported]
      .flatMap(([each, known]) => (pid !== undefined && known.has(pid) ? [each] : []))
      .sort()[0];
    if (pid === undefined || ecu === undefined) continue;
    byEcu.set(ecu, (byEcu.get(ecu) ?? new Set()).add(pid));
  }
  return [...byEcu].flatMap(([ecu, pids]) => {
    const address = addressOf(ecu);
    const most = together && address.functional !== true ? MOST_PIDS : 1;
    return inGroups(
      [...pids].sort((a, b) => a - b),
      most,
    ).map((group) => question(ecu, address, group, maxima.get(ecu)));
  });
}

function question(
  ecu: string,
  address: DiagnosticAddress,
  pids: readonly number[],
  maxima: PidMaxima | undefined,
): Question {
  const request = toHex(encodeObdRequest({ service: 0x01, pids }));
  return {
    ask: { key: `${ecu}-${request}`, request, address },
    signals: pids.flatMap((pid) =>
      pidSignals(pid).map(({ id, name, unit }) => ({ name: nameOfAcronym(id), unit: plain(unit), label: name })),
    ),
    decode: (answer) => decodeStandard(answer, maxima),
  };
}

function decodeStandard(answer: Uint8Array, maxima: PidMaxima | undefined): readonly AnsweredValue[] {
  const response = decodeObdResponse(answer, "can", maxima);
  if (!response.ok || response.value.service !== 0x01) return [];
  return response.value.readings.flatMap((reading) =>
    reading.kind === "signals"
      ? reading.signals.map(({ id, value, unit }) => ({ name: nameOfAcronym(id), value, unit: plain(unit) }))
      : [],
  );
}

/** Ratios, counts and words have no unit to show. */
function plain(unit: string): string {
  return unit === "1" || unit === "word" ? "" : unit;
}

function everybody(extended: boolean): DiagnosticAddress {
  return { requestId: extended ? 0x18db33f1 : 0x7df, extended, functional: true };
}

/** A unit alone; on the old lines, whose units have no CAN ids, all of them. */
function addressOf(ecu: string): DiagnosticAddress {
  const id = Number.parseInt(ecu, 16);
  const extended = ecu.length > 3;
  const physical = ecu.length < 3 ? undefined : physicalAddressOf(id, extended);
  if (physical === undefined) return everybody(extended);
  return { requestId: physical.transmitId, responseId: physical.receiveId, extended };
}

function inGroups<T>(items: readonly T[], most: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / most) }, (_, n) => items.slice(n * most, (n + 1) * most));
}
