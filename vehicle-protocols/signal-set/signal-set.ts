import type { DocumentProblem } from "../foreign-json.ts";

/**
 * A signal set of OBDb (format v3): which questions one vehicle answers, and what the bits of each answer mean.
 * Source of the format: the files themselves and the JSON schema that OBDb publishes for them.
 */
export type SignalSet = {
  readonly commands: readonly SignalSetCommand[];
  readonly groups: readonly SignalGroup[];
  readonly synthetics: readonly SyntheticSignal[];
  /** Diagnostic session (service 10) that the vehicle wants before it answers; undefined: none is needed. */
  readonly session: number | undefined;
  /** What was left out and why, each with its place in the file; empty for a sound file. */
  readonly problems: readonly DocumentProblem[];
};

/** One question and the signals of its answer. */
export type SignalSetCommand = {
  /** The set's own name for it, for example `7E4.7EC.220105|fc=1`. Unique per set in sound files. */
  readonly id: string;
  /** 01, 21, 22 … */
  readonly service: number;
  /** The identifier that follows the service, as in the request: one byte, or two for service 22. */
  readonly parameter: readonly number[];
  readonly address: CommandAddress;
  /** Model years that the command is for; undefined: all. */
  readonly years: YearFilter | undefined;
  /** How often it is worth asking, in seconds. */
  readonly everySeconds: number;
  /** Diagnostic session to enter before and to go back to afterwards. */
  readonly sessionBefore: number | undefined;
  readonly sessionAfter: number | undefined;
  readonly signals: readonly SignalDefinition[];
};

/** Where a command is sent and who answers it. */
export type CommandAddress = {
  readonly line: "can-11-bit" | "can-29-bit" | "k-line";
  /** CAN id of the request; the three header bytes on K-line. */
  readonly requestId: number;
  /** CAN id of the answer; undefined: the set does not say, so any. */
  readonly responseId: number | undefined;
  /** Extended or mixed addressing: the byte before the PCI in the request. */
  readonly targetByte: number | undefined;
  /** The tester's own address where the set names one. */
  readonly testerByte: number | undefined;
  /** Flow control has to be sent by hand (the dongle's automatic one does not fit). */
  readonly manualFlowControl: boolean;
};

/** Model years of a filter: a range and single years, either of which is enough. */
export type YearFilter = {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly years: readonly number[];
};

export type SignalDefinition = {
  readonly id: string;
  readonly name: string;
  readonly path: string | undefined;
  readonly description: string | undefined;
  readonly hidden: boolean;
  /** The set's hint of what the signal is, for example `stateOfCharge`. */
  readonly suggestedMetric: string | undefined;
  readonly format: SignalFormat;
};

export type SignalFormat = NumberFormat | EnumerationFormat;

type BitField = {
  /** First bit of the data after the echoed identifier; bit 0 is the most significant of the first byte. */
  readonly firstBit: number;
  readonly bits: number;
  /** The bytes that hold the field stand in reverse order. */
  readonly leastSignificantByteFirst: boolean;
};

/** value = raw × multiply ÷ divide + add, then held within min … max. */
export type NumberFormat = BitField & {
  readonly kind: "number";
  readonly signed: boolean;
  readonly multiply: number;
  readonly divide: number;
  readonly add: number;
  readonly min: number;
  readonly max: number;
  /** At or below it the ECU means "no value". */
  readonly nullAtOrBelow: number | undefined;
  /** At or above it the ECU means "no value". */
  readonly nullAtOrAbove: number | undefined;
  readonly unit: string;
  /** Range and value that count as good, for display. */
  readonly goodMin: number | undefined;
  readonly goodMax: number | undefined;
  readonly good: number | undefined;
};

export type EnumerationFormat = BitField & {
  readonly kind: "enumeration";
  readonly words: ReadonlyMap<number, { readonly value: string; readonly description: string }>;
};

/** Signals that belong together, such as the cell voltages of a pack. */
export type SignalGroup = {
  readonly id: string;
  readonly name: string | undefined;
  readonly path: string | undefined;
  readonly suggestedMetricGroup: string | undefined;
  /** The file's pattern, kept as text. `signalWords` understands plain ones. */
  readonly pattern: string;
};

/** A signal that is worked out from two others. */
export type SyntheticSignal = {
  readonly id: string;
  readonly name: string;
  readonly path: string | undefined;
  readonly suggestedMetric: string | undefined;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  /** `a ÷ b`, both signal ids. */
  readonly ratio: { readonly a: string; readonly b: string };
};
