import { pidLengths } from "../obd/pids.ts";
import { answerBytes } from "./addressing.ts";
import { answerParts, type DataLength } from "./answer-parts.ts";
import { asSigned, type BitReader, bitReader, readUnsigned } from "./bits.ts";
import { correctedSignal } from "./corrections.ts";
import type { SignalDefinition, SignalSet, SignalSetCommand } from "./signal-set.ts";
import { isForYear } from "./years.ts";

/** A signal made ready for reading. `definition` carries name, unit, path and suggested metric. */
export type CompiledSignal = {
  readonly definition: SignalDefinition;
  readonly reader: BitReader;
};

export type CompiledCommand = {
  readonly definition: SignalSetCommand;
  readonly signals: readonly CompiledSignal[];
  /** Id of the ECU that answers; undefined: whoever answers is meant. */
  readonly responseId: number | undefined;
};

/** One whole answer of an ECU, put together by ISO-TP. */
export type EcuAnswer = {
  readonly id: number;
  /** Extended or mixed addressing: the byte before the PCI, by which ECUs behind one id are told apart. */
  readonly addressByte?: number;
  /** Positive answer: service id + 40 hex, the echoed identifier, the data. Anything else is left alone. */
  readonly payload: Uint8Array;
};

export type SignalReading = {
  readonly signal: SignalDefinition;
  /** In the unit of the signal's format; the word for an enumeration. */
  readonly value: number | string;
};

export type CommandReadings = { readonly command: CompiledCommand; readonly readings: readonly SignalReading[] };

export type CompileOptions = {
  /** Model year; it chooses among the variants of a command. Without it all variants stand, the last one written first. */
  readonly year?: number | undefined;
};

/** Decodes answers by one or several signal sets. */
export type SignalDecoder = {
  /** What may be asked, in the order of the files, without those for other years. */
  readonly commands: readonly CompiledCommand[];
  /** Signals whose formula was put right against SAE J1979, as `command id: signal id`. */
  readonly corrected: readonly string[];
  /**
   * The signals of an answer. A signal that the answer is too short for, that the ECU marks as not available, or whose
   * value has no word, is not among them.
   * @param request what was asked (service first), needed only if it named several identifiers at once
   */
  decode(answer: EcuAnswer, request?: Uint8Array): readonly CommandReadings[];
};

const POSITIVE = 0x40;
/** SAE J1979 current data, and the ids at which its ECUs are asked when a set is about no car in particular. */
const CURRENT_DATA = 0x01;
const LEGISLATED_REQUESTS: ReadonlySet<number> = new Set([0x7e0, 0x7df, 0x18db33f1, 0x686af1]);

/**
 * Makes signal sets ready for decoding. A set that holds nothing but SAE J1979 current data for the usual engine ECU is
 * taken as the standard itself: its commands fit whoever answers, and any other set's command goes before them. Of several
 * such sets the largest is the standard; the others are those of cars of which no more is known.
 */
export function compileSignalSets(sets: readonly SignalSet[], { year }: CompileOptions = {}): SignalDecoder {
  const corrected: string[] = [];
  const [standard] = sets.filter(isStandardSet).toSorted((a, b) => b.commands.length - a.commands.length);
  // What stands later in the list is preferred.
  const inOrder = standard === undefined ? sets : [standard, ...sets.filter((set) => set !== standard)];
  const commands = inOrder.flatMap((set) =>
    set.commands
      .filter(({ years }) => year === undefined || isForYear(years, year))
      .map((definition): CompiledCommand => {
        const signals = definition.signals.map((written) => {
          const signal = correctedSignal(definition, written);
          if (signal !== written) corrected.push(`${definition.id}: ${signal.id}`);
          return compileSignal(signal);
        });
        return { definition, signals, responseId: set === standard ? undefined : definition.address.responseId };
      }),
  );
  const byIdentifier = new Map<number, CompiledCommand[]>();
  for (const command of commands) {
    const key = identifierKey(command.definition.service, command.definition.parameter[0] ?? 0);
    const list = byIdentifier.get(key);
    if (list === undefined) byIdentifier.set(key, [command]);
    else list.push(command);
  }

  const forAnswer = (
    service: number,
    identified: Uint8Array,
    { id, addressByte }: EcuAnswer,
  ): readonly CompiledCommand[] => {
    const candidates = byIdentifier.get(identifierKey(service, identified[0] ?? 0)) ?? [];
    const fitting = candidates.filter(({ definition }) => startsWith(identified, definition.parameter));
    const ofThisId = fitting.filter(({ responseId }) => responseId === id);
    const ofThisEcu = ofThisId.filter(({ definition }) => isFrom(addressByte, definition));
    const last = ofThisEcu.at(-1) ?? ofThisId.at(-1);
    if (last !== undefined) return [last];
    const ofAny = fitting.filter(({ responseId }) => responseId === undefined);
    // Makers reuse an identifier in several ECUs, so without an id every command may be meant; J1979 knows only one.
    return service === CURRENT_DATA ? ofAny.slice(-1) : ofAny;
  };

  return {
    commands,
    corrected,
    decode(answer, request) {
      const { payload } = answer;
      const service = (payload[0] ?? 0) - POSITIVE;
      if (service <= 0) return [];
      return answerParts(payload, request, (identified) =>
        lengthOf(service, identified, forAnswer(service, identified, answer)),
      ).flatMap((identified) =>
        forAnswer(service, identified, answer).map((command) => ({
          command,
          readings: readSignals(command, identified.subarray(command.definition.parameter.length)),
        })),
      );
    },
  };
}

/** Whether a set is SAE J1979 itself, for no car in particular: nothing but its current data, asked at the usual ids. */
export function isStandardSet({ commands }: SignalSet): boolean {
  return (
    commands.length > 0 &&
    commands.every(({ service, address }) => service === CURRENT_DATA && LEGISLATED_REQUESTS.has(address.requestId))
  );
}

/** Whether an answer with this byte before its PCI, or with none, may be one to this command. */
function isFrom(addressByte: number | undefined, { address }: SignalSetCommand): boolean {
  return addressByte === undefined ? address.targetByte === undefined : answerBytes(address).includes(addressByte);
}

function identifierKey(service: number, firstByte: number): number {
  return service * 256 + firstByte;
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return bytes.length >= start.length && start.every((byte, at) => bytes[at] === byte);
}

/** Data bytes behind an identifier: J1979 knows them; elsewhere no fewer than the shortest signal needs. */
function lengthOf(service: number, identified: Uint8Array, commands: readonly CompiledCommand[]): DataLength {
  if (service === CURRENT_DATA) {
    const exactly = pidLengths(identified[0] ?? 0);
    if (exactly.length > 0) return { exactly };
  }
  const needed = commands.flatMap(({ signals }) => signals.map(({ reader }) => reader.leastBytes));
  return { atLeast: needed.length === 0 ? 1 : Math.min(...needed) };
}

/** Makes one signal ready for `readSignal`. */
function compileSignal(definition: SignalDefinition): CompiledSignal {
  const { firstBit, bits, leastSignificantByteFirst } = definition.format;
  return { definition, reader: bitReader(firstBit, bits, leastSignificantByteFirst) };
}

/** All signals of a command that its data (behind the echoed identifier) holds. */
function readSignals({ signals }: CompiledCommand, data: Uint8Array): readonly SignalReading[] {
  const readings: SignalReading[] = [];
  for (const signal of signals) {
    const value = readSignal(signal, data);
    if (value !== undefined) readings.push({ signal: signal.definition, value });
  }
  return readings;
}

/** One signal's value; undefined if it is not there, not available, or has no word. */
function readSignal({ definition, reader }: CompiledSignal, data: Uint8Array): number | string | undefined {
  const raw = readUnsigned(reader, data);
  if (raw === undefined) return undefined;
  const { format } = definition;
  if (format.kind === "enumeration") return format.words.get(raw)?.value;
  const number = format.signed ? asSigned(raw, reader.bits) : raw;
  const value = (number * format.multiply) / format.divide + format.add;
  if (format.nullAtOrBelow !== undefined && value <= format.nullAtOrBelow) return undefined;
  if (format.nullAtOrAbove !== undefined && value >= format.nullAtOrAbove) return undefined;
  if (format.max <= format.min) return value;
  return value < format.min ? format.min : value > format.max ? format.max : value;
}
