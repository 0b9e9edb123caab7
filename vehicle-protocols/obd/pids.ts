import { type Decoded, decoded, refused } from "../errors.ts";
import { decodeDtc } from "./dtc.ts";
import type { PidDefinition, PidUnit, Scale, SignalDefinition } from "./pid-definition.ts";
import { type PidMaxima, scaleWithin } from "./pid-maxima.ts";
import { AFTERTREATMENT_PIDS } from "./pid-table-aftertreatment.ts";
import { ENGINE_PIDS } from "./pid-table-engine.ts";
import { EXTENDED_PIDS } from "./pid-table-extended.ts";
import { decodeMonitorStatus, type MonitorStatus } from "./readiness.ts";

export type PidSignal = {
  /** SAE J1979 acronym, e.g. "ECT". */
  readonly id: string;
  /** Short English name. */
  readonly name: string;
  /** A number in `unit`, or a word of a list when `unit` is "word". */
  readonly value: number | string;
  readonly unit: PidUnit;
};

export type PidReading = {
  readonly pid: number;
  /** Data bytes after the PID. */
  readonly data: Uint8Array;
} & (
  | { readonly kind: "supported"; readonly pids: readonly number[] }
  | { readonly kind: "monitors"; readonly status: MonitorStatus }
  /** PID 02: the code that stored the freeze frame; undefined if there is none. */
  | { readonly kind: "dtc"; readonly dtc: string | undefined }
  | { readonly kind: "signals"; readonly signals: readonly PidSignal[] }
  /** A PID whose meaning this table does not know: shown as bytes, never guessed. */
  | { readonly kind: "raw" }
);

// Standard PIDs whose bytes are not interpreted here, so that what follows them in one answer can still be read.
const RAW_LENGTHS: readonly (readonly [pid: number, length: number])[] = [[0xa3, 9]];

const DEFINITIONS: ReadonlyMap<number, PidDefinition> = new Map([
  ...[...ENGINE_PIDS, ...EXTENDED_PIDS, ...AFTERTREATMENT_PIDS].map(
    (definition) => [definition.pid, definition] as const,
  ),
  ...RAW_LENGTHS.map(([pid, length]) => [pid, { pid, length, signals: [] }] as const),
]);

/** PIDs 00, 20, … E0 answer with a map of the 32 PIDs after them. */
export function isSupportMap(pid: number): boolean {
  return (pid & 0x1f) === 0 && pid <= 0xe0;
}

/**
 * The PIDs (or info types) that a map of four bytes announces.
 * @param base the PID of the map: 00, 20, … E0; the most significant bit stands for base + 1
 */
export function decodeSupportMap(base: number, map: Uint8Array): number[] {
  const pids: number[] = [];
  // The last bit of the last map (E0) would be PID 100, which does not exist.
  for (let bit = 0; bit < 32 && base + bit < 0xff; bit++) {
    const byte = map[bit >> 3];
    if (byte !== undefined && (byte & (0x80 >> (bit & 7))) !== 0) pids.push(base + bit + 1);
  }
  return pids;
}

/** Standard PIDs with signals, for lists of what can be asked. */
export function knownPids(): readonly number[] {
  return [...DEFINITIONS.values()].filter((definition) => definition.signals.length > 0).map(({ pid }) => pid);
}

/** What a standard PID can tell: acronym, short English name and unit of each of its signals; empty for a PID outside the table. */
export function pidSignals(pid: number): readonly Omit<PidSignal, "value">[] {
  return (DEFINITIONS.get(pid)?.signals ?? []).map(({ id, name, unit }) => ({ id, name, unit }));
}

/** The data lengths that a PID may have; empty for a PID outside the table. */
export function pidLengths(pid: number): readonly number[] {
  if (isSupportMap(pid) || pid === 0x01 || pid === 0x41) return [4];
  if (pid === 0x02) return [2];
  const definition = DEFINITIONS.get(pid);
  if (definition === undefined) return [];
  return definition.longLength === undefined ? [definition.length] : [definition.length, definition.longLength];
}

/**
 * Interprets the data bytes of one PID of service 01 or 02 (SAE J1979). Longer data than the table says is tolerated;
 * of shorter data, the signals that are whole are read.
 * @param maxima what the same ECU says in PIDs 4F and 50, which changes the scale of some PIDs; by default the usual scales hold
 * @returns error `truncated` when the data is too short for anything that is meant by the PID
 */
export function decodePid(pid: number, data: Uint8Array, maxima?: PidMaxima): Decoded<PidReading> {
  const [a, b, c, d] = data;
  if (isSupportMap(pid)) {
    if (data.length < 4) return tooShort(pid, data);
    return decoded({ pid, data, kind: "supported", pids: decodeSupportMap(pid, data.subarray(0, 4)) });
  }
  if (pid === 0x01 || pid === 0x41) {
    if (a === undefined || b === undefined || c === undefined || d === undefined) return tooShort(pid, data);
    // Byte A of PID 41 is reserved.
    const status = decodeMonitorStatus(pid === 0x01 ? a : 0, b, c, d);
    return decoded({ pid, data, kind: "monitors", status });
  }
  if (pid === 0x02) {
    if (a === undefined || b === undefined) return tooShort(pid, data);
    return decoded({ pid, data, kind: "dtc", dtc: decodeDtc(a, b) });
  }
  const definition = DEFINITIONS.get(pid);
  if (definition === undefined || definition.signals.length === 0) return decoded({ pid, data, kind: "raw" });
  const whole = definition.signals.filter((signal) => signal.byte + signal.bytes <= data.length);
  if (whole.length === 0) return tooShort(pid, data);
  const signals = whole
    .map((signal) => readSignal(signal, data, maxima === undefined ? signal.scale : scaleWithin(maxima, pid, signal)))
    .filter((signal) => signal !== undefined);
  return decoded({ pid, data, kind: "signals", signals });
}

function readSignal(definition: SignalDefinition, data: Uint8Array, scale: Scale): PidSignal | undefined {
  const { id, name, unit, supportBit, bits, absent, words } = definition;
  if (supportBit !== undefined && ((data[0]! >> supportBit) & 1) === 0) return undefined;
  let raw = 0;
  for (let i = 0; i < definition.bytes; i++) raw = raw * 256 + data[definition.byte + i]!;
  if (raw === absent) return undefined;
  const range = 256 ** definition.bytes;
  if (definition.signed && raw >= range / 2) raw -= range;
  if (bits !== undefined) raw = (raw >> bits.shift) & bits.mask;
  if (words !== undefined) return { id, name, unit, value: words.get(raw) ?? `unknown-${raw}` };
  return { id, name, unit, value: (raw * scale.multiply) / scale.divide + scale.add };
}

function tooShort(pid: number, data: Uint8Array): Decoded<PidReading> {
  const hex = pid.toString(16).padStart(2, "0").toUpperCase();
  return refused("truncated", `PID ${hex} came with ${data.length} data bytes, which is too few`);
}
