import type { Codes, SimulatedCar, SimulatedEcu } from "./car.ts";
import { ascii, codeBytes } from "./code-bytes.ts";

/** What a unit answers by SAE J1979; undefined where it says nothing. */
export function obdAnswer(
  car: SimulatedCar,
  ecu: SimulatedEcu,
  codes: Codes,
  request: readonly number[],
): number[] | undefined {
  const [service, ...parameters] = request;
  switch (service) {
    case 0x01:
      return currentDataAnswer(ecu, codes, parameters);
    case 0x02:
      return freezeFrameAnswer(ecu, codes, parameters);
    case 0x03:
      return codesAnswer(car, 0x43, codes.confirmed);
    case 0x04:
      clear(codes);
      return [0x44];
    case 0x07:
      return codesAnswer(car, 0x47, codes.pending);
    case 0x0a:
      return codesAnswer(car, 0x4a, codes.permanent);
    case 0x09:
      // Only the engine unit knows the car's number.
      if (parameters[0] === 0x02 && ecu === car.ecus[0]) return [0x49, 0x02, 0x01, ...ascii(car.vin, 17)];
      if (parameters[0] === 0x0a) return [0x49, 0x0a, 0x01, ...ascii(ecu.name, 20)];
      return undefined;
    default:
      return undefined;
  }
}

/** Clearing leaves permanent codes, and every monitor that the car has must run again. */
export function clear(codes: Codes): void {
  codes.confirmed = [];
  codes.pending = [];
  codes.faults = [];
  const [b, c] = codes.monitorBytes;
  codes.monitorBytes = [(b & 0x0f) | ((b & 0x07) << 4), c, c];
}

function currentDataAnswer(ecu: SimulatedEcu, codes: Codes, pids: readonly number[]): number[] | undefined {
  const answer = [0x41];
  for (const pid of pids) {
    const data = currentData(ecu, codes, pid);
    if (data !== undefined) answer.push(pid, ...data);
  }
  return answer.length > 1 ? answer : undefined;
}

function currentData(ecu: SimulatedEcu, codes: Codes, pid: number): readonly number[] | undefined {
  if (pid % 0x20 === 0) return supportedPids(ecu, pid);
  if (pid === 0x01) {
    const count = codes.confirmed.length;
    return [(count > 0 ? 0x80 : 0) | count, ...codes.monitorBytes];
  }
  return ecu.live?.[pid];
}

/** One bit for each of the 32 PIDs that follow, the first in the highest bit; the last says that there is a further map. */
function supportedPids(ecu: SimulatedEcu, from: number): number[] | undefined {
  const known = [0x01, ...Object.keys(ecu.live ?? {}).map(Number)];
  if (from > 0 && !known.some((pid) => pid > from)) return undefined;
  const map = [0, 0, 0, 0];
  for (let bit = 0; bit < 32; bit++) {
    const pid = from + bit + 1;
    const isSupported = bit === 31 ? known.some((other) => other > pid) : known.includes(pid);
    if (isSupported) map[bit >> 3] = (map[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  }
  return map;
}

function freezeFrameAnswer(ecu: SimulatedEcu, codes: Codes, pairs: readonly number[]): number[] | undefined {
  const [cause] = codes.confirmed;
  const frame = ecu.freezeFrame;
  if (cause === undefined || frame === undefined) return undefined;
  const answer = [0x42];
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const pid = pairs[index] ?? 0;
    const data = freezeFrameValue(pid, cause, frame);
    if (data !== undefined) answer.push(pid, 0x00, ...data);
  }
  return answer.length > 1 ? answer : undefined;
}

function freezeFrameValue(
  pid: number,
  cause: string,
  frame: NonNullable<SimulatedEcu["freezeFrame"]>,
): number[] | undefined {
  switch (pid) {
    case 0x02:
      return codeBytes(cause);
    case 0x04:
      return [Math.round((frame.loadPercent * 255) / 100)];
    case 0x05:
      return [frame.coolantC + 40];
    case 0x0c:
      return [(frame.rpm * 4) >> 8, (frame.rpm * 4) & 0xff];
    case 0x0d:
      return [frame.kmh];
    default:
      return undefined;
  }
}

/** On CAN a byte says how many codes follow; the old lines have none. */
function codesAnswer(car: SimulatedCar, service: number, codes: readonly string[]): number[] {
  const bytes = codes.flatMap(codeBytes);
  return car.oldLine === undefined ? [service, codes.length, ...bytes] : [service, ...bytes];
}
