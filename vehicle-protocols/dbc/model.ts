import type { DbcProblem } from "./problems.ts";

/** A whole number that a double may not hold: a `bigint` only where it would lose digits. */
export type ExactNumber = number | bigint;

/** Value of an attribute (BA_): a number for INT, HEX and FLOAT, text for STRING and ENUM. */
export type AttributeValue = number | string;

export type Attributes = ReadonlyMap<string, AttributeValue>;

/** Raw value to word, from VAL_. Keys are `bigint` only beyond the safe integers. */
export type ValueTable = ReadonlyMap<ExactNumber, string>;

/** From and to, both included. */
export type SelectorRange = readonly [from: number, to: number];

/** When a multiplexed signal is in the frame: its multiplexor is, with a raw value in one of the ranges. */
export type DbcCondition = {
  readonly multiplexor: DbcSignal;
  readonly ranges: readonly SelectorRange[];
};

export type DbcSignal = {
  /** The long name where the file gives one (SystemSignalLongSymbol), else `shortName`. */
  readonly name: string;
  /** As written after SG_. */
  readonly shortName: string;
  /** DBC numbering: of the least significant bit for Intel, of the most significant bit for Motorola. */
  readonly startBit: number;
  readonly bitLength: number;
  readonly byteOrder: "intel" | "motorola";
  readonly signed: boolean;
  /** What the bits are: an integer, or an IEEE 754 number of `bitLength` bits (SIG_VALTYPE_). */
  readonly encoding: "integer" | "float";
  /** value = raw × factor + offset; the limits never clamp it. */
  readonly factor: number;
  readonly offset: number;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly unit: string;
  readonly receivers: readonly string[];
  /** It selects which other signals are in the frame. */
  readonly isMultiplexor: boolean;
  readonly condition: DbcCondition | undefined;
  readonly words: ValueTable;
  readonly comment: string | undefined;
  readonly attributes: Attributes;
  readonly line: number;
};

export type DbcMessage = {
  /** 11 or 29 bits, without the flag that the file puts into bit 31. */
  readonly id: number;
  readonly extended: boolean;
  /** The long name where the file gives one (SystemMessageLongSymbol), else `shortName`. */
  readonly name: string;
  readonly shortName: string;
  /** Bytes: up to 8, up to 64 for CAN FD, more for J1939 messages put together from several frames. */
  readonly length: number;
  readonly fd: boolean;
  /** The identifier holds a parameter group: priority and source address (and destination of PDU1) are free. */
  readonly j1939: boolean;
  readonly senders: readonly string[];
  readonly cycleTimeMs: number | undefined;
  readonly signals: readonly DbcSignal[];
  readonly groups: readonly DbcSignalGroup[];
  readonly comment: string | undefined;
  readonly attributes: Attributes;
  readonly line: number;
};

/** SIG_GROUP_: signals that belong together. */
export type DbcSignalGroup = {
  readonly name: string;
  readonly repetitions: number;
  readonly signals: readonly string[];
};

/** BU_: a control unit. */
export type DbcNode = {
  readonly name: string;
  readonly comment: string | undefined;
  readonly attributes: Attributes;
};

/** EV_: a variable of the simulation tool, nothing on the bus. */
export type DbcEnvironmentVariable = {
  readonly name: string;
  readonly kind: "integer" | "float" | "text" | "data";
  readonly unit: string;
  readonly comment: string | undefined;
};

/** What a DBC file says, and everything in it that was not understood or contradicts itself. */
export type DbcFile = {
  readonly version: string;
  readonly textEncoding: string;
  readonly nodes: readonly DbcNode[];
  readonly messages: readonly DbcMessage[];
  /** Signals of VECTOR__INDEPENDENT_SIG_MSG: described, but in no frame. */
  readonly unassignedSignals: readonly DbcSignal[];
  readonly valueTables: ReadonlyMap<string, ValueTable>;
  readonly environmentVariables: readonly DbcEnvironmentVariable[];
  readonly attributes: Attributes;
  readonly comment: string | undefined;
  readonly problems: readonly DbcProblem[];
  /** Problems beyond the first thousand, counted only. */
  readonly furtherProblems: number;
  /** Known statements that say nothing about values in frames (FILTER, CAT_, BA_REL_, …): how many of each were passed over. */
  readonly passedOver: ReadonlyMap<string, number>;
};
