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
