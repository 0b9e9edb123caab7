import { type Decoded, decoded, refused } from "../errors.ts";
import { decodeMonitorTests, type MonitorTest } from "../obd/monitor-results.ts";
import { decodePid, decodeSupportMap, isSupportMap, type PidReading, pidLengths } from "../obd/pids.ts";
import { decodeInfoItems, type VehicleInfo } from "../obd/vehicle-info.ts";
import type { DtcReport } from "./dtc-reports.ts";

/**
 * Data identifiers of OBD on UDS (SAE J1979-2, ISO 27145-3): the PIDs, monitors and info types of SAE J1979, each behind a byte of its own.
 */
const OBD_IDENTIFIERS = { pid: 0xf400, "further-pid": 0xf500, monitor: 0xf600, info: 0xf800 } as const;
export type ObdIdentifierKind = keyof typeof OBD_IDENTIFIERS;

/** The data identifier of a PID (F4xx), a PID of the second range (F5xx), a monitor (F6xx) or an info type (F8xx). */
export function obdIdentifier(kind: ObdIdentifierKind, number: number): number {
  return OBD_IDENTIFIERS[kind] + (number & 0xff);
}

export type ObdIdentifierValue =
  | { readonly kind: "pid"; readonly reading: PidReading }
  /** Identifiers of the same kind that this ECU knows, as data identifiers. */
  | { readonly kind: "supported"; readonly dids: readonly number[] }
  | { readonly kind: "monitor"; readonly tests: readonly MonitorTest[]; readonly complete: boolean }
  | { readonly kind: "info"; readonly info: VehicleInfo }
  /** The second range of PIDs is not in the public tables. */
  | { readonly kind: "raw"; readonly data: Uint8Array };

/**
 * Reads the data of one identifier F4xx, F5xx, F6xx or F8xx.
 * @returns error `invalid-argument` for identifiers outside these, `truncated` and `invalid-vin` as the decoders of SAE J1979
 */
export function decodeObdIdentifier(did: number, data: Uint8Array): Decoded<ObdIdentifierValue> {
  const range = did & 0xff00;
  const number = did & 0xff;
  if (!OBD_RANGES.has(range)) {
    return refused("invalid-argument", `${did.toString(16)} is no identifier of OBD on UDS`);
  }
  if (isSupportMap(number)) {
    if (data.length < 4) return refused("truncated", "a map has four bytes");
    const dids = decodeSupportMap(number, data.subarray(0, 4)).map((supported) => range + supported);
    return decoded({ kind: "supported", dids });
  }
  switch (range) {
    case OBD_IDENTIFIERS.pid: {
      const reading = decodePid(number, data);
      return reading.ok ? decoded({ kind: "pid", reading: reading.value }) : reading;
    }
    case OBD_IDENTIFIERS.monitor: {
      if (data.length < 8) return refused("truncated", "a monitor has at least one test of eight bytes");
      const tests = decodeMonitorTests(number, data);
      return decoded({ kind: "monitor", tests, complete: data.length % 8 === 0 });
    }
    case OBD_IDENTIFIERS.info: {
      const info = decodeInfoItems(number, data);
      return info.ok ? decoded({ kind: "info", info: info.value }) : info;
    }
    default:
      return decoded({ kind: "raw", data });
  }
}

const OBD_RANGES: ReadonlySet<number> = new Set(Object.values(OBD_IDENTIFIERS));

/** The data lengths that an F4xx identifier may have, for cutting answers and snapshots; empty where they are not known. */
export function obdIdentifierLengths(did: number): readonly number[] {
  return (did & 0xff00) === OBD_IDENTIFIERS.pid ? pidLengths(did & 0xff) : [];
}

/**
 * Whether a readiness group is complete, by the codes that report 56 lists for it: all have been tested since codes were cleared.
 * @returns undefined when the report lists no code, or is another one
 */
export function isReadinessGroupComplete(report: DtcReport): boolean | undefined {
  if (report.kind !== "codes" || report.report !== 0x56 || report.dtcs.length === 0) return undefined;
  return report.dtcs.every(({ status }) => status?.bits.includes("not-tested-since-clear") === false);
}
