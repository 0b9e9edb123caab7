import type { Codes, SimulatedFault, SimulatedUds } from "./car.ts";
import { codeBytes } from "./code-bytes.ts";
import { clear } from "./obd-answers.ts";

/** Status bits that these units know: all but "warning indicator" are told by every one. */
const AVAILABLE = 0xff;
/** Format of the codes: ISO 14229-1, two bytes and a failure type. */
const FORMAT_ISO_14229 = 0x01;
const FORMAT_J2012 = 0x04;

const SUB_FUNCTION_NOT_SUPPORTED = 0x12;
const WRONG_LENGTH = 0x13;
const OUT_OF_RANGE = 0x31;
const AUTHENTICATION_REQUIRED = 0x34;

/** What a unit answers by ISO 14229-1: a payload, `nothing` where the question wants none, undefined where it does not know the service. */
export function udsAnswer(
  uds: SimulatedUds,
  codes: Codes,
  request: readonly number[],
): number[] | "nothing" | undefined {
  const [service = 0, ...parameters] = request;
  switch (service) {
    case 0x10:
      return parameters.length === 1
        ? unlessSuppressed(parameters[0]!, [0x50, parameters[0]! & 0x7f, 0x00, 0x32, 0x01, 0xf4])
        : refusal(service, WRONG_LENGTH);
    case 0x3e:
      return parameters.length === 1
        ? unlessSuppressed(parameters[0]!, [0x7e, parameters[0]! & 0x7f])
        : refusal(service, WRONG_LENGTH);
    case 0x14:
      if (uds.locked === true) return refusal(service, AUTHENTICATION_REQUIRED);
      if (parameters.length !== 3) return refusal(service, WRONG_LENGTH);
      clear(codes);
      return [0x54];
    case 0x19:
      return uds.locked === true ? refusal(service, AUTHENTICATION_REQUIRED) : faultsAnswer(codes.faults, parameters);
    case 0x22:
      return dataAnswer(uds, parameters);
    default:
      return undefined;
  }
}

function unlessSuppressed(subFunction: number, answer: number[]): number[] | "nothing" {
  return (subFunction & 0x80) === 0 ? answer : "nothing";
}

function faultsAnswer(faults: readonly SimulatedFault[], [report = 0, ...rest]: readonly number[]): number[] {
  const listed = (mask: number) => faults.filter((fault) => (fault.status & mask) !== 0);
  const record = (fault: SimulatedFault) => [...codeBytes(fault.code), fault.status];
  const asked = faults.find((fault) => codeBytes(fault.code).every((byte, index) => byte === rest[index]));
  switch (report) {
    case 0x01: {
      const count = listed(rest[0] ?? 0).length;
      return [0x59, report, AVAILABLE, FORMAT_ISO_14229, count >> 8, count & 0xff];
    }
    case 0x02:
      return [0x59, report, AVAILABLE, ...listed(rest[0] ?? 0).flatMap(record)];
    case 0x0a:
      return [0x59, report, AVAILABLE, ...faults.flatMap(record)];
    case 0x04:
      if (asked === undefined) return refusal(0x19, OUT_OF_RANGE);
      return [0x59, report, ...record(asked), ...snapshotOf(asked)];
    case 0x06:
      if (asked === undefined) return refusal(0x19, OUT_OF_RANGE);
      // Record 01: how often the fault has come back.
      return [0x59, report, ...record(asked), 0x01, asked.occurrences ?? 1];
    case 0x42:
      // SAE J1979-2: functional group 33 is emissions; each code stands behind its severity.
      if (rest[0] !== 0x33) return refusal(0x19, OUT_OF_RANGE);
      return [
        0x59,
        report,
        0x33,
        AVAILABLE,
        0xff,
        FORMAT_J2012,
        ...listed(rest[1] ?? 0).flatMap((fault) => [0x20, ...record(fault)]),
      ];
    default:
      return refusal(0x19, SUB_FUNCTION_NOT_SUPPORTED);
  }
}

/** Snapshot record 01: how many identifiers, then each with its data. */
function snapshotOf({ snapshot }: SimulatedFault): number[] {
  if (snapshot === undefined) return [];
  return [
    0x01,
    snapshot.length,
    ...snapshot.flatMap(({ identifier, data }) => [identifier >> 8, identifier & 0xff, ...data]),
  ];
}

/** Known identifiers are answered, unknown ones left out; none known is a refusal. */
function dataAnswer(uds: SimulatedUds, parameters: readonly number[]): number[] {
  if (parameters.length === 0 || parameters.length % 2 === 1) return refusal(0x22, WRONG_LENGTH);
  const answer = [0x62];
  for (let index = 0; index < parameters.length; index += 2) {
    const identifier = (parameters[index]! << 8) | parameters[index + 1]!;
    const data = uds.data[identifier];
    // The vehicle's number is given to everybody.
    if (data === undefined || (uds.locked === true && identifier !== 0xf190)) continue;
    answer.push(identifier >> 8, identifier & 0xff, ...data);
  }
  if (answer.length > 1) return answer;
  return refusal(0x22, uds.locked === true ? AUTHENTICATION_REQUIRED : OUT_OF_RANGE);
}

function refusal(service: number, code: number): number[] {
  return [0x7f, service, code];
}
