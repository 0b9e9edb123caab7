export { identificationText, identifierName } from "./data-identifiers.ts";
export { type DtcFormat, decodeUdsDtc, encodeUdsDtc, type UdsDtc } from "./dtc.ts";
export { type DtcReport, type DtcReportOptions, decodeDtcReport, type SnapshotValue } from "./dtc-reports.ts";
export { type DtcReportRequest, EMISSIONS_GROUP } from "./dtc-requests.ts";
export {
  type DtcClass,
  type DtcSeverity,
  type DtcStatus,
  type DtcStatusBit,
  type DtcUrgency,
  decodeDtcSeverity,
  decodeDtcStatus,
} from "./dtc-status.ts";
export {
  decodeObdIdentifier,
  isReadinessGroupComplete,
  type ObdIdentifierKind,
  type ObdIdentifierValue,
  obdIdentifier,
} from "./obd-on-uds.ts";
export { type ProbeConclusion, type ProbeQuestion, ProtocolProbe } from "./protocol-probe.ts";
export { type IdentifiedData, type ReadDataOptions, splitIdentifiedData } from "./read-data.ts";
export { encodeUdsRequest, type UdsRequest } from "./requests.ts";
export { decodeUdsResponse, type UdsResponse, type UdsResponseOptions } from "./responses.ts";
export { type DiagnosticSession, decodeSessionAnswer, SESSION_TIMEOUT_MS, type SessionAnswer } from "./session.ts";
