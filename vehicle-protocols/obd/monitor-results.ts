import { type Decoded, decoded, refused } from "../errors.ts";
import { monitorName, testName } from "./monitor-words.ts";
import { decodeSupportMap, isSupportMap } from "./pids.ts";
import { isSignedScaling, type MonitorUnit, unitAndScaling } from "./unit-and-scaling.ts";

/** A test is out of its limits, within them, or has not run since codes were cleared (all three values zero). */
export type TestOutcome = "passed" | "failed" | "not-run";

/** One test of a monitor on CAN (SAE J1979, service 06). */
export type MonitorTest = {
  /** OBDMID, and what it stands for, e.g. `catalyst-bank-1`. */
  readonly monitorId: number;
  readonly monitor: string;
  /** TID; from 80 on the maker's own. */
  readonly testId: number;
  readonly test: string;
  /** In the unit of the scaling; raw numbers where `unit` is undefined, because the scaling is not known. */
  readonly value: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly unit: MonitorUnit | undefined;
  readonly scalingId: number;
  readonly outcome: TestOutcome;
};

/** One test on K-line and J1850: identifiers and values are the maker's own, only the limit is told. */
export type LegacyMonitorTest = {
  readonly testId: number;
  readonly componentId: number;
  readonly value: number;
  readonly limit: number;
  readonly limitKind: "minimum" | "maximum";
  readonly outcome: TestOutcome;
};

export type MonitorResults = {
  /** Identifiers that the maps (00, 20, …) announce. */
  readonly announced: readonly number[];
  readonly tests: readonly MonitorTest[];
  /** false if the answer ends in the middle of a test or a map. */
  readonly complete: boolean;
};

/** Test id, scaling, value, minimum, maximum. */
const RECORD_LENGTH = 8;

/** Everything after `46` of an answer on CAN: maps of four bytes, or tests of nine, each behind its monitor id. */
export function decodeMonitorResults(body: Uint8Array): Decoded<MonitorResults> {
  const announced: number[] = [];
  const tests: MonitorTest[] = [];
  let at = 0;
  while (at < body.length) {
    const id = body[at]!;
    const isMap = isSupportMap(id);
    const end = at + 1 + (isMap ? 4 : RECORD_LENGTH);
    if (end > body.length) break;
    if (isMap) announced.push(...decodeSupportMap(id, body.subarray(at + 1, end)));
    else tests.push(decodeMonitorTest(id, body.subarray(at + 1, end)));
    at = end;
  }
  if (at === 0) return refused("truncated", "the answer ends before its first test");
  return decoded({ announced, tests, complete: at === body.length });
}

/** The tests of one monitor in OBD on UDS (DID F6xx), where its id stands only once in front. */
export function decodeMonitorTests(monitorId: number, records: Uint8Array): MonitorTest[] {
  const tests: MonitorTest[] = [];
  for (let at = 0; at + RECORD_LENGTH <= records.length; at += RECORD_LENGTH) {
    tests.push(decodeMonitorTest(monitorId, records.subarray(at, at + RECORD_LENGTH)));
  }
  return tests;
}

/** Everything after `46` of one message on K-line or J1850: test id, limit type and component, value, limit. */
export function decodeLegacyMonitorTest(body: Uint8Array): Decoded<LegacyMonitorTest> {
  if (body.length < 6) return refused("truncated", "a test on K-line or J1850 has six bytes");
  const limitAndComponent = body[1]!;
  const value = word(body, 2);
  const limit = word(body, 4);
  // Bit 7: the limit is a minimum.
  const limitKind = (limitAndComponent & 0x80) !== 0 ? "minimum" : "maximum";
  const isWithin = limitKind === "minimum" ? value >= limit : value <= limit;
  return decoded({
    testId: body[0]!,
    componentId: limitAndComponent & 0x7f,
    value,
    limit,
    limitKind,
    outcome: value === 0 && limit === 0 ? "not-run" : isWithin ? "passed" : "failed",
  });
}

function decodeMonitorTest(monitorId: number, record: Uint8Array): MonitorTest {
  const testId = record[0]!;
  const scalingId = record[1]!;
  const read = (at: number) => {
    const raw = word(record, at);
    return isSignedScaling(scalingId) && raw >= 0x8000 ? raw - 0x10000 : raw;
  };
  const value = read(2);
  const minimum = read(4);
  const maximum = read(6);
  const scaling = unitAndScaling(scalingId);
  const scaled = (raw: number) => (scaling === undefined ? raw : raw * scaling.multiply + scaling.add);
  const isWithin = minimum <= value && value <= maximum;
  return {
    monitorId,
    monitor: monitorName(monitorId),
    testId,
    test: testName(testId),
    value: scaled(value),
    minimum: scaled(minimum),
    maximum: scaled(maximum),
    unit: scaling?.unit,
    scalingId,
    outcome: value === 0 && minimum === 0 && maximum === 0 ? "not-run" : isWithin ? "passed" : "failed",
  };
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 256 + bytes[at + 1]!;
}
