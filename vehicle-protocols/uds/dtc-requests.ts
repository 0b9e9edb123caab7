/** Emission-related functional group of WWH-OBD and OBD on UDS (ISO 14229-1, FunctionalGroupIdentifier). */
export const EMISSIONS_GROUP = 0x33;

/** What may be asked by ISO 14229-1 service 19, ReadDTCInformation. DTCs are their three bytes as a number. */
export type DtcReportRequest =
  /**
   * 01 number of codes, 02 codes, by status bits. The same of the mirror memory (11, 0F) and of emission-related codes (12, 13), which
   * ISO 14229-1:2020 has withdrawn and older ECUs answer.
   */
  | { readonly report: 0x01 | 0x02 | 0x0f | 0x11 | 0x12 | 0x13; readonly statusMask: number }
  /**
   * 03 list of snapshots; 0A all codes that the ECU knows; 0B first failed, 0C first confirmed, 0D last failed, 0E last confirmed code;
   * 14 counters of faults that are not pending yet; 15 permanent codes.
   */
  | { readonly report: 0x03 | 0x0a | 0x0b | 0x0c | 0x0d | 0x0e | 0x14 | 0x15 }
  /** 04 snapshot, 06 extended data of a code (10: from the mirror memory); record FF: all. */
  | { readonly report: 0x04 | 0x06 | 0x10; readonly dtc: number; readonly record: number }
  /** 05 stored data by record; 16 extended data, 1A codes that have this extended data record. */
  | { readonly report: 0x05 | 0x16 | 0x1a; readonly record: number }
  /** 07 number of codes, 08 codes, by severity and status bits. */
  | { readonly report: 0x07 | 0x08; readonly severityMask: number; readonly statusMask: number }
  /** 09 severity of a code. */
  | { readonly report: 0x09; readonly dtc: number }
  /** The same as 02, 04 and 06 from a memory of the maker's own. */
  | { readonly report: 0x17; readonly statusMask: number; readonly memory: number }
  | { readonly report: 0x18 | 0x19; readonly dtc: number; readonly record: number; readonly memory: number }
  /** WWH-OBD and OBD on UDS: 42 codes of a functional group, 55 its permanent codes, 56 codes of a readiness group. */
  | { readonly report: 0x42; readonly group: number; readonly statusMask: number; readonly severityMask: number }
  | { readonly report: 0x55; readonly group: number }
  | { readonly report: 0x56; readonly group: number; readonly readinessGroup: number };

/** Parameters after the report type, one byte each; not checked for their range. */
export function dtcReportParameters(request: DtcReportRequest): number[] {
  switch (request.report) {
    case 0x01:
    case 0x02:
    case 0x0f:
    case 0x11:
    case 0x12:
    case 0x13:
      return [request.statusMask];
    case 0x04:
    case 0x06:
    case 0x10:
      return [...bytesOf(request.dtc), request.record];
    case 0x05:
    case 0x16:
    case 0x1a:
      return [request.record];
    case 0x07:
    case 0x08:
      return [request.severityMask, request.statusMask];
    case 0x09:
      return bytesOf(request.dtc);
    case 0x17:
      return [request.statusMask, request.memory];
    case 0x18:
    case 0x19:
      return [...bytesOf(request.dtc), request.record, request.memory];
    case 0x42:
      return [request.group, request.statusMask, request.severityMask];
    case 0x55:
      return [request.group];
    case 0x56:
      return [request.group, request.readinessGroup];
    default:
      return [];
  }
}

function bytesOf(dtc: number): number[] {
  // A number that does not fit three bytes stays one that does not fit a byte, and is refused with the rest.
  return [Math.floor(dtc / 0x10000), Math.floor(dtc / 0x100) % 0x100, dtc % 0x100];
}
