import type { DiagnosticAddress, ReadCommand } from "../../contract/payloads.ts";
import { vocabularyRow } from "../../contract/vocabulary.ts";
import { toHex } from "../../vehicle-protocols/index.ts";
import {
  answerBytes,
  type CommandAddress,
  type CompiledCommand,
  compileSignalSets,
  type EcuAnswer,
  type SignalDefinition,
  type SignalSet,
  signalWords,
} from "../../vehicle-protocols/signal-set/index.ts";
import { convertUnit, unitSymbol } from "../../vehicle-protocols/units.ts";
import {
  readWicanParameters,
  type WicanCommand,
  type WicanParameter,
  type WicanProfile,
  wicanWord,
} from "../../vehicle-protocols/wican-profile/index.ts";

/** One value of a car, under the name and in the unit in which it travels. */
export interface VehicleValue {
  /** From `contract/vocabulary.ts` where a word fits, else the file's own. */
  readonly name: string;
  readonly value: number | string;
  readonly unit: string;
}

/** A signal that a command's answer tells. */
export interface VehicleSignal {
  readonly name: string;
  readonly unit: string;
  /** What the file calls it, for people; English in all files known. */
  readonly label: string;
}

/** A question of the catalogue, ready for `dongle/<id>/request`, and what its answers mean. */
export interface VehicleCommand {
  readonly ask: ReadCommand;
  /** How often it is worth asking, in seconds. */
  readonly everySeconds: number;
  /** Diagnostic session (service 10) that the unit wants first; undefined: none. */
  readonly session: number | undefined;
  /** The standard's own, for any car. */
  readonly standard: boolean;
  readonly signals: readonly VehicleSignal[];
  /** The values of one unit's answer; none if it is not a positive answer to this question. */
  decode(answer: Uint8Array): readonly VehicleValue[];
}

/** ISO 15765-4: all emission-related units listen on these. */
const FUNCTIONAL: ReadonlySet<number> = new Set([0x7df, 0x18db33f1]);
/** How often a WiCAN asks, unless told otherwise. */
const WICAN_SECONDS = 5;
const LONGEST_KEY = 80;
const LONGEST_NAME = 80;

/** Questions of signal sets; a K-line command cannot be asked through a dongle's CAN and is left out. */
export function commandsOfSets(
  sets: readonly { readonly id: string; readonly standard: boolean; readonly set: SignalSet }[],
  year: number | undefined,
): readonly VehicleCommand[] {
  return sets.flatMap(({ id, standard, set }) => {
    const words = signalWords(set);
    const decoder = compileSignalSets([set], { year });
    return decoder.commands.flatMap((command, index) => {
      const address = addressOf(command.definition.address);
      if (address === undefined) return [];
      const { service, parameter, everySeconds, sessionBefore } = command.definition;
      const named = new Map(command.signals.map(({ definition }) => [definition.id, namedSignal(definition, words)]));
      return [
        {
          ask: { key: keyOf(id, index), request: toHex(Uint8Array.from([service, ...parameter])), address },
          everySeconds,
          session: sessionBefore ?? set.session,
          standard,
          signals: [...named.values()].map(({ signal }) => signal),
          decode: (payload: Uint8Array) =>
            decodeSet(command, decoder.decode({ ...answerFrom(command), payload }), named),
        },
      ];
    });
  });
}

/** The unit that was asked is known by the question; any id that its command accepts will do. */
function answerFrom({ responseId, definition: { address } }: CompiledCommand): Omit<EcuAnswer, "payload"> {
  const { targetByte } = address;
  return { id: responseId ?? 0, ...(targetByte === undefined ? {} : { addressByte: targetByte }) };
}

interface Named {
  readonly signal: VehicleSignal;
  /** The signal's own unit; `signal.unit` is what it travels in. */
  readonly from: string;
}

function decodeSet(
  command: CompiledCommand,
  decoded: ReturnType<ReturnType<typeof compileSignalSets>["decode"]>,
  named: ReadonlyMap<string, Named>,
): readonly VehicleValue[] {
  return decoded
    .filter((each) => each.command === command)
    .flatMap(({ readings }) => readings)
    .flatMap(({ signal, value }) => {
      const known = named.get(signal.id);
      return known === undefined ? [] : [inTravel(known, value)];
    });
}

/** A value as it travels. */
function inTravel({ signal: { name, unit }, from }: Named, value: number | string): VehicleValue {
  if (typeof value === "string") return { name, unit, value };
  return { name, unit, value: convertUnit(value, from, unit) ?? value };
}

function namedSignal({ id, name, format }: SignalDefinition, words: ReadonlyMap<string, string>): Named {
  const from = format.kind === "number" ? format.unit : "scalar";
  return named(words.get(id), id, name, from);
}

/** Under the vocabulary's word and unit if the value can be given in it, else under the file's own. */
function named(word: string | undefined, own: string, label: string, from: string): Named {
  const row = word === undefined ? undefined : vocabularyRow(word);
  const fits = row !== undefined && (row.unit === "" || convertUnit(0, from, row.unit) !== undefined);
  if (word !== undefined && fits)
    return { signal: { name: word, unit: row.unit, label }, from: row.unit === "" ? "" : from };
  return { signal: { name: own.slice(0, LONGEST_NAME), unit: unitSymbol(from), label }, from: unitSymbol(from) };
}

/** Questions of one car of a WiCAN profile. */
export function commandsOfProfile(id: string, { commands }: WicanProfile): readonly VehicleCommand[] {
  return commands.flatMap((command, index) => {
    const address = addressOfSetup(command.setup);
    if (address === undefined || command.request.length === 0) return [];
    const named = new Map(command.parameters.map((parameter) => [parameter, namedParameter(parameter)]));
    return [
      {
        ask: { key: keyOf(id, index), request: toHex(command.request), address },
        everySeconds: WICAN_SECONDS,
        session: sessionOf(command),
        standard: false,
        signals: [...named.values()].map(({ signal }) => signal),
        decode: (payload: Uint8Array) =>
          readWicanParameters(command, payload).flatMap(({ parameter, value }) => {
            const known = named.get(parameter);
            return known === undefined ? [] : [inTravel(known, value)];
          }),
      },
    ];
  });
}

function namedParameter({ name, unit }: WicanParameter): Named {
  const known = wicanWord(name);
  return named(known?.word, name, name, unit ?? known?.unit ?? "");
}

/** `10 03` among the set-up commands. */
function sessionOf({ setup }: WicanCommand): number | undefined {
  return setup.requests.find(([service]) => service === 0x10)?.[1];
}

function keyOf(id: string, index: number): string {
  return `${id}#${index}`.slice(-LONGEST_KEY);
}

function addressOf(address: CommandAddress): DiagnosticAddress | undefined {
  if (address.line === "k-line") return undefined;
  const [responseByte] = answerBytes(address);
  return diagnosticAddress(
    address.requestId,
    address.responseId,
    address.line === "can-29-bit",
    address.targetByte,
    responseByte,
  );
}

function addressOfSetup({
  line,
  requestId,
  responseId,
  targetByte,
}: WicanCommand["setup"]): DiagnosticAddress | undefined {
  if (line === "other") return undefined;
  const extended = line === "can-29-bit";
  const address: CommandAddress = {
    line,
    requestId: requestId ?? (extended ? 0x18db33f1 : 0x7df),
    responseId,
    targetByte,
    testerByte: undefined,
    manualFlowControl: false,
  };
  return addressOf(address);
}

function diagnosticAddress(
  requestId: number,
  responseId: number | undefined,
  extended: boolean,
  requestByte: number | undefined,
  responseByte: number | undefined,
): DiagnosticAddress {
  if (FUNCTIONAL.has(requestId)) return { requestId, extended, functional: true };
  // Where a file names no answer, units with 11-bit ids answer eight above the request, as the standard's own do.
  const answer = responseId ?? (extended ? undefined : requestId + 8);
  return {
    requestId,
    extended,
    ...(answer === undefined ? {} : { responseId: answer }),
    ...(requestByte === undefined ? {} : { requestByte }),
    ...(responseByte === undefined ? {} : { responseByte }),
  };
}
