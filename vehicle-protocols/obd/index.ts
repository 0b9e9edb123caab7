export { decodeDtc, encodeDtc } from "./dtc.ts";
export type { PidUnit } from "./pid-definition.ts";
export { decodePid, knownPids, type PidReading, type PidSignal } from "./pids.ts";
export { decodeMonitorStatus, type Monitor, type MonitorName, type MonitorStatus } from "./readiness.ts";
export { encodeObdRequest, type ObdRequest } from "./requests.ts";
export { decodeObdResponse, type ObdLine, type ObdResponse } from "./responses.ts";
export { decodeVin, joinLegacyInfo, type VehicleInfo } from "./vehicle-info.ts";
export { checkVin, type VinCheck, type VinProblem, vinCheckDigit } from "./vin.ts";
