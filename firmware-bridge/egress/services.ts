import { EgressRefusal } from "./refusal.ts";

/**
 * The only requests that may go to a car. Everything here reads; what writes, tests, unlocks, resets or programs is absent, and the two services
 * that clear codes (SAE J1979 04, ISO 14229-1 14) need an authority (`approvals.ts`). Key: service; value: whether its parameters have the form of a reading request.
 */
const READING_SERVICES: ReadonlyMap<number, (parameters: Uint8Array) => boolean> = new Map([
  // SAE J1979.
  [0x01, (parameters) => between(parameters, 1, 6)],
  [0x02, (parameters) => between(parameters, 2, 6) && parameters.length % 2 === 0],
  [0x03, isEmpty],
  [0x06, (parameters) => between(parameters, 1, 6)],
  [0x07, isEmpty],
  [0x09, (parameters) => between(parameters, 1, 6)],
  [0x0a, isEmpty],
  // ISO 14229-1: default and extended session, with and without "suppress positive response". Programming (02) is not here.
  [0x10, (parameters) => parameters.length === 1 && [0x01, 0x03].includes(parameters[0]! & 0x7f)],
  [0x3e, (parameters) => parameters.length === 1 && (parameters[0]! & 0x7f) === 0x00],
  [0x19, (parameters) => between(parameters, 1, 16)],
  [0x22, (parameters) => between(parameters, 2, 62) && parameters.length % 2 === 0],
  // ISO 14230-3 read data by local identifier: how Toyota, Nissan and Hyundai of before 2020 give the values of signal sets.
  [0x21, (parameters) => between(parameters, 1, 2)],
]);

/** SAE J1979 clears with the bare service; ISO 14229-1 with a group, of which only "all" is ever meant here. */
const CLEARING_REQUESTS: readonly string[] = ["04", "14ffffff"];

export type RequestKind = "reading" | "clearing";

/**
 * What a request does to a car.
 * @throws EgressRefusal `service` for everything that neither reads nor clears codes
 */
export function kindOfRequest(request: Uint8Array): RequestKind {
  const [service, ...rest] = request;
  if (service === undefined) throw new EgressRefusal("service", "a request has at least one byte");
  const reads = READING_SERVICES.get(service);
  if (reads?.(Uint8Array.from(rest)) === true) return "reading";
  const text = Buffer.from(request).toString("hex");
  if (CLEARING_REQUESTS.includes(text)) return "clearing";
  throw new EgressRefusal("service", `${text.slice(0, 40)} is not a request that only reads`);
}

function isEmpty(parameters: Uint8Array): boolean {
  return parameters.length === 0;
}

function between(parameters: Uint8Array, least: number, most: number): boolean {
  return parameters.length >= least && parameters.length <= most;
}

/**
 * SAE J1939-73 and -71: groups that may be asked for. DM1, DM2, DM4, DM5, DM6, DM12, DM19, DM20, DM21, DM23, DM24, DM25, DM26, DM27, DM28, DM29, identification
 * of vehicle, component, software and unit, hours and distances. DM3 (65228) and DM11 (65235) clear codes and are absent.
 */
const READABLE_PGNS: ReadonlySet<number> = new Set([
  65226, 65227, 65229, 65230, 65231, 65236, 54016, 49664, 49408, 64949, 64950, 64951, 64952, 64898, 64896, 40448, 65260,
  65259, 65242, 64965, 65253, 65248, 65217,
]);

/** @throws EgressRefusal `service` for a group that does not only read */
export function requireReadableGroup(pgn: number): void {
  if (!READABLE_PGNS.has(pgn)) throw new EgressRefusal("service", `parameter group ${pgn} is not asked for`);
}
