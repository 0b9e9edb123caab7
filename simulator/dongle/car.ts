/**
 * A simulated car on the diagnostic bus: control units that answer SAE J1979 over ISO-TP. It encodes its answers with its own few lines and shares
 * nothing with the decoders it is meant to try.
 */
export interface SimulatedEcu {
  /** Id it listens to; it answers on `requestId + 8`. */
  readonly requestId: number;
  readonly name: string;
  readonly confirmed: readonly string[];
  readonly pending: readonly string[];
  readonly permanent: readonly string[];
  /** Values kept with the first confirmed code. */
  readonly freezeFrame?: {
    readonly loadPercent: number;
    readonly coolantC: number;
    readonly rpm: number;
    readonly kmh: number;
  };
  /** Bytes B, C and D of PID 01. */
  readonly monitorBytes: readonly [number, number, number];
}

export interface SimulatedCar {
  readonly vin: string;
  readonly ecus: readonly SimulatedEcu[];
}

export interface BusFrame {
  readonly id: number;
  readonly data: readonly number[];
}

const FUNCTIONAL_ID = 0x7df;
const PADDING = 0xaa;

/** The bus side of a car: takes the tester's frames, gives the control units' frames. */
export class CarOnBus {
  readonly #car: SimulatedCar;
  /** Consecutive frames of each unit that wait for the tester's flow control. */
  readonly #waiting = new Map<number, BusFrame[]>();

  constructor(car: SimulatedCar) {
    this.#car = car;
  }

  /** Frames that the units send in answer to this one. */
  receive(frame: BusFrame): BusFrame[] {
    const first = frame.data[0] ?? 0;
    if (first >> 4 === 3) return this.#waiting.get(frame.id) !== undefined ? this.#release(frame.id) : [];
    if (first >> 4 !== 0) return [];
    const request = frame.data.slice(1, 1 + (first & 0x0f));
    return this.#car.ecus
      .filter((ecu) => frame.id === FUNCTIONAL_ID || frame.id === ecu.requestId)
      .flatMap((ecu) => {
        const answer = answerOf(this.#car, ecu, request);
        return answer === undefined ? [] : this.#segment(ecu.requestId, answer);
      });
  }

  #release(requestId: number): BusFrame[] {
    const frames = this.#waiting.get(requestId) ?? [];
    this.#waiting.delete(requestId);
    return frames;
  }

  #segment(requestId: number, payload: readonly number[]): BusFrame[] {
    const id = requestId + 8;
    if (payload.length <= 7) return [{ id, data: padded([payload.length, ...payload]) }];
    const rest: BusFrame[] = [];
    for (let offset = 6, sequence = 1; offset < payload.length; offset += 7, sequence += 1) {
      rest.push({ id, data: padded([0x20 | (sequence & 0x0f), ...payload.slice(offset, offset + 7)]) });
    }
    this.#waiting.set(requestId, rest);
    return [{ id, data: [0x10 | (payload.length >> 8), payload.length & 0xff, ...payload.slice(0, 6)] }];
  }
}

/** A car says nothing to a functional question that it does not know. */
function answerOf(car: SimulatedCar, ecu: SimulatedEcu, request: readonly number[]): number[] | undefined {
  const [service, first] = request;
  switch (service) {
    case 0x01:
      if (first === 0x00) return [0x41, 0x00, 0x88, 0x18, 0x00, 0x10];
      if (first === 0x01)
        return [0x41, 0x01, (ecu.confirmed.length > 0 ? 0x80 : 0) | ecu.confirmed.length, ...ecu.monitorBytes];
      return undefined;
    case 0x02:
      return freezeFrameAnswer(ecu, request.slice(1));
    case 0x03:
      return codesAnswer(0x43, ecu.confirmed);
    case 0x07:
      return codesAnswer(0x47, ecu.pending);
    case 0x0a:
      return codesAnswer(0x4a, ecu.permanent);
    case 0x09:
      // Only the engine unit knows the car's number.
      if (first === 0x02 && ecu === car.ecus[0]) return [0x49, 0x02, 0x01, ...ascii(car.vin, 17)];
      if (first === 0x0a) return [0x49, 0x0a, 0x01, ...ascii(ecu.name, 20)];
      return undefined;
    default:
      return undefined;
  }
}

function freezeFrameAnswer(ecu: SimulatedEcu, pairs: readonly number[]): number[] | undefined {
  const [cause] = ecu.confirmed;
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

function codesAnswer(service: number, codes: readonly string[]): number[] {
  return [service, codes.length, ...codes.flatMap(codeBytes)];
}

/** "P0301" → 03 01: two bits of system, two of the first digit, then three hex digits. */
function codeBytes(code: string): number[] {
  const system = "PCBU".indexOf(code.charAt(0));
  return [
    (system << 6) | (Number(code.charAt(1)) << 4) | Number.parseInt(code.charAt(2), 16),
    Number.parseInt(code.slice(3, 5), 16),
  ];
}

function ascii(text: string, length: number): number[] {
  return Array.from({ length }, (_, index) => (index < text.length ? text.charCodeAt(index) : 0));
}

function padded(data: readonly number[]): number[] {
  return [...data, ...Array.from({ length: 8 - data.length }, () => PADDING)];
}
