import { type Decoded, decoded, refused } from "../errors.ts";
import { type DtcFormat, decodeUdsDtc, dtcFormat, type UdsDtc } from "./dtc.ts";
import { decodeDtcSeverity, decodeDtcStatus } from "./dtc-status.ts";

/** One value of a snapshot: a data identifier and its bytes. */
export type SnapshotValue = { readonly did: number; readonly data: Uint8Array };

/** Positive answers of ISO 14229-1 service 19, ReadDTCInformation. */
export type DtcReport =
  | {
      readonly kind: "count";
      readonly report: number;
      /** Status bits that this ECU uses. */
      readonly availability: number;
      readonly format: DtcFormat;
      readonly count: number;
    }
  | {
      readonly kind: "codes";
      readonly report: number;
      readonly dtcs: readonly UdsDtc[];
      /** false if the answer ends in the middle of a code. */
      readonly complete: boolean;
      /** What the head of the answer says, where the report has it. */
      readonly availability?: number;
      readonly severityAvailability?: number;
      readonly format?: DtcFormat;
      readonly group?: number;
      readonly readinessGroup?: number;
      readonly memory?: number;
      readonly record?: number;
    }
  | {
      readonly kind: "snapshot-list";
      readonly report: number;
      readonly snapshots: readonly { readonly dtc: UdsDtc; readonly record: number }[];
      readonly complete: boolean;
    }
  | {
      readonly kind: "fault-counters";
      readonly report: number;
      /** Counters run from -128 (passed) to 127 (failed). */
      readonly counters: readonly { readonly dtc: UdsDtc; readonly counter: number }[];
      readonly complete: boolean;
    }
  | {
      readonly kind: "snapshots";
      readonly report: number;
      /** Each record's code: the same for all but in report 05. */
      readonly records: readonly {
        readonly dtc: UdsDtc;
        readonly record: number;
        readonly values: readonly SnapshotValue[];
      }[];
      readonly dtc: UdsDtc | undefined;
      readonly memory?: number;
      /**
       * What could not be cut into values, because an identifier's length is not known: it begins with that identifier, or with a record
       * number. Empty when all was cut.
       */
      readonly undivided: Uint8Array;
    }
  | {
      readonly kind: "extended-data";
      readonly report: number;
      readonly dtc: UdsDtc;
      readonly memory?: number;
      /** Report 16: the number of the record, which stands before the code and not in the data. */
      readonly record?: number;
      /**
       * Record number and content, one after the other; only the maker knows where one ends, if several were asked for. In report 16 the content alone, and
       * behind it the other codes that have this record, each with its status and content.
       */
      readonly data: Uint8Array;
    };

export type DtcReportOptions = {
  /** How codes are meant where the answer does not say: as a report 01 of the same ECU has told. Default `j2012`. */
  readonly format?: DtcFormat;
  /** Data bytes of an identifier in a snapshot, where known: one length, or the few that it may have. */
  readonly didLength?: (did: number) => number | readonly number[] | undefined;
  /** One record was asked for, not all (FF): the last identifier of the only record reaches to the end. */
  readonly singleRecord?: boolean;
};

/**
 * Reads the answer from `59` on.
 * @returns error `truncated` when the head of the report is not whole, `unexpected-service` for other answers and report types
 */
export function decodeDtcReport(payload: Uint8Array, options: DtcReportOptions = {}): Decoded<DtcReport> {
  const [service, report] = payload;
  if (service === undefined || report === undefined)
    return refused("truncated", "the answer ends before its report type");
  if (service !== 0x59) return refused("unexpected-service", "this is no answer of ReadDTCInformation");
  const body = payload.subarray(2);
  switch (report) {
    case 0x01:
    case 0x07:
    case 0x11:
    case 0x12:
      return count(report, body);
    case 0x03:
      return snapshotList(report, body, options);
    case 0x04:
    case 0x18:
      return withFittingLengths(options, (cutting) => snapshots(report, body, cutting));
    case 0x05:
      return withFittingLengths(options, (cutting) => storedData(report, body, cutting));
    case 0x06:
    case 0x10:
    case 0x16:
    case 0x19:
      return extendedData(report, body, options);
    case 0x14:
      return faultCounters(report, body, options);
    default: {
      const head = HEADS.get(report);
      if (head !== undefined) return codes(report, body, head, options);
      return refused("unexpected-service", `report type ${report.toString(16)} is not known`);
    }
  }
}

type HeadField = "availability" | "severityAvailability" | "format" | "group" | "readinessGroup" | "memory" | "record";

/** What stands before the codes, byte by byte, and whether a severity (and a functional unit) stands before each code. */
type Head = { readonly fields: readonly HeadField[]; readonly before?: "severity" | "severity-and-unit" };

const PLAIN: Head = { fields: ["availability"] };
const HEADS: ReadonlyMap<number, Head> = new Map([
  [0x02, PLAIN],
  [0x08, { fields: ["availability"], before: "severity-and-unit" }],
  [0x09, { fields: ["availability"], before: "severity-and-unit" }],
  [0x0a, PLAIN],
  [0x0b, PLAIN],
  [0x0c, PLAIN],
  [0x0d, PLAIN],
  [0x0e, PLAIN],
  [0x0f, PLAIN],
  [0x13, PLAIN],
  [0x15, PLAIN],
  [0x17, { fields: ["memory", "availability"] }],
  [0x1a, { fields: ["availability", "record"] }],
  [0x42, { fields: ["group", "availability", "severityAvailability", "format"], before: "severity" }],
  [0x55, { fields: ["group", "availability", "format"] }],
  [0x56, { fields: ["group", "availability", "format", "readinessGroup"] }],
]);

/** Three bytes of code and one of status. */
const CODE_AND_STATUS = 4;

function codes(report: number, body: Uint8Array, head: Head, options: DtcReportOptions): Decoded<DtcReport> {
  if (body.length < head.fields.length) return refused("truncated", "the answer ends before its codes");
  const told: Partial<Record<HeadField, number>> = {};
  for (const [at, field] of head.fields.entries()) told[field] = body[at]!;
  const { format: formatByte, ...rest } = told;
  const format = formatByte === undefined ? undefined : dtcFormat(formatByte);
  const extra = head.before === undefined ? 0 : head.before === "severity" ? 1 : 2;
  const list = body.subarray(head.fields.length);
  const size = extra + CODE_AND_STATUS;
  const dtcs: UdsDtc[] = [];
  for (let at = 0; at + size <= list.length; at += size) {
    const dtc = readCode(list, at + extra, format ?? options.format ?? "j2012", told.availability);
    if (dtc === undefined) continue;
    const severity = extra === 0 ? {} : { severity: decodeDtcSeverity(list[at]!) };
    const unit = extra === 2 ? { functionalUnit: list[at + 1]! } : {};
    dtcs.push({ ...dtc, ...severity, ...unit });
  }
  const complete = isPadding(list.subarray(list.length - (list.length % size)));
  return decoded({ kind: "codes", report, dtcs, complete, ...rest, ...(format === undefined ? {} : { format }) });
}

function count(report: number, body: Uint8Array): Decoded<DtcReport> {
  const [availability, format, high, low] = body;
  if (availability === undefined || format === undefined || high === undefined || low === undefined) {
    return refused("truncated", "the answer ends before its number of codes");
  }
  return decoded({ kind: "count", report, availability, format: dtcFormat(format), count: high * 256 + low });
}

function snapshotList(report: number, body: Uint8Array, options: DtcReportOptions): Decoded<DtcReport> {
  const entries = codesWithByte(body, options);
  return decoded({
    kind: "snapshot-list",
    report,
    snapshots: entries.map(({ dtc, byte }) => ({ dtc, record: byte })),
    complete: isWhole(body),
  });
}

function faultCounters(report: number, body: Uint8Array, options: DtcReportOptions): Decoded<DtcReport> {
  const entries = codesWithByte(body, options);
  return decoded({
    kind: "fault-counters",
    report,
    counters: entries.map(({ dtc, byte }) => ({ dtc, counter: byte >= 0x80 ? byte - 0x100 : byte })),
    complete: isWhole(body),
  });
}

function codesWithByte(body: Uint8Array, options: DtcReportOptions): { dtc: UdsDtc; byte: number }[] {
  const entries: { dtc: UdsDtc; byte: number }[] = [];
  for (let at = 0; at + CODE_AND_STATUS <= body.length; at += CODE_AND_STATUS) {
    const dtc = decodeUdsDtc(body[at]!, body[at + 1]!, body[at + 2]!, options.format ?? "j2012");
    if (dtc !== undefined) entries.push({ dtc, byte: body[at + 3]! });
  }
  return entries;
}

function isWhole(body: Uint8Array): boolean {
  return isPadding(body.subarray(body.length - (body.length % CODE_AND_STATUS)));
}

/** The options with one length for each identifier. */
type CutOptions = Omit<DtcReportOptions, "didLength"> & { readonly didLength: (did: number) => number | undefined };

/** Eight identifiers of SAE J1979 may have one length or another. */
const MOST_CHOICES = 256;

/**
 * An identifier that may have several lengths (the fuel trims: one bank or two) has the same one throughout an answer. The first choice of lengths that cuts
 * the whole answer is taken, otherwise the one that leaves least undivided.
 */
function withFittingLengths(
  options: DtcReportOptions,
  cut: (options: CutOptions) => Decoded<DtcReport>,
): Decoded<DtcReport> {
  // Identifiers with a choice, in the order in which they were met, with the lengths that have not failed yet.
  const open = new Map<number, readonly number[]>();
  const didLength = (did: number) => {
    const known = options.didLength?.(did);
    if (known === undefined || typeof known === "number") return known;
    const lengths = open.get(did) ?? known;
    open.set(did, lengths);
    return lengths[0];
  };
  let best = cut({ ...options, didLength });
  for (let tries = 1; tries < MOST_CHOICES && undividedLength(best) > 0 && chooseNext(open); tries++) {
    const next = cut({ ...options, didLength });
    if (undividedLength(next) < undividedLength(best)) best = next;
  }
  return best;
}

function undividedLength(report: Decoded<DtcReport>): number {
  return report.ok && report.value.kind === "snapshots" ? report.value.undivided.length : 0;
}

/** Goes on to the next length of the identifier met last; one that has none left is forgotten, and the one before it goes on. */
function chooseNext(open: Map<number, readonly number[]>): boolean {
  for (const [did, [, ...left]] of [...open].reverse()) {
    if (left.length > 0) {
      open.set(did, left);
      return true;
    }
    open.delete(did);
  }
  return false;
}

type Record05 = { dtc: UdsDtc; record: number; values: SnapshotValue[] };

function snapshots(report: number, body: Uint8Array, options: CutOptions): Decoded<DtcReport> {
  const memory = report === 0x18 ? body[0] : undefined;
  const start = report === 0x18 ? 1 : 0;
  if (body.length < start + CODE_AND_STATUS) return refused("truncated", "the answer ends before its code");
  const dtc = readCode(body, start, options.format ?? "j2012");
  if (dtc === undefined) return refused("truncated", "the answer is about no code");
  const records: Record05[] = [];
  let at = start + CODE_AND_STATUS;
  let undivided = body.subarray(body.length);
  while (at + 2 <= body.length) {
    const cut = cutValues(body, at + 2, body[at + 1]!, options);
    records.push({ dtc, record: body[at]!, values: cut.values });
    at = cut.end;
    if (!cut.isWhole) break;
  }
  if (at < body.length && !isPadding(body.subarray(at))) undivided = body.subarray(at);
  const common = { kind: "snapshots", report, records, dtc, undivided } as const;
  return decoded(memory === undefined ? common : { ...common, memory });
}

/** Report 05: each record has its own code between its number and its identifiers. */
function storedData(report: number, body: Uint8Array, options: CutOptions): Decoded<DtcReport> {
  const records: Record05[] = [];
  let at = 0;
  while (at + 1 + CODE_AND_STATUS + 1 <= body.length) {
    const dtc = readCode(body, at + 1, options.format ?? "j2012");
    if (dtc === undefined) break;
    const cut = cutValues(body, at + 6, body[at + 5]!, options);
    records.push({ dtc, record: body[at]!, values: cut.values });
    at = cut.end;
    if (!cut.isWhole) break;
  }
  const rest = body.subarray(at);
  const undivided = isPadding(rest) ? body.subarray(body.length) : rest;
  return decoded({ kind: "snapshots", report, records, dtc: undefined, undivided });
}

/** Cuts as many of the announced values as have a known length; `end` is where it had to stop. */
function cutValues(
  body: Uint8Array,
  start: number,
  announced: number,
  options: CutOptions,
): { values: SnapshotValue[]; end: number; isWhole: boolean } {
  const values: SnapshotValue[] = [];
  let at = start;
  while (values.length < announced) {
    if (at + 2 > body.length) return { values, end: at, isWhole: false };
    const did = body[at]! * 256 + body[at + 1]!;
    const isLast = options.singleRecord === true && values.length === announced - 1;
    const length = options.didLength(did) ?? (isLast ? body.length - at - 2 : undefined);
    if (length === undefined || at + 2 + length > body.length) return { values, end: at, isWhole: false };
    values.push({ did, data: body.subarray(at + 2, at + 2 + length) });
    at += 2 + length;
  }
  return { values, end: at, isWhole: true };
}

function extendedData(report: number, body: Uint8Array, options: DtcReportOptions): Decoded<DtcReport> {
  const hasMemory = report === 0x19;
  const hasRecord = report === 0x16;
  const start = hasMemory || hasRecord ? 1 : 0;
  const [first = 0] = body;
  // No code has this record.
  if (hasRecord && body.length === 1)
    return decoded({ kind: "codes", report, dtcs: [], complete: true, record: first });
  if (body.length < start + CODE_AND_STATUS) return refused("truncated", "the answer ends before its code");
  const dtc = readCode(body, start, options.format ?? "j2012");
  if (dtc === undefined) return refused("truncated", "the answer is about no code");
  const common = { kind: "extended-data", report, dtc, data: body.subarray(start + CODE_AND_STATUS) } as const;
  if (hasRecord) return decoded({ ...common, record: first });
  return decoded(hasMemory ? { ...common, memory: first } : common);
}

function readCode(bytes: Uint8Array, at: number, format: DtcFormat, availability?: number): UdsDtc | undefined {
  const dtc = decodeUdsDtc(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, format);
  return dtc === undefined ? undefined : { ...dtc, status: decodeDtcStatus(bytes[at + 3]!, availability) };
}

// Some ECUs fill their last frame and count the filler into the length.
function isPadding(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x00);
}
