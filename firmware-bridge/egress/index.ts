export type { Question } from "./approvals.ts";
export type { DatagramEvents, Port, RawPort } from "./datagrams.ts";
export { type AdapterEgress, type DatagramOutlet, DeviceEgress, type Outlet } from "./outlet.ts";
export { EgressRefusal, type EgressRule } from "./refusal.ts";
export {
  type LineEvents,
  machineTransports,
  type Place,
  type RawLine,
  SERIAL_PACKAGE_MISSING,
  type Transports,
} from "./transports.ts";
