export type { Question } from "./approvals.ts";
export { type AdapterEgress, DeviceEgress, type Outlet } from "./outlet.ts";
export { EgressRefusal, type EgressRule } from "./refusal.ts";
export { type LineEvents, machineTransports, type Place, type RawLine, type Transports } from "./transports.ts";
