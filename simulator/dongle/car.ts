import { obdAnswer } from "./obd-answers.ts";
import { udsAnswer } from "./uds-answers.ts";

/**
 * A simulated car on the diagnostic bus: control units that answer SAE J1979 and ISO 14229-1 over ISO-TP. It encodes its answers with its own few lines and
 * shares nothing with the decoders it is meant to try.
 */
export interface SimulatedEcu {
  /** Id it listens to, of 11 bits or, above 7FF, of 29; it hears questions to all units as well. */
  readonly requestId: number;
  /** Where it answers; on `requestId + 8`, or on 18DAF1xx for 18DAxxF1, where absent. */
  readonly responseId?: number;
  /** Extended addressing: first data byte of frames to it and from it. Such a unit hears no questions to all. */
  readonly addressBytes?: { readonly request: number; readonly response: number };
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
  /** Data bytes of further PIDs of service 01. */
  readonly live?: Readonly<Record<number, readonly number[]>>;
  /** What it knows of ISO 14229-1; nothing where absent. */
  readonly uds?: SimulatedUds;
}

export interface SimulatedUds {
  /** It does not know SAE J1979 at all: units of electric cars, and cars after J1979-2. */
  readonly only?: boolean;
  readonly faults: readonly SimulatedFault[];
  /** Data by identifier. */
  readonly data: Readonly<Record<number, readonly number[]>>;
  /** Behind a secure gateway: refuses codes, data and clearing until somebody authenticates. */
  readonly locked?: boolean;
  /** It announces each answer so often (7F … 78), half a second apart, before it gives it. */
  readonly announces?: number;
  /** It is busy (7F … 21) so often before it answers a question. */
  readonly busy?: number;
}

/** A fault with its failure type, e.g. `U0405-81`, and the status byte of ISO 14229-1. */
export interface SimulatedFault {
  readonly code: string;
  readonly status: number;
  readonly occurrences?: number;
  readonly snapshot?: readonly { readonly identifier: number; readonly data: readonly number[] }[];
}

export interface SimulatedCar {
  readonly vin: string;
  readonly ecus: readonly SimulatedEcu[];
  /** Of its diagnostic CAN, in bit/s; 500 000 where absent. */
  readonly bitRate?: 250_000 | 500_000;
  /** An old car has no CAN: its units answer on one of these, each message for itself. */
  readonly oldLine?: "iso9141-2" | "iso14230-4" | "j1850-pwm" | "j1850-vpw";
}

export interface BusFrame {
  readonly id: number;
  readonly data: readonly number[];
}

/** A frame of the car, and how many milliseconds after the question it comes. */
export interface TimedFrame extends BusFrame {
  readonly afterMs: number;
}

/** A whole answer of one unit. */
interface TimedAnswer {
  readonly payload: readonly number[];
  readonly afterMs: number;
}

/** Codes that a unit holds now; clearing and repairs change them. */
export interface Codes {
  confirmed: readonly string[];
  pending: readonly string[];
  permanent: readonly string[];
  faults: readonly SimulatedFault[];
  monitorBytes: readonly [number, number, number];
}

const FUNCTIONAL_IDS: readonly number[] = [0x7df, 0x18db33f1];
const PADDING = 0xaa;
const ANNOUNCEMENT_MS = 500;

/** The bus side of a car: takes the tester's frames, gives the control units' frames. */
export class CarOnBus {
  readonly car: SimulatedCar;
  readonly #codes: ReadonlyMap<SimulatedEcu, Codes>;
  /** Consecutive frames of each unit that wait for the tester's flow control. */
  readonly #waiting = new Map<SimulatedEcu, BusFrame[]>();
  /** Questions longer than a frame, on their way in. */
  readonly #arriving = new Map<SimulatedEcu, { readonly length: number; readonly bytes: number[] }>();
  readonly #busyLeft = new Map<SimulatedEcu, number>();

  constructor(car: SimulatedCar) {
    this.car = car;
    this.#codes = new Map(
      car.ecus.map((ecu) => {
        const { confirmed, pending, permanent, monitorBytes, uds } = ecu;
        return [ecu, { confirmed, pending, permanent, monitorBytes, faults: uds?.faults ?? [] }];
      }),
    );
    for (const ecu of car.ecus) this.#busyLeft.set(ecu, ecu.uds?.busy ?? 0);
  }

  /** What a unit holds now, by the id it listens to. A repair changes it here. */
  codesOf(requestId: number): Codes | undefined {
    const ecu = this.car.ecus.find((candidate) => candidate.requestId === requestId);
    return ecu === undefined ? undefined : this.#codes.get(ecu);
  }

  /** Frames that the units send in answer to this one. */
  receive(frame: BusFrame): TimedFrame[] {
    return this.car.ecus.flatMap((ecu) => this.#receiveAt(ecu, frame));
  }

  /** Answers to a question on a line without frames (K-line, J1850): each unit's whole answers. */
  answersTo(request: readonly number[]): { readonly ecu: SimulatedEcu; readonly payload: readonly number[] }[] {
    return this.car.ecus.flatMap((ecu) => this.#answers(ecu, request, true).map(({ payload }) => ({ ecu, payload })));
  }

  #receiveAt(ecu: SimulatedEcu, frame: BusFrame): TimedFrame[] {
    const isFunctional = FUNCTIONAL_IDS.includes(frame.id) && frame.id > 0x7ff === ecu.requestId > 0x7ff;
    const target = ecu.addressBytes?.request;
    if (frame.id !== ecu.requestId && !(isFunctional && target === undefined)) return [];
    if (target !== undefined && frame.data[0] !== target) return [];
    const [pci = 0, ...rest] = target === undefined ? frame.data : frame.data.slice(1);
    switch (pci >> 4) {
      case 0:
        return this.#respond(ecu, rest.slice(0, pci & 0x0f), isFunctional);
      case 1:
        this.#arriving.set(ecu, { length: ((pci & 0x0f) << 8) | (rest[0] ?? 0), bytes: rest.slice(1) });
        return [{ ...this.#frame(ecu, [0x30, 0, 0]), afterMs: 0 }];
      case 2:
        return this.#takeConsecutive(ecu, rest);
      case 3:
        return this.#release(ecu);
      default:
        return [];
    }
  }

  #takeConsecutive(ecu: SimulatedEcu, bytes: readonly number[]): TimedFrame[] {
    const arriving = this.#arriving.get(ecu);
    if (arriving === undefined) return [];
    arriving.bytes.push(...bytes);
    if (arriving.bytes.length < arriving.length) return [];
    this.#arriving.delete(ecu);
    return this.#respond(ecu, arriving.bytes.slice(0, arriving.length), false);
  }

  #release(ecu: SimulatedEcu): TimedFrame[] {
    const frames = this.#waiting.get(ecu) ?? [];
    this.#waiting.delete(ecu);
    return frames.map((frame) => ({ ...frame, afterMs: 0 }));
  }

  #respond(ecu: SimulatedEcu, request: readonly number[], isFunctional: boolean): TimedFrame[] {
    return this.#answers(ecu, request, isFunctional).map(({ payload, afterMs }) => ({
      ...this.#segment(ecu, payload),
      afterMs,
    }));
  }

  #answers(ecu: SimulatedEcu, request: readonly number[], isFunctional: boolean): TimedAnswer[] {
    const codes = this.#codes.get(ecu);
    const [service = 0] = request;
    if (codes === undefined) return [];
    const payload =
      service < 0x10
        ? ecu.uds?.only === true
          ? undefined
          : obdAnswer(this.car, ecu, codes, request)
        : ecu.uds === undefined
          ? undefined
          : udsAnswer(ecu.uds, codes, request);
    if (payload === "nothing") return [];
    // A question to all that a unit does not know is met with silence, a question to it alone with a refusal (ISO 14229-1).
    if (payload === undefined) return isFunctional ? [] : [{ payload: [0x7f, service, 0x11], afterMs: 0 }];
    return this.#delayed(ecu, service, payload);
  }

  #delayed(ecu: SimulatedEcu, service: number, payload: readonly number[]): TimedAnswer[] {
    const busy = this.#busyLeft.get(ecu) ?? 0;
    if (busy > 0) {
      this.#busyLeft.set(ecu, busy - 1);
      return [{ payload: [0x7f, service, 0x21], afterMs: 0 }];
    }
    this.#busyLeft.set(ecu, ecu.uds?.busy ?? 0);
    const announcements = Array.from({ length: ecu.uds?.announces ?? 0 }, (_, index) => ({
      payload: [0x7f, service, 0x78],
      afterMs: index * ANNOUNCEMENT_MS,
    }));
    return [...announcements, { payload, afterMs: announcements.length * ANNOUNCEMENT_MS }];
  }

  /** The single frame, or the first one; the rest waits for flow control. */
  #segment(ecu: SimulatedEcu, payload: readonly number[]): BusFrame {
    const room = ecu.addressBytes === undefined ? 7 : 6;
    if (payload.length <= room) return this.#frame(ecu, [payload.length, ...payload]);
    const rest: BusFrame[] = [];
    for (let offset = room - 1, sequence = 1; offset < payload.length; offset += room, sequence += 1)
      rest.push(this.#frame(ecu, [0x20 | (sequence & 0x0f), ...payload.slice(offset, offset + room)]));
    this.#waiting.set(ecu, rest);
    return this.#frame(ecu, [0x10 | (payload.length >> 8), payload.length & 0xff, ...payload.slice(0, room - 1)]);
  }

  #frame(ecu: SimulatedEcu, pdu: readonly number[]): BusFrame {
    const data = ecu.addressBytes === undefined ? [...pdu] : [ecu.addressBytes.response, ...pdu];
    while (data.length < 8) data.push(PADDING);
    return { id: responseIdOf(ecu), data };
  }
}

/** Where a unit answers. */
function responseIdOf({ requestId, responseId }: SimulatedEcu): number {
  if (responseId !== undefined) return responseId;
  if (requestId <= 0x7ff) return requestId + 8;
  return 0x18da0000 + ((requestId & 0xff) << 8) + ((requestId >>> 8) & 0xff);
}
